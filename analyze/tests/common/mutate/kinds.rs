//! Mutations of the kind of an event: the row becomes another event, with what belongs to it.

use event_log::MachineId;

use super::{
    Outcome, Spoil, allows_internal, appear_shows, is, keeps_time, readdressing_shows, received,
    recipients, unreceiving_shows,
};
use crate::common::chance::Chance;
use crate::common::log::{EventKind, TrialLog};

pub(super) const ALL: &[(&str, Spoil)] = &[
    ("internal → send", |log, chance, m, row| {
        from_internal(log, chance, m, row, EventKind::Send)
    }),
    ("internal → broadcast", |log, chance, m, row| {
        from_internal(log, chance, m, row, EventKind::Broadcast)
    }),
    ("any other → receive", to_receive),
    ("send → internal", |log, chance, m, row| {
        from(EventKind::Send, log, chance, m, row, EventKind::Internal)
    }),
    ("send → broadcast", |log, chance, m, row| {
        from(EventKind::Send, log, chance, m, row, EventKind::Broadcast)
    }),
    ("broadcast → send", |log, chance, m, row| {
        from(EventKind::Broadcast, log, chance, m, row, EventKind::Send)
    }),
    ("broadcast → internal", |log, chance, m, row| {
        from(
            EventKind::Broadcast,
            log,
            chance,
            m,
            row,
            EventKind::Internal,
        )
    }),
    ("receive → internal", |log, chance, m, row| {
        from_receive(log, chance, m, row, EventKind::Internal)
    }),
    ("receive → send", |log, chance, m, row| {
        from_receive(log, chance, m, row, EventKind::Send)
    }),
    ("receive → broadcast", |log, chance, m, row| {
        from_receive(log, chance, m, row, EventKind::Broadcast)
    }),
];

/// Makes a row an event that is no receive, with a random recipient if it is a send.
fn become_kind(
    log: &mut TrialLog,
    chance: &mut Chance,
    m: usize,
    row: usize,
    kind: EventKind,
) -> Vec<usize> {
    let all: Vec<usize> = (0..log.machines.len()).filter(|&to| to != m).collect();
    let to = chance.pick(&all);
    let rows = &mut log.machines[m].rows;
    rows.event[row] = kind;
    rows.peer[row] = (kind == EventKind::Send).then_some(MachineId(to as u32));
    rows.sent_tick[row] = 0;
    rows.sent_clock[row] = 0;
    recipients(log, m, row)
}

fn from_internal(
    log: &mut TrialLog,
    chance: &mut Chance,
    m: usize,
    row: usize,
    kind: EventKind,
) -> Outcome {
    from(EventKind::Internal, log, chance, m, row, kind)
}

/// One kind of event that is no receive becomes another.
fn from(
    old: EventKind,
    log: &mut TrialLog,
    chance: &mut Chance,
    m: usize,
    row: usize,
    new: EventKind,
) -> Outcome {
    if !is(log, m, row, old) {
        return Outcome::NotHere;
    }
    let original = log.clone();
    let to = become_kind(log, chance, m, row, new);
    let excluded_by_odds = new == EventKind::Internal && !allows_internal(log);
    // A timekeeper does nothing but broadcast and receive.
    let excluded = excluded_by_odds || keeps_time(log, m);
    Outcome::spoiled_if(excluded || readdressing_shows(&original, m, row, &to))
}

/// The receive did not happen, and a message may have been sent instead.
fn from_receive(
    log: &mut TrialLog,
    chance: &mut Chance,
    m: usize,
    row: usize,
    new: EventKind,
) -> Outcome {
    if !is(log, m, row, EventKind::Receive) {
        return Outcome::NotHere;
    }
    let original = log.clone();
    let to = become_kind(log, chance, m, row, new);
    let excluded_by_odds = new == EventKind::Internal && !allows_internal(log);
    let rolls = keeps_time(log, m) && new != EventKind::Broadcast;
    let sends_show = to.iter().any(|&to| appear_shows(&original, m, row, to));
    let excluded = excluded_by_odds || rolls;
    Outcome::spoiled_if(excluded || sends_show || unreceiving_shows(&original, m, row))
}

/// A receive of a message that was received already, or that was never sent to this machine: always wrong.
fn to_receive(log: &mut TrialLog, chance: &mut Chance, m: usize, row: usize) -> Outcome {
    if is(log, m, row, EventKind::Receive) {
        return Outcome::NotHere;
    }
    let all: Vec<usize> = (0..log.machines.len()).filter(|&from| from != m).collect();
    let from = chance.pick(&all);
    let theirs = &log.machines[from].rows;
    if theirs.is_empty() {
        return Outcome::NotHere;
    }
    let send = chance.below(theirs.len() as u64) as usize;
    let (tick, clock) = (theirs.tick[send], theirs.clock[send]);
    let was_received = received(log, from, m).any(|other| other == tick);
    if recipients(log, from, send).contains(&m) && !was_received {
        return Outcome::NotHere;
    }
    let rows = &mut log.machines[m].rows;
    rows.event[row] = EventKind::Receive;
    rows.peer[row] = Some(MachineId(from as u32));
    rows.sent_tick[row] = tick;
    rows.sent_clock[row] = clock;
    Outcome::Spoiled
}
