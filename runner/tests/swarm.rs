//! Several machines in a process: what that changes, and what it does not.
#![cfg(target_os = "linux")]

mod common;

use std::collections::BTreeMap;
use std::fs;

use common::{Lab, Trial, runs, signal, text};
use event_log::{ClockEvent, Event, JournalKind, MachineId, Party, Record, Status};

fn records(trial: &Trial, machine: u32) -> Vec<Record<ClockEvent>> {
    let path = trial.folder.join(format!("machine-{machine}.csv"));
    let log = fs::read_to_string(path).expect("a log");
    let rows = log.lines().skip(1);
    rows.map(|row| Record::decode_line(row).expect("a row"))
        .collect()
}

/// Every receive has its send, later, with the clock of the send, and each channel is in order; how many receives.
fn check_channels(trial: &Trial, machines: u32) -> usize {
    let logs: Vec<Vec<Record<ClockEvent>>> = (0..machines).map(|id| records(trial, id)).collect();
    let mut newest: BTreeMap<(MachineId, u32), u64> = BTreeMap::new();
    let mut receives = 0;
    for (log, me) in logs.iter().zip(0..) {
        for row in log {
            let Event::Receive {
                from,
                sent_tick,
                sent_clock,
            } = row.event.event
            else {
                continue;
            };
            receives += 1;
            let sent = |sent: &&Record<ClockEvent>| {
                sent.event.tick == sent_tick && !matches!(sent.event.event, Event::Receive { .. })
            };
            let sent = logs[from.index()].iter().find(sent).expect("its send");
            match sent.event.event {
                Event::Send { to } => assert_eq!(to, MachineId(me)),
                other => assert_eq!(other, Event::Broadcast),
            }
            assert_eq!(sent.event.clock, sent_clock);
            assert!(row.event.clock > sent_clock && row.time_ns >= sent.time_ns);
            let before = newest.insert((from, me), sent_tick.0);
            assert!(before.is_none_or(|before| before < sent_tick.0));
        }
    }
    receives
}

#[test]
fn machines_of_all_designs_share_processes_and_connections() {
    for (design, connections) in [("mesh", 3), ("timekeeper", 3), ("hub", 3)] {
        let lab = Lab::new();
        let output = lab.run(&format!(
            "--count 1 --machines 8 --per-process 3 --rates 1,2,3,4,5,6,6,6 --seed 3 --speed 20 --internal 0.3 --design {design}"
        ));
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(text(&output.stderr).contains("3 in each of 3 processes"));
        let trial = lab.trial(0);
        let manifest = trial.manifest();
        assert_eq!(manifest.status, Status::Complete);
        assert_eq!(manifest.condition.per_process, 3);
        assert_eq!(manifest.condition.connections(), connections);
        assert_eq!(trial.connections(), connections);
        for (id, rate) in [1, 2, 3, 4, 5, 6, 6, 6].into_iter().enumerate() {
            let ticks: usize = records(&trial, id as u32)
                .windows(2)
                .filter(|pair| pair[0].event.tick != pair[1].event.tick)
                .count();
            assert_eq!(ticks + 1, rate * 60, "{design}: machine {id}");
        }
        assert!(check_channels(&trial, 8) > 500, "{design}: somebody hears");
        let count = |kind| {
            let journal = trial.journal().into_iter();
            journal.filter(|entry| entry.kind == kind).count()
        };
        assert_eq!(count(JournalKind::Finished), 8);
        assert_eq!(count(JournalKind::Exit), 3 + usize::from(design == "hub"));
        assert_eq!(count(JournalKind::Fault) + count(JournalKind::Lost), 0);
    }
}

#[test]
fn a_process_that_dies_takes_its_machines_along_and_no_other() {
    let lab = Lab::new();
    let running = lab.start(
        "--count 1 --machines 6 --per-process 2 --rates 4,4,4,5,5,5 --speed 10 --on-disconnect reconnect",
    );
    let trial = lab.wait_for_start(0);
    signal("KILL", trial.party(Party::Machine(MachineId(2))).1);
    let output = running.wait();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let manifest = trial.manifest();
    assert_eq!(manifest.status, Status::Degraded);
    let reason = manifest.reason.expect("a reason");
    let words = "machines 2 to 3 were lost: their process ended with";
    assert!(
        reason.contains(words) && reason.contains("SIGKILL"),
        "{reason}"
    );
    assert_eq!([0, 1, 4, 5].map(|id| trial.rows(id)), [240, 240, 300, 300]);
    assert!(trial.saw(JournalKind::Lost), "their peers noticed");
}

#[test]
fn an_interrupt_leaves_whole_logs_of_all_machines_of_a_process() {
    let lab = Lab::new();
    let running = lab.start(
        "--count 1 --machines 20 --per-process 5 --duration 10m --rate-range 6..6 --format json",
    );
    let trial = lab.wait_for_start(0);
    let process = trial.party(Party::Machine(MachineId(0))).1;
    signal("INT", running.id());
    let output = running.wait();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let manifest = trial.manifest();
    assert_eq!(manifest.reason.as_deref(), Some("interrupted by the user"));
    assert!(!runs(process));
    let ticks: u64 = (0..20).map(|id| trial.rows(id) as u64).sum();
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(summary["trials"][0]["ticks"], ticks);
    assert_eq!(summary["per_process"], 5);
}
