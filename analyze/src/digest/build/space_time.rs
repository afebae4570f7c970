//! The window of a trial that tells most: around its largest jump.

use event_log::MachineId;

use crate::digest::{SpaceTime, SpaceTimeEvent, SpaceTimeMessage};
use crate::metrics::Timeline;
use crate::metrics::jumps::jumps;
use crate::metrics::messages::Sends;
use crate::trial_log::{EventKind, TrialLog};

/// About how many events a diagram can hold and still be read.
const EVENTS: f64 = 36.0;

/// The window, or none if the trial has fewer than two events or no time passes.
pub(super) fn window(log: &TrialLog, timeline: Timeline) -> Option<SpaceTime> {
    let times: Vec<Vec<f64>> = log
        .machines
        .iter()
        .map(|machine| timeline.times(machine))
        .collect();
    let first = times.iter().flatten().copied().reduce(f64::min)?;
    let last = times.iter().flatten().copied().reduce(f64::max)?;
    let events = times.iter().map(Vec::len).sum::<usize>() as f64;
    let length = ((last - first) * EVENTS / events).min(last - first);
    if length <= 0.0 {
        return None;
    }
    let (from_s, why) = match largest_jump(log) {
        Some((jump, machine, row)) => {
            let at = times[machine][row];
            let id = log.machines[machine].entry.id;
            (
                start_within(at - length * 0.6, length, first, last),
                format!("around the largest jump: machine {id} gains {jump} at {at:.1} s"),
            )
        }
        None => (
            first,
            "the first seconds; no message made a clock jump".to_owned(),
        ),
    };
    let to_s = from_s + length;
    Some(SpaceTime {
        from_s,
        to_s,
        why,
        events: events_within(log, &times, from_s, to_s),
        messages: messages_within(log, &times, from_s, to_s),
    })
}

/// Where a window begins that should begin at `wish` and lie between the first event and the last.
///
/// A window as long as the trial has no room, and by rounding less than none; then it begins with the first event.
fn start_within(wish: f64, length: f64, first: f64, last: f64) -> f64 {
    wish.min(last - length).max(first)
}

/// The largest jump above 1 with its machine and row; the first of equals.
fn largest_jump(log: &TrialLog) -> Option<(i64, usize, usize)> {
    let mut largest = None;
    for (index, machine) in log.machines.iter().enumerate() {
        for (row, jump) in (1..).zip(jumps(&machine.rows)) {
            if jump > largest.map_or(1, |(jump, _, _)| jump) {
                largest = Some((jump, index, row));
            }
        }
    }
    largest
}

fn events_within(
    log: &TrialLog,
    times: &[Vec<f64>],
    from_s: f64,
    to_s: f64,
) -> Vec<SpaceTimeEvent> {
    let mut events = Vec::new();
    for (machine, times) in log.machines.iter().zip(times) {
        let rows = &machine.rows;
        for row in (0..rows.len()).filter(|&row| (from_s..=to_s).contains(&times[row])) {
            let before = row.checked_sub(1).map_or(0, |before| rows.clock[before]);
            events.push(SpaceTimeEvent {
                machine: machine.entry.id,
                time_s: times[row],
                kind: match rows.event[row] {
                    EventKind::Internal => "internal",
                    EventKind::Send => "send",
                    EventKind::Broadcast => "broadcast",
                    EventKind::Receive => "receive",
                },
                clock: rows.clock[row],
                jump: rows.clock[row].saturating_sub(before),
            });
        }
    }
    events
}

/// Messages that are sent or received within the window.
fn messages_within(
    log: &TrialLog,
    times: &[Vec<f64>],
    from_s: f64,
    to_s: f64,
) -> Vec<SpaceTimeMessage> {
    let within = |time: f64| (from_s..=to_s).contains(&time);
    let behind = log.manifest.condition.stamp.behind();
    let mut messages = Vec::new();
    for (sender, peer) in log.machines.iter().enumerate() {
        let sends = Sends::of(&peer.rows);
        for (receiver, machine) in log
            .machines
            .iter()
            .enumerate()
            .filter(|(index, _)| *index != sender)
        {
            let received = received_at(log, receiver, peer.entry.id, &sends);
            for row in sends.to(machine.entry.id) {
                let sent_s = times[sender][row];
                let at = received.binary_search_by_key(&row, |&(sent, _)| sent).ok();
                let received_s = at.map(|at| times[receiver][received[at].1]);
                if within(sent_s) || received_s.is_some_and(within) {
                    messages.push(SpaceTimeMessage {
                        from: peer.entry.id,
                        sent_s,
                        to: machine.entry.id,
                        received_s,
                        clock: peer.rows.clock[row].saturating_sub(behind),
                    });
                }
            }
        }
    }
    messages
}

/// (row of the send, row of the receive) for all messages that one machine received from another, by row of the send.
fn received_at(
    log: &TrialLog,
    receiver: usize,
    from: MachineId,
    sends: &Sends,
) -> Vec<(usize, usize)> {
    let rows = &log.machines[receiver].rows;
    let to = log.machines[receiver].entry.id;
    let mut pairs: Vec<(usize, usize)> = (0..rows.len())
        .filter(|&row| rows.event[row] == EventKind::Receive && rows.peer[row] == Some(from))
        .filter_map(|row| Some((sends.find(rows.sent_tick[row], to)?.1, row)))
        .collect();
    pairs.sort_unstable();
    pairs.dedup_by_key(|pair| pair.0);
    pairs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::start_within;

    proptest! {
        /// Trials of few events: the window is the whole trial, and `last - length` may round to below `first`.
        #[test]
        fn a_window_begins_within_the_trial(
            first in 0.0..1e9f64, span in 1e-9..1e4f64, share in 0.0..1.0f64, whole: bool, wish in -1e9..2e9f64,
        ) {
            let last = first + span;
            let length = if whole { last - first } else { (last - first) * share };
            let from = start_within(wish, length, first, last);
            prop_assert!((first..=last).contains(&from), "{from} is not in {first}..={last}");
        }
    }
}
