//! The identity of clocks: the last clock of n rows is n own events plus what receives inherited, sender by sender.
//!
//! `clock_n = n + Σ over receives of max(0, sent_clock − clock before)`, where the clock before is replayed from the
//! kinds of the events and the clocks that messages carried. The clock column takes no part in the right-hand side,
//! so the identity is evidence from outside it. (With the clock column on both sides it would hold for any log.)

use events::{At, Kind, Rows};

use crate::case::Case;
use crate::findings::{Findings, Proof};
use crate::law::Law;
use crate::rule::{GAP, Rule, with_manifest};

pub(super) const RULE: Rule = Rule {
    law: Law::Identity,
    applies: with_manifest,
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings<'_>) {
    let law = Law::Identity;
    for machine in 0..case.machines() {
        let rows = case.rows(machine);
        let Some(last) = rows.len().checked_sub(1) else {
            continue;
        };
        if case.facts.machines[machine].has_gaps {
            findings.undecided(law, 1, GAP);
            continue;
        }
        findings.examine(law, 1);
        let replayed = replay(rows, |_, _| ());
        if rows.clock.get(last) == Some(replayed) {
            continue;
        }
        findings.violate(law, machine, "the clock column parts from the rule", || {
            let parted = first_departure(rows).unwrap_or(last);
            let found = rows.clock_value(last);
            Proof::new(
                [last, parted].map(|row| At { machine, row }),
                format!("clock {replayed} = {}", sum_in_words(case, machine)),
                found.map_or("none".to_owned(), |found| found.to_string()),
            )
            .detail(format!(" at tick {}", rows.tick(parted)))
        });
    }
}

/// The last clock by the rule; `inherit` gets the row and the amount of each inheritance.
fn replay(rows: &Rows, mut inherit: impl FnMut(usize, i64)) -> i64 {
    let mut clock: i64 = 0;
    for row in 0..rows.len() {
        if rows.kind(row) == Kind::Receive {
            let inherited = rows
                .carried
                .get(row)
                .unwrap_or(0)
                .saturating_sub(clock)
                .max(0);
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
fn first_departure(rows: &Rows) -> Option<usize> {
    let mut clock: i64 = 0;
    (0..rows.len()).find(|&row| {
        if rows.kind(row) == Kind::Receive {
            clock = clock.max(rows.carried.get(row).unwrap_or(0));
        }
        clock = clock.saturating_add(1);
        rows.clock.get(row) != Some(clock)
    })
}

fn sum_in_words(case: &Case<'_>, machine: usize) -> String {
    let rows = case.rows(machine);
    let mut from = vec![0i64; case.machines()];
    let mut strangers: i64 = 0;
    replay(rows, |row, inherited| {
        match case.peer(At { machine, row }) {
            Some(sender) => from[sender] = from[sender].saturating_add(inherited),
            None => strangers = strangers.saturating_add(inherited),
        }
    });
    let mut words = format!("{} own events", rows.len());
    for (sender, inherited) in from.into_iter().enumerate().filter(|&(_, sum)| sum > 0) {
        words.push_str(&format!(
            " + {inherited} inherited from {}",
            case.name(sender)
        ));
    }
    if strangers > 0 {
        words.push_str(&format!(" + {strangers} inherited from machines unknown"));
    }
    words
}
