//! The window of a trial that tells most: around its largest jump.

use std::collections::BTreeMap;

use events::column::Column;
use events::{At, Trial};

use crate::metrics::Timeline;
use crate::metrics::jumps::jumps;
use crate::metrics::units::Units;
use crate::plot_data::{SpaceTime, SpaceTimeEvent, SpaceTimeMessage};

/// About how many events a diagram can hold and still be read.
const EVENTS: f64 = 36.0;

/// The window, or none if the trial has fewer than two events with a time, no time passes, or the times of its machines
/// are not of one clock.
pub(super) fn window(trial: &Trial, timeline: Timeline) -> Option<SpaceTime> {
    if !trial.one_time() {
        return None;
    }
    let machines = trial.machines.iter();
    let times: Vec<Column<f64>> = machines.map(|of| timeline.times(&of.rows)).collect();
    let timed = || times.iter().flat_map(Column::iter).flatten();
    let first = timed().reduce(f64::min)?;
    let last = timed().reduce(f64::max)?;
    let length = ((last - first) * EVENTS / timed().count() as f64).min(last - first);
    if length <= 0.0 {
        return None;
    }
    let (from_s, why) = match largest_jump(trial, &times) {
        Some((jump, machine, at)) => {
            let id = || trial.machines[machine].id.to_string();
            let name = trial.machine_label(machine).map_or_else(id, str::to_owned);
            (
                start_within(at - length * 0.6, length, first, last),
                format!("around the largest jump: machine {name} gains {jump} at {at:.1} s"),
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
        events: events_within(trial, &times, from_s, to_s),
        messages: messages_within(trial, &times, from_s, to_s),
    })
}

/// Where a window begins that should begin at `wish` and lie between the first event and the last.
///
/// A window as long as the trial has no room, and by rounding less than none; then it begins with the first event.
fn start_within(wish: f64, length: f64, first: f64, last: f64) -> f64 {
    wish.min(last - length).max(first)
}

/// The largest jump above 1 with its machine and time; the first of equals.
fn largest_jump(trial: &Trial, times: &[Column<f64>]) -> Option<(f64, usize, f64)> {
    let mut largest = None;
    for (index, machine) in trial.machines.iter().enumerate() {
        for (row, jump) in jumps(&machine.rows) {
            let above = jump > largest.map_or(1.0, |(jump, _, _)| jump);
            if let Some(time) = times[index].get(row).filter(|_| above) {
                largest = Some((jump, index, time));
            }
        }
    }
    largest
}

fn events_within(
    trial: &Trial,
    times: &[Column<f64>],
    from_s: f64,
    to_s: f64,
) -> Vec<SpaceTimeEvent> {
    let mut events = Vec::new();
    for (machine, times) in trial.machines.iter().zip(times) {
        let rows = &machine.rows;
        for (row, time_s) in times.iter().enumerate() {
            let Some(time_s) = time_s.filter(|time_s| (from_s..=to_s).contains(time_s)) else {
                continue;
            };
            let before = row.checked_sub(1);
            let before = before.map_or(Some(0.0), |before| rows.clock_value(before));
            let clock = rows.clock_value(row);
            events.push(SpaceTimeEvent {
                machine: machine.id,
                time_s,
                kind: rows.kind(row).word(),
                clock: clock.map(Units),
                jump: clock
                    .zip(before)
                    .map(|(clock, before)| Units(clock - before)),
            });
        }
    }
    events
}

/// Messages that are sent or received within the window, of those whose way is known.
fn messages_within(
    trial: &Trial,
    times: &[Column<f64>],
    from_s: f64,
    to_s: f64,
) -> Vec<SpaceTimeMessage> {
    let within = |time: f64| (from_s..=to_s).contains(&time);
    let machines = trial.machines.len();
    let mut messages = Vec::new();
    for (sender, receiver) in (0..machines).flat_map(|a| (0..machines).map(move |b| (a, b))) {
        if sender == receiver {
            continue;
        }
        let (from, to) = (&trial.machines[sender], &trial.machines[receiver]);
        let received = received_at(trial, receiver, sender);
        for row in from.rows.sends() {
            let at = At {
                machine: sender,
                row,
            };
            let reader = received.get(&row).copied();
            // A send that names nobody is known to reach the machines that received it.
            let reaches = trial.reaches(at, receiver).unwrap_or(reader.is_some());
            let Some(sent_s) = times[sender].get(row).filter(|_| reaches) else {
                continue;
            };
            let received_s = reader.and_then(|reader| times[receiver].get(reader));
            if within(sent_s) || received_s.is_some_and(within) {
                messages.push(SpaceTimeMessage {
                    from: from.id,
                    sent_s,
                    to: to.id,
                    received_s,
                    clock: trial.carried(at).map(Units),
                });
            }
        }
    }
    messages
}

/// For the row of each send that one machine received from another, the row of its receive; the first of several.
fn received_at(trial: &Trial, receiver: usize, sender: usize) -> BTreeMap<usize, usize> {
    let rows = &trial.machines[receiver].rows;
    let mut received = BTreeMap::new();
    for row in 0..rows.len() {
        let at = At {
            machine: receiver,
            row,
        };
        if let Some(sent) = trial.send_of(at).filter(|sent| sent.machine == sender) {
            received.entry(sent.row).or_insert(row);
        }
    }
    received
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
