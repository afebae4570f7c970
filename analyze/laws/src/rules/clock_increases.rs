//! The clock of a machine is greater after every event.

use events::{At, Kind, ReceiveClock};

use super::clock_rule::cause_of_decrease;
use crate::case::Case;
use crate::expected_clock::NO_CLOCK;
use crate::findings::{Findings, Proof};
use crate::law::Law;
use crate::merges::equal;
use crate::rule::{GAP, ONE_SEND, Rule, of_scalars};

pub(super) const RULE: Rule = Rule {
    law: Law::ClockIncreases,
    applies: of_scalars,
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    for machine in 0..case.machines() {
        findings.turn(machine, 0);
        let rows = case.rows(machine);
        let clocks = rows.clock.values();
        let whole = clocks.len() == rows.len() && rows.clock.missing() == 0;
        let mut right = 0;
        for row in case.new_rows(machine) {
            if whole && row > 0 && clocks[row] > clocks[row - 1] {
                right += 1;
            } else {
                increase(case, At { machine, row }, findings);
            }
        }
        findings.examine(Law::ClockIncreases, right);
    }
}

fn increase(case: &Case<'_>, at: At, findings: &mut Findings) {
    let law = Law::ClockIncreases;
    let rows = case.rows(at.machine);
    let before = match case.previous(at) {
        Some(previous) => rows.clock_value(previous.row),
        // Clocks of ours start at 0.
        None if case.trial.is_own() => Some(0.0),
        None => return,
    };
    let Some((before, found)) = before.zip(rows.clock_value(at.row)) else {
        return findings.undecided(law, 1, NO_CLOCK);
    };
    let shows_the_one_before =
        case.reading.shown == ReceiveClock::BeforeMerge && rows.kind(at.row) == Kind::Receive;
    let grows = found > before || (shows_the_one_before && equal(found, before));
    // What stands on a line that is not understood may be the start of another run; a fault starts another life.
    if !grows && (!case.trial.is_own() || case.begins_again(at)) && case.gap(at) > 0 {
        return findings.undecided(law, 1, GAP);
    }
    if !grows && equal(found, before) && case.may_be_one_send(at) {
        return findings.undecided(law, 1, ONE_SEND);
    }
    findings.examine(law, 1);
    if grows {
        return;
    }
    let cause = cause_of_decrease(before, found, case.reading.step.unwrap_or(1.0));
    findings.violate(law, at.machine, cause, || {
        let rows = [at, case.previous(at).unwrap_or(at)];
        Proof::new(rows, format!("a clock above {before}"), found.to_string())
    });
}
