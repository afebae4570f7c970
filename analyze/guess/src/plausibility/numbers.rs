//! Numbers that hardly can be right: clocks that nobody sent, queues that lose several messages at a time, rates that
//! nobody kept.
//!
//! **Invariant.** Nothing here changes what was read.

use std::collections::BTreeSet;

use super::evidence::{EVENTS_MIN, at, doubt};
use crate::answer::Doubt;
use events::{Clock, Kind, Machine, Trial};

/// Share of the lines of a queue from which falls are suspicious.
const FALLS: f64 = 0.05;
/// Share of the receives that may have met nobody: the logs of a machine may be missing.
const UNMET: f64 = 0.2;
/// Rates may differ from what was measured by this share: machines stop early, and times are coarse.
const RATE_SPREAD: f64 = 0.35;

/// Tells of them.
pub(super) fn all(trials: &[Trial], doubts: &mut Vec<Doubt>) {
    no_source(trials, doubts);
    queues(trials, doubts);
    rates(trials, doubts);
}

fn machines(trials: &[Trial]) -> impl Iterator<Item = &Machine> {
    trials.iter().flat_map(|trial| &trial.machines)
}

/// The Lamport clock of a row.
fn lamport(machine: &Machine, row: usize) -> Option<i64> {
    match machine.rows.clock(row)? {
        Clock::Lamport(value) => Some(value),
        Clock::Fractional(_) | Clock::Vector(_) => None,
    }
}

/// Scalar clocks of neighbours, with the row of the second.
fn steps(machine: &Machine) -> impl Iterator<Item = (i64, i64, usize)> {
    let rows = 1..machine.rows.len();
    rows.filter_map(|row| Some((lamport(machine, row - 1)?, lamport(machine, row)?, row)))
}

/// Receives whose clock leaps to a value that no send of another machine explains.
fn no_source(trials: &[Trial], doubts: &mut Vec<Doubt>) {
    let (mut leaps, mut open, mut first) = (0_usize, 0_usize, None);
    for trial in trials {
        let sent: BTreeSet<(usize, i64)> = trial
            .machines
            .iter()
            .enumerate()
            .flat_map(|(own, machine)| {
                let sends = machine.rows.sends();
                sends.filter_map(move |row| Some((own, lamport(machine, row)?)))
            })
            .collect();
        for (own, machine) in trial.machines.iter().enumerate() {
            let received = steps(machine).filter(|&(before, after, row)| {
                after > before.saturating_add(1) && machine.rows.kind(row) == Kind::Receive
            });
            for (_, clock, row) in received {
                let others = (0..trial.machines.len()).filter(|other| *other != own);
                // A stamp before the count of the send, or a merge that adds nothing, is a fault of the log and no misreading.
                let met = others
                    .flat_map(|other| {
                        (0..=2).map(move |ahead| (other, clock.saturating_sub(ahead)))
                    })
                    .any(|source| sent.contains(&source));
                leaps += 1;
                if !met {
                    open += 1;
                    first = first.or_else(|| Some(at(machine, row)));
                }
            }
        }
    }
    if leaps < EVENTS_MIN || (open as f64) < UNMET * leaps as f64 {
        return;
    }
    let why = format!(
        "{open} of {leaps} receives have a clock that no send of another machine explains: sends may be read as something \
         else, or machines of several trials as one"
    );
    doubt(doubts, "event", why, first.unwrap_or_default());
}

/// A queue that is always empty, or loses several messages at a time.
fn queues(trials: &[Trial], doubts: &mut Vec<Doubt>) {
    let (mut lines, mut above, mut falls, mut first) = (0_usize, 0_usize, 0_usize, None);
    for machine in machines(trials) {
        let mut last: Option<u64> = None;
        for (row, queue) in machine.rows.queue.iter().enumerate() {
            let Some(queue) = queue else { continue };
            lines += 1;
            above += usize::from(queue > 0);
            if last.is_some_and(|last| queue + 1 < last) {
                falls += 1;
                first = first.or_else(|| Some(at(machine, row)));
            }
            last = Some(queue);
        }
    }
    if lines < EVENTS_MIN {
        return;
    }
    if above == 0 {
        let why = "the queue is empty on every line that tells its length: another number may be the queue".to_owned();
        return doubt(doubts, "queue", why, String::new());
    }
    if (falls as f64) < FALLS * lines as f64 {
        return;
    }
    let why = format!(
        "the queue falls by more than one from one line to the next {falls} times: another number may be the queue, or \
         messages are taken without a line"
    );
    doubt(doubts, "queue", why, first.unwrap_or_default());
}

/// Rates that the machines did not keep.
fn rates(trials: &[Trial], doubts: &mut Vec<Doubt>) {
    let (mut all, mut off, mut first) = (0, 0, None);
    for machine in machines(trials) {
        let times: Vec<i64> = machine.rows.time_ns.iter().flatten().collect();
        let (Some(rate), [start, .., end]) = (machine.rate_hz, times.as_slice()) else {
            continue;
        };
        let span_s = (end - start) as f64 / 1e9;
        if times.len() < EVENTS_MIN || span_s <= 0.0 {
            continue;
        }
        let last = machine.rows.len().checked_sub(1);
        let ticks = last.map_or(0, |last| machine.rows.tick(last));
        let measured = ticks as f64 / span_s;
        all += 1;
        if (measured / rate - 1.0).abs() > RATE_SPREAD {
            off += 1;
            first = first.or_else(|| {
                Some(format!(
                    "machine {} has {rate} and {measured:.2} ticks a second",
                    machine.name
                ))
            });
        }
    }
    if off == 0 || off * 2 < all {
        return;
    }
    let why = format!(
        "{off} of {all} machines do not keep the rate that was read: another number may be the rate, or the unit of times another"
    );
    doubt(doubts, "rate", why, first.unwrap_or_default());
}
