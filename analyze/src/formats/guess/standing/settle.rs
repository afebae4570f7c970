//! What is left when roles are known: events without a clock, facts, and the rest.
//!
//! **Invariant.** Lines that say nothing are left out only if no event is missing.
use super::facts::facts;
use super::{kind_name, reset};
use crate::formats::guess::meaning::{Meaning, Role, Standing};
use crate::formats::guess::names::Names;
use crate::formats::guess::roles::label;
use crate::formats::guess::shape::{Shape, Slot};
use crate::formats::guess::table::Table;
use crate::formats::guess::tokens::Class;
use crate::formats::guess::writers::Writers;
use crate::formats::guess::{Doubt, example, rates};
use crate::history::Kind;

/// Lines of one shape from which they are a habit of the program, and no accident.
const HABIT_LINES: usize = 5;

/// Settles what is left: events need a clock where events have one; the rest states facts, or is ignored.
pub(in crate::formats::guess) fn settle(
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
    let (clocks, times) = (rows(Role::Clock), rows(Role::Time));
    let lines = rates::lines(shapes, meanings);
    let complete = complete(shapes, meanings);
    for at in 0..shapes.len() {
        let shape = &shapes[at];
        if let Some(kind) = meanings[at].kind() {
            let has = |role| meanings[at].slot(role).is_some();
            let stands = if clocks > 0 {
                has(Role::Clock)
            } else if times > 0 {
                has(Role::Time)
            } else {
                true
            };
            if stands {
                continue;
            }
            let why = if clocks > 0 {
                "no clock, and other events have one"
            } else {
                "no time, and other events have one"
            };
            let other = meanings
                .iter()
                .any(|meaning| meaning.kind() == Some(kind) && meaning.slot(Role::Clock).is_some());
            // A habit of the program says again what another line says; a few such lines are rather events that were cut off.
            let ignore = other && shape.rows.len() >= HABIT_LINES;
            let then = if ignore {
                "a rule leaves them out"
            } else {
                "they stay unexplained"
            };
            doubts.push(Doubt {
                what: "event".to_owned(),
                why: format!("lines that speak of {} have {why}: {then}", kind_name(kind)),
                evidence: example(shape),
            });
            reset(&mut meanings[at]);
            if ignore {
                meanings[at].standing =
                    Standing::Ignored(format!("speaks of {}, with {why}", kind_name(kind)));
            }
            continue;
        }
        if meanings[at].standing == Standing::Unknown {
            let writer = writers.and_then(|writers| writers.slot(shapes, at));
            let writer = writer.or_else(|| machine_field(shapes, meanings, at));
            facts(shape, &mut meanings[at], names, (writer, &lines), doubts);
            if meanings[at].standing == Standing::Unknown {
                meanings[at].standing = many(shape, complete, doubts);
            }
        }
    }
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
        "such lines name no event, and the clocks of the events leave no gap: a rule leaves them out"
    } else {
        "such lines name no event and are many: they stay unexplained"
    };
    doubts.push(Doubt {
        what: "line".to_owned(),
        why: why.to_owned(),
        evidence: example(shape),
    });
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
