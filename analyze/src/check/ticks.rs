//! One event a tick, ticks counted without gap, and none before it is due.

use event_log::Drain;

use super::facts::{Facts, hole};
use super::findings::{Findings, Telling};
use super::law::Law;
use crate::trial_log::EventKind;

/// How much earlier than due a tick may be stamped: due times are rounded, by less than this.
const ROUNDING_NS: u64 = 1_000;

/// Puts the laws to the log of one machine.
pub(super) fn check(facts: &Facts, machine: usize, findings: &mut Findings) {
    for row in 0..facts.rows(machine).len() {
        number(facts, machine, row, findings);
        time(facts, machine, row, findings);
    }
}

fn number(facts: &Facts, machine: usize, row: usize, findings: &mut Findings) {
    let rows = facts.rows(machine);
    let previous = row.checked_sub(1);
    let tick = rows.tick[row];
    let next = previous.map_or(0, |previous| rows.tick[previous].saturating_add(1));
    let lines_missing = hole(rows, row);
    let shared = previous.is_some_and(|previous| {
        facts.log.manifest.condition.drain == Drain::All
            && tick == rows.tick[previous]
            && rows.event[row] == EventKind::Receive
            && rows.event[previous] == EventKind::Receive
    });
    if lines_missing > 0 && tick >= next && tick - next <= lines_missing {
        findings.undecided(Law::OneEventPerTick, 1);
        return;
    }
    findings.examine(Law::OneEventPerTick, 1);
    if tick == next || shared {
        return;
    }
    let evidence = [(machine, Some(row)), (machine, previous.or(Some(row)))];
    findings.violate(Law::OneEventPerTick, machine, &evidence, || {
        let cause = if tick > next {
            "rows are missing here: a tick was not logged, or its line was deleted"
        } else if previous.is_some_and(|previous| tick == rows.tick[previous]) {
            "two events in one tick, or a row logged twice"
        } else {
            "rows are out of order, or belong to another machine or another run"
        };
        Telling::new(format!("tick {next}"), format!("tick {tick}"), cause)
    });
}

fn time(facts: &Facts, machine: usize, row: usize, findings: &mut Findings) {
    let rows = facts.rows(machine);
    let time_ns = rows.time_ns[row];
    findings.examine(Law::TickTime, 1);
    if let Some(due_ns) = facts.due_ns(machine, rows.tick[row])
        && time_ns.saturating_add(ROUNDING_NS) < due_ns
    {
        findings.violate(Law::TickTime, machine, &[(machine, Some(row))], || {
            Telling::new(
                format!("tick {} no earlier than {due_ns}, when it is due", rows.tick[row]),
                format!("{time_ns}, {} ns too early", due_ns - time_ns),
                "the machine ticks faster than the manifest says, the system clock was set back, or the row was edited",
            )
        });
    }
    if let Some(previous) = row.checked_sub(1)
        && time_ns < rows.time_ns[previous]
    {
        let evidence = [(machine, Some(row)), (machine, Some(previous))];
        findings.violate(Law::TickTime, machine, &evidence, || {
            Telling::new(
                format!("a time of at least {}", rows.time_ns[previous]),
                time_ns.to_string(),
                "rows are out of order, or the system clock was set back",
            )
        });
    }
}
