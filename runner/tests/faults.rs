//! Faults in virtual time: what was asked for is done, and the logs say what was done.

mod common;

use std::fs;
use std::path::Path;

use common::{Lab, text};
use event_log::faults::{Deed, FaultStep};
use event_log::{FaultEntry, Faults, JournalEntry, JournalKind, MachineId, Party, Status, layout};

const FAULTS: &str = r#"
settle = "5s"

[[fault]]
at = "10s"
do = "kill"
target = "machine 1"
for = "3s..6s"

[[fault]]
at = "12s"
do = "hold"
target = "link 0-2"
for = "4s"

[[fault]]
on = { after = "record:send", by = "machine 2", nth = 4 }
do = "lose"
target = "link 2->any"
chance = 0.5
for = "8s"

[[storm]]
do = ["pause", "power"]
target = "any"
every = "8s"
for = "0.5s..2s"
most = 1
"#;

fn write(folder: &Path, text: &str) -> String {
    let path = folder.join("faults.toml");
    fs::write(&path, text).expect("a file");
    path.display().to_string()
}

/// The lines of a file of JSON lines.
fn lines<T: serde::de::DeserializeOwned>(path: &Path) -> Vec<T> {
    let text = fs::read_to_string(path).expect("a log");
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).expect(line))
        .collect()
}

const OPTIONS: &str = "--virtual --seed 7 --count 1 --rates 2,4,6 --latency 20ms --duration 40s";

#[test]
fn a_trial_with_faults_says_what_was_done_and_its_own_schedule_repeats_it() {
    let (lab, files) = (Lab::new(), tempfile::tempdir().expect("a folder"));
    let file = write(files.path(), FAULTS);
    let output = lab.run(&format!("{OPTIONS} --faults {file} --name first"));
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let first = lab.runs()[0].clone();
    let trial = first.join("trial-000");
    let manifest: event_log::TrialManifest =
        serde_json::from_slice(&fs::read(trial.join(layout::TRIAL_FILE)).expect("a manifest"))
            .expect("a manifest");
    assert_eq!(manifest.status, Status::Degraded);
    let reason = manifest.reason.expect("a reason");
    assert!(
        reason.contains("machine 1 missed") && reason.contains("not delivered"),
        "{reason}"
    );

    let drawn = fs::read_to_string(trial.join(layout::FAULTS_FILE)).expect("a schedule");
    let drawn: Faults = toml::from_str(&drawn).expect("a schedule");
    assert!(drawn.is_plain() && drawn.faults.len() > 3, "{drawn:?}");
    let entries: Vec<FaultEntry> = lines(&trial.join(layout::FAULT_LOG_FILE));
    for deed in [Deed::Kill, Deed::Hold, Deed::Lose] {
        let of = |step| {
            let mut entries = entries.iter();
            entries
                .any(|entry| entry.deed == deed && entry.step == step && !entry.evidence.is_empty())
        };
        assert!(
            of(FaultStep::Effect) && of(FaultStep::Undone),
            "{deed}: {entries:?}"
        );
    }

    let journal: Vec<JournalEntry> = lines(&trial.join(layout::JOURNAL_FILE));
    let one = Some(Party::Machine(MachineId(1)));
    let restarted = journal
        .iter()
        .find(|entry| entry.machine == one && entry.kind == JournalKind::Restarted);
    let restarted = restarted.expect("machine 1 began again");
    let log = fs::read_to_string(trial.join("machine-1.csv")).expect("a log");
    let first_row = format!("{},", restarted.count.expect("its first tick"));
    let row = log
        .lines()
        .find(|row| row.starts_with(&first_row))
        .expect("that tick");
    assert!(
        row.contains(",1,0,") || row.contains(",receive,"),
        "its clock is new: {row}"
    );
    assert!(
        journal
            .iter()
            .any(|entry| entry.kind == JournalKind::Undelivered && entry.count > Some(0))
    );

    // The same trial from its own schedule, and from the record of the run.
    let own = trial.join(layout::FAULTS_FILE);
    lab.run(&format!(
        "{OPTIONS} --faults {} --name second",
        own.display()
    ));
    lab.run(&format!(
        "--config {} --name third",
        first.join(layout::RUN_FILE).display()
    ));
    let runs = lab.runs();
    assert_eq!(runs.len(), 3);
    for run in runs.iter().filter(|run| **run != first) {
        for name in [
            "machine-0.csv",
            "machine-1.csv",
            "machine-2.csv",
            layout::JOURNAL_FILE,
            layout::FAULTS_FILE,
            layout::FAULT_LOG_FILE,
        ] {
            let (here, there) = (trial.join(name), run.join("trial-000").join(name));
            let same = fs::read(&here).expect("a file") == fs::read(&there).expect("a file");
            assert!(same, "{} differs", there.display());
        }
    }
}

