//! The queue, the rate, the tick and other small numbers of an event.
//!
//! A queue loses one message at a time. So a number without a name that never falls by more than one, and does not only
//! grow, is taken for the queue if no number of the log is called so.
//!
//! **Invariant.** A number without a name is the queue only if all else it could be has been found.

use std::collections::BTreeMap;

use super::label::{free, label};
use crate::answer::Doubt;
use crate::meaning::{MACHINES_MAX, Meaning, Role};
use crate::rates;
use crate::shape::Slot;
use crate::shape::example;
use crate::table::Table;
use crate::tokens::Class;
use events::Kind;

/// A queue is shorter than this.
const QUEUE_MAX: f64 = 10_000.0;
/// Share of the steps of a queue that may fall by more than one: messages of several ticks between two of its lines.
const FALLS_MAX: f64 = 0.03;

/// Queue, rate, trial, tick and message of all events.
pub(super) fn of(table: &Table<'_>, meanings: &mut [Meaning], doubts: &mut Vec<Doubt>) {
    let events: Vec<usize> = (0..table.shapes.len())
        .filter(|&at| meanings[at].kind().is_some())
        .collect();
    for &at in &events {
        named_queue(table, &mut meanings[at], at);
    }
    if !events
        .iter()
        .any(|&at| meanings[at].slot(Role::Queue).is_some())
    {
        queue_without_name(table, meanings, doubts);
    }
    for &at in &events {
        others(table, &mut meanings[at], at);
    }
    if !meanings.iter().any(Meaning::tells_rate) {
        rate_without_name(table, meanings, doubts);
    }
}

/// The number that each machine writes on all its lines, if it is the rate, or the time between two ticks, by how many
/// lines each has.
fn rate_without_name(table: &Table<'_>, meanings: &mut [Meaning], doubts: &mut Vec<Doubt>) {
    let mut columns: BTreeMap<(Option<&str>, usize), Vec<Option<usize>>> = BTreeMap::new();
    for (at, shape) in table.shapes.iter().enumerate() {
        let open = |&slot: &usize| free(&meanings[at], slot) && shape.is_numeric(slot);
        for slot in (0..shape.slots.len()).filter(open) {
            let field = shape.slots[slot].field.as_deref();
            // Columns without names end a line, where they are the same on all lines.
            let place = field.map_or(shape.slots.len() - slot, |_| 0);
            let column = columns.entry((field, place));
            column.or_insert_with(|| vec![None; table.shapes.len()])[at] = Some(slot);
        }
    }
    for chosen in columns.into_values() {
        let Some(machines) = constants(table, &chosen) else {
            continue;
        };
        let Some((role, what)) = rates::role_by_lines(&machines) else {
            continue;
        };
        let mut evidence = None;
        for (at, slot) in chosen.into_iter().enumerate() {
            if let Some(slot) = slot {
                meanings[at].roles[slot] = role;
                evidence.get_or_insert_with(|| example(&table.shapes[at]));
            }
        }
        doubts.push(Doubt {
            what: "rate".to_owned(),
            why: format!(
                "a number that stays the same on all lines of a machine was taken for {what}: machines have lines in proportion to it"
            ),
            evidence: evidence.unwrap_or_default(),
        });
        return;
    }
}

/// The number of each machine and how many lines it has, if it is the same on all of them.
fn constants(table: &Table<'_>, chosen: &[Option<usize>]) -> Option<Vec<(f64, usize)>> {
    let constant = |track: &Vec<(usize, usize)>| {
        let mut numbers = track
            .iter()
            .map(|&(shape, row)| table.number(shape, chosen[shape]?, row));
        let first = numbers.next()??;
        let same = numbers.all(|number| number == Some(first));
        same.then_some((first, track.len()))
    };
    table.tracks.iter().map(constant).collect()
}

/// Whether all numbers of a slot count something.
fn counts(table: &Table<'_>, at: usize, slot: usize) -> bool {
    table.shapes[at].is_numeric(slot)
        && table.shapes[at].slots[slot].class != Class::List
        && table
            .column(at, slot)
            .all(|number| number.fract() == 0.0 && number >= 0.0)
}

