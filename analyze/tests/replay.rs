//! `analyze check --replay`: trials that are what their seeds give, and changes that obey every law.

mod programs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

const VIRTUAL: [&str; 3] = ["--virtual", "--count", "3"];
const SOCKETS: [&str; 4] = ["--speed", "20", "--count", "2"];

/// Faults that end and pause machines and lose messages, some of them drawn.
const FAULTS: &str = "\
settle = '1s'
[[fault]]
at = '2s'
do = 'kill'
target = 'any'
for = '1s..2s'
[[fault]]
at = '5s'
do = 'lose'
target = 'link 0-all'
chance = 0.5
for = '2s'
[[storm]]
do = ['pause']
target = 'any'
every = '3s'
for = '0.2s..1s'
";

/// Makes a run; its folder.
fn run(root: &Path, options: &[&str]) -> PathBuf {
    let (folder, output) = made(root, options);
    assert!(output.status.success(), "{output:?}");
    folder
}

/// Makes a run of three trials with faults, which lose messages; its folder.
fn run_with_faults(root: &Path) -> PathBuf {
    let file = root.join("faults.toml");
    fs::write(&file, FAULTS).expect("a file");
    let file = file.to_str().expect("a name in Unicode").to_owned();
    let logs = root.join("logs");
    fs::create_dir(&logs).expect("a folder");
    let (folder, output) = made(&logs, &["--virtual", "--count", "3", "--faults", &file]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    folder
}

fn made(root: &Path, options: &[&str]) -> (PathBuf, Output) {
    let mut command = Command::new(programs::runner());
    command.args(["trial", "--duration", "10s", "--seed", "5", "--out"]);
    let output = command.arg(root).args(options).output();
    let output = output.expect("the runner starts");
    let mut runs = fs::read_dir(root).expect("a folder").flatten();
    (runs.next().expect("a run").path(), output)
}

fn replay(logs: &Path) -> Output {
    programs::runner();
    let mut command = Command::new(env!("CARGO_BIN_EXE_analyze"));
    let output = command.args(["check", "--replay"]).arg(logs).output();
    output.expect("analyze starts")
}

/// Applies a change to a file, which it must change.
fn change(file: &Path, change: impl Fn(&str) -> String) {
    let before = fs::read_to_string(file).expect("a text");
    let after = change(&before);
    assert_ne!(before, after, "nothing to change in {}", file.display());
    fs::write(file, after).expect("written");
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// That the replay finds a difference, with these words, and no law does.
fn found(logs: &Path, words: &str) {
    let output = replay(logs);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text.contains(words), "expected {words:?} in {text}");
    assert!(
        text.contains(", 0 violations"),
        "a law finds it too: {text}"
    );
}

#[test]
fn trials_are_what_their_seeds_give() {
    for options in [
        &VIRTUAL[..],
        &["--virtual", "--count", "3", "--packed"],
        &[
            "--virtual",
            "--machines",
            "5",
            "--latency",
            "50us..400ms",
            "--drain",
            "all",
        ],
        &["--virtual", "--design", "timekeeper", "--internal", "0.3"],
        &[
            "--virtual",
            "--design",
            "hub",
            "--stamp",
            "before",
            "--tick-delay",
            "20ms",
        ],
        &SOCKETS,
        &["--speed", "20", "--count", "1", "--design", "timekeeper"],
        &[
            "--speed", "20", "--count", "1", "--design", "hub", "--rates", "0.5,3,6",
        ],
    ] {
        let root = TempDir::new().expect("a folder");
        let output = replay(&run(root.path(), options));
        let text = stdout(&output);
        assert!(text.contains("; none differs\n"), "{options:?}: {output:?}");
        assert!(
            !text.contains(" 0 rows") && !text.contains(" 0 rolls"),
            "{text}"
        );
        assert!(!text.contains("not compared"), "{text}");
    }
}

#[test]
fn one_trial_of_a_run_is_compared_alone() {
    let root = TempDir::new().expect("a folder");
    let output = replay(&run(root.path(), &VIRTUAL).join("trial-002"));
    let text = stdout(&output);
    assert!(
        text.contains("1 trial run again from the seed; 1 in virtual time by "),
        "{output:?}"
    );
}

#[test]
fn trials_with_faults_are_what_their_seeds_give_until_one_is_changed() {
    let root = TempDir::new().expect("a folder");
    let logs = run_with_faults(root.path());
    let text = stdout(&replay(&logs));
    assert!(text.contains("3 trials run again"), "{text}");
    assert!(text.contains("; none differs\n"), "{text}");
    assert!(!text.contains("not compared"), "{text}");
    // Without its faults a trial is another one.
    change(&logs.join("trial-001/trial.json"), |text| {
        let mut manifest: serde_json::Value = serde_json::from_str(text).expect("JSON");
        let faults = manifest.pointer_mut("/condition/faults/fault");
        let faults = faults.and_then(|faults| faults.as_array_mut());
        faults.expect("its faults").clear();
        manifest.to_string()
    });
    let output = replay(&logs);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("replay violated by machine"), "{text}");
    assert!(text.contains("in trial-001"), "{text}");
    assert!(!text.contains("in trial-002"), "{text}");
}

