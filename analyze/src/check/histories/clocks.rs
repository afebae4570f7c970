//! Lamport's rule on lines of any dialect, for clocks that are one number.
//!
//! Source: L. Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System", CACM 21(7), 1978: rules
//! IR1 and IR2.
//!
//! **Invariant.** A line is judged by the logged clock before it.

use super::findings::{Findings, Place};
use super::law::HistoryLaw;
use super::reading::Reading;
use crate::history::matching::Matching;
use crate::history::{Clock, History, Kind};

/// What the rule says of a line.
pub(super) enum Judged {
    /// It is kept.
    Right,
    /// The clock should have been another.
    Wrong {
        /// The clock before.
        before: f64,
        /// The clock that the message carried, on a receive.
        carried: Option<f64>,
        /// What the rule gives, or its least where the message's clock is not known.
        expected: f64,
        /// What the line says.
        found: f64,
    },
    /// Nothing comes before the first line of a log.
    NotAsked,
    /// The log cannot tell, and why.
    Unknown(&'static str),
}

const NO_CLOCK: &str = "lines without a clock";
const NO_SENDS: &str = "sends are not in the log, and each advances the clock";
const STAMPED_BEFORE: &str = "messages may be stamped before the increment for their send: then the merge is right, and the clock condition is broken";
const NO_STAMP: &str = "the clock that the message carried is not known";

/// Puts the laws of scalar clocks to every machine.
pub(super) fn check(
    history: &History,
    matching: &Matching,
    reading: &Reading,
    findings: &mut Findings,
) {
    if super::has_vectors(history) {
        return;
    }
    for (machine, log) in history.machines.iter().enumerate() {
        for event in 0..log.events.len() {
            rule(history, matching, reading, (machine, event), findings);
            increase(history, reading, (machine, event), findings);
        }
    }
}

/// How many lines break the rule under a reading.
pub(super) fn broken(history: &History, matching: &Matching, reading: &Reading) -> usize {
    let machines = history.machines.iter().enumerate();
    let places = machines
        .flat_map(|(machine, log)| (0..log.events.len()).map(move |event| (machine, event)));
    let wrong = |&place: &Place| {
        matches!(
            judge(history, matching, reading, place),
            Judged::Wrong { .. }
        )
    };
    places.filter(wrong).count()
}

fn rule(
    history: &History,
    matching: &Matching,
    reading: &Reading,
    place: Place,
    findings: &mut Findings,
) {
    let law = HistoryLaw::ClockRule;
    match judge(history, matching, reading, place) {
        Judged::NotAsked => {}
        Judged::Right => findings.examine(law),
        Judged::Unknown(why) => findings.undecided(law, why),
        Judged::Wrong {
            expected, found, ..
        } if found > expected && !reading.sends_logged => findings.undecided(law, NO_SENDS),
        Judged::Wrong {
            before,
            carried: Some(carried),
            found,
            ..
        } if reading.short_merge.is_right_if_stamped_before()
            && equal(found, before.max(carried)) =>
        {
            findings.undecided(law, STAMPED_BEFORE);
        }
        Judged::Wrong {
            before,
            carried,
            expected,
            found,
        } => {
            findings.examine(law);
            let step = reading.step.unwrap_or(1.0);
            let receives = history.machines[place.0].events[place.1].kind == Kind::Receive;
            let cause = match carried {
                Some(carried) => cause_at_receive(before, carried, found, reading),
                None if receives => cause_of_decrease(before, found, step),
                None => cause_elsewhere(before, found, step),
            };
            let previous = (place.0, place.1.saturating_sub(1));
            let send = matching.send_of(place.0, place.1).unwrap_or(place);
            findings.violate(law, &[place, previous, send], cause, || {
                let expected = match carried {
                    Some(carried) => {
                        format!("clock {expected} = max({before}, {carried}) + {step}")
                    }
                    None if receives => {
                        format!("a clock of at least {expected} = {before} + {step}")
                    }
                    None => format!("clock {expected} = {before} + {step}"),
                };
                (expected, found.to_string())
            });
        }
    }
}

/// Judges one line.
pub(super) fn judge(
    history: &History,
    matching: &Matching,
    reading: &Reading,
    (machine, event): Place,
) -> Judged {
    let events = &history.machines[machine].events;
    let this = &events[event];
    let Some(step) = reading.step else {
        return Judged::Unknown("no usual step of the clock");
    };
    let Some(found) = this.clock.as_ref().and_then(|clock| clock.scalar(machine)) else {
        return Judged::Unknown(NO_CLOCK);
    };
    let told = this
        .clock_before
        .as_ref()
        .and_then(|clock| clock.scalar(machine));
    let previous = event.checked_sub(1);
    let logged = previous.and_then(|previous| events[previous].clock.as_ref()?.scalar(machine));
    let start = (event == 0 && history.manifest.is_some()).then_some(0.0);
    let Some(before) = told.or(logged).or(start) else {
        return match event {
            0 => Judged::NotAsked,
            _ => Judged::Unknown(NO_CLOCK),
        };
    };
    let pending = previous.filter(|&previous| {
        reading.before_merge && told.is_none() && events[previous].kind == Kind::Receive
    });
    let before = match pending {
        Some(previous) => match carried(history, matching, (machine, previous)) {
            Some(carried) => before.max(carried) + step,
            None => return Judged::Unknown(NO_STAMP),
        },
        None => before,
    };
    if this.kind == Kind::Receive && reading.before_merge && told.is_none() {
        return right_if(equal(found, before), before, None, before, found);
    }
    if this.kind != Kind::Receive {
        return right_if(
            equal(found, before + step),
            before,
            None,
            before + step,
            found,
        );
    }
    match carried(history, matching, (machine, event)) {
        Some(carried) => {
            let expected = before.max(carried) + step;
            right_if(
                equal(found, expected),
                before,
                Some(carried),
                expected,
                found,
            )
        }
        None if found < before + step && !equal(found, before + step) => {
            right_if(false, before, None, before + step, found)
        }
        None => Judged::Unknown(NO_STAMP),
    }
}

fn right_if(right: bool, before: f64, carried: Option<f64>, expected: f64, found: f64) -> Judged {
    match right {
        true => Judged::Right,
        false => Judged::Wrong {
            before,
            carried,
            expected,
            found,
        },
    }
}

/// The clock that the message of a receive carried: as its line says, or as its send does.
pub(super) fn carried(
    history: &History,
    matching: &Matching,
    (machine, event): Place,
) -> Option<f64> {
    if let Some(carried) = &history.machines[machine].events[event].carried {
        return carried.scalar(machine);
    }
    let (sender, sent) = matching.send_of(machine, event)?;
    let send = &history.machines[sender].events[sent];
    if let Some(carried) = &send.carried {
        return carried.scalar(sender);
    }
    let shift = matching.inferred.stamp.map_or(0, |stamp| stamp.shift());
    Some(send.clock.as_ref()?.scalar(sender)? - shift as f64)
}

/// Equal but for the rounding of fractions.
pub(super) fn equal(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-6 * one.abs().clamp(1.0, 1e3)
}

fn increase(
    history: &History,
    reading: &Reading,
    (machine, event): Place,
    findings: &mut Findings,
) {
    let law = HistoryLaw::ClockIncreases;
    let events = &history.machines[machine].events;
    let clock = |event: usize| {
        events[event]
            .clock
            .as_ref()
            .and_then(|clock| clock.scalar(machine))
    };
    let Some(previous) = event.checked_sub(1) else {
        return;
    };
    let Some((before, found)) = clock(previous).zip(clock(event)) else {
        return findings.undecided(law, NO_CLOCK);
    };
    findings.examine(law);
    let shows_the_one_before = reading.before_merge && events[event].kind == Kind::Receive;
    if found > before || (shows_the_one_before && equal(found, before)) {
        return;
    }
    let step = reading.step.unwrap_or(1.0);
    let cause = cause_of_decrease(before, found, step);
    findings.violate(law, &[(machine, event), (machine, previous)], cause, || {
        (format!("a clock above {before}"), found.to_string())
    });
}

/// What makes a receive read `found` instead of `max(before, carried) + step`.
fn cause_at_receive(before: f64, carried: f64, found: f64, reading: &Reading) -> &'static str {
    let step = reading.step.unwrap_or(1.0);
    let merged = before.max(carried);
    if equal(found, merged) {
        reading.short_merge.cause()
    } else if equal(found, before) {
        "the line was logged before the merge"
    } else if equal(found, before + step) {
        "the clock of the message was ignored: incremented, not merged"
    } else if equal(found, carried + step) || equal(found, carried) {
        "the clock was taken from the message, not the larger of the two: the machine forgot its own"
    } else if found < before {
        cause_of_decrease(before, found, step)
    } else if equal(found, merged + 2.0 * step) {
        "incremented twice, for the tick and for the merge: two events in a tick"
    } else {
        "no single slip gives this value: lines before it are missing, another clock was merged than the one named, or the line was edited"
    }
}

/// What makes any other event read `found` instead of `before + step`.
fn cause_elsewhere(before: f64, found: f64, step: f64) -> &'static str {
    if found <= before {
        cause_of_decrease(before, found, step)
    } else if equal(found, before + 2.0 * step) {
        "two events in a tick, or a line is missing before this one"
    } else {
        "a receive was logged as another event, or lines are missing before this one"
    }
}

fn cause_of_decrease(before: f64, found: f64, step: f64) -> &'static str {
    if equal(found, before) {
        "the clock was not advanced for this event, or its line was written before the increment"
    } else if found <= step && before > 2.0 * step {
        "the clock starts again: the machine was restarted, or another run is appended to the same file"
    } else {
        "clock not monotonic: the machine forgot what it had learnt, or lines of another machine or run stand here"
    }
}

/// The clock of a vector or not, for words.
pub(super) fn words(clock: &Clock) -> String {
    match clock {
        Clock::Lamport(value) => value.to_string(),
        Clock::Fractional(value) => value.to_string(),
        Clock::Vector(components) => format!("{components:?}"),
    }
}
