//! Mutations of whole rows and whole logs. Lines are numbered anew: the file looks as if it had been written so.

use super::{Outcome, Spoil, drains_all, is_time, known_delay, received};
use crate::common::chance::Chance;
use crate::common::log::{ClockRows, EventKind, TrialLog};

pub(super) const ALL: &[(&str, Spoil)] = &[
    ("row deleted", deleted),
    ("row logged twice", |log, _, m, row| {
        rearrange(log, m, |order| order.insert(row, row))
    }),
    ("row repeated at the end", |log, _, m, row| {
        rearrange(log, m, |order| order.push(row))
    }),
    ("rows swapped", |log, _, m, row| {
        if row + 1 == log.machines[m].rows.len() {
            return Outcome::NotHere;
        }
        rearrange(log, m, |order| order.swap(row, row + 1))
    }),
    ("events of two ticks swapped", |log, _, m, row| {
        let rows = &mut log.machines[m].rows;
        if row + 1 == rows.len() {
            return Outcome::NotHere;
        }
        let (tick, time_ns) = (rows.tick.clone(), rows.time_ns.clone());
        let outcome = rearrange(log, m, |order| order.swap(row, row + 1));
        let rows = &mut log.machines[m].rows;
        (rows.tick, rows.time_ns) = (tick, time_ns);
        outcome
    }),
    ("end of the log missing", |log, _, m, row| {
        rearrange(log, m, |order| order.truncate(row))
    }),
    ("messages of two receives exchanged", overtaken),
    ("logs of two machines exchanged", exchanged),
];

/// Rebuilds a log from positions of its rows.
fn rearrange(log: &mut TrialLog, m: usize, change: impl FnOnce(&mut Vec<usize>)) -> Outcome {
    let rows = &mut log.machines[m].rows;
    let mut order: Vec<usize> = (0..rows.len()).collect();
    change(&mut order);
    *rows = ClockRows {
        line: (2..).take(order.len()).collect(),
        tick: order.iter().map(|&row| rows.tick[row]).collect(),
        time_ns: order.iter().map(|&row| rows.time_ns[row]).collect(),
        event: order.iter().map(|&row| rows.event[row]).collect(),
        clock: order.iter().map(|&row| rows.clock[row]).collect(),
        queue: order.iter().map(|&row| rows.queue[row]).collect(),
        peer: order.iter().map(|&row| rows.peer[row]).collect(),
        sent_tick: order.iter().map(|&row| rows.sent_tick[row]).collect(),
        sent_clock: order.iter().map(|&row| rows.sent_clock[row]).collect(),
    };
    Outcome::Spoiled
}

/// A deleted row leaves a gap in the ticks, except the first of several receives of one tick (drain all). That one may
/// be gone if its message is the last received of its channel, and if the clock of the row after it does not rest on
/// it; and only if delays are not known. So may the row that takes the time, if a receive follows whose clock does not
/// rest on it.
fn deleted(log: &mut TrialLog, _: &mut Chance, m: usize, row: usize) -> Outcome {
    let rows = &log.machines[m].rows;
    let next_of_same_tick = row + 1 < rows.len() && rows.tick[row + 1] == rows.tick[row];
    let first_of_tick = row == 0 || rows.tick[row - 1] != rows.tick[row];
    let from = rows.peer[row].map_or(usize::MAX, |peer| peer.index());
    let is_time = is_time(log, m, row);
    let may_be_correct = (drains_all(log) || is_time)
        && rows.event[row] == EventKind::Receive
        && first_of_tick
        && next_of_same_tick
        && rows.sent_clock[row + 1] >= rows.clock[row]
        && (is_time || received(log, from, m).all(|tick| tick <= rows.sent_tick[row]))
        && known_delay(log).is_none();
    rearrange(log, m, |order| {
        order.remove(row);
    });
    Outcome::spoiled_if(!may_be_correct)
}

/// A receive takes the next message of its channel, and the receive of that one takes this: always out of order.
fn overtaken(log: &mut TrialLog, _: &mut Chance, m: usize, row: usize) -> Outcome {
    let rows = &mut log.machines[m].rows;
    let same_channel = |&later: &usize| {
        rows.event[later] == EventKind::Receive && rows.peer[later] == rows.peer[row]
    };
    let later = (row + 1..rows.len()).find(same_channel);
    let Some(later) = later.filter(|_| rows.event[row] == EventKind::Receive) else {
        return Outcome::NotHere;
    };
    rows.sent_tick.swap(row, later);
    rows.sent_clock.swap(row, later);
    Outcome::Spoiled
}

/// Machines that never name each other might as well be each other.
fn exchanged(log: &mut TrialLog, chance: &mut Chance, m: usize, _: usize) -> Outcome {
    let others: Vec<usize> = (0..log.machines.len())
        .filter(|&other| other != m)
        .collect();
    let other = chance.pick(&others);
    let names = |log: &TrialLog, of: usize, whom: usize| {
        let peers = &log.machines[of].rows.peer;
        peers.iter().flatten().any(|peer| peer.index() == whom)
    };
    let shows = names(log, m, other) || names(log, other, m);
    let rows = std::mem::take(&mut log.machines[m].rows);
    log.machines[m].rows = std::mem::replace(&mut log.machines[other].rows, rows);
    Outcome::spoiled_if(shows)
}
