//! Mutations of a correct, complete trial: each changes one thing, and each must be caught.
//!
//! A few changes make another correct log. They are excluded by rules stated here, from the rows alone and never by
//! asking the check ([`vanish_shows`], [`appear_shows`] and the comments at each kind):
//!
//! - Where delays are not known exactly, a message that nobody received may as well be still under way, so it may
//!   vanish, appear or be readdressed unnoticed, unless a later message of the same channel was received.
//! - A receive that changes no clock and leaves no trace in any queue may be another event, under the same condition.
//! - A queue length may be any that arrivals allow.
//!
//! - A timekeeper's message may be passed over, so it may appear unnoticed, and vanish if nobody received it.
//!
//! With a constant, known delay (virtual time) the queue is determined, and next to nothing is excluded.

mod fields;
mod kinds;
mod rows;

use event_log::{Design, Drain, Driver, Odds};

use super::chance::Chance;
use super::log::{EventKind, TrialLog};

/// A named way to spoil a log.
pub(crate) struct Mutation {
    /// Its name.
    pub(crate) name: &'static str,
    /// Spoils a machine's row, or says that there is nothing to spoil there.
    pub(crate) spoil: fn(&mut TrialLog, &mut Chance, usize, usize) -> Outcome,
}

/// What came of a mutation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The log is no longer correct.
    Spoiled,
    /// This kind of mutation does not apply to this row.
    NotHere,
    /// By the rules above, the mutated log is, or may be, correct.
    MayBeCorrect,
}

impl Outcome {
    fn spoiled_if(shows: bool) -> Outcome {
        if shows {
            Outcome::Spoiled
        } else {
            Outcome::MayBeCorrect
        }
    }
}

/// Every kind of mutation.
pub(crate) fn all() -> Vec<Mutation> {
    [fields::ALL, kinds::ALL, rows::ALL]
        .concat()
        .into_iter()
        .map(|(name, spoil)| Mutation { name, spoil })
        .collect()
}

type Spoil = fn(&mut TrialLog, &mut Chance, usize, usize) -> Outcome;

/// The constant delay, where there is one: then the queue of every row is known.
fn known_delay(log: &TrialLog) -> Option<u64> {
    let condition = &log.manifest.condition;
    let latency = condition
        .latency
        .filter(|_| condition.driver == Driver::Virtual)?;
    (latency.min_ns == latency.max_ns).then_some(hops(log) * latency.max_ns)
}

fn hops(log: &TrialLog) -> u64 {
    match log.manifest.condition.design {
        Design::Hub => 2,
        Design::Mesh | Design::Timekeeper => 1,
    }
}

fn keeps_time(log: &TrialLog, m: usize) -> bool {
    log.manifest.timekeeper == Some(log.machines[m].entry.id)
}

/// Whether a row takes a message from the timekeeper, which costs no tick.
fn is_time(log: &TrialLog, m: usize, row: usize) -> bool {
    let from = log.machines[m].rows.peer[row].filter(|_| is(log, m, row, EventKind::Receive));
    from.is_some_and(|from| from.index() < log.machines.len() && keeps_time(log, from.index()))
}

fn is(log: &TrialLog, m: usize, row: usize, kind: EventKind) -> bool {
    log.machines[m].rows.event[row] == kind
}

fn drains_all(log: &TrialLog) -> bool {
    log.manifest.condition.drain == Drain::All
}

/// Machines that a row sends to.
fn recipients(log: &TrialLog, machine: usize, row: usize) -> Vec<usize> {
    let rows = &log.machines[machine].rows;
    match (rows.event[row], rows.peer[row]) {
        (EventKind::Send, Some(peer)) => vec![peer.index()],
        (EventKind::Broadcast, _) => (0..log.machines.len())
            .filter(|&to| to != machine)
            .collect(),
        _ => Vec::new(),
    }
}

/// Ticks of `from` whose messages `to` received.
fn received(log: &TrialLog, from: usize, to: usize) -> impl Iterator<Item = u64> + '_ {
    let rows = &log.machines[to].rows;
    let is_it = move |&row: &usize| {
        rows.event[row] == EventKind::Receive
            && rows.peer[row].is_some_and(|peer| peer.index() == from)
    };
    (0..rows.len()).filter(is_it).map(|row| rows.sent_tick[row])
}

/// Whether the recipient has a row at which a message of this time has arrived for certain, and counts in its queue.
fn counted(log: &TrialLog, from: usize, sent_ns: u64, to: usize) -> bool {
    if keeps_time(log, from) {
        return false;
    }
    let last_ns = log.machines[to].rows.time_ns.last().copied();
    match (known_delay(log), last_ns) {
        (Some(delay_ns), Some(last_ns)) => last_ns > sent_ns + delay_ns,
        _ => false,
    }
}

/// Whether it shows when the message of this row to this machine is gone: it was received, or counts in a queue.
fn vanish_shows(log: &TrialLog, machine: usize, row: usize, to: usize) -> bool {
    let rows = &log.machines[machine].rows;
    received(log, machine, to).any(|tick| tick == rows.tick[row])
        || counted(log, machine, rows.time_ns[row], to)
}

/// Whether it shows when this row sends a message to this machine that nobody received: a later one of the channel was
/// received, or it is missing in a queue.
fn appear_shows(log: &TrialLog, machine: usize, row: usize, to: usize) -> bool {
    let rows = &log.machines[machine].rows;
    let later = received(log, machine, to).any(|tick| tick > rows.tick[row]);
    (later && !keeps_time(log, machine)) || counted(log, machine, rows.time_ns[row], to)
}

/// Whether it shows when a row sends to other machines than it did.
fn readdressing_shows(log: &TrialLog, machine: usize, row: usize, new: &[usize]) -> bool {
    let old = recipients(log, machine, row);
    let gone = old.iter().filter(|to| !new.contains(to));
    let come = new.iter().filter(|to| !old.contains(to));
    gone.into_iter()
        .any(|&to| vanish_shows(log, machine, row, to))
        || come
            .into_iter()
            .any(|&to| appear_shows(log, machine, row, to))
}

/// Whether it shows when the receive of this row did not happen: it was no tick's own event, by the clock, by the queues around it, because a later
/// message of the channel was received, or because the message must have been in the queue.
fn unreceiving_shows(log: &TrialLog, machine: usize, row: usize) -> bool {
    let rows = &log.machines[machine].rows;
    let (clock_before, queue_before) = match row.checked_sub(1) {
        Some(before) => (rows.clock[before], rows.queue[before]),
        None => (0, 0),
    };
    let from = rows.peer[row].map_or(usize::MAX, |peer| peer.index());
    is_time(log, machine, row)
        || rows.sent_clock[row] > clock_before
        || rows.queue[row] > 0
        || queue_before > 0
        || received(log, from, machine).any(|tick| tick > rows.sent_tick[row])
        || known_delay(log).is_some()
}

/// Whether the odds of the trial allow an internal event.
fn allows_internal(log: &TrialLog) -> bool {
    match log.manifest.condition.odds {
        Odds::Sides(sides) => sides > 3,
        Odds::Internal(chance) => chance > 0.0,
    }
}
