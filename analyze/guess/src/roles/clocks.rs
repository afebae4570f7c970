//! The logical clock of events, and what it was before.
//!
//! **Invariant.** A clock hardly ever falls.

use std::collections::{BTreeMap, BTreeSet};

use super::label::{MOST, free, label};
use super::times::is_epoch;
use crate::meaning::{Meaning, Role};
use crate::shape::{Shape, Slot};
use crate::table::Table;
use crate::tokens::Class;

/// The logical clock of every event.
pub(super) fn now(shapes: &[Shape], meanings: &mut [Meaning]) {
    let table = Table::new(shapes, meanings);
    let mut chosen = clock_slots(&table, meanings);
    of_one_class(shapes, &mut chosen);
    if table.climb(&chosen, meanings, None).hold < 0.6 && labels(shapes, &chosen) < 2.0 {
        return;
    }
    for (at, slot) in chosen.iter().enumerate() {
        let Some(slot) = *slot else { continue };
        let sure = label(Role::Clock, &shapes[at].slots[slot]) >= 2.0;
        let own = table.climb(&chosen, meanings, Some(at));
        if sure || own.pairs == 0.0 || own.hold >= 0.6 {
            meanings[at].roles[slot] = Role::Clock;
        }
    }
}

/// A log has vectors or numbers for clocks: what fewer lines have is none.
fn of_one_class(shapes: &[Shape], chosen: &mut [Option<usize>]) {
    let is_list = |at: usize, slot: usize| shapes[at].slots[slot].class == Class::List;
    let (mut lists, mut numbers) = (0, 0);
    for (at, slot) in chosen.iter().enumerate() {
        match slot {
            Some(slot) if is_list(at, *slot) => lists += shapes[at].rows.len(),
            Some(_) => numbers += shapes[at].rows.len(),
            None => {}
        }
    }
    for (at, slot) in chosen.iter_mut().enumerate() {
        *slot = slot.filter(|&slot| is_list(at, slot) == (lists > numbers));
    }
}

/// Of each event the number that goes up best, together with those of all others; what counts lines alone is none.
pub(crate) fn clock_slots(table: &Table<'_>, meanings: &[Meaning]) -> Vec<Option<usize>> {
    let shapes = table.shapes;
    let candidates: Vec<Vec<usize>> = shapes
        .iter()
        .zip(meanings.iter())
        .map(|(shape, meaning)| {
            if meaning.kind().is_none() {
                return Vec::new();
            }
            let fits = |&slot: &usize| {
                free(meaning, slot) && shape.is_numeric(slot) && !is_epoch(shape, slot)
            };
            let mut slots: Vec<usize> = (0..shape.slots.len()).filter(fits).collect();
            slots.sort_by(|&a, &b| {
                label(Role::Clock, &shape.slots[b]).total_cmp(&label(Role::Clock, &shape.slots[a]))
            });
            slots
        })
        .collect();
    let ascend = |candidates: &[Vec<usize>]| {
        table.ascend(candidates, |chosen| {
            let climb = table.climb(chosen, meanings, None);
            4.0 * climb.grow
                + climb.hold
                + 2.0 * climb.by_one
                + 0.5 * climb.leaps
                + labels(shapes, chosen)
        })
    };
    let counters = counters(table, meanings, &candidates);
    if !counters.is_empty() {
        let mut others = candidates.clone();
        for (at, slots) in others.iter_mut().enumerate() {
            slots.retain(|&slot| !counters.contains(&(at, slot)));
        }
        let chosen = ascend(&others);
        if table.climb(&chosen, meanings, None).grow >= MOST {
            return chosen;
        }
    }
    ascend(&candidates)
}

/// Numbers that count the lines of each machine, without a name for it: a clock leaps where a message comes from one ahead.
fn counters(
    table: &Table<'_>,
    meanings: &[Meaning],
    candidates: &[Vec<usize>],
) -> BTreeSet<(usize, usize)> {
    const LINES_MIN: f64 = 20.0;
    let shapes = table.shapes;
    let mut columns: BTreeMap<(Option<&str>, usize), Vec<Option<usize>>> = BTreeMap::new();
    for (at, slots) in candidates.iter().enumerate() {
        for &slot in slots {
            let of = &shapes[at].slots[slot];
            if label(Role::Clock, of) >= 2.0 {
                continue;
            }
            let field = of.field.as_deref();
            let place = if field.is_some() { 0 } else { slot };
            let column = columns.entry((field, place));
            column.or_insert_with(|| vec![None; shapes.len()])[at] = Some(slot);
        }
    }
    let counts = |column: &&Vec<Option<usize>>| {
        let climb = table.climb(column, meanings, None);
        climb.pairs >= LINES_MIN && climb.grow == 1.0 && climb.leaps == 0.0 && climb.skips == 0.0
    };
    let counting = columns.values().filter(counts);
    let slots = counting.flat_map(|column| column.iter().enumerate());
    slots
        .filter_map(|(at, slot)| Some((at, (*slot)?)))
        .collect()
}

