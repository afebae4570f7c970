//! Corruptions of rows and logs that are not among the mutations.

use crate::common::log::{EventKind, TrialLog};

use super::kinds::spoiled_in_virtual_time;
use crate::common::chance::Chance;
use crate::common::mutate::Outcome;

/// A row at the place of one at least ten rows away, and that one in its place.
pub(super) fn distant_rows(log: &mut TrialLog, _: &mut Chance, m: usize, row: usize) -> Outcome {
    let rows = &mut log.machines[m].rows;
    let far = row + rows.len() / 2;
    if far >= rows.len() || far < row + 10 {
        return Outcome::NotHere;
    }
    rows.tick.swap(row, far);
    rows.time_ns.swap(row, far);
    rows.event.swap(row, far);
    rows.clock.swap(row, far);
    rows.queue.swap(row, far);
    rows.peer.swap(row, far);
    rows.sent_tick.swap(row, far);
    rows.sent_clock.swap(row, far);
    Outcome::Spoiled
}

pub(super) fn clock_far(log: &mut TrialLog, _: &mut Chance, m: usize, row: usize) -> Outcome {
    log.machines[m].rows.clock[row] += 100;
    Outcome::Spoiled
}

/// All clocks of a machine by the same number: its first does not start at 0, or its messages carry other clocks.
pub(super) fn all_clocks(log: &mut TrialLog, chance: &mut Chance, m: usize, _: usize) -> Outcome {
    let by = chance.between(1, 50);
    let clocks = &mut log.machines[m].rows.clock;
    clocks.iter_mut().for_each(|clock| *clock += by);
    Outcome::Spoiled
}

/// An event becomes the receive of a message that was received before.
pub(super) fn replayed(log: &mut TrialLog, _: &mut Chance, m: usize, row: usize) -> Outcome {
    let rows = &mut log.machines[m].rows;
    let mut before = (0..row).rev();
    let earlier = before.find(|&earlier| rows.event[earlier] == EventKind::Receive);
    let Some(earlier) = earlier.filter(|_| rows.event[row] != EventKind::Receive) else {
        return Outcome::NotHere;
    };
    rows.event[row] = EventKind::Receive;
    rows.peer[row] = rows.peer[earlier];
    rows.sent_tick[row] = rows.sent_tick[earlier];
    rows.sent_clock[row] = rows.sent_clock[earlier];
    Outcome::Spoiled
}

/// A receive that raised the clock becomes an internal event that does not: the clock then leaps at the next.
pub(super) fn unreceived(log: &mut TrialLog, _: &mut Chance, m: usize, row: usize) -> Outcome {
    let rows = &mut log.machines[m].rows;
    let before = row.checked_sub(1).map_or(0, |before| rows.clock[before]);
    let raised = rows.event[row] == EventKind::Receive && rows.sent_clock[row] > before;
    if !raised || row + 1 == rows.len() {
        return Outcome::NotHere;
    }
    internal(log, m, row);
    log.machines[m].rows.clock[row] = before + 1;
    Outcome::Spoiled
}

fn internal(log: &mut TrialLog, m: usize, row: usize) {
    let rows = &mut log.machines[m].rows;
    rows.event[row] = EventKind::Internal;
    rows.peer[row] = None;
    rows.sent_tick[row] = 0;
    rows.sent_clock[row] = 0;
}

/// Ticks counted from 1, or from the machine's first tick of another trial.
pub(super) fn ticks_renumbered(
    log: &mut TrialLog,
    chance: &mut Chance,
    m: usize,
    _: usize,
) -> Outcome {
    let by = chance.between(1, 100);
    let ticks = &mut log.machines[m].rows.tick;
    ticks.iter_mut().for_each(|tick| *tick += by);
    Outcome::Spoiled
}

pub(super) fn log_of_other(log: &mut TrialLog, other: &TrialLog, m: usize) -> Outcome {
    log.machines[m].rows = other.machines[m].rows.clone();
    Outcome::Spoiled
}

pub(super) fn emptied(log: &mut TrialLog, _: &mut Chance, m: usize, _: usize) -> Outcome {
    log.machines[m].rows = Default::default();
    Outcome::Spoiled
}

/// All times of a machine by the same: its clock was set wrong.
pub(super) fn skewed(log: &mut TrialLog, m: usize, by_ns: i64) -> Outcome {
    let times = &mut log.machines[m].rows.time_ns;
    times
        .iter_mut()
        .for_each(|time_ns| *time_ns = time_ns.saturating_add_signed(by_ns));
    spoiled_in_virtual_time(log)
}

pub(super) fn moved(log: &mut TrialLog, m: usize, row: usize, by_ns: i64) -> Outcome {
    let time_ns = &mut log.machines[m].rows.time_ns[row];
    *time_ns = time_ns.saturating_add_signed(by_ns);
    spoiled_in_virtual_time(log)
}

pub(super) fn moved_least(
    log: &mut TrialLog,
    chance: &mut Chance,
    m: usize,
    row: usize,
) -> Outcome {
    let by_ns = chance.pick(&[1, -1]);
    moved(log, m, row, by_ns);
    Outcome::MayBeCorrect
}

/// A message that left no trace but its two rows: it raised no clock, and was never seen waiting.
pub(super) fn hidden(log: &mut TrialLog, _: &mut Chance, m: usize, row: usize) -> Outcome {
    let rows = &log.machines[m].rows;
    let (Some(before), Some(from)) = (row.checked_sub(1), rows.peer[row]) else {
        return Outcome::NotHere;
    };
    let from = from.index();
    let theirs = &log.machines[from].rows;
    let sent = theirs
        .tick
        .iter()
        .position(|&tick| tick == rows.sent_tick[row]);
    let traceless = |sent: usize| {
        rows.event[row] == EventKind::Receive
            && theirs.event[sent] == EventKind::Send
            && theirs.time_ns[sent] > rows.time_ns[before]
            && rows.sent_clock[row] <= rows.clock[before]
            && (rows.queue[before], rows.queue[row]) == (0, 0)
            && rows.tick[before] < rows.tick[row]
            && rows.tick.get(row + 1) != Some(&rows.tick[row])
    };
    let Some(sent) = sent.filter(|&sent| traceless(sent)) else {
        return Outcome::NotHere;
    };
    internal(log, m, row);
    internal(log, from, sent);
    Outcome::MayBeCorrect
}
