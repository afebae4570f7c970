//! The hub on real sockets: what it changes, what it does not, and what its loss means.
#![cfg(target_os = "linux")]

mod common;

use std::fs;
use std::io::Write;
use std::net::TcpStream;

use common::{Lab, Running, Stopped, Trial, impostor, runs, signal, text, wait_until};
use event_log::{ClockEvent, Event, JournalKind, MachineId, Party, Record, Status};

const RATES: &str = "--count 1 --rates 1,3,6 --seed 8 --internal 0.4";
/// Longer than any test: ended by the test.
const LONG: &str = "--count 1 --rates 1,3,6 --duration 10m --design hub";
/// The hub's number on the wire.
const HUB: u32 = u32::MAX;

fn events(trial: &Trial, machine: u32) -> Vec<ClockEvent> {
    let path = trial.folder.join(format!("machine-{machine}.csv"));
    let log = fs::read_to_string(path).expect("a log");
    let rows = log.lines().skip(1);
    rows.map(|row| Record::decode_line(row).expect("a row").event)
        .collect()
}

/// What the die said, in order: whether a machine rolls depends on what has arrived, what it rolls does not.
fn rolls(trial: &Trial, machine: u32) -> Vec<Event> {
    let events = events(trial, machine).into_iter();
    let events = events.map(|event| event.event);
    events
        .filter(|event| !matches!(event, Event::Receive { .. }))
        .collect()
}

#[test]
fn a_hub_has_a_connection_for_each_machine_and_delivers_in_order_what_was_sent() {
    let lab = Lab::new();
    let output = lab.run(&format!("{RATES} --speed 20 --design hub"));
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let trial = lab.trial(0);
    let manifest = trial.manifest();
    assert_eq!(manifest.status, Status::Complete);
    assert_eq!(manifest.condition.connections(), 3);
    assert_eq!(trial.connections(), 3);
    let hub = trial.party(Party::Hub).0.map(|address| address.to_string());
    assert!(hub.is_some() && manifest.hub_address == hub, "{hub:?}");
    assert!(
        manifest
            .machines
            .iter()
            .all(|entry| entry.address.is_none())
    );
    assert!(!trial.saw(JournalKind::Lost) && !trial.saw(JournalKind::Undelivered));

    let logs = [0, 1, 2].map(|id| events(&trial, id));
    assert_eq!(logs.each_ref().map(Vec::len), [60, 180, 360]);
    let mut received = 0;
    for (log, me) in logs.iter().zip(0..) {
        let mut newest = [None; 3];
        for event in log {
            let Event::Receive {
                from,
                sent_tick,
                sent_clock,
            } = event.event
            else {
                continue;
            };
            let sent = logs[from.index()][sent_tick.0 as usize];
            assert_eq!(sent.clock, sent_clock);
            let to_me = match sent.event {
                Event::Send { to } => to == MachineId(me),
                Event::Broadcast => from != MachineId(me),
                _ => false,
            };
            assert!(to_me, "machine {me} received {sent:?} of machine {from}");
            assert!(event.clock > sent_clock);
            assert!(newest[from.index()] < Some(sent_tick), "in order");
            newest[from.index()] = Some(sent_tick);
            received += 1;
        }
    }
    assert!(received > 100, "{received} messages came through");
}

#[test]
fn a_hub_changes_no_roll_of_the_dice() {
    let [mesh, hub] = [(Lab::new(), "mesh"), (Lab::new(), "hub")].map(|(lab, design)| {
        let output = lab.run(&format!("{RATES} --speed 60 --design {design}"));
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        lab
    });
    for id in 0..3 {
        let (mesh, hub) = (rolls(&mesh.trial(0), id), rolls(&hub.trial(0), id));
        let both = mesh.len().min(hub.len());
        assert!(id == 0 || both > 20, "machine {id} rolled {both} times");
        assert_eq!(mesh[..both], hub[..both], "machine {id}");
    }
}

#[test]
fn without_the_hub_the_trial_is_over() {
    for policy in ["abort", "reconnect"] {
        let lab = Lab::new();
        let running = lab.start(&format!("{LONG} --on-disconnect {policy}"));
        let trial = lab.wait_for_start(0);
        let machines = [0, 1, 2].map(|id| trial.party(Party::Machine(MachineId(id))).1);
        signal("KILL", trial.party(Party::Hub).1);
        let output = running.wait();
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        let manifest = trial.manifest();
        assert_eq!(manifest.status, Status::Aborted);
        let reason = manifest.reason.expect("a reason");
        let expected = "the hub was lost: its process ended with signal: 9";
        assert!(reason.starts_with(expected), "{policy}: {reason}");
        assert!(!machines.iter().any(|&process| runs(process)));
    }
}

