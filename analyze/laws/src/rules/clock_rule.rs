//! Lamport's rule on lines of any dialect, for clocks that are one number.
//!
//! Source: L. Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System", CACM 21(7), 1978: rules
//! IR1 and IR2.
//!
//! `expected_clock` says what a line should show.
//!
//! **Invariant.** A violation names the slip that gives the clock that is found.

use events::{At, Kind, ReceiveClock, Rows, Trial};

use crate::case::Case;
use crate::expected_clock::{Judged, Wrong, judge};
use crate::findings::{Findings, Proof};
use crate::law::Law;
use crate::merges::equal;
use crate::messages::send;
use crate::reading::Reading;
use crate::rule::{GAP, ONE_SEND, Rule, of_scalars};

pub(super) const RULE: Rule = Rule {
    law: Law::ClockRule,
    applies: of_scalars,
    check,
};

const NO_SENDS: &str = "sends are not in the log, and each advances the clock";
const STAMPED_BEFORE: &str = "messages may be stamped before the increment for their send: then the merge is right, and the clock condition is broken";

fn check(case: &Case<'_>, findings: &mut Findings) {
    for machine in 0..case.machines() {
        findings.turn(machine, 0);
        let rows = case.rows(machine);
        let plain = is_plain(rows, &case.reading) && !case.facts.machines[machine].has_gaps;
        let mut right = 0;
        for row in case.new_rows(machine) {
            if plain && row > 0 && keeps(rows, row) {
                right += 1;
            } else {
                let at = At { machine, row };
                match case.gap(at) {
                    0 => rule(case, at, findings),
                    _ => findings.undecided(Law::ClockRule, 1, GAP),
                }
            }
        }
        findings.examine(Law::ClockRule, right);
    }
}

/// Whether every line shows the whole number that the clock is after its event.
fn is_plain(rows: &Rows, reading: &Reading) -> bool {
    reading.shown == ReceiveClock::AfterMerge
        && reading.step == Some(1.0)
        && !rows.is_empty()
        && rows.clock.len() == rows.len()
        && rows.clock.missing() == 0
        && rows.clock_before_value(0).is_none()
}

/// Whether a line keeps the rule, as far as it stands on plain lines: if not, it is looked at closely.
#[inline]
fn keeps(rows: &Rows, row: usize) -> bool {
    let clocks = rows.clock.values();
    let before = match rows.kind(row) {
        Kind::Receive => match rows.carried.get(row) {
            Some(carried) => clocks[row - 1].max(carried),
            None => return false,
        },
        _ => clocks[row - 1],
    };
    clocks[row] == before.saturating_add(1)
}

fn rule(case: &Case<'_>, at: At, findings: &mut Findings) {
    let law = Law::ClockRule;
    let (trial, reading) = (case.trial, &case.reading);
    let wrong = match judge(trial, reading, at) {
        Judged::NotAsked => return,
        Judged::Right => return findings.examine(law, 1),
        Judged::Unknown(why) => return findings.undecided(law, 1, why),
        Judged::Wrong(wrong) => wrong,
    };
    let Wrong {
        before,
        carried,
        expected,
        found,
    } = wrong;
    if equal(found, before) && case.may_be_one_send(at) {
        return findings.undecided(law, 1, ONE_SEND);
    }
    if found > expected && !reading.sends_logged {
        return findings.undecided(law, 1, NO_SENDS);
    }
    let told = case.rows(at.machine).carried_value(at.row).is_some();
    if let Some(carried) = carried.filter(|_| !told)
        && equal(found, before.max(carried))
        && reading.short_merge(trial).is_right_if_stamped_before()
    {
        return findings.undecided(law, 1, STAMPED_BEFORE);
    }
    findings.examine(law, 1);
    let step = reading.step.unwrap_or(1.0);
    let receives = case.rows(at.machine).kind(at.row) == Kind::Receive;
    let cause = match carried {
        // Of a line that shows the clock before its event or merge, the receive before it makes the clock.
        None if reading.shown != ReceiveClock::AfterMerge && !falls(case, at, found) => {
            "the lines show the clocks before events or merges, and this one does not show the clock that the event before it gives"
        }
        Some(_) if receives && told && fits_the_sender(trial, at, &wrong, step) => {
            "the clock fits the sender's log: sent_clock of this row is wrong"
        }
        Some(carried) => cause_at_receive(case, before, carried, found),
        None if receives => cause_of_decrease(before, found, step),
        None => cause_elsewhere(before, found, step),
    };
    findings.violate(law, at.machine, cause, || {
        let expected = match carried {
            None if reading.shown != ReceiveClock::AfterMerge => format!("clock {expected}"),
            Some(carried) => format!("clock {expected} = max({before}, {carried}) + {step}"),
            None if receives => format!("a clock of at least {expected} = {before} + {step}"),
            None => format!("clock {expected} = {before} + {step}"),
        };
        let send = send(case.rows(at.machine), at.row).unwrap_or(at);
        let previous = case.previous(at).unwrap_or(at);
        Proof::new([at, previous, send], expected, found.to_string())
    });
}

/// Whether a clock is below that of the line before it.
fn falls(case: &Case<'_>, at: At, found: f64) -> bool {
    let logged = case
        .previous(at)
        .and_then(|before| case.rows(at.machine).clock_value(before.row));
    logged.is_some_and(|before| found < before)
}

/// Whether a receive is right by what its send says that it carried, and not by what its own line says.
fn fits_the_sender(trial: &Trial, at: At, wrong: &Wrong, step: f64) -> bool {
    let send = trial.send_of(at).and_then(|send| trial.carried(send));
    send.is_some_and(|carried| equal(wrong.found, wrong.before.max(carried) + step))
}

/// What makes a receive read `found` instead of `max(before, carried) + step`.
fn cause_at_receive(case: &Case<'_>, before: f64, carried: f64, found: f64) -> &'static str {
    let step = case.reading.step.unwrap_or(1.0);
    let merged = before.max(carried);
    if equal(found, merged) {
        case.short_merge_cause()
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

/// What makes a clock not grow.
pub(super) fn cause_of_decrease(before: f64, found: f64, step: f64) -> &'static str {
    if equal(found, before) {
        "the clock was not advanced for this event, or its line was written before the increment"
    } else if found <= step && before > 2.0 * step {
        "clock not monotonic, it starts again: the machine was restarted, or another run is appended to the same file"
    } else if found < before {
        "clock not monotonic: the machine forgot what it had learnt, or lines of another machine or run stand here"
    } else {
        "the clock advances by less than an event adds"
    }
}
