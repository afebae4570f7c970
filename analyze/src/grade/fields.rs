//! What every line must tell.

use super::facts::{Facts, percent};
use super::judgement::{Line, Outcome};
use super::lines::line;
use super::rubric::Tolerance;
use events::{Kind, Rows};

/// A field that the assignment asks for.
struct Field {
    name: &'static str,
    asked_of: fn(Kind) -> bool,
    is_there: fn(&Rows, usize) -> bool,
}

const FIELDS: [Field; 3] = [
    Field {
        name: "system time",
        asked_of: |_| true,
        is_there: |rows, row| rows.time_ns.get(row).is_some(),
    },
    Field {
        name: "logical clock",
        asked_of: |_| true,
        is_there: |rows, row| rows.clock(row).is_some(),
    },
    Field {
        name: "queue length on receives",
        asked_of: |kind| kind == Kind::Receive,
        is_there: |rows, row| rows.queue.get(row).is_some(),
    },
];

/// Does each event tell its time and clock, and a receive the queue? Its kind every event has: what has none is no event.
pub(super) fn judge(facts: &Facts<'_>, limits: &Tolerance) -> Outcome {
    let mut missing: Vec<&str> = Vec::new();
    let mut numbers = Vec::new();
    let mut lines: Vec<Line> = Vec::new();
    let mut judged = 0;
    for field in &FIELDS {
        let (mut all, mut there) = (0usize, 0usize);
        for (_, machine, _) in facts.machines() {
            for (row, kind) in machine.rows.kinds().enumerate() {
                if (field.asked_of)(kind) {
                    all += 1;
                    there += usize::from((field.is_there)(&machine.rows, row));
                }
            }
        }
        if all == 0 {
            continue;
        }
        judged += 1;
        let share = there as f64 / all as f64;
        numbers.push((field.name, percent(share)));
        if share < 1.0 - limits.tolerance {
            missing.push(field.name);
            lines.extend(first_without(facts, field));
        }
    }
    let whole = facts
        .machines()
        .any(|(_, _, pace)| pace.resolution_s >= 1.0);
    let mut outcome = if judged == 0 {
        return Outcome::cannot_tell("There are no events.");
    } else if missing.is_empty() {
        Outcome::met(match whole {
            true => {
                "All fields are there. Times are in whole seconds, which is too coarse for machines of six ticks a second."
            }
            false => "All fields are there.",
        })
    } else {
        let share = 1.0 - missing.len() as f64 / judged as f64;
        let summary = format!(
            "Not on every line that should have it: {}.",
            missing.join(", ")
        );
        Outcome::finding(share, format!("no {}", missing.join(", no ")), summary)
            .advise("Log every event with the system time and the clock after it, and every receive with the messages left.")
    };
    for (name, share) in numbers {
        let expected = format!("at least {}", percent(1.0 - limits.tolerance));
        outcome = outcome.number(format!("events with {name}"), share, expected);
    }
    outcome.proven_by(lines)
}

fn first_without(facts: &Facts<'_>, field: &Field) -> Option<Line> {
    facts.machines().find_map(|(_, machine, _)| {
        let rows = &machine.rows;
        let lacks = |&row: &usize| (field.asked_of)(rows.kind(row)) && !(field.is_there)(rows, row);
        let row = (0..rows.len()).find(lacks)?;
        line(machine, row, format!("no {}", field.name))
    })
}
