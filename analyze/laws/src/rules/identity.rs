//! The identity of clocks: the last clock of n rows is n own events plus what receives inherited, sender by sender.
//!
//! `clock_n = n + Σ over receives of max(0, sent_clock − clock before)`, where the clock before is replayed from the
//! kinds of the events and the clocks that messages carried. The clock column takes no part in the right-hand side,
//! so the identity is evidence from outside it. (With the clock column on both sides it would hold for any log.)

use events::{At, Kind};

use crate::case::Case;
use crate::findings::{Findings, Proof};
use crate::law::Law;
use crate::memory::Replay;
use crate::rule::{GAP, Rule, with_manifest};

pub(super) const RULE: Rule = Rule {
    law: Law::Identity,
    applies: with_manifest,
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let law = Law::Identity;
    for machine in 0..case.machines() {
        findings.turn(machine, 0);
        let rows = case.rows(machine);
        let mut replay = std::mem::take(&mut findings.memory.machines[machine].replay);
        replay.inherited.resize(case.machines(), 0);
        count(case, machine, &mut replay);
        if !case.window.is_last {
            findings.memory.machines[machine].replay = replay;
            continue;
        }
        let Some(last) = rows.len().checked_sub(1) else {
            continue;
        };
        if case.facts.machines[machine].has_gaps {
            findings.undecided(law, 1, GAP);
            continue;
        }
        findings.examine(law, 1);
        if rows.clock.get(last) == Some(replay.clock) {
            continue;
        }
        findings.violate(law, machine, "the clock column parts from the rule", || {
            let last = At { machine, row: last };
            let parted = replay.parted.unwrap_or(last);
            let found = rows.clock_value(last.row);
            Proof::new(
                [last, parted],
                format!("clock {} = {}", replay.clock, sum_in_words(case, &replay)),
                found.map_or("none".to_owned(), |found| found.to_string()),
            )
            .detail(format!(" at tick {}", rows.tick(parted.row)))
        });
    }
}

/// Counts the rows of a machine that are new.
fn count(case: &Case<'_>, machine: usize, replay: &mut Replay) {
    let rows = case.rows(machine);
    for row in case.new_rows(machine) {
        let at = At { machine, row };
        if rows.kind(row) == Kind::Receive {
            let carried = rows.carried.get(row).unwrap_or(0);
            let inherited = carried.saturating_sub(replay.clock).max(0);
            let sum = match case.peer(at) {
                Some(sender) => &mut replay.inherited[sender],
                None => &mut replay.strangers,
            };
            *sum = sum.saturating_add(inherited);
            replay.clock = replay.clock.saturating_add(inherited);
        }
        replay.clock = replay.clock.saturating_add(1);
        replay.events += 1;
        if replay.parted.is_none() && rows.clock.get(row) != Some(replay.clock) {
            replay.parted = Some(at);
        }
    }
}

fn sum_in_words(case: &Case<'_>, replay: &Replay) -> String {
    let mut words = format!("{} own events", replay.events);
    let inherited = replay.inherited.iter().enumerate();
    for (sender, inherited) in inherited.filter(|&(_, &sum)| sum > 0) {
        words.push_str(&format!(
            " + {inherited} inherited from {}",
            case.name(sender)
        ));
    }
    if replay.strangers > 0 {
        words.push_str(&format!(
            " + {} inherited from machines unknown",
            replay.strangers
        ));
    }
    words
}