/// Mean weight of the words beside chosen clocks, weighed by how sure words are at most.
fn labels(shapes: &[Shape], chosen: &[Option<usize>]) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for (shape, slot) in shapes.iter().zip(chosen) {
        if let Some(slot) = *slot {
            let of = &shape.slots[slot];
            let other = label(Role::Carried, of)
                .max(0.0)
                .max(label(Role::Queue, of))
                .max(label(Role::To, of))
                .max(label(Role::Tick, of));
            sum += (label(Role::Clock, of) - 0.5 * other).clamp(-4.0, 4.0);
            count += 1.0;
        }
    }
    if count > 0.0 { sum / count } else { 0.0 }
}

/// Clocks that are the clock of the event before; where the clock that was found is one, the other is the clock.
pub(super) fn before(table: &Table<'_>, meanings: &mut [Meaning]) {
    for (shape, meaning) in table.shapes.iter().zip(meanings.iter_mut()) {
        let named = |&slot: &usize| {
            free(meaning, slot)
                && shape.is_numeric(slot)
                && !is_epoch(shape, slot)
                && label(Role::ClockBefore, &shape.slots[slot]) >= 3.0
                // A queue is counted before an event too.
                && label(Role::ClockBefore, &shape.slots[slot]) > label(Role::Queue, &shape.slots[slot])
        };
        if meaning.slot(Role::Clock).is_some()
            && let Some(slot) = (0..shape.slots.len()).find(named)
        {
            meaning.roles[slot] = Role::ClockBefore;
        }
    }
    for is_after in [true, false] {
        let partners = partners(table, meanings, is_after);
        for (meaning, slot) in meanings.iter_mut().zip(partners) {
            let (Some(slot), Some(clock)) = (slot, meaning.slot(Role::Clock)) else {
                continue;
            };
            if !free(meaning, slot) || meaning.slot(Role::ClockBefore).is_some() {
                continue;
            }
            let (now, before) = if is_after {
                (slot, clock)
            } else {
                (clock, slot)
            };
            meaning.roles[now] = Role::Clock;
            meaning.roles[before] = Role::ClockBefore;
        }
    }
}

/// By shape, the number that is the clock after the event (`is_after`), where the clock that was found is the one before
/// it; or else the number that is the one before. What an event ends with, the next one begins with.
fn partners(table: &Table<'_>, meanings: &[Meaning], is_after: bool) -> Vec<Option<usize>> {
    const PAIRS_MIN: i64 = 3;
    let mut chosen: Vec<Option<usize>> = vec![None; table.shapes.len()];
    let mut best = 0;
    for _ in 0..2 {
        let before = best;
        for (at, shape) in table.shapes.iter().enumerate() {
            let meaning = &meanings[at];
            if meaning.slot(Role::Clock).is_none() || meaning.slot(Role::ClockBefore).is_some() {
                continue;
            }
            for slot in 0..shape.slots.len() {
                if !free(meaning, slot)
                    || !shape.is_numeric(slot)
                    || is_epoch(shape, slot)
                    || of_message(&shape.slots[slot])
                {
                    continue;
                }
                let known = chosen[at].replace(slot);
                let (fit, all) = fits(table, meanings, &chosen, is_after);
                let now = 2 * fit - all;
                if now > best {
                    best = now;
                } else {
                    chosen[at] = known;
                }
            }
        }
        if best == before {
            break;
        }
    }
    let (fit, all) = fits(table, meanings, &chosen, is_after);
    if fit < PAIRS_MIN || (fit as f64) < MOST * all as f64 {
        chosen.fill(None);
    }
    chosen
}

/// Whether a number is said of the message or the queue: what a message carries may be the clock before its send.
fn of_message(slot: &Slot) -> bool {
    label(Role::Queue, slot) >= 3.0
        || (label(Role::Carried, slot) >= 2.0 && label(Role::Clock, slot) <= 2.0)
}

/// In how many events the clock before is the clock that the event before ended with, and the clock after is more; and of
/// how many.
fn fits(
    table: &Table<'_>,
    meanings: &[Meaning],
    chosen: &[Option<usize>],
    is_after: bool,
) -> (i64, i64) {
    let (mut fit, mut all) = (0, 0);
    for track in &table.tracks {
        let mut last: Option<f64> = None;
        for &(shape, row) in track {
            let number = |slot: Option<usize>| table.number(shape, slot?, row);
            let clock = number(meanings[shape].slot(Role::Clock));
            let other = number(chosen[shape]);
            let (before, after) = match (other, is_after) {
                (Some(other), true) => (clock, Some(other)),
                (Some(other), false) => (Some(other), clock),
                (None, _) => (number(meanings[shape].slot(Role::ClockBefore)), clock),
            };
            if let (Some(last), Some(before), Some(after), Some(_)) = (last, before, after, other) {
                all += 1;
                fit += i64::from(before == last && after > before);
            }
            last = after.or(last);
        }
    }
    (fit, all)
}
