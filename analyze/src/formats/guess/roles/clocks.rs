//! The logical clock of events, and what it was before.
//!
//! **Invariant.** A clock hardly ever falls.

use super::{MOST, free, is_epoch, label};
use crate::formats::guess::meaning::{Meaning, Role};
use crate::formats::guess::shape::Shape;
use crate::formats::guess::table::Table;

/// The logical clock of every event.
pub(super) fn now(shapes: &[Shape], meanings: &mut [Meaning]) {
    let table = Table::new(shapes, meanings);
    let chosen = clock_slots(&table, meanings);
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

/// Of each event the number that goes up best, together with those of all others.
pub(in crate::formats::guess) fn clock_slots(
    table: &Table<'_>,
    meanings: &[Meaning],
) -> Vec<Option<usize>> {
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
    table.ascend(&candidates, |chosen| {
        let climb = table.climb(chosen, meanings, None);
        4.0 * climb.grow
            + climb.hold
            + 2.0 * climb.by_one
            + 0.5 * climb.leaps
            + labels(shapes, chosen)
    })
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
    for at in 0..table.shapes.len() {
        let shape = &table.shapes[at];
        let Some(clock) = meanings[at].slot(Role::Clock) else {
            continue;
        };
        for slot in 0..shape.slots.len() {
            if !free(&meanings[at], slot) || !shape.is_numeric(slot) || is_epoch(shape, slot) {
                continue;
            }
            let said = label(Role::ClockBefore, &shape.slots[slot]);
            if said >= 3.0 {
                meanings[at].roles[slot] = Role::ClockBefore;
            } else if follows(table, meanings, at, clock, slot) {
                meanings[at].roles[clock] = Role::ClockBefore;
                meanings[at].roles[slot] = Role::Clock;
            } else if (said > 0.0
                || shape.slots[slot].left.is_empty()
                || label(Role::Clock, &shape.slots[slot]) > 2.0)
                && follows(table, meanings, at, slot, clock)
            {
                meanings[at].roles[slot] = Role::ClockBefore;
            } else {
                continue;
            }
            break;
        }
    }
}

/// Whether in this shape `before` is the number that the event before it had as `after` or as clock, and `after` is more.
fn follows(
    table: &Table<'_>,
    meanings: &[Meaning],
    at: usize,
    before: usize,
    after: usize,
) -> bool {
    let (mut fit, mut all) = (0, 0);
    for track in &table.tracks {
        let mut last: Option<f64> = None;
        for &(shape, row) in track {
            let own = shape == at;
            if own
                && let (Some(old), Some(new)) =
                    (table.number(at, before, row), table.number(at, after, row))
            {
                if let Some(last) = last {
                    all += 1;
                    fit += u32::from(old == last && new > old);
                }
                last = Some(new);
            } else {
                let slots = [Role::Clock, Role::ClockBefore]
                    .iter()
                    .filter_map(|&role| meanings[shape].slot(role));
                last = slots
                    .filter_map(|slot| table.number(shape, slot, row))
                    .reduce(f64::max);
            }
        }
    }
    all >= 3 && f64::from(fit) >= MOST * f64::from(all)
}
