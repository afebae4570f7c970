//! What is left when roles are known: events without a clock, facts, and the rest.
//!
//! **Invariant.** Lines that say nothing are left out only if no event is missing.

use super::facts::facts;
use crate::answer::Doubt;
use crate::meaning::{Meaning, Role, Standing, kind_name};
use crate::names::Names;
use crate::rates;
use crate::roles::label;
use crate::shape::example;
use crate::shape::{Shape, Slot};
use crate::table::Table;
use crate::tokens::Class;
use crate::writers::Writers;
use events::Kind;

/// Lines of one shape from which they are a habit of the program, and no accident.
const HABIT_LINES: usize = 5;

/// Settles what is left: events need a clock where events have one; the rest states facts, or is ignored.
pub(crate) fn settle(
    shapes: &[Shape],
    meanings: &mut [Meaning],
    names: &Names,
    writers: Option<&Writers>,
    doubts: &mut Vec<Doubt>,
) {
    let rows = |role| {
        (0..shapes.len())
            .filter(|&at| meanings[at].kind().is_some() && meanings[at].slot(role).is_some())
            .map(|at| shapes[at].rows.len())
            .sum::<usize>()
    };
    let wanted = [(Role::Clock, "clock"), (Role::Time, "time")]
        .into_iter()
        .find(|&(role, _)| rows(role) > 0);
    let lines = rates::lines(shapes, meanings);
    let complete = complete(shapes, meanings);
    for at in 0..shapes.len() {
        if let Standing::Hole(reason) = &meanings[at].standing {
            let lines = shapes[at].rows.len();
            let why = format!("{lines} such lines are left out, and may hold events: {reason}");
            doubt(doubts, "line", why, &shapes[at]);
        } else if meanings[at].kind().is_some() {
            if let Some((role, name)) = wanted
                && meanings[at].slot(role).is_none()
            {
                let standing = event_without(name, &shapes[at], at, meanings, doubts);
                meanings[at].reset();
                meanings[at].standing = standing;
            }
        } else if meanings[at].standing == Standing::Unknown {
            let writer = writers.and_then(|writers| writers.slot(shapes, at));
            let writer = writer.or_else(|| machine_field(shapes, meanings, at));
            let shape = &shapes[at];
            facts(shape, &mut meanings[at], names, (writer, &lines), doubts);
            if meanings[at].standing == Standing::Unknown {
                meanings[at].standing = many(shape, complete, doubts);
            }
        }
    }
}

/// What lines are that tell an event without the clock, or without clocks the time, that other events have.
fn event_without(
    name: &str,
    shape: &Shape,
    at: usize,
    meanings: &[Meaning],
    doubts: &mut Vec<Doubt>,
) -> Standing {
    let Some(kind) = meanings[at].kind() else {
        return meanings[at].standing.clone();
    };
    let told =
        |meaning: &Meaning| meaning.kind() == Some(kind) && meaning.slot(Role::Clock).is_some();
    // A habit of the program says again what another line says; a few such lines are rather events that were cut off.
    let left_out = meanings.iter().any(told) && shape.rows.len() >= HABIT_LINES;
    let kind = kind_name(kind);
    let why = format!("no {name}, and other events have one");
    let then = then(left_out);
    doubt(
        doubts,
        "event",
        format!("lines that speak of {kind} have {why}: {then}"),
        shape,
    );
    if left_out {
        Standing::Ignored(format!("speaks of {kind}, with {why}"))
    } else {
        Standing::Unknown
    }
}

/// What becomes of lines, in words.
fn then(left_out: bool) -> &'static str {
    if left_out {
        "a rule leaves them out"
    } else {
        "they stay unexplained"
    }
}

fn doubt(doubts: &mut Vec<Doubt>, what: &str, why: String, shape: &Shape) {
    doubts.push(Doubt {
        what: what.to_owned(),
        why,
        evidence: example(shape),
    });
}

/// Whether all events were found: there are some of each kind, and no clock leaps where nothing is received.
fn complete(shapes: &[Shape], meanings: &[Meaning]) -> bool {
    const PAIRS_MIN: f64 = 50.0;
    const SKIPS_MAX: f64 = 0.005;
    let clocks: Vec<Option<usize>> = meanings
        .iter()
        .map(|meaning| {
            meaning
                .slot(Role::Clock)
                .filter(|_| meaning.kind().is_some())
        })
        .collect();
    let of = |kinds: &[Kind]| {
        let kinds = |meaning: &Meaning| meaning.kind().is_some_and(|kind| kinds.contains(&kind));
        meanings.iter().any(kinds)
    };
    let climb = Table::new(shapes, meanings).climb(&clocks, meanings, None);
    of(&[Kind::Internal])
        && of(&[Kind::Receive])
        && of(&[Kind::Send, Kind::Broadcast])
        && climb.pairs >= PAIRS_MIN
        && climb.skips <= SKIPS_MAX
        && climb.hold >= 1.0 - SKIPS_MAX
}

/// What many lines are that name no event: left out if they say nothing that an event says, and no event is missing.
fn many(shape: &Shape, complete: bool, doubts: &mut Vec<Doubt>) -> Standing {
    const SAID: [Role; 6] = [
        Role::Clock,
        Role::Queue,
        Role::Time,
        Role::From,
        Role::To,
        Role::Carried,
    ];
    let says = |slot: &Slot| {
        matches!(slot.class, Class::Time | Class::List)
            || SAID.iter().any(|&role| label(role, slot) >= 1.0)
    };
    let left_out = complete && !shape.slots.iter().any(says);
    let why = if left_out {
        "such lines name no event, and the clocks of the events leave no gap"
    } else {
        "such lines name no event and are many"
    };
    let then = then(left_out);
    doubt(doubts, "line", format!("{why}: {then}"), shape);
    if left_out {
        Standing::Ignored("names no event".to_owned())
    } else {
        Standing::Unknown
    }
}

/// The slot of a shape whose field names the machine in records of events.
fn machine_field(shapes: &[Shape], meanings: &[Meaning], at: usize) -> Option<usize> {
    let events = shapes.iter().zip(meanings);
    let mut fields = events
        .filter(|(_, meaning)| meaning.kind().is_some())
        .filter_map(|(shape, meaning)| shape.slots[meaning.slot(Role::Machine)?].field.as_deref());
    let field = fields.next()?;
    let slots = &shapes[at].slots;
    slots
        .iter()
        .position(|slot| slot.field.as_deref() == Some(field))
}
