//! When events happened.
//!
//! **Invariant.** A time that is no number has a date or is one of the day; one that is a number is as large as an epoch,
//! or never falls.

use super::label::{MOST, free, label};
use crate::meaning::{Meaning, Role};
use crate::shape::{Row, Shape, Slot};
use crate::table::Table;
use crate::tokens::Class;
use crate::words;

/// Times with a date or of the day, and numbers of the size of an epoch.
pub(super) fn written(shapes: &[Shape], meanings: &mut [Meaning]) {
    for (shape, meaning) in shapes.iter().zip(meanings) {
        let open: Vec<usize> = (0..shape.slots.len())
            .filter(|&slot| free(meaning, slot))
            .collect();
        let written = open
            .iter()
            .copied()
            .filter(|&slot| shape.slots[slot].class == Class::Time);
        let epoch = open.iter().copied().filter(|&slot| is_epoch(shape, slot));
        let by_label = |a: &usize, b: &usize| {
            label(Role::Time, &shape.slots[*a])
                .total_cmp(&label(Role::Time, &shape.slots[*b]))
                .then(b.cmp(a))
        };
        let finer = epoch
            .clone()
            .filter(|&slot| label(Role::Time, &shape.slots[slot]) >= 2.0)
            .find(|&slot| {
                let written = written.clone().min();
                written.is_some_and(|written| same_but_finer(shape, written, slot))
            });
        // Of two written times the first is the writer's own; one further on may be what a message brought.
        if let Some(slot) = finer
            .or_else(|| written.min())
            .or_else(|| epoch.max_by(by_label))
        {
            meaning.roles[slot] = Role::Time;
        }
    }
}

/// Whether a number of seconds is the moment that another value writes with fewer digits: within a second of its minute.
fn same_but_finer(shape: &Shape, written: usize, seconds: usize) -> bool {
    let digits = |value: &str| {
        value
            .rsplit_once(['.', ','])
            .map_or(0, |(_, digits)| digits.len())
    };
    let second = |value: &str| {
        let whole = value.split(['.', ',']).next()?;
        whole.rsplit(':').next()?.trim().parse::<u64>().ok()
    };
    let same = |row: &Row| {
        let (coarse, fine) = (&row.values[written], &row.values[seconds]);
        let whole = fine.split('.').next().filter(|whole| whole.len() == 10);
        let of = whole.and_then(|whole| whole.parse::<u64>().ok());
        let (Some(of), Some(second)) = (of, second(coarse)) else {
            return false;
        };
        digits(fine) > digits(coarse) && matches!((of % 60 + 60 - second) % 60, 0 | 1 | 59)
    };
    let rows = shape.rows.iter();
    rows.filter(|row| same(row)).count() as f64 >= MOST * shape.rows.len() as f64
}

/// Digits before the point of seconds, milliseconds, microseconds and nanoseconds since 1970.
pub(crate) fn is_epoch(shape: &Shape, slot: usize) -> bool {
    let epoch = |value: &str| {
        let whole = value.split('.').next().unwrap_or(value);
        let leads = whole
            .bytes()
            .next()
            .is_some_and(|byte| byte == b'1' || byte == b'2');
        leads && matches!(whole.len(), 10 | 13 | 16 | 19) && value.parse::<f64>().is_ok()
    };
    let mut values = shape
        .column(slot)
        .filter(|value| !value.is_empty())
        .peekable();
    values.peek().is_some() && values.all(epoch)
}

/// Numbers that count from the start of the trial or machine: they never fall, in all shapes together.
pub(super) fn elapsed(table: &Table<'_>, meanings: &mut [Meaning]) {
    let open = |at: usize| meanings[at].kind().is_some() && meanings[at].slot(Role::Time).is_none();
    if !(0..table.shapes.len()).any(open) {
        return;
    }
    // A word for what happened says nothing of the number beside it.
    let bare = |slot: &Slot| {
        let mut beside = slot.left.iter().chain(&slot.right);
        beside.all(|word| words::kind_of(std::slice::from_ref(word)).is_some())
    };
    let candidates: Vec<Vec<usize>> = (0..table.shapes.len())
        .map(|at| {
            let shape = &table.shapes[at];
            let fits = |&slot: &usize| {
                let of = &shape.slots[slot];
                let fraction = |value: &str| value.contains('.');
                let fractional = label(Role::Clock, of) < 2.0
                    && shape.column(slot).filter(|value| fraction(value)).count() * 2
                        > shape.rows.len();
                let labelled = label(Role::Time, of) >= 1.0
                    && label(Role::Time, of) > label(Role::Clock, of).max(label(Role::Queue, of));
                free(&meanings[at], slot)
                    && shape.is_numeric(slot)
                    && of.class != Class::List
                    && (bare(of) || labelled || fractional)
            };
            if open(at) {
                (0..shape.slots.len()).filter(fits).collect()
            } else {
                Vec::new()
            }
        })
        .collect();
    let chosen = table.ascend(&candidates, |chosen| {
        let climb = table.climb(chosen, meanings, None);
        let labels: f64 = chosen
            .iter()
            .zip(table.shapes)
            .filter_map(|(slot, shape)| Some(label(Role::Time, &shape.slots[(*slot)?])))
            .sum();
        4.0 * climb.hold + 4.0 * climb.grow + labels / chosen.len().max(1) as f64
    });
    let climb = table.climb(&chosen, meanings, None);
    if climb.hold < 0.97 || climb.grow < 0.2 {
        return;
    }
    for (at, slot) in chosen.into_iter().enumerate() {
        if let Some(slot) = slot {
            meanings[at].roles[slot] = Role::Time;
        }
    }
}
