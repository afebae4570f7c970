//! A row of a trial of ours as its log has it.

use event_log::{ClockEvent, Event, LamportTime, MachineId, Row as _, Tick};
use events::{At, Kind, Trial};

/// The id of the machine at a position, whether it has a log or not.
pub fn id(trial: &Trial, position: usize) -> MachineId {
    let named = || trial.name_of(position).parse().ok().map(MachineId);
    let machine = trial.machines.get(position).map(|machine| machine.id);
    machine.or_else(named).unwrap_or_default()
}

/// What happened in a row; none if it lacks what its kind needs.
pub fn event(trial: &Trial, at: At) -> Option<Event> {
    let rows = &trial.machines[at.machine].rows;
    let peer = || Some(id(trial, rows.peer.get(at.row)? as usize));
    let carried = || rows.carried.get(at.row).map(i64::cast_unsigned);
    Some(match rows.kind(at.row) {
        Kind::Internal => Event::Internal,
        Kind::Broadcast => Event::Broadcast,
        Kind::Send => Event::Send { to: peer()? },
        Kind::Receive => Event::Receive {
            from: peer()?,
            sent_tick: Tick(rows.sent_tick.get(at.row)?),
            sent_clock: LamportTime(carried()?),
        },
    })
}

/// A row as it stands in its file.
pub fn text(trial: &Trial, at: At) -> String {
    let tick = || trial.machines[at.machine].rows.tick(at.row);
    written(trial, at).unwrap_or_else(|| format!("tick {} without a peer", tick()))
}

/// The line that a row makes; none where the table does not hold all of it.
fn written(trial: &Trial, at: At) -> Option<String> {
    let rows = &trial.machines[at.machine].rows;
    let row = ClockEvent {
        tick: Tick(rows.tick(at.row)),
        event: event(trial, at)?,
        clock: LamportTime(rows.clock.get(at.row)?.cast_unsigned()),
        queue: rows.queue.get(at.row)?,
    };
    let mut line = Vec::new();
    row.encode(rows.time_ns.get(at.row)?.cast_unsigned(), &mut line);
    String::from_utf8(line).ok()
}
