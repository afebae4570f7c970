//! Machines that are stopped and cannot say so: who notices, and when.
#![cfg(target_os = "linux")]

mod common;

use common::{Lab, Stopped, runs, text, wait_until};
use event_log::{JournalKind, MachineId, Party, Status};

fn machine(id: u32) -> Option<Party> {
    Some(Party::Machine(MachineId(id)))
}

#[test]
fn a_machine_that_hangs_ends_its_trial_while_it_lasts() {
    let lab = Lab::new();
    let running = lab.start("--count 1 --rates 1,3,6 --duration 10m");
    let trial = lab.wait_for_start(0);
    let (_, process) = trial.machine(1);
    let _stopped = Stopped::new(process);
    let output = running.wait();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let manifest = trial.manifest();
    assert_eq!(manifest.status, Status::Aborted);
    let reason = manifest.reason.expect("a reason");
    assert!(
        reason.starts_with("machine 1 was lost to machine ")
            && reason.contains("nothing was heard from it for 10 s"),
        "{reason}"
    );
    let journal = trial.journal();
    let silent: Vec<_> = journal
        .iter()
        .filter(|entry| entry.kind == JournalKind::Silent && entry.peer == machine(1))
        .collect();
    assert!(!silent.is_empty(), "{journal:#?}");
    assert!(
        silent
            .iter()
            .all(|entry| entry.since_ns < Some(entry.time_ns))
    );
    assert!(!runs(process));
}

#[test]
fn a_pause_that_is_shorter_is_told_and_the_trial_complete() {
    let lab = Lab::new();
    let running = lab.start("--count 1 --rates 1,3,6 --speed 5 --format json");
    let trial = lab.wait_for_start(0);
    let (_, process) = trial.machine(1);
    let stopped = Stopped::new(process);
    let listed = |kind| {
        let journal = trial.journal();
        let of = |who| {
            let listed = |entry: &&event_log::JournalEntry| {
                entry.kind == kind && entry.machine == machine(who) && entry.peer == machine(1)
            };
            journal.iter().filter(listed).count()
        };
        [of(0), of(2)]
    };
    wait_until("both others call it silent", || {
        !listed(JournalKind::Silent).contains(&0)
    });
    drop(stopped);
    let output = running.wait();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(trial.manifest().status, Status::Complete);
    assert_eq!([0, 1, 2].map(|id| trial.rows(id)), [60, 180, 360]);
    assert_eq!(listed(JournalKind::Heard), listed(JournalKind::Silent));
    assert!(!trial.saw(JournalKind::Lost));

    // It says of itself how late it was: some seconds, and its period is 67 ms.
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let latest = &summary["trials"][0]["latest"];
    assert_eq!(latest["machine"], 1, "{summary:#}");
    assert!(latest["late_ns"].as_u64() > Some(500_000_000), "{latest}");
    let journal = trial.journal();
    let finished = |entry: &&event_log::JournalEntry| {
        entry.kind == JournalKind::Finished && entry.machine == machine(1)
    };
    let finished = journal.iter().find(finished).expect("it is done");
    assert!(finished.detail.contains("after it was due"), "{finished:?}");
}
