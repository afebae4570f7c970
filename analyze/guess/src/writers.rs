//! Which value of a line names the machine that wrote it, where no word says so: `[M0]`, `node-2`, a column of letters.
//!
//! In a file of several machines the clock of all lines together falls again and again; sorted by the right value it
//! never does.
//!
//! **Invariant.** A value is taken only where clocks prove it.

use std::collections::BTreeSet;

use super::meaning::{MACHINES_MAX, Meaning, Role};
use super::roles;
use super::shape::{Shape, marks_before};
use super::table::Table;
use super::tokens::Class;
use super::vectors;

/// Share of the events that must have the value.
const MOST: f64 = 0.95;
/// Share of the clocks that must not fall from one event of a machine to the next.
const HOLD: f64 = 0.97;
/// With as many that do not fall in all lines together no file has several machines.
const TOGETHER: f64 = 0.93;
/// Values so far from the beginning or the end of a line are looked at.
const PLACES: usize = 4;

/// The machine that each line names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Writers {
    /// By shape, the slot that names it.
    pub(super) slots: Vec<Option<usize>>,
    /// All names.
    pub(super) names: BTreeSet<String>,
    /// What stands right before it in lines of text: `VM` of `VM 2`.
    marks: BTreeSet<Vec<String>>,
}

/// Where in a line a value stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    FromStart(usize),
    FromEnd(usize),
    Field(String),
}

/// The writers that lines name, if some file has several and clocks fall unless lines are sorted by them.
pub(super) fn find(shapes: &[Shape], meanings: &[Meaning]) -> Option<Writers> {
    let events: Vec<usize> = (0..shapes.len())
        .filter(|&at| meanings[at].kind().is_some())
        .collect();
    let places: BTreeSet<Place> = events.iter().flat_map(|&at| places(&shapes[at])).collect();
    let slots = |place| -> Vec<Option<usize>> {
        let slots = shapes.iter().map(|shape| slot(shape, place));
        slots.collect()
    };
    let mut able: Vec<Vec<Option<usize>>> = places.iter().map(slots).collect();
    able.retain(|slots| names_writers(shapes, &events, slots));
    if able.is_empty() {
        return None;
    }
    let together = hold(shapes, meanings);
    if together >= TOGETHER {
        return None;
    }
    let mut best = (together, 0);
    let mut found = None;
    for slots in able {
        let mut named = meanings.to_vec();
        for &at in &events {
            if let Some(slot) = slots[at] {
                named[at].roles[slot] = Role::Machine;
            }
        }
        let now = match vectors::find(shapes, &named) {
            Some(_) => 1.0,
            None => hold(shapes, &named),
        };
        if now < HOLD || now < best.0 - 1e-9 {
            continue;
        }
        // Of two names of a machine (`pid=712 vm=b`) its peers call it by the better one.
        let calls = calls(shapes, &events, &slots);
        if now > best.0 + 1e-9 || (found.is_some() && calls > best.1) {
            (best, found) = ((now, calls), Some(slots));
        }
    }
    let slots = found?;
    let names = events
        .iter()
        .filter_map(|&at| Some(shapes[at].column(slots[at]?)));
    let names = names.flatten().map(str::to_owned).collect();
    let mark = |&at: &usize| Some(owned(&marks_before(&shapes[at], slots[at]?)));
    let marks = events.iter().filter_map(mark).collect();
    Some(Writers {
        slots,
        names,
        marks,
    })
}

impl Writers {
    /// The slot of a line that holds the name of a writer, where events have it or, in other lines, after the same mark.
    pub(super) fn slot(&self, shapes: &[Shape], at: usize) -> Option<usize> {
        let shape = &shapes[at];
        let named = |&slot: &usize| {
            let mut values = shape.column(slot).peekable();
            values.peek().is_some() && values.all(|value| self.names.contains(value))
        };
        let marked = |&slot: &usize| {
            let marks = marks_before(shape, slot);
            !marks.is_empty() && self.marks.contains(&owned(&marks))
        };
        let same_place = self.slots[at].filter(named);
        same_place.or_else(|| (0..shape.slots.len()).find(|slot| named(slot) && marked(slot)))
    }
}

