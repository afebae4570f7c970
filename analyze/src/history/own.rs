//! The history of one of our own trials.

use event_log::Stamp;

use super::{Clock, Event, History, Kind, MachineHistory};
use crate::trial_log::{MachineLog, TrialLog};

pub use events::OWN_FORMAT;

/// What a trial's logs say. Clocks beyond what an `i64` holds are not recorded.
pub fn of(trial: &events::Trial) -> History {
    // Bridge: until histories are tables.
    let log = &crate::trial_log::of(trial);
    let folder = log.dir.file_name().unwrap_or_default().to_string_lossy();
    let machines = log.machines.iter();
    History {
        group: log.run.clone(),
        trial: folder.into_owned(),
        dir: log.dir.clone(),
        format: OWN_FORMAT.to_owned(),
        dialect: crate::scan::dialect(),
        machines: machines.map(|machine| machine_of(log, machine)).collect(),
        without_log: Some(Vec::new()),
        logs_missing: false,
        manifest: Some(log.manifest.clone()),
    }
}

fn machine_of(log: &TrialLog, machine: &MachineLog) -> MachineHistory {
    MachineHistory {
        name: machine.entry.name.clone(),
        rate_hz: Some(machine.entry.rate.hz()),
        files: vec![machine.file.clone()],
        events: (0..machine.rows.len())
            .map(|row| event(log, machine, row))
            .collect(),
    }
}

fn event(log: &TrialLog, machine: &MachineLog, row: usize) -> Event {
    let rows = &machine.rows;
    let position = |id| log.machines.iter().position(|peer| peer.entry.id == id);
    let peer = rows.peer[row].and_then(position);
    let kind = rows.event[row];
    let own = position(machine.entry.id);
    let others = || (0..log.machines.len()).filter(|&other| Some(other) != own);
    let behind = match log.manifest.condition.stamp {
        Stamp::After => 0,
        Stamp::Before => 1,
    };
    let lamport = |value: u64| i64::try_from(value).ok().map(Clock::Lamport);
    let stamped = || lamport(rows.clock[row].saturating_sub(behind));
    // (sender, tick of the send, recipient) names a message; recipients know the first two.
    let message = (kind == Kind::Receive).then(|| {
        format!(
            "{}:{}",
            rows.peer[row].map_or(0, |id| id.0),
            rows.sent_tick[row]
        )
    });
    let sent = format!("{}:{}", machine.entry.id.0, rows.tick[row]);
    Event {
        file: 0,
        line: rows.line[row],
        kind,
        tick: rows.tick[row],
        time_ns: i64::try_from(rows.time_ns[row]).ok(),
        clock: lamport(rows.clock[row]),
        clock_before: None,
        queue: Some(rows.queue[row]),
        from: peer.filter(|_| kind == Kind::Receive),
        to: match kind {
            Kind::Send => peer.map(|peer| vec![peer]),
            Kind::Broadcast => Some(others().collect()),
            Kind::Internal | Kind::Receive => None,
        },
        position: None,
        sent_tick: (kind == Kind::Receive).then(|| rows.sent_tick[row]),
        carried: match kind {
            Kind::Receive => lamport(rows.sent_clock[row]),
            Kind::Send | Kind::Broadcast => stamped(),
            Kind::Internal => None,
        },
        message: message.or_else(|| matches!(kind, Kind::Send | Kind::Broadcast).then_some(sent)),
    }
}
