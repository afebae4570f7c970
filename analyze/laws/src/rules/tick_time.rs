//! Times do not fall within a log; where due times are known no tick is early, none long after the end of the trial, and in
//! virtual time none late.

use event_log::schedule::compress;
use event_log::{Driver, TrialManifest};
use events::At;

use crate::case::Case;
use crate::facts::LATE_LINE_NS;
use crate::findings::{Findings, Proof};
use crate::law::Law;
use crate::rule::{Applies, Rule};

pub(super) const RULE: Rule = Rule {
    law: Law::TickTime,
    applies,
    check,
};

/// How much off its due time a tick may be stamped that is not early or, in virtual time, late: due times are rounded, by less than this.
const ROUNDING_NS: i64 = 1_000;
/// How long after the nominal end of a trial on sockets the last row may be stamped: no host is that late.
const OVERRUN_NS: i64 = 60_000_000_000;

fn applies(case: &Case<'_>) -> Applies {
    let mut machines = (0..case.machines()).map(|machine| case.rows(machine));
    let timed = machines.any(|rows| rows.time_ns.len() > rows.time_ns.missing());
    match timed || case.trial.is_own() {
        true => Applies::Yes,
        false => Applies::NotDecidable("lines have no times"),
    }
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let manifest = case.trial.info.manifest.as_deref();
    let latest = manifest.map(Latest::of);
    for machine in 0..case.machines() {
        findings.turn(machine, 0);
        let rows = case.rows(machine);
        let mut previous = findings.memory.machines[machine].timed;
        let mut examined = 0;
        for row in case.new_rows(machine) {
            let Some(time_ns) = rows.time_ns.get(row) else {
                continue;
            };
            let at = At { machine, row };
            examined += u64::from(latest.is_some() || previous.is_some());
            let due_ns = case.facts.due_ns(case.trial, machine, rows.tick(row));
            let due = latest.as_ref().zip(due_ns);
            if let Some((latest, due_ns)) = due {
                latest.judge(case, at, (time_ns, due_ns), findings);
            }
            // A row that comes too late is one violation: the next, which is on time, is not out of order.
            let overran = due.is_some_and(|(latest, due_ns)| latest.is_beyond(time_ns, due_ns));
            if let Some((before, before_ns)) =
                previous.filter(|&(_, before_ns)| time_ns < before_ns)
            {
                back(
                    case,
                    (at, before),
                    before_ns.saturating_sub(time_ns),
                    findings,
                );
            }
            previous = Some((at, if overran { i64::MIN } else { time_ns }));
        }
        findings.examine(Law::TickTime, examined);
        findings.memory.machines[machine].timed = previous;
    }
}

/// A time that is before that of the row above.
fn back(case: &Case<'_>, (at, before): (At, At), back_ns: i64, findings: &mut Findings) {
    let cause = match (case.trial.is_own(), back_ns) {
        (true, _) => "rows are out of order, or the system clock was set back",
        (false, ..=LATE_LINE_NS) => {
            "lines of several threads are written in another order than they happened"
        }
        (false, _) => "the system clock was set back, or lines of another run stand here",
    };
    findings.violate(Law::TickTime, at.machine, cause, || {
        let expected = "a time not before that of the line above";
        Proof::new([at, before], expected, format!("{back_ns} ns before it"))
    });
}

/// How late a row of a trial can be.
enum Latest {
    /// In virtual time: when it is due.
    Due,
    /// On sockets: long after the nominal end, if the trial has begun. Of a trial with faults: nobody knows.
    End(Option<i64>),
}

impl Latest {
    fn of(manifest: &TrialManifest) -> Latest {
        match manifest.condition.driver {
            // A fault may pause a machine, and how long the manifest does not say.
            Driver::Virtual if manifest.condition.faults.is_some() => Latest::End(None),
            Driver::Virtual => Latest::Due,
            Driver::Sockets => Latest::End(manifest.started_ns.map(|started_ns| {
                let condition = &manifest.condition;
                let length_ns = compress(condition.duration_ns, condition.speed);
                i64::try_from(started_ns.saturating_add(length_ns)).unwrap_or(i64::MAX)
            })),
        }
    }

    /// Whether a time is later than any that a tick which is due then may have.
    fn is_beyond(&self, time_ns: i64, due_ns: i64) -> bool {
        match self {
            Latest::Due => time_ns > due_ns.saturating_add(ROUNDING_NS),
            Latest::End(Some(end_ns)) => time_ns > due_ns.max(*end_ns).saturating_add(OVERRUN_NS),
            Latest::End(None) => false,
        }
    }

    /// The time of a row against the time at which its tick is due.
    fn judge(
        &self,
        case: &Case<'_>,
        at: At,
        (time_ns, due_ns): (i64, i64),
        findings: &mut Findings,
    ) {
        let law = Law::TickTime;
        if time_ns.saturating_add(ROUNDING_NS) < due_ns {
            let cause = "the machine ticks faster than the manifest says, the system clock was set back, or the row was edited";
            findings.violate(law, at.machine, cause, || {
                let tick = case.rows(at.machine).tick(at.row);
                let expected = format!("tick {tick} no earlier than {due_ns}, when it is due");
                let early_ns = due_ns.saturating_sub(time_ns);
                Proof::new(
                    [at],
                    expected,
                    format!("{time_ns}, {early_ns} ns too early"),
                )
            });
        }
        if !self.is_beyond(time_ns, due_ns) {
            return;
        }
        let cause = match self {
            Latest::Due => {
                "the rate, phase or start in the manifest is not that of the trial, or the row was edited"
            }
            Latest::End(_) => {
                "the system clock was set forward, the computer slept, or the row was edited"
            }
        };
        findings.violate(law, at.machine, cause, || {
            let tick = case.rows(at.machine).tick(at.row);
            let expected = match self {
                Latest::Due => format!(
                    "tick {tick} at {due_ns}, when it is due: in virtual time no tick is late but by the delay injected"
                ),
                Latest::End(_) => {
                    format!("tick {tick} within a minute after the nominal end of the trial")
                }
            };
            let late_ns = time_ns.saturating_sub(due_ns);
            Proof::new([at], expected, format!("{time_ns}, {late_ns} ns later than due"))
        });
    }
}
