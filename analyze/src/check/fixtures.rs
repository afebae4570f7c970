//! Hand-made trials: rows as they stand in a log, except that times are milliseconds since the start.

use std::path::PathBuf;

use event_log::{
    ClockEvent, Condition, Driver, Event, FORMAT_VERSION, MachineEntry, MachineId, Rate, Record,
    Status, TrialManifest,
};

use crate::condition::example;
use crate::trial_log::{ClockRows, EventKind, MachineLog, TrialLog};

/// A complete trial of machines that tick once a second, four times, machine i at i × 100 ms; a die of ten, sockets.
pub(crate) fn trial(logs: &[&[&str]]) -> TrialLog {
    let condition = Condition {
        driver: Driver::Sockets,
        duration_ns: 4_000_000_000,
        ..example::condition(&vec![1; logs.len()])
    };
    let dir = PathBuf::from("logs/run/trial-000");
    let machines: Vec<MachineLog> = (0u32..)
        .zip(logs)
        .map(|(id, lines)| MachineLog {
            entry: entry(id),
            file: dir.join(format!("machine-{id}.csv")),
            rows: rows(lines),
        })
        .collect();
    TrialLog {
        run: "run".to_owned(),
        dir,
        manifest: TrialManifest {
            format_version: FORMAT_VERSION,
            trial: 0,
            seed: 1,
            condition,
            started_ns: Some(0),
            status: Status::Complete,
            timekeeper: None,
            reason: None,
            hub_address: None,
            machines: machines.iter().map(|m| m.entry.clone()).collect(),
        },
        machines,
        undelivered: 0,
        unconfirmed: 0,
    }
}

/// A correct trial of two machines, with a receive that jumps and a broadcast that nobody received in time.
pub(crate) fn correct() -> [Vec<&'static str>; 2] {
    [
        vec![
            "0,0,send,1,0,1,,",
            "1,1000,send,2,0,1,,",
            "2,2000,internal,3,0,,,",
            "3,3000,receive,5,0,1,2,4",
        ],
        vec![
            "0,100,receive,2,0,0,0,1",
            "1,1100,receive,3,0,0,1,2",
            "2,2100,send,4,0,0,,",
            "3,3100,broadcast,5,0,,,",
        ],
    ]
}

/// The correct trial with one row replaced.
pub(crate) fn with(machine: usize, row: usize, line: &'static str) -> TrialLog {
    let mut logs = correct();
    logs[machine][row] = line;
    trial(&[&logs[0], &logs[1]])
}

fn entry(id: u32) -> MachineEntry {
    MachineEntry {
        id: MachineId(id),
        name: format!("machine-{id}"),
        log: format!("machine-{id}.csv"),
        rate: Rate::from_hz(1),
        phase_ns: u64::from(id) * 100_000_000,
        address: Some(format!("127.0.0.1:{}", 4000 + id)),
    }
}

/// Rows of lines; an empty line stands for one that could not be read.
pub(crate) fn rows(lines: &[&str]) -> ClockRows {
    let mut rows = ClockRows::default();
    for (number, line) in (2u32..).zip(lines).filter(|(_, line)| !line.is_empty()) {
        let Record { time_ns, event } =
            Record::<ClockEvent>::decode_line(line).expect("a fixture holds rows");
        let (kind, peer, sent_tick, sent_clock) = match event.event {
            Event::Internal => (EventKind::Internal, None, 0, 0),
            Event::Broadcast => (EventKind::Broadcast, None, 0, 0),
            Event::Send { to } => (EventKind::Send, Some(to), 0, 0),
            Event::Receive {
                from,
                sent_tick,
                sent_clock,
            } => (EventKind::Receive, Some(from), sent_tick.0, sent_clock.0),
        };
        rows.line.push(number);
        rows.tick.push(event.tick.0);
        rows.time_ns.push(time_ns * 1_000_000);
        rows.event.push(kind);
        rows.clock.push(event.clock.0);
        rows.queue.push(event.queue);
        rows.peer.push(peer);
        rows.sent_tick.push(sent_tick);
        rows.sent_clock.push(sent_clock);
    }
    rows
}