#[test]
fn a_schedule_without_faults_changes_no_byte_of_a_log() {
    let (lab, files) = (Lab::new(), tempfile::tempdir().expect("a folder"));
    let file = write(files.path(), "settle = '1s'");
    for (number, design) in ["mesh", "timekeeper"].into_iter().enumerate() {
        let options = format!("{OPTIONS} --design {design} --tick-delay 3ms");
        for (name, faults) in [
            ("with", format!("--faults {file}")),
            ("without", String::new()),
        ] {
            let output = lab.run(&format!("{options} {faults} --name {number}-{name}"));
            assert!(output.status.success(), "{}", text(&output.stderr));
        }
        let runs = lab.runs();
        let of = |name: &str| {
            let ending = format!("-{number}-{name}");
            let mut runs = runs.iter();
            let run = runs.find(|run| run.display().to_string().ends_with(&ending));
            run.expect("the run").join("trial-000")
        };
        for log in [
            "machine-0.csv",
            "machine-1.csv",
            "machine-2.csv",
            layout::JOURNAL_FILE,
        ] {
            let [with, without] =
                ["with", "without"].map(|name| fs::read(of(name).join(log)).expect(log));
            assert!(
                with == without && with.len() > 100,
                "{design}: {log} differs"
            );
        }
    }
}

#[test]
fn a_link_that_is_held_delays_and_loses_nothing() {
    let (lab, files) = (Lab::new(), tempfile::tempdir().expect("a folder"));
    let hold = "[[fault]]\nat = '10s'\ndo = 'hold'\ntarget = 'link all-all'\nfor = '8s'";
    let file = write(files.path(), hold);
    let output = lab.run(&format!("{OPTIONS} --faults {file}"));
    assert!(output.status.success(), "{}", text(&output.stderr));
    let entries: Vec<FaultEntry> = lines(&lab.trial(0).folder.join(layout::FAULT_LOG_FILE));
    let (held, released) = entries.split_at(6);
    assert!(held.iter().all(|entry| entry.step == FaultStep::Effect));
    assert_eq!(released.len(), 6);
    assert!(
        released
            .iter()
            .any(|entry| !entry.evidence.starts_with("0 ")),
        "{released:?}"
    );
}

#[test]
fn what_cannot_be_done_is_refused_with_file_and_line_before_a_trial() {
    let (lab, files) = (Lab::new(), tempfile::tempdir().expect("a folder"));
    let kill = "[[fault]]\nat = '1s'\ndo = 'kill'\ntarget = 'machine 0'\n";
    let cases = [
        (
            "--virtual",
            format!("{kill}\n{}", kill.replace("machine 0", "machine 9")),
            "line 9: target = \"server 9\"",
        ),
        ("--virtual", kill.replace("kill", "explode"), "line 3"),
        (
            "--virtual",
            kill.replace("'1s'", "'90s'"),
            "line 2: at = \"90s\"",
        ),
        (
            "--virtual",
            kill.replace("kill", "wipe"),
            "line 3: do = \"wipe\"",
        ),
        ("", kill.to_owned(), "add --virtual"),
        ("--virtual --packed", kill.to_owned(), "drop --packed"),
    ];
    for (options, faults, words) in cases {
        let file = write(files.path(), &faults);
        let output = lab.run(&format!("{options} --faults {file}"));
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{faults}: {message}");
        assert!(message.contains(words), "{faults}: {message}");
    }
    let output = lab.run("--virtual --faults /nowhere/faults.toml");
    assert!(text(&output.stderr).contains("/nowhere/faults.toml"));
    assert!(lab.runs().is_empty(), "nothing was begun");
}
