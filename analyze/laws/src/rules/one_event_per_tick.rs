//! One event a tick, ticks counted without gap, where ticks are logged.

use event_log::Drain;
use events::{At, Kind};

use crate::case::Case;
use crate::findings::{Findings, Proof};
use crate::law::Law;
use crate::rule::{GAP, Rule, with_manifest};

pub(super) const RULE: Rule = Rule {
    law: Law::OneEventPerTick,
    applies: with_manifest,
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let drains = case.trial.info.manifest.as_ref();
    let drains = drains.is_some_and(|manifest| manifest.condition.drain == Drain::All);
    for machine in 0..case.machines() {
        findings.turn(machine, 0);
        let rows = case.rows(machine);
        let whole = case.facts.timekeeper.is_none() && !case.facts.machines[machine].has_gaps;
        let ticks = rows.tick.values();
        let mut right = 0;
        for row in case.new_rows(machine) {
            let next = row
                .checked_sub(1)
                .map_or(0, |row| ticks[row].saturating_add(1));
            if whole && ticks[row] == next {
                right += 1;
            } else {
                number(case, At { machine, row }, drains, findings);
            }
        }
        findings.examine(Law::OneEventPerTick, right);
    }
}

fn number(case: &Case<'_>, at: At, drains: bool, findings: &mut Findings) {
    let rows = case.rows(at.machine);
    let previous = case.previous(at);
    let tick = rows.tick(at.row);
    let next = previous.map_or(0, |previous| rows.tick(previous.row).saturating_add(1));
    let lines_missing = case.gap(at);
    let begun = previous.is_some_and(|previous| case.takes_time(previous));
    let shared = previous.is_some_and(|previous| {
        let receives = |at: At| rows.kind(at.row) == Kind::Receive;
        let drained = drains && receives(at) && receives(previous);
        tick == rows.tick(previous.row) && !case.takes_time(at) && (begun || drained)
    });
    if lines_missing > 0 && tick >= next && tick - next <= lines_missing {
        return findings.undecided(Law::OneEventPerTick, 1, GAP);
    }
    findings.examine(Law::OneEventPerTick, 1);
    let incomplete = begun && lines_missing == 0;
    if shared || (tick == next && !incomplete) {
        return;
    }
    if incomplete {
        return after_time(case, at, next - 1, findings);
    }
    let cause = if tick > next {
        "rows are missing here: a tick was not logged, or its line was deleted"
    } else if previous.is_some_and(|previous| tick == rows.tick(previous.row)) {
        "two events in one tick, or a row logged twice"
    } else {
        "rows are out of order, or belong to another machine or another run"
    };
    findings.violate(Law::OneEventPerTick, at.machine, cause, || {
        let rows = [at, previous.unwrap_or(at)];
        Proof::new(rows, format!("tick {next}"), format!("tick {tick}"))
    });
}

/// A row that follows one which took a time message at `tick`, and is not the event of that tick.
fn after_time(case: &Case<'_>, at: At, tick: u64, findings: &mut Findings) {
    let rows = case.rows(at.machine);
    let (found, cause) = if case.takes_time(at) && rows.tick(at.row) == tick {
        (
            "a second time message".to_owned(),
            "the machine took more than the newest time message, or a row was logged twice",
        )
    } else {
        (
            format!("tick {}", rows.tick(at.row)),
            "the row of the tick's own event is missing: taking the time costs no tick",
        )
    };
    findings.violate(Law::OneEventPerTick, at.machine, cause, || {
        let expected = format!("the event of tick {tick}, which began by taking the time");
        Proof::new([at, case.previous(at).unwrap_or(at)], expected, found)
    });
}
