//! A recipient's name that is none: `-1`, `9`, or one position more than there are peers, for a send to all.
//!
//! **Invariant.** A value is taken for everybody only if two machines at a time receive what is sent to it, and one alone
//! receives what is sent to the others.

use std::collections::BTreeSet;

use super::behaviour::ALL_MIN;
use super::event_clocks::EventClocks;
use super::meaning::{Meaning, Role};
use super::names::Names;
use super::shape::Shape;
use super::tokens::Class;
use super::{code, words};
use events::Kind;

/// Share of them up to which they are sends to one.
const ONE_MAX: f64 = 0.12;
/// Different recipients at most.
const NAMES_MAX: usize = 16;

/// The shapes, with the sends to everybody apart from the others; `None` if no recipient proves to be everybody.
pub(super) fn apart(
    shapes: &[Shape],
    meanings: &[Meaning],
    names: &Names,
    trials: &[usize],
) -> Option<Vec<Shape>> {
    let known = names.all();
    for (at, shape) in shapes.iter().enumerate() {
        let of = &meanings[at];
        let recipients = of.roles.iter().filter(|role| **role == Role::To).count();
        let named = of.slot(Role::To).filter(|_| recipients == 1);
        let Some(slot) = named.or_else(|| bare_name(shape, of)) else {
            continue;
        };
        let values = shape.distinct(slot, NAMES_MAX);
        if of.kind() != Some(Kind::Send) || !(2..=NAMES_MAX).contains(&values.len()) {
            continue;
        }
        let strange = |value: &&str| {
            let own = shape.rows.iter().any(|row| {
                row.values[slot] == *value && names.machines[row.file].as_deref() == Some(*value)
            });
            (own || !known.contains(value)) && !words::means_all(value)
        };
        if !values.iter().any(strange) {
            continue;
        }
        if let Some(value) = everybody(shapes, meanings, (at, slot), &values, trials) {
            let mut apart = shapes.to_vec();
            let mut all = code::part(shape, slot, value);
            all.words.push("broadcast".to_owned());
            apart[at].rows.retain(|row| row.values[slot] != value);
            apart.push(all);
            return Some(apart);
        }
    }
    None
}

/// The only word of a send that varies and has no role, where nobody is named: `A`, `B` and `AB` may be the first peer, the
/// second, and both.
fn bare_name(shape: &Shape, meaning: &Meaning) -> Option<usize> {
    let word =
        |&slot: &usize| shape.slots[slot].class == Class::Word && meaning.roles[slot] == Role::None;
    let mut words = (0..shape.slots.len()).filter(word);
    let first = words.next()?;
    (words.next().is_none() && meaning.slot(Role::To).is_none()).then_some(first)
}

/// The one value that two machines at a time receive.
fn everybody<'v>(
    shapes: &[Shape],
    meanings: &[Meaning],
    (at, slot): (usize, usize),
    values: &BTreeSet<&'v str>,
    trials: &[usize],
) -> Option<&'v str> {
    let mut divided = shapes.to_vec();
    let mut meant = meanings.to_vec();
    let whole = divided[at].clone();
    divided[at].rows.clear();
    let mut parts = Vec::new();
    for value in values {
        parts.push((*value, divided.len()));
        divided.push(code::part(&whole, slot, value));
        let mut meaning = meanings[at].clone();
        meaning.roles.remove(slot);
        meant.push(meaning);
    }
    let senders = EventClocks::new(&divided, &meant, trials).senders(&meant)?;
    let reach = |of: usize| senders.reach.get(&of).copied();
    let mut all = parts
        .iter()
        .filter(|(_, of)| reach(*of).is_some_and(|reach| reach >= ALL_MIN));
    let (value, _) = all.next()?;
    let one = |(other, of): &(&str, usize)| {
        other == value || reach(*of).is_none_or(|reach| reach <= ONE_MAX)
    };
    (all.next().is_none() && parts.iter().all(one)).then_some(*value)
}
