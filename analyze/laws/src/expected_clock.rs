//! The clock that a line should show by Lamport's rule, for clocks that are one number.
//!
//! Source: L. Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System", CACM 21(7), 1978: rules
//! IR1 and IR2.
//!
//! **Invariant.** A line is judged by the logged clock before it.

use events::{At, Kind, ReceiveClock, Trial};

use crate::merges::equal;
use crate::messages::send;
use crate::reading::Reading;

/// Why a line cannot be judged.
pub(crate) const NO_CLOCK: &str = "lines without a clock";
const NO_STAMP: &str = "the clock that the message carried is not known";

/// What the rule says of a line.
pub(crate) enum Judged {
    /// It is kept.
    Right,
    /// The clock should have been another.
    Wrong(Wrong),
    /// Nothing comes before the first line of a log.
    NotAsked,
    /// The log cannot tell, and why.
    Unknown(&'static str),
}

/// A clock that is not the one that the rule gives.
pub(crate) struct Wrong {
    /// The clock before.
    pub(crate) before: f64,
    /// The clock that the message carried, on a receive.
    pub(crate) carried: Option<f64>,
    /// What the rule gives, or its least where the message's clock is not known.
    pub(crate) expected: f64,
    /// What the line says.
    pub(crate) found: f64,
}

/// How many lines break the rule under a reading.
pub(crate) fn broken(trial: &Trial, reading: &Reading) -> usize {
    if reading.vectors {
        return 0;
    }
    let machines = trial.machines.iter().enumerate();
    let places =
        machines.flat_map(|(machine, of)| (0..of.rows.len()).map(move |row| At { machine, row }));
    let wrong = |&at: &At| matches!(judge(trial, reading, at), Judged::Wrong(_));
    places.filter(wrong).count()
}

/// Whether merges show on the lines after receives, and not on their own: some line after one shows a larger clock that was
/// merged, and none shows another leap. Where it is not known what a message carried, a send of that clock must be there.
pub(crate) fn merges_show_on_the_next_line(trial: &Trial, step: f64) -> bool {
    let sends = trial.machines.iter().flat_map(|of| {
        let rows = &of.rows;
        rows.sends().filter_map(|row| rows.clock_value(row))
    });
    let mut sends: Vec<f64> = sends.collect();
    sends.sort_by(f64::total_cmp);
    let was_sent = |clock: f64| {
        let next = sends.partition_point(|&sent| sent < clock && !equal(sent, clock));
        sends.get(next).is_some_and(|&sent| equal(sent, clock))
    };
    let (mut shown, mut others) = (false, false);
    for (machine, of) in trial.machines.iter().enumerate() {
        let rows = &of.rows;
        for row in (1..rows.len()).filter(|&row| rows.kind(row - 1) == Kind::Receive) {
            let at = At {
                machine,
                row: row - 1,
            };
            let clocks = rows.clock_value(at.row).zip(rows.clock_value(row));
            let leaps = |&(own, next): &(f64, f64)| next > own && !equal(next, own + step);
            let Some((own, next)) = clocks.filter(leaps) else {
                continue;
            };
            let merged = match carried(trial, at) {
                Some(carried) => equal(next, own.max(carried) + step),
                None => was_sent(next - step),
            };
            shown |= merged;
            others |= !merged;
        }
    }
    shown && !others
}

/// Judges one line.
pub(crate) fn judge(trial: &Trial, reading: &Reading, at: At) -> Judged {
    let rows = &trial.machines[at.machine].rows;
    let Some(step) = reading.step else {
        return Judged::Unknown(NO_CLOCK);
    };
    let Some(found) = rows.clock_value(at.row) else {
        return Judged::Unknown(NO_CLOCK);
    };
    let told = rows.clock_before_value(at.row);
    let previous = at.row.checked_sub(1);
    let logged = previous.and_then(|row| rows.clock_value(row));
    let start = (at.row == 0 && trial.is_own()).then_some(0.0);
    let Some(before) = told.or(logged).or(start) else {
        return match at.row {
            0 => Judged::NotAsked,
            _ => Judged::Unknown(NO_CLOCK),
        };
    };
    let receives = rows.kind(at.row) == Kind::Receive;
    if reading.shown != ReceiveClock::AfterMerge && told.is_none() {
        // The line shows the clock before its event or merge: what came before has made it.
        let taken = previous.filter(|&row| rows.kind(row) == Kind::Receive);
        let shows_step = reading.shown == ReceiveClock::BeforeStep;
        let shown = |before: f64| match receives || shows_step {
            true => before,
            false => before + step,
        };
        let before = match taken {
            Some(row) => {
                let taken = At { row, ..at };
                let Some(carried) = carried(trial, taken) else {
                    return Judged::Unknown(NO_STAMP);
                };
                let merged = before.max(carried) + step;
                // A line that shows the clock before its send may stand for a message that carries the one after it.
                let ahead = before.max(carried + step) + step;
                match shows_step && is_stamp_open(trial, taken) && equal(found, shown(ahead)) {
                    true => ahead,
                    false => merged,
                }
            }
            None if shows_step => before + step,
            None => before,
        };
        let expected = shown(before);
        return right_if(equal(found, expected), before, None, expected, found);
    }
    if !receives {
        return right_if(
            equal(found, before + step),
            before,
            None,
            before + step,
            found,
        );
    }
    match carried(trial, at) {
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
        false => Judged::Wrong(Wrong {
            before,
            carried,
            expected,
            found,
        }),
    }
}

/// The clock that the message of a receive carried: as its line says, or as its send does.
fn carried(trial: &Trial, at: At) -> Option<f64> {
    let rows = &trial.machines[at.machine].rows;
    if let Some(told) = rows.carried_value(at.row) {
        return Some(told);
    }
    let send = send(rows, at.row)?;
    let sender = &trial.machines[send.machine].rows;
    if let Some(told) = sender.carried_value(send.row) {
        return Some(told);
    }
    let shift = trial.stamp().map_or(0, |stamp| stamp.shift());
    Some(sender.clock_value(send.row)? - shift as f64)
}

/// Whether no line says what the message of a receive carried, nor do all together how messages are stamped.
fn is_stamp_open(trial: &Trial, at: At) -> bool {
    let rows = &trial.machines[at.machine].rows;
    let told_by_send = |send: At| {
        let sender = &trial.machines[send.machine].rows;
        sender.carried_value(send.row).is_some()
    };
    let told = rows.carried_value(at.row).is_some() || send(rows, at.row).is_some_and(told_by_send);
    !told && trial.stamp().is_none()
}
