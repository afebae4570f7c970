//! Long trials, which are read in windows of time: the report is that of the whole trial, and windows are what is read.

mod programs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use laws::{Checker, Questions};
use logs::scan::windows::{Pins, Sizes, Windows};
use logs::scan::{self, TrialPlace};
use programs::runner;
use serde_json::Value;
use tempfile::TempDir;

/// Bytes of windows, far fewer than a trial has.
const WINDOW_BYTES: u64 = 1_500;
/// Figures that are sums in another order agree to this, relative.
const ROUNDING: f64 = 1e-12;

/// Options of trials that differ in what windows must carry over.
const OPTIONS: [&str; 8] = [
    "--rates 1,3,6",
    "--rates 1,6,6 --sides 3",
    "--rates 1,3,6 --drain all --sides 5",
    "--rates 2,3,6 --design hub",
    "--rates 2,3,6 --design timekeeper --latency 300ms",
    "--rates 2,2,6 --phase aligned --stamp before",
    "--rates 1,3,6 --latency 50ms..3s",
    "--machines 5 --rate-range 1..6 --internal 0.3",
];

/// Faults: a machine that begins again, and messages that are lost.
const FAULTS: &str = r#"
[[fault]]
at = "20s"
do = "kill"
target = "machine 1"
for = "8s"

[[fault]]
at = "40s"
do = "lose"
target = "link 2-all"
chance = 0.25
for = "10s"
"#;

fn run(options: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let made = Command::new(runner())
        .args([
            "trial",
            "--virtual",
            "--count",
            "1",
            "--duration",
            "60s",
            "--seed",
            "7",
        ])
        .args(options)
        .arg("--out")
        .arg(folder.path())
        .output()
        .expect("the runner starts");
    let code = made.status.code();
    assert!(code == Some(0) || code == Some(1), "{options:?}: {made:?}");
    folder
}

/// What `analyze` writes of some logs, read whole or in windows.
fn report(logs: &Path, window_bytes: Option<u64>) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_analyze"))
        .arg(logs)
        .args(["--json", "-"])
        .envs(window_bytes.map(|bytes| ("ANALYZE_WINDOW_BYTES", bytes.to_string())))
        .output()
        .expect("analyze starts");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

/// Where two values differ by more than rounding.
fn difference(one: &Value, other: &Value, at: &str) -> Option<String> {
    match (one, other) {
        (Value::Object(fields), Value::Object(others)) if fields.len() == others.len() => {
            let mut fields = fields.iter();
            fields.find_map(|(name, value)| {
                let other = others.get(name).unwrap_or(&Value::Null);
                difference(value, other, &format!("{at}.{name}"))
            })
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            let mut items = items.iter().zip(others).enumerate();
            items.find_map(|(place, (item, other))| {
                difference(item, other, &format!("{at}[{place}]"))
            })
        }
        (Value::Number(number), Value::Number(other)) if number.is_f64() && other.is_f64() => {
            let (number, other) = (number.as_f64()?, other.as_f64()?);
            let near = (number - other).abs() <= ROUNDING * number.abs().max(other.abs());
            (!near).then(|| format!("{at}: {number} and {other}"))
        }
        _ => (one != other).then(|| format!("{at}: {one} and {other}")),
    }
}

fn only_place(logs: &Path) -> TrialPlace {
    let found = scan::find(&[logs.to_owned()]).expect("a run");
    found.places.into_iter().next().expect("a trial")
}

fn sizes() -> Sizes {
    Sizes {
        whole_max: 0,
        window: WINDOW_BYTES,
    }
}

#[test]
fn the_report_in_windows_is_that_of_the_whole_trial() {
    for options in OPTIONS {
        let options: Vec<&str> = options.split(' ').collect();
        let logs = run(&options);
        let (whole, windows) = (
            report(logs.path(), None),
            report(logs.path(), Some(WINDOW_BYTES)),
        );
        // Figures across trials are functions of those of the trials, as of any.
        for part in ["trials", "check", "violations", "notes"] {
            assert_eq!(
                difference(&whole[part], &windows[part], part),
                None,
                "{options:?}"
            );
        }
    }
}

