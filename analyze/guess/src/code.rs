//! Events named by a code: a letter, a number, a word in a language that nobody here knows.
//!
//! The value is a code if it divides the lines so that only some of them have clocks that go up by more than one, and some
//! of the others have the clocks that those met.
//!
//! **Invariant.** A value is taken for a code only where clocks prove it.

use super::event_clocks::EventClocks;
use super::meaning::{Meaning, Role, Standing};
use super::roles;
use super::shape::{Body, Part, Piece, Shape};
use super::table::Table;
use super::tokens::Class;
use events::Kind;

/// Different codes at most: faces of a die, and more.
const CODES_MAX: usize = 24;
/// Share of the lines that a shape must have to be divided.
const FREQUENT: f64 = 0.2;

/// A value that clocks do not prove better than this is no code.
pub(super) const PROOF_MIN: f64 = 0.5;
/// By how much a division must be better than none.
const GAIN_MIN: f64 = 0.1;

/// Events by a single letter.
pub(super) fn letter(value: &str) -> Option<Kind> {
    Some(match value {
        "I" | "L" | "i" | "l" => Kind::Internal,
        "S" | "s" => Kind::Send,
        "R" | "r" => Kind::Receive,
        "B" | "A" | "M" | "b" | "a" | "m" => Kind::Broadcast,
        _ => return None,
    })
}

/// How well a division of lines into shapes tells receives and sends apart, as clocks prove it: from 0, not at all, to 2.
pub(super) fn proof(shapes: &[Shape], trials: &[usize]) -> f64 {
    let mut meanings: Vec<Meaning> = shapes
        .iter()
        .map(|shape| Meaning {
            standing: Standing::Event(Kind::Internal),
            roles: vec![Role::None; shape.slots.len()],
        })
        .collect();
    let table = Table::new(shapes, &meanings);
    let clocks = roles::clock_slots(&table, &meanings);
    let climb = table.climb(&clocks, &meanings, None);
    if climb.hold < 0.9 || climb.grow < 0.8 {
        return 0.0;
    }
    for (meaning, slot) in meanings.iter_mut().zip(clocks) {
        if let Some(slot) = slot {
            meaning.roles[slot] = Role::Clock;
        }
    }
    let steps = EventClocks::new(shapes, &meanings, trials).steps();
    let (mut still, mut leaping, mut strays, mut leaps) = (0, 0, 0, 0);
    for (&at, &(all, of)) in &steps {
        leaps += of;
        if of * 50 > all {
            leaping += all;
            meanings[at].standing = Standing::Event(Kind::Receive);
        } else {
            still += all;
            strays += of;
        }
    }
    let all = (still + leaping) as f64;
    if leaps < 3 || still == 0 || strays * 20 > leaps {
        return 0.0;
    }
    let senders = EventClocks::new(shapes, &meanings, trials).senders(&meanings);
    still as f64 / all + senders.map_or(0.0, |senders| 1.0 - senders.share)
}

/// Divides frequent shapes of text by a code in them, if clocks prove that it is one.
pub(super) fn divide(shapes: Vec<Shape>, trials: &[usize]) -> Vec<Shape> {
    let total: usize = shapes.iter().map(|shape| shape.rows.len()).sum();
    let frequent = |shape: &Shape| shape.rows.len() as f64 >= FREQUENT * total as f64;
    // Headers have no clock.
    let is_line = |shape: &Shape| shape.rows.len() > 2 * shape.files();
    let lines = shapes.iter().filter(|shape| is_line(shape)).cloned();
    let undivided = proof(&lines.collect::<Vec<Shape>>(), trials);
    let least = PROOF_MIN.max(undivided + GAIN_MIN);
    let mut best: Option<(f64, Vec<Shape>)> = None;
    for at in (0..shapes.len()).filter(|&at| frequent(&shapes[at])) {
        for slot in (0..shapes[at].slots.len()).filter(|&slot| could_be(&shapes[at], slot)) {
            let parts = by_value(&shapes[at], slot);
            let others = || shapes.iter().enumerate().filter(|(other, _)| *other != at);
            let lines = others()
                .filter(|(_, shape)| is_line(shape))
                .map(|(_, shape)| shape.clone());
            let divided: Vec<Shape> = lines.chain(parts.iter().cloned()).collect();
            let proof = proof(&divided, trials);
            if proof > best.as_ref().map_or(least, |(best, _)| *best) {
                let all = others().map(|(_, shape)| shape.clone()).chain(parts);
                best = Some((proof, all.collect()));
            }
        }
    }
    best.map_or(shapes, |(_, shapes)| shapes)
}

/// Whether a slot has few values, and they change within a file.
fn could_be(shape: &Shape, slot: usize) -> bool {
    let values = shape.distinct(slot, CODES_MAX);
    let of = &shape.slots[slot];
    if !(2..=CODES_MAX).contains(&values.len())
        || !matches!(of.class, Class::Word | Class::Number)
        || values.iter().any(|value| value.contains('.'))
    {
        return false;
    }
    let pairs = shape
        .rows
        .windows(2)
        .filter(|pair| pair[0].file == pair[1].file);
    let changes = pairs.filter(|pair| pair[0].values[slot] != pair[1].values[slot]);
    changes.count() * 10 > shape.rows.len()
}

/// The lines of a shape by the value of a slot, which is the same in all lines of each.
fn by_value(shape: &Shape, slot: usize) -> Vec<Shape> {
    let values = shape.distinct(slot, CODES_MAX);
    values
        .into_iter()
        .map(|value| part(shape, slot, value))
        .collect()
}

/// The lines of a shape that have this value in a slot: it is no slot of theirs.
pub(super) fn part(shape: &Shape, slot: usize, value: &str) -> Shape {
    let body = match &shape.body {
        Body::Text(pieces) => {
            let pieces = pieces.iter().map(|piece| {
                let part = match &piece.part {
                    Part::Slot(of) if *of == slot => Part::Literal(value.to_owned()),
                    Part::Slot(of) if *of > slot => Part::Slot(of - 1),
                    part => part.clone(),
                };
                Piece {
                    gap: piece.gap,
                    part,
                }
            });
            Body::Text(pieces.collect())
        }
        Body::Fields(conditions) => {
            let field = shape.slots[slot].field.clone().unwrap_or_default();
            let more = std::iter::once((field, value.to_owned()));
            Body::Fields(conditions.iter().cloned().chain(more).collect())
        }
    };
    let mut slots = shape.slots.clone();
    slots.remove(slot);
    let rows = shape.rows.iter().filter(|row| row.values[slot] == value);
    let rows = rows.map(|row| {
        let mut row = row.clone();
        row.values.remove(slot);
        row
    });
    Shape {
        body,
        words: shape.words.clone(),
        code: Some(value.to_owned()),
        slots,
        rows: rows.collect(),
    }
}