/// The number that is called a queue most clearly.
fn named_queue(table: &Table<'_>, meaning: &mut Meaning, at: usize) {
    let shape = &table.shapes[at];
    let named = (0..shape.slots.len())
        .filter(|&slot| free(meaning, slot) && counts(table, at, slot))
        .map(|slot| (label(Role::Queue, &shape.slots[slot]), slot))
        .filter(|(weight, _)| *weight >= 1.5)
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
    if let Some((_, slot)) = named {
        meaning.roles[slot] = Role::Queue;
    }
}

/// Whether no word beside a slot says what it is, or none that is known.
fn nameless(slot: &Slot) -> bool {
    const NAMED: [Role; 9] = [
        Role::Clock,
        Role::Time,
        Role::Rate,
        Role::Carried,
        Role::To,
        Role::From,
        Role::Machine,
        Role::Trial,
        Role::Tick,
    ];
    NAMED.iter().all(|&role| label(role, slot).abs() < 0.5)
}

/// The number without a name that behaves as a queue in all lines that have one.
fn queue_without_name(table: &Table<'_>, meanings: &mut [Meaning], doubts: &mut Vec<Doubt>) {
    let candidates: Vec<Vec<usize>> = (0..table.shapes.len())
        .map(|at| {
            let shape = &table.shapes[at];
            let fits = |&slot: &usize| {
                free(&meanings[at], slot)
                    && nameless(&shape.slots[slot])
                    && counts(table, at, slot)
                    && table.column(at, slot).all(|number| number < QUEUE_MAX)
            };
            let stands = meanings[at].kind().is_some() && meanings[at].slot(Role::Clock).is_some();
            // The last number of a line first: the sender stands before it.
            (0..shape.slots.len())
                .rev()
                .filter(|slot| stands && fits(slot))
                .collect()
        })
        .collect();
    let receives = (0..table.shapes.len()).filter(|&at| meanings[at].kind() == Some(Kind::Receive));
    if !receives.clone().any(|at| !candidates[at].is_empty()) {
        return;
    }
    let chosen = table.ascend(&candidates, |chosen| {
        let steps = table.steps(chosen);
        4.0 * steps.gentle + steps.moves
    });
    let steps = table.steps(&chosen);
    if steps.gentle < 1.0 - FALLS_MAX {
        return;
    }
    let mut evidence = None;
    for (at, slot) in chosen.into_iter().enumerate() {
        if let Some(slot) = slot {
            meanings[at].roles[slot] = Role::Queue;
            if evidence.is_none() || meanings[at].kind() == Some(Kind::Receive) {
                evidence = Some(example(&table.shapes[at]));
            }
        }
    }
    let proof = if steps.moves > 0.0 {
        "it never falls by more than one"
    } else {
        "it is small; it does not change, so nothing proves it"
    };
    doubts.push(Doubt {
        what: "queue".to_owned(),
        why: format!("a number without a name was taken for the length of the queue: {proof}"),
        evidence: evidence.unwrap_or_default(),
    });
}

/// Rate, trial, tick and message of an event.
fn others(table: &Table<'_>, meaning: &mut Meaning, at: usize) {
    let shape = &table.shapes[at];
    for slot in 0..shape.slots.len() {
        if !free(meaning, slot) {
            continue;
        }
        let of = &shape.slots[slot];
        let missing = |role| meaning.slot(role).is_none();
        let whole = counts(table, at, slot);
        let positive = shape.is_numeric(slot) && table.column(at, slot).all(|number| number > 0.0);
        let few = shape.distinct(slot, MACHINES_MAX).len() <= MACHINES_MAX;
        let role = if positive && missing(Role::Rate) && label(Role::Rate, of) >= 3.0 && few {
            Role::Rate
        } else if missing(Role::Trial) && label(Role::Trial, of) >= 2.0 {
            Role::Trial
        } else if whole && missing(Role::Tick) && label(Role::Tick, of) >= 3.0 {
            Role::Tick
        } else if of.class == Class::Mixed
            && missing(Role::Message)
            && shape.rows.len() > 2
            && shape.distinct(slot, 64).len() > MACHINES_MAX.min(shape.rows.len() / 2)
        {
            Role::Message
        } else {
            continue;
        };
        meaning.roles[slot] = role;
    }
}