/// Events with another value that is always the name of a writer.
fn calls(shapes: &[Shape], events: &[usize], slots: &[Option<usize>]) -> usize {
    let named = events
        .iter()
        .filter_map(|&at| Some(shapes[at].column(slots[at]?)));
    let names: BTreeSet<&str> = named.flatten().collect();
    let called = |&&at: &&usize| {
        let others = (0..shapes[at].slots.len()).filter(|&slot| Some(slot) != slots[at]);
        let mut others = others.map(|slot| shapes[at].distinct(slot, MACHINES_MAX));
        others.any(|values| values.len() > 1 && values.is_subset(&names))
    };
    let calling = events.iter().filter(called);
    calling.map(|&at| shapes[at].rows.len()).sum()
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// Share of the clocks that do not fall, with the best choice of clocks that there is.
fn hold(shapes: &[Shape], meanings: &[Meaning]) -> f64 {
    let table = Table::new(shapes, meanings);
    let chosen = roles::clock_slots(&table, meanings);
    let climb = table.climb(&chosen, meanings, None);
    // Numbers that never change do not fall either.
    climb.hold * f64::from(u8::from(climb.grow >= 0.5))
}

fn places(shape: &Shape) -> Vec<Place> {
    let few = |slot: usize| {
        !matches!(shape.slots[slot].class, Class::Time | Class::List)
            && shape.distinct(slot, MACHINES_MAX).len() <= MACHINES_MAX
    };
    let slots = shape.slots.len();
    let place = |slot: usize| -> Vec<Place> {
        match &shape.slots[slot].field {
            Some(field) => vec![Place::Field(field.clone())],
            None => vec![Place::FromStart(slot), Place::FromEnd(slots - 1 - slot)],
        }
    };
    let near = |place: &Place| match place {
        Place::FromStart(at) | Place::FromEnd(at) => *at < PLACES,
        Place::Field(_) => true,
    };
    (0..slots)
        .filter(|&slot| few(slot))
        .flat_map(place)
        .filter(near)
        .collect()
}

fn slot(shape: &Shape, place: &Place) -> Option<usize> {
    match place {
        Place::FromStart(at) => (*at < shape.slots.len()).then_some(*at),
        Place::FromEnd(at) => shape.slots.len().checked_sub(1 + at),
        Place::Field(name) => shape
            .slots
            .iter()
            .position(|slot| slot.field.as_ref() == Some(name)),
    }
}

/// Whether nearly all events have one of a few names there, some file several of them, and none is met but once.
fn names_writers(shapes: &[Shape], events: &[usize], slots: &[Option<usize>]) -> bool {
    let (mut with, mut all) = (0, 0);
    let mut names: BTreeSet<(usize, &str)> = BTreeSet::new();
    let mut texts: BTreeSet<&str> = BTreeSet::new();
    for &at in events {
        let shape = &shapes[at];
        all += shape.rows.len();
        let Some(slot) = slots[at] else { continue };
        if matches!(shape.slots[slot].class, Class::Time | Class::List)
            || shape.is_place_in_source(slot)
        {
            continue;
        }
        for row in &shape.rows {
            let name = row.values[slot].as_str();
            if name.is_empty() {
                continue;
            }
            with += 1;
            texts.insert(name);
            if texts.len() > MACHINES_MAX {
                return false;
            }
            names.insert((row.file, name));
        }
    }
    let files: BTreeSet<usize> = names.iter().map(|(file, _)| *file).collect();
    (with as f64) >= MOST * f64::from(all as u32)
        && names.len() > files.len()
        && with >= 4 * names.len()
}
