//! Numbers that hardly can be right: clocks that nobody sent, queues that lose several messages at a time, rates that
//! nobody kept.
//!
//! **Invariant.** Nothing here changes what was read.

use std::collections::BTreeSet;

use super::{EVENTS_MIN, at, doubt, sends};
use crate::formats::guess::answer::Doubt;
use crate::history::{Clock, Event, History, Kind, MachineHistory};

/// Share of the lines of a queue from which falls are suspicious.
const FALLS: f64 = 0.05;
/// Share of the receives that may have met nobody: the logs of a machine may be missing.
const UNMET: f64 = 0.2;
/// Rates may differ from what was measured by this share: machines stop early, and times are coarse.
const RATE_SPREAD: f64 = 0.35;

/// Tells of them.
pub(super) fn all(histories: &[History], doubts: &mut Vec<Doubt>) {
    no_source(histories, doubts);
    queues(histories, doubts);
    rates(histories, doubts);
}

fn machines(histories: &[History]) -> impl Iterator<Item = &MachineHistory> {
    histories.iter().flat_map(|history| &history.machines)
}

/// Scalar clocks of neighbours, with the event of the second.
fn steps(machine: &MachineHistory) -> impl Iterator<Item = (i64, i64, &Event)> {
    let pairs = machine.events.windows(2);
    pairs.filter_map(|pair| match (&pair[0].clock, &pair[1].clock) {
        (Some(Clock::Lamport(before)), Some(Clock::Lamport(after))) => {
            Some((*before, *after, &pair[1]))
        }
        _ => None,
    })
}

/// Receives whose clock leaps to a value that no send of another machine explains.
fn no_source(histories: &[History], doubts: &mut Vec<Doubt>) {
    let (mut leaps, mut open, mut first) = (0_usize, 0_usize, None);
    for history in histories {
        let sent: BTreeSet<(usize, i64)> = history
            .machines
            .iter()
            .enumerate()
            .flat_map(|(own, machine)| machine.events.iter().map(move |event| (own, event)))
            .filter(|(_, event)| sends(event))
            .filter_map(|(own, event)| match event.clock {
                Some(Clock::Lamport(clock)) => Some((own, clock)),
                _ => None,
            })
            .collect();
        for (own, machine) in history.machines.iter().enumerate() {
            let received = steps(machine).filter(|(before, after, event)| {
                *after > before.saturating_add(1) && event.kind == Kind::Receive
            });
            for (_, clock, event) in received {
                let others = (0..history.machines.len()).filter(|other| *other != own);
                // A stamp before the count of the send, or a merge that adds nothing, is a fault of the log and no misreading.
                let met = others
                    .flat_map(|other| {
                        (0..=2).map(move |ahead| (other, clock.saturating_sub(ahead)))
                    })
                    .any(|source| sent.contains(&source));
                leaps += 1;
                if !met {
                    open += 1;
                    first = first.or_else(|| Some(at(machine, event)));
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
fn queues(histories: &[History], doubts: &mut Vec<Doubt>) {
    let (mut lines, mut above, mut falls, mut first) = (0_usize, 0_usize, 0_usize, None);
    for machine in machines(histories) {
        let mut last: Option<u64> = None;
        for event in &machine.events {
            let Some(queue) = event.queue else { continue };
            lines += 1;
            above += usize::from(queue > 0);
            if last.is_some_and(|last| queue + 1 < last) {
                falls += 1;
                first = first.or_else(|| Some(at(machine, event)));
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
fn rates(histories: &[History], doubts: &mut Vec<Doubt>) {
    let (mut all, mut off, mut first) = (0, 0, None);
    for machine in machines(histories) {
        let times: Vec<i64> = machine
            .events
            .iter()
            .filter_map(|event| event.time_ns)
            .collect();
        let (Some(rate), [start, .., end]) = (machine.rate_hz, times.as_slice()) else {
            continue;
        };
        let span_s = (end - start) as f64 / 1e9;
        if times.len() < EVENTS_MIN || span_s <= 0.0 {
            continue;
        }
        let ticks = machine.events.last().map_or(0, |last| last.tick);
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
