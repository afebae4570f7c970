//! The identity of clocks: the last clock of n rows is n own events plus what receives inherited, sender by sender.
//!
//! `clock_n = n + Σ over receives of max(0, sent_clock − clock before)`, where the clock before is replayed from the
//! kinds of the events and the clocks that messages carried. The clock column takes no part in the right-hand side,
//! so the identity is evidence from outside it. (With the clock column on both sides it would hold for any log.)

use super::facts::Facts;
use super::findings::{Findings, Telling};
use super::law::Law;
use crate::trial_log::{ClockRows, EventKind};

/// Puts the law to the log of one machine.
pub(super) fn check(facts: &Facts, machine: usize, findings: &mut Findings) {
    let rows = facts.rows(machine);
    let Some(last) = rows.len().checked_sub(1) else {
        return;
    };
    if facts.machines[machine].has_holes {
        findings.undecided(Law::Identity, 1);
        return;
    }
    findings.examine(Law::Identity, 1);
    let replayed = replay(rows, |_, _| ());
    if replayed == rows.clock[last] {
        return;
    }
    let parted = first_departure(rows).unwrap_or(last);
    let evidence = [(machine, Some(last)), (machine, Some(parted))];
    findings.violate(Law::Identity, machine, &evidence, || {
        let expected = format!("clock {replayed} = {}", sum_in_words(facts, machine));
        let cause = format!(
            "the clock column parts from the rule at tick {}",
            rows.tick[parted]
        );
        Telling::new(expected, rows.clock[last].to_string(), cause)
    });
}

/// The last clock by the rule; `inherit` is told the row and the amount of each inheritance.
fn replay(rows: &ClockRows, mut inherit: impl FnMut(usize, u64)) -> u64 {
    let mut clock: u64 = 0;
    for row in 0..rows.len() {
        if rows.event[row] == EventKind::Receive {
            let inherited = rows.sent_clock[row].saturating_sub(clock);
            if inherited > 0 {
                inherit(row, inherited);
            }
            clock = clock.saturating_add(inherited);
        }
        clock = clock.saturating_add(1);
    }
    clock
}

/// The first row whose logged clock is not the replayed one.
fn first_departure(rows: &ClockRows) -> Option<usize> {
    let mut clock: u64 = 0;
    (0..rows.len()).find(|&row| {
        if rows.event[row] == EventKind::Receive {
            clock = clock.max(rows.sent_clock[row]);
        }
        clock = clock.saturating_add(1);
        clock != rows.clock[row]
    })
}

fn sum_in_words(facts: &Facts, machine: usize) -> String {
    let rows = facts.rows(machine);
    let mut from = vec![0u64; facts.log.machines.len()];
    let mut strangers: u64 = 0;
    replay(rows, |row, inherited| match facts.peer(machine, row) {
        Some(sender) => from[sender] = from[sender].saturating_add(inherited),
        None => strangers = strangers.saturating_add(inherited),
    });
    let mut words = format!("{} own events", rows.len());
    for (sender, inherited) in from.into_iter().enumerate().filter(|&(_, sum)| sum > 0) {
        let id = facts.log.machines[sender].entry.id;
        words.push_str(&format!(" + {inherited} inherited from machine {id}"));
    }
    if strangers > 0 {
        words.push_str(&format!(" + {strangers} inherited from machines unknown"));
    }
    words
}