#[test]
fn of_a_run_with_faults_every_report_says_what_its_numbers_are() {
    let root = TempDir::new().expect("a folder");
    let logs = run_with_faults(root.path());
    let analyse = |options: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_analyze"));
        let output = command.arg(&logs).args(options).output();
        output.expect("analyze starts")
    };
    let table = analyse(&[]);
    let said = String::from_utf8_lossy(&table.stderr).into_owned();
    assert_eq!(said.matches("a run with faults").count(), 1, "{said}");
    let words = "all lives of a machine are taken for one";
    let one_line = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(one_line(stdout(&table)).contains(words), "{table:?}");
    assert!(stdout(&analyse(&["--markdown", "-"])).contains(words));
    let report: serde_json::Value =
        serde_json::from_slice(&analyse(&["--json", "-"]).stdout).expect("JSON");
    let notes = report["notes"].as_array().expect("notes");
    let of_faults = notes
        .iter()
        .filter(|note| note["found"] == "a run with faults");
    assert_eq!(of_faults.count(), 1, "{notes:?}");
    let strange = notes
        .iter()
        .any(|note| note["found"].to_string().contains("another program"));
    assert!(!strange, "its own files are known: {notes:?}");
}

#[test]
fn nobody_is_accused_in_a_run_with_faults_of_which_only_the_seed_is_kept() {
    let root = TempDir::new().expect("a folder");
    let logs = run_with_faults(root.path());
    for trial in 0..3 {
        fs::remove_dir_all(logs.join(format!("trial-{trial:03}"))).expect("a trial");
    }
    let page = root.path().join("page.md");
    let mut command = Command::new(env!("CARGO_BIN_EXE_analyze"));
    let output = command.arg(&logs).arg("--notebook").arg(&page).output();
    let output = output.expect("analyze starts");
    let text = fs::read_to_string(&page).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    assert!(text.contains(", 3 trials, "), "{text}");
    assert!(text.contains(", 0 violations"), "{text}");
}

/// Makes the last internal event of machine 1 a send to all whose messages are still under way.
fn add_a_broadcast(trial: &Path) {
    let log = trial.join("machine-1.csv");
    let text = fs::read_to_string(&log).expect("a log");
    let last = text.lines().rfind(|line| line.contains(",internal,"));
    let last = last.expect("an internal event").to_owned();
    change(&log, |text| {
        text.replace(&last, &last.replace(",internal,", ",broadcast,"))
    });
}

