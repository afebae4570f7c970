//! One event a tick, ticks counted without gap, none before it is due, and none long after the end of the trial.

use event_log::schedule::compress;
use event_log::{Drain, Driver};

use super::facts::{Facts, hole};
use super::findings::{Findings, Telling};
use super::law::Law;
use crate::trial_log::EventKind;

/// How much off its due time a tick may be stamped that is not early or, in virtual time, late: due times are rounded, by less than this.
const ROUNDING_NS: u64 = 1_000;
/// How long after the nominal end of a trial on sockets the last row may be stamped: no host is that late.
const OVERRUN_NS: u64 = 60_000_000_000;

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
    let begun = previous.is_some_and(|previous| facts.takes_time(machine, previous));
    let shared = previous.is_some_and(|previous| {
        let drained = facts.log.manifest.condition.drain == Drain::All
            && rows.event[row] == EventKind::Receive
            && rows.event[previous] == EventKind::Receive;
        tick == rows.tick[previous] && !facts.takes_time(machine, row) && (begun || drained)
    });
    if lines_missing > 0 && tick >= next && tick - next <= lines_missing {
        findings.undecided(Law::OneEventPerTick, 1);
        return;
    }
    findings.examine(Law::OneEventPerTick, 1);
    let incomplete = begun && lines_missing == 0;
    if shared || (tick == next && !incomplete) {
        return;
    }
    let evidence = [(machine, Some(row)), (machine, previous.or(Some(row)))];
    if incomplete {
        findings.violate(Law::OneEventPerTick, machine, &evidence, || {
            let tick = next - 1;
            after_time(facts, machine, row, tick)
        });
        return;
    }
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

/// What is wrong with a row that follows one which took a time message at `tick`, and is not the event of that tick.
fn after_time(facts: &Facts, machine: usize, row: usize, tick: u64) -> Telling {
    let rows = facts.rows(machine);
    let (found, cause) = if facts.takes_time(machine, row) && rows.tick[row] == tick {
        (
            "a second time message".to_owned(),
            "the machine took more than the newest time message, or a row was logged twice",
        )
    } else {
        (
            format!("tick {}", rows.tick[row]),
            "the row of the tick's own event is missing: taking the time costs no tick",
        )
    };
    let expected = format!("the event of tick {tick}, which began by taking the time");
    Telling::new(expected, found, cause)
}

fn time(facts: &Facts, machine: usize, row: usize, findings: &mut Findings) {
    let rows = facts.rows(machine);
    let time_ns = rows.time_ns[row];
    findings.examine(Law::TickTime, 1);
    if let Some(telling) = against_due(facts, machine, row) {
        findings.violate(Law::TickTime, machine, &[(machine, Some(row))], || telling);
    }
    if let Some(previous) = row.checked_sub(1)
        && time_ns < rows.time_ns[previous]
        && !overran(facts, machine, previous)
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

/// The time of a row against the time at which its tick is due.
fn against_due(facts: &Facts, machine: usize, row: usize) -> Option<Telling> {
    let rows = facts.rows(machine);
    let (tick, time_ns) = (rows.tick[row], rows.time_ns[row]);
    let due_ns = facts.due_ns(machine, tick)?;
    if time_ns.saturating_add(ROUNDING_NS) < due_ns {
        return Some(Telling::new(
            format!("tick {tick} no earlier than {due_ns}, when it is due"),
            format!("{time_ns}, {} ns too early", due_ns - time_ns),
            "the machine ticks faster than the manifest says, the system clock was set back, or the row was edited",
        ));
    }
    if !beyond(facts, time_ns, due_ns) {
        return None;
    }
    let found = format!("{time_ns}, {} ns later than due", time_ns - due_ns);
    Some(match facts.log.manifest.condition.driver {
        Driver::Virtual => Telling::new(
            format!(
                "tick {tick} at {due_ns}, when it is due: in virtual time no tick is late but by the delay injected"
            ),
            found,
            "the rate, phase or start in the manifest is not that of the trial, or the row was edited",
        ),
        Driver::Sockets => Telling::new(
            format!("tick {tick} within a minute after the nominal end of the trial"),
            found,
            "the system clock was set forward, the computer slept, or the row was edited",
        ),
    })
}

/// Whether a row stands later than any correct trial has it: in virtual time than due, on sockets than a minute after
/// the nominal end.
fn overran(facts: &Facts, machine: usize, row: usize) -> bool {
    let rows = facts.rows(machine);
    let due_ns = facts.due_ns(machine, rows.tick[row]);
    due_ns.is_some_and(|due_ns| beyond(facts, rows.time_ns[row], due_ns))
}

/// Whether a time is later than any that a tick which is due then may have.
fn beyond(facts: &Facts, time_ns: u64, due_ns: u64) -> bool {
    let manifest = &facts.log.manifest;
    let latest_ns = match manifest.condition.driver {
        Driver::Virtual => Some(due_ns.saturating_add(ROUNDING_NS)),
        Driver::Sockets => manifest.started_ns.map(|started_ns| {
            let length_ns = compress(manifest.condition.duration_ns, manifest.condition.speed);
            let end_ns = started_ns.saturating_add(length_ns);
            end_ns.max(due_ns).saturating_add(OVERRUN_NS)
        }),
    };
    latest_ns.is_some_and(|latest_ns| time_ns > latest_ns)
}
