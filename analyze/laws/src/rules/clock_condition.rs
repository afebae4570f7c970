//! The clock condition: by the send's own clock where it is matched, else by the clock that the message carried.
//!
//! **Invariant.** What it counts of each machine is the metric of that name.

use events::{At, Clock, ReceiveClock};

use crate::case::Case;
use crate::findings::{Findings, Proof};
use crate::law::Law;
use crate::merges::equal;
use crate::messages::send;
use crate::rule::{NOT_MATCHED, Rule, in_words, of_clocks};

pub(super) const RULE: Rule = Rule {
    law: Law::ClockCondition,
    applies: of_clocks,
    check,
};

const OTHER_KIND: &str =
    "the clock that the message carried is of another kind than that of the machine";

fn check(case: &Case<'_>, findings: &mut Findings) {
    for machine in 0..case.machines() {
        findings.turn(machine, 0);
        let rows = case.rows(machine);
        let plain = case.reading.shown == ReceiveClock::AfterMerge && !case.reading.vectors;
        let mut right = 0;
        for at in case.receives(machine) {
            let keeps = || {
                let found = rows.clock.get(at.row)?;
                let sent = match send(rows, at.row) {
                    Some(send) => case.rows(send.machine).clock.get(send.row)?,
                    None => rows.carried.get(at.row)?,
                };
                Some(found > sent)
            };
            if plain && keeps() == Some(true) {
                right += 1;
            } else {
                condition(case, at, findings);
            }
        }
        findings.condition(machine, right, 0);
    }
}

/// The clock after a receive.
fn after(case: &Case<'_>, at: At) -> Option<Clock> {
    let rows = case.rows(at.machine);
    let shown =
        case.reading.shown == ReceiveClock::AfterMerge || rows.clock_before(at.row).is_some();
    let row = if shown { at.row } else { at.row + 1 };
    (row < rows.len()).then(|| rows.clock(row)).flatten()
}

fn condition(case: &Case<'_>, at: At, findings: &mut Findings) {
    let law = Law::ClockCondition;
    let rows = case.rows(at.machine);
    let send = send(rows, at.row);
    let sent = send.and_then(|send| case.rows(send.machine).clock(send.row));
    let sent = sent.or_else(|| rows.carried(at.row));
    let (Some(after), Some(sent)) = (after(case, at), sent) else {
        return findings.undecided(law, 1, NOT_MATCHED);
    };
    let (broken, same) = match (&after, &sent) {
        (Clock::Vector(after), Clock::Vector(sent)) => {
            let sender = send.map(|send| send.machine);
            let mut pairs = after.iter().zip(sent).enumerate();
            // Of the sender's own component a stamp may be one behind.
            let lacks = |(peer, (after, sent)): (usize, (&u64, &u64))| {
                after.saturating_add(u64::from(Some(peer) == sender)) < *sent
            };
            (pairs.any(lacks), after == sent)
        }
        (Clock::Vector(_), _) | (_, Clock::Vector(_)) => {
            return findings.undecided(law, 1, OTHER_KIND);
        }
        _ => match after.scalar(at.machine).zip(sent.scalar(at.machine)) {
            Some((after, sent)) => (after <= sent, equal(after, sent)),
            None => return findings.undecided(law, 1, NOT_MATCHED),
        },
    };
    findings.condition(at.machine, 1, u64::from(broken || same));
    if !broken && !same {
        return;
    }
    let cause = cause(case, at, send, same);
    findings.violate(law, at.machine, cause, || {
        let expected = format!("a clock above {}, that of the send", in_words(&sent));
        Proof::new([at].into_iter().chain(send), expected, in_words(&after))
    });
}

fn cause(case: &Case<'_>, at: At, send: Option<At>, same: bool) -> &'static str {
    let told = send.and_then(|send| {
        let sender = case.rows(send.machine);
        let told = sender.carried_value(send.row);
        let told = told.or_else(|| case.rows(at.machine).carried_value(at.row));
        told.zip(sender.clock_value(send.row))
    });
    let behind = told.is_some_and(|(carried, clock)| carried < clock);
    let shift = case.trial.stamp().map_or(0, |stamp| stamp.shift());
    if same && (shift == 1 || behind) {
        match case.trial.is_own() && shift == 1 {
            true => {
                "messages of this trial are stamped before the increment for their send, as its condition asks: a recipient that is not ahead gives its receive the clock of the send"
            }
            false => {
                "messages are stamped before the increment for their send: a recipient that is not ahead gives its receive the clock of the send"
            }
        }
    } else if same {
        case.short_merge_cause()
    } else if behind && shift == 0 {
        "the message was stamped with an older clock than that of its send"
    } else {
        "the line was logged before the merge, or the message's clock was not merged"
    }
}