#[test]
fn a_roll_that_no_law_can_see_is_found() {
    for options in [&VIRTUAL[..], &SOCKETS] {
        let root = TempDir::new().expect("a folder");
        let run = run(root.path(), options);
        let trial = run.join("trial-000");
        add_a_broadcast(&trial);
        let output = replay(&run);
        let text = stdout(&output);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(
            text.contains("replay violated by machine 1 in trial-000"),
            "{text}"
        );
        assert!(text.contains("; 1 differs\n"), "{text}");
    }
}

#[test]
fn a_changed_seed_and_other_odds_are_found() {
    for options in [&VIRTUAL[..], &SOCKETS] {
        for (from, to) in [
            ("\"seed\": 5", "\"seed\": 6"),
            ("\"sides\": 10", "\"sides\": 9"),
        ] {
            let root = TempDir::new().expect("a folder");
            let run = run(root.path(), options);
            change(&run.join("trial-001/trial.json"), |text| {
                text.replace(from, to)
            });
            found(
                &run,
                "in trial-001: the trial is the one that its seed gives",
            );
            // Nor does it help to change the run's record alike.
            change(&run.join("run.json"), |text| text.replace(from, to));
            found(
                &run,
                "in trial-001: the trial is the one that its seed gives",
            );
        }
    }
}

#[test]
fn a_delay_that_changes_no_row_is_found_by_the_record_of_the_run() {
    let root = TempDir::new().expect("a folder");
    let run = run(root.path(), &VIRTUAL);
    let change_all = |from: &str, to: &str| {
        for trial in ["trial-000", "trial-001", "trial-002"] {
            change(&run.join(trial).join("trial.json"), |text| {
                text.replace(from, to)
            });
        }
    };
    change_all("100000\n", "100001\n");
    found(&run, "run.json");
}

#[test]
fn what_has_no_seed_is_refused() {
    let root = TempDir::new().expect("a folder");
    for machine in 0..2 {
        let lines = (1..30).map(|clock| format!("{machine} internal clock {clock} queue 0\n"));
        let file = root.path().join(format!("machine_{machine}.log"));
        fs::write(file, lines.collect::<String>()).expect("written");
    }
    let output = replay(root.path());
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("--replay runs trials again from their seeds"),
        "{said}"
    );
}

#[test]
fn a_manifest_that_promises_more_than_its_logs_hold_is_followed_no_further() {
    let root = TempDir::new().expect("a folder");
    let run = run(root.path(), &VIRTUAL);
    let trial = run.join("trial-000/trial.json");
    change(&trial, |text| {
        text.replace(
            "\"duration_ns\": 10000000000",
            "\"duration_ns\": 10000000000000000",
        )
        .replace("\"status\": \"complete\"", "\"status\": \"aborted\"")
    });
    let output = replay(&run);
    let text = stdout(&output);
    assert!(text.contains("3 in virtual time by "), "{output:?}");
    // Its rows are those of the seed; its settings are not those of the run.
    let sum = "; none differs; 1 condition not as in run.json\n";
    assert!(text.contains(sum), "{text}");
}

#[test]
fn what_a_record_on_sockets_means_is_not_asked_in_virtual_time() {
    let root = TempDir::new().expect("a folder");
    let file = root.path().join("both.toml");
    let text = "seed = 3\ncount = 1\n[base]\nduration = '10s'\nspeed = 20.0\n[[condition]]\nrates = [1, 2, 6]\n";
    fs::write(&file, text).expect("written");
    let out = root.path().join("logs");
    let mut command = Command::new(programs::runner());
    command
        .arg("experiment")
        .arg(&file)
        .args(["--both", "--out"]);
    let output = command.arg(&out).output().expect("the runner starts");
    assert!(output.status.success(), "{output:?}");
    let output = replay(&out);
    let text = stdout(&output);
    assert!(text.contains("; none differs\n"), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    let note = said.lines().find(|line| line.contains("run.json"));
    assert!(note.is_some_and(|line| line.starts_with("note:")), "{said}");
}
