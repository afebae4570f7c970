//! The queue on the lines of receives, against what was sent and what was taken.
//!
//! A queue holds at most what was sent to the machine by then, less what it has taken. Where recipients are not named
//! every message that may have come counts, so the bound is wide, and still a bound. A machine that has taken more than was
//! sent shows that sends are missing from the log: then nothing is known of its queue.
//!
//! **Invariant.** A line breaks the law only if no choice of recipients could fill the queue it shows.

use super::findings::Findings;
use super::law::HistoryLaw;
use super::messages;
use super::reading::Reading;
use crate::history::{History, Kind};

/// Puts the law to every receive that shows a queue.
pub(super) fn check(history: &History, reading: &Reading, findings: &mut Findings) {
    let law = HistoryLaw::QueueRule;
    if !decidable(history, reading.common_time) {
        return findings.idle(
            law,
            "times of different machines do not compare, or the log of a machine, or a line of one, is missing",
        );
    }
    for machine in 0..history.machines.len() {
        let bounds = bounds(history, machine);
        let sends_missing = sends_missing(&bounds);
        for (event, queue, bound) in bounds {
            if sends_missing {
                findings.undecided(
                    law,
                    "a machine takes more messages than the logs show sends to it",
                );
                continue;
            }
            findings.examine(law);
            let bound = bound + i64::from(reading.before_pop);
            if queue <= bound {
                continue;
            }
            let cause = match queue - bound {
                1 => "the queue was counted before the pop, or a line of a send is missing",
                _ => {
                    "lines of sends are missing, or the queue holds messages twice or of another run"
                }
            };
            findings.violate(law, &[(machine, event)], cause, || {
                (
                    format!("at most {bound}: so many were sent by then and not yet taken"),
                    queue.to_string(),
                )
            });
        }
    }
}

/// How many lines break the law when the message taken is counted, or not.
pub(super) fn broken(history: &History, common_time: bool, before_pop: bool) -> usize {
    if !decidable(history, common_time) {
        return 0;
    }
    let machines = (0..history.machines.len()).map(|machine| bounds(history, machine));
    machines
        .filter(|bounds| !sends_missing(bounds))
        .flatten()
        .filter(|&(_, queue, bound)| queue > bound + i64::from(before_pop))
        .count()
}

/// Whether more was taken than sent.
fn sends_missing(bounds: &[(usize, i64, i64)]) -> bool {
    bounds.iter().any(|&(_, _, bound)| bound < 0)
}

fn decidable(history: &History, common_time: bool) -> bool {
    common_time
        && !history.logs_missing
        && history
            .machines
            .iter()
            .all(|machine| !machine.events.is_empty())
}

/// For each receive with a queue and a time: its event, the queue, and the most that can have been left.
fn bounds(history: &History, machine: usize) -> Vec<(usize, i64, i64)> {
    let slack_ns = messages::slack_ns(history);
    let mut sent_ns: Vec<i64> = Vec::new();
    for (_, peer) in history
        .machines
        .iter()
        .enumerate()
        .filter(|&(peer, _)| peer != machine)
    {
        let sends = peer.events.iter().filter(|event| match event.kind {
            Kind::Send | Kind::Broadcast => {
                event.to.as_ref().is_none_or(|to| to.contains(&machine))
            }
            Kind::Internal | Kind::Receive => false,
        });
        // A send without a time may have been any time.
        sent_ns.extend(sends.map(|send| send.time_ns.unwrap_or(i64::MIN)));
    }
    sent_ns.sort_unstable();
    let mut taken = 0;
    let mut bounds = Vec::new();
    for (at, event) in history.machines[machine].events.iter().enumerate() {
        if event.kind != Kind::Receive {
            continue;
        }
        taken += 1;
        if let (Some(queue), Some(time_ns)) = (event.queue, event.time_ns) {
            let come =
                sent_ns.partition_point(|&sent_ns| sent_ns <= time_ns.saturating_add(slack_ns));
            let queue = i64::try_from(queue).unwrap_or(i64::MAX);
            bounds.push((at, queue, come as i64 - taken));
        }
    }
    bounds
}
