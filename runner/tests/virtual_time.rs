//! Virtual time: the same seed gives the same bytes.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use common::{Lab, sorted_entries, text};
use event_log::layout;

/// Every file of the trials of a run, by its path in the run.
fn trial_files(run: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for folder in sorted_entries(run).into_iter().filter(|path| path.is_dir()) {
        for file in sorted_entries(&folder) {
            let name = file.strip_prefix(run).expect("below the run");
            files.insert(name.display().to_string(), fs::read(&file).expect("a file"));
        }
    }
    files
}

#[test]
fn same_seed_same_bytes_whatever_the_number_of_threads() {
    let lab = Lab::new();
    let options = "--virtual --seed 7 --count 12 --duration 20s --latency 50us..400ms";
    for jobs in [1, 2, 5] {
        let output = lab.run(&format!("{options} --jobs {jobs}"));
        assert!(output.status.success(), "{}", text(&output.stderr));
    }
    let runs = lab.runs();
    let first = trial_files(&runs[0]);
    assert_eq!(
        first.len(),
        12 * 5,
        "manifest, journal and three logs a trial"
    );
    for run in &runs[1..] {
        assert!(trial_files(run) == first, "{} differs", run.display());
    }
    assert_ne!(
        first["trial-000/machine-0.csv"],
        first["trial-001/machine-0.csv"]
    );
}

#[test]
fn a_run_is_repeated_from_its_own_record() {
    let lab = Lab::new();
    let first = lab.run("--virtual --count 3 --internal 0.4 --drain all --rate-range 2..5");
    assert!(first.status.success(), "{}", text(&first.stderr));
    let record = lab.runs()[0].join(layout::RUN_FILE);
    let again = lab.run(&format!("--config {}", record.display()));
    assert!(again.status.success(), "{}", text(&again.stderr));
    let runs = lab.runs();
    assert!(trial_files(&runs[0]) == trial_files(&runs[1]));
}

#[test]
fn a_seed_means_the_same_for_ever() {
    // Pinned bytes: if this fails, logs written by earlier releases can no longer be repeated from their seeds.
    let lab = Lab::new();
    let output = lab.run("--virtual --seed 7 --count 1 --rates 1,3,6 --duration 3s");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let log = fs::read_to_string(lab.trial(0).folder.join("machine-1.csv")).expect("a log");
    let expected = "\
tick,time_ns,event,clock,queue,peer,sent_tick,sent_clock
0,1000000000319819590,internal,1,0,,,
1,1000000000653152923,internal,2,0,,,
2,1000000000986486256,broadcast,3,0,,,
3,1000000001319819590,internal,4,0,,,
4,1000000001653152923,send,5,0,2,,
5,1000000001986486256,send,6,0,2,,
6,1000000002319819590,internal,7,0,,,
7,1000000002653152923,receive,17,0,2,15,16
8,1000000002986486256,receive,19,0,2,17,18
";
    assert_eq!(log, expected);
}

#[test]
fn json_on_request() {
    let lab = Lab::new();
    let output = lab.run("--virtual --count 2 --rates 2,4 --duration 5s --format json");
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one object");
    assert_eq!(summary["format_version"], 1);
    assert_eq!(summary["driver"], "virtual");
    assert_eq!(summary["trials"][1]["status"], "complete");
    assert_eq!(summary["trials"][1]["ticks"], 30);
    assert_eq!(summary["trials"][1]["rates"], serde_json::json!([2.0, 4.0]));
}

#[test]
fn what_cannot_be_obeyed_is_refused_with_exit_code_two() {
    let lab = Lab::new();
    let cases = [
        ("--virtual --speed 2", "--speed"),
        ("--rates 1,3,6 --rate-range 1..6", "--rate-range"),
        ("--latency 1ms", "--latency"),
        ("--config /nowhere/lab.toml", "/nowhere/lab.toml"),
        ("--duration 60", "60s"),
    ];
    for (options, named) in cases {
        let output = lab.run(options);
        assert_eq!(output.status.code(), Some(2), "{options}");
        let message = text(&output.stderr);
        assert!(message.contains(named), "{options}: {message}");
    }
    assert_eq!(lab.runs().len(), 0, "nothing was begun");
}

#[test]
fn a_folder_that_cannot_be_created_is_an_error_that_says_what_to_do() {
    let lab = Lab::new();
    let file = lab.out.path().join("file");
    fs::write(&file, "").expect("a file");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_runner"))
        .args(["trial", "--virtual", "--out"])
        .arg(file.join("logs"))
        .output()
        .expect("runner starts");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("--out"),
        "{}",
        text(&output.stderr)
    );
}
