//! Lamport's rule, row by row, and the clock condition.
//!
//! Source: L. Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System", CACM 21(7), 1978: rules
//! IR1 and IR2, and the clock condition that they imply.
//!
//! **Invariant.** Each row is judged by the logged value of the row before it, so one slip is one violation.

use event_log::Stamp;

use super::facts::{Facts, hole};
use super::findings::{Findings, Telling};
use super::law::Law;
use crate::trial_log::EventKind;

/// Puts the laws to the log of one machine.
pub(super) fn check(facts: &Facts, machine: usize, findings: &mut Findings) {
    let rows = facts.rows(machine);
    let mut before = 0;
    for row in 0..rows.len() {
        increase(facts, machine, row, before, findings);
        if hole(rows, row) > 0 {
            findings.undecided(Law::ClockRule, 1);
        } else {
            rule(facts, machine, row, before, findings);
        }
        if rows.event[row] == EventKind::Receive {
            condition(facts, machine, row, findings);
        }
        before = rows.clock[row];
    }
}

/// The clock before the row and the row's own: is the rule kept?
fn rule(facts: &Facts, machine: usize, row: usize, before: u64, findings: &mut Findings) {
    let rows = facts.rows(machine);
    let found = rows.clock[row];
    let sent = (rows.event[row] == EventKind::Receive).then_some(rows.sent_clock[row]);
    let expected = before.max(sent.unwrap_or(0)).saturating_add(1);
    findings.examine(Law::ClockRule, 1);
    if found == expected {
        return;
    }
    let send = facts.send_of(machine, row);
    let evidence = [
        (machine, Some(row)),
        (machine, row.checked_sub(1).or(Some(row))),
        send.map_or((machine, Some(row)), |(sender, row)| (sender, Some(row))),
    ];
    findings.violate(Law::ClockRule, machine, &evidence, || {
        let expected = match sent {
            Some(sent) => format!("clock {expected} = max({before}, {sent}) + 1"),
            None => format!("clock {expected} = {before} + 1"),
        };
        let behind = facts.log.manifest.condition.stamp.behind();
        let sender_clock =
            send.map(|(sender, row)| facts.rows(sender).clock[row].saturating_sub(behind));
        let cause = match sent {
            Some(_)
                if sender_clock.is_some_and(|sent| found == before.max(sent).saturating_add(1)) =>
            {
                "the clock fits the sender's log: sent_clock of this row is wrong"
            }
            Some(sent) => cause_at_receive(before, sent, found),
            None => cause_elsewhere(before, found),
        };
        Telling::new(expected, found.to_string(), cause)
    });
}

/// What makes a receive read `found` instead of `max(before, sent) + 1`.
fn cause_at_receive(before: u64, sent: u64, found: u64) -> &'static str {
    let merged = before.max(sent);
    if found == merged {
        "merge without + 1"
    } else if found == before {
        "the row was logged before the merge"
    } else if found == before.saturating_add(1) {
        "the clock of the message was ignored: incremented, not merged"
    } else if found == sent.saturating_add(1) || found == sent {
        "the clock was taken from the message, not the larger of the two: the machine forgot its own"
    } else if found < before {
        "clock not monotonic: the machine forgot what it had learnt, or rows of another machine or run stand here"
    } else if found == merged.saturating_add(2) {
        "incremented twice, for the tick and for the merge: two events in a tick"
    } else {
        "no single slip gives this value: the row was edited, or rows before it are missing"
    }
}

/// What makes any other event read `found` instead of `before + 1`.
fn cause_elsewhere(before: u64, found: u64) -> &'static str {
    if found == before {
        "the row was logged, or the message stamped, before the increment"
    } else if found < before {
        "clock not monotonic: the machine forgot what it had learnt, or rows of another machine or run stand here"
    } else if found == before.saturating_add(2) {
        "two events in a tick, or a row is missing before this one"
    } else {
        "a receive was logged as another event, or rows are missing before this one"
    }
}

fn increase(facts: &Facts, machine: usize, row: usize, before: u64, findings: &mut Findings) {
    let found = facts.rows(machine).clock[row];
    findings.examine(Law::ClockIncreases, 1);
    if found > before {
        return;
    }
    let evidence = [
        (machine, Some(row)),
        (machine, row.checked_sub(1).or(Some(row))),
    ];
    findings.violate(Law::ClockIncreases, machine, &evidence, || {
        let cause = if found == before {
            "the clock was not advanced for this event"
        } else {
            "clock not monotonic: the machine forgot what it had learnt, or rows of another machine or run stand here"
        };
        Telling::new(
            format!("a clock above {before}"),
            found.to_string(),
            cause,
        )
    });
}

/// The clock of the send is the sender's own where its log shows the send, else the one that the message carried.
fn condition(facts: &Facts, machine: usize, row: usize, findings: &mut Findings) {
    let rows = facts.rows(machine);
    let send = facts.send_of(machine, row);
    let sent = send.map_or(rows.sent_clock[row], |(sender, sent)| {
        facts.rows(sender).clock[sent]
    });
    let found = rows.clock[row];
    findings.examine(Law::ClockCondition, 1);
    if found > sent {
        return;
    }
    let evidence = [
        (machine, Some(row)),
        send.map_or((machine, Some(row)), |(sender, row)| (sender, Some(row))),
    ];
    findings.violate(Law::ClockCondition, machine, &evidence, || {
        let stamp = facts.log.manifest.condition.stamp;
        let cause = if stamp == Stamp::Before && found == rows.sent_clock[row].saturating_add(1) {
            "messages of this trial are stamped before the increment for their send, as its condition asks: a receiver that is not ahead gives its receive the clock of the send"
        } else if found == sent {
            "merge without + 1, or the message was stamped before the increment for its send"
        } else if rows.sent_clock[row] < sent {
            "the message was stamped with an older clock than that of its send"
        } else {
            "the row was logged before the merge, or not merged at all"
        };
        Telling::new(
            format!("a clock above {sent}, that of the send"),
            found.to_string(),
            cause,
        )
    });
}