#[test]
fn a_trial_whose_hub_hangs_is_not_complete() {
    let lab = Lab::new();
    let running = lab.start("--count 1 --rates 1,3,6 --speed 20 --design hub");
    let trial = lab.wait_for_start(0);
    let hub = trial.party(Party::Hub).1;
    let _stopped = Stopped::new(hub);
    let output = running.wait();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert_eq!([0, 1, 2].map(|id| trial.rows(id)), [60, 180, 360]);
    let manifest = trial.manifest();
    assert_eq!(manifest.status, Status::Aborted);
    let reason = manifest.reason.expect("a reason");
    assert!(
        reason.contains("the hub was lost") && reason.contains("did not end"),
        "{reason}"
    );
    assert!(!runs(hub));
}

#[test]
fn a_machine_that_is_gone_costs_its_own_messages_only() {
    let lab = Lab::new();
    let running = lab.start(
        "--count 1 --rates 4,5,6 --speed 10 --internal 0.1 --design hub --on-disconnect reconnect",
    );
    let trial = lab.wait_for_start(0);
    signal("KILL", trial.party(Party::Machine(MachineId(0))).1);
    let output = running.wait();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let manifest = trial.manifest();
    assert_eq!(manifest.status, Status::Degraded);
    let reason = manifest.reason.expect("a reason");
    assert!(reason.contains("machine 0 was lost"), "{reason}");
    assert_eq!([1, 2].map(|id| trial.rows(id)), [300, 360]);
    let journal = trial.journal();
    let lost = Some(Party::Machine(MachineId(0)));
    let noticed = |kind| {
        journal.iter().any(|entry| {
            entry.kind == kind && entry.machine == Some(Party::Hub) && entry.peer == lost
        })
    };
    assert!(noticed(JournalKind::Lost), "{journal:#?}");
    let undelivered: Vec<_> = journal
        .iter()
        .filter(|entry| entry.kind == JournalKind::Undelivered)
        .collect();
    let [entry] = undelivered[..] else {
        panic!("one line, of the hub: {undelivered:#?}");
    };
    let between = (entry.machine, entry.peer);
    assert_eq!(between, (Some(Party::Hub), lost));
    assert!(entry.count > Some(0), "somebody spoke to machine 0");
}

#[test]
fn the_hub_ends_with_its_trial_and_with_its_coordinator() {
    let all = [0, 1, 2].map(|id| Party::Machine(MachineId(id)));
    let begin = |lab: &Lab| -> (Running, Trial, Vec<u32>) {
        let running = lab.start(LONG);
        let trial = lab.wait_for_start(0);
        let parties = all.into_iter().chain([Party::Hub]);
        let processes = parties.map(|party| trial.party(party).1).collect();
        (running, trial, processes)
    };
    let lab = Lab::new();
    let (running, trial, processes) = begin(&lab);
    signal("INT", running.id());
    let output = running.wait();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let reason = trial.manifest().reason;
    assert_eq!(reason.as_deref(), Some("interrupted by the user"));
    assert!(!processes.iter().any(|&process| runs(process)));

    let lab = Lab::new();
    let (running, trial, processes) = begin(&lab);
    signal("KILL", running.id());
    wait_until("all have ended", || {
        !processes.iter().any(|&process| runs(process))
    });
    running.wait();
    assert_eq!(trial.manifest().status, Status::Running);
}

#[test]
fn strangers_at_the_hub_are_refused_noted_and_do_no_harm() {
    let lab = Lab::new();
    let running = lab.start("--count 1 --rates 1,3,6 --speed 10 --design hub");
    let trial = lab.wait_for_start(0);
    let address = trial.party(Party::Hub).0.expect("it listens");
    let mut garbage = TcpStream::connect(address).expect("it listens");
    garbage.write_all(b"GET / HTTP/1.1\r\n\r\n").expect("sent");
    assert_eq!(impostor(address, 1, HUB), b"", "no welcome");

    let output = running.wait();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!([0, 1, 2].map(|id| trial.rows(id)), [60, 180, 360]);
    let journal = trial.journal();
    let refused = journal
        .iter()
        .filter(|entry| entry.kind == JournalKind::Refused);
    let refusals: Vec<&str> = refused
        .inspect(|entry| assert_eq!(entry.machine, Some(Party::Hub)))
        .map(|entry| entry.detail.as_str())
        .collect();
    for expected in [
        "not our wire format",
        "claims to be machine 1 and cannot prove it",
    ] {
        let listed = refusals.iter().any(|refusal| refusal.contains(expected));
        assert!(listed, "`{expected}` in {refusals:#?}");
    }
    assert!(!trial.saw(JournalKind::Lost), "no machine lost its link");
}