#[test]
fn the_report_of_a_trial_with_faults_is_that_of_the_whole_trial() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let faults = folder.path().join("faults.toml");
    fs::write(&faults, FAULTS).expect("a file");
    let faults = faults.to_str().expect("a name in Unicode");
    let logs = run(&["--rates", "2,3,6", "--faults", faults]);
    let (whole, windows) = (
        report(logs.path(), None),
        report(logs.path(), Some(WINDOW_BYTES)),
    );
    for part in ["trials", "check", "violations", "notes"] {
        assert_eq!(difference(&whole[part], &windows[part], part), None);
    }
}

#[test]
fn each_row_is_new_in_one_window_and_few_others_are_kept() {
    for options in OPTIONS {
        let options: Vec<&str> = options.split(' ').collect();
        let logs = run(&options);
        let place = only_place(logs.path());
        let whole = scan::load(&place).expect("a trial").trial;
        let mut windows = Windows::open(&place, sizes(), Pins::default()).expect("a long trial");
        let mut checker = Checker::new(windows.ends(), Questions::default());
        let mut lines: Vec<Vec<u32>> = vec![Vec::new(); whole.machines.len()];
        let (mut number, mut verdict) = (0, None);
        while let Some(part) = windows.next_part().expect("rows in order") {
            checker.move_rows(&part.moved);
            for (machine, new) in part.window.new.iter().enumerate() {
                let rows = &part.trial.machines[machine].rows;
                lines[machine].extend(new.clone().map(|row| rows.line(row)));
            }
            let kept = checker
                .judge(&part.trial, part.window.clone(), &part.pinned)
                .expect("each receive has a send");
            windows.keep(&part, kept).expect("rows are there");
            number += 1;
            if part.window.is_last {
                verdict = Some(part.trial);
            }
        }
        assert!(number > 3, "{number} windows: {options:?}");
        for (lines, of) in lines.iter().zip(&whole.machines) {
            assert_eq!(lines, of.rows.line.values(), "{options:?}");
        }
        let verdict = checker.into_verdict(&verdict.expect("a last window"));
        let expected = laws::check(&whole);
        assert_eq!(verdict.laws.len(), expected.laws.len());
        for (found, expected) in verdict.laws.iter().zip(&expected.laws) {
            assert_eq!(found.count, expected.count, "{options:?}");
        }
    }
}

/// The log of a machine, for its rows to be changed.
fn log_of(logs: &Path, machine: usize) -> PathBuf {
    only_place(logs).dir.join(format!("machine-{machine}.csv"))
}

#[test]
fn what_only_other_windows_show_is_asked_of_them() {
    let logs = run(&["--rates", "1,3,6"]);
    let file = log_of(logs.path(), 1);
    let text = fs::read_to_string(&file).expect("a log");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    // The first receive once more near the end, in the place of another row: its send is long dealt with.
    let is_receive = |line: &&String| line.contains(",receive,");
    let first = lines.iter().find(is_receive).expect("a receive").clone();
    let target = lines.len() - 20;
    let message: Vec<&str> = first.split(',').skip(5).collect();
    let mut cells: Vec<String> = lines[target].split(',').map(str::to_owned).collect();
    cells[2] = "receive".to_owned();
    cells.splice(5.., message.into_iter().map(str::to_owned));
    lines[target] = cells.join(",");
    fs::write(&file, lines.join("\n") + "\n").expect("a file");
    let (whole, windows) = (
        report(logs.path(), None),
        report(logs.path(), Some(WINDOW_BYTES)),
    );
    assert_eq!(
        difference(&whole["violations"], &windows["violations"], ""),
        None
    );
    let laws: Vec<&str> = windows["violations"]
        .as_array()
        .expect("violations")
        .iter()
        .filter_map(|of| of["law"].as_str())
        .collect();
    assert!(laws.contains(&"received-once"), "{laws:?}");
    let windows = Windows::open(&only_place(logs.path()), sizes(), Pins::default());
    assert!(windows.is_some(), "it is read in windows");
}
