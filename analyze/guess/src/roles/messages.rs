//! What a message carries.
//!
//! **Invariant.** What a receive carries is named so, or explains the leaps of its clock.

use super::label::{MOST, free, label};
use crate::meaning::{Meaning, Role};
use crate::table::Table;
use events::Kind;

/// What a message carries: on receives what explains the leaps of the clock, on sends the clock itself.
pub(super) fn carried(table: &Table<'_>, meanings: &mut [Meaning], at: usize, kind: Kind) {
    let shape = &table.shapes[at];
    let Some(clock) = meanings[at].slot(Role::Clock) else {
        return;
    };
    let open: Vec<usize> = (0..shape.slots.len())
        .filter(|&slot| free(&meanings[at], slot) && shape.is_numeric(slot))
        .collect();
    let told = |slot: usize| {
        label(Role::Carried, &shape.slots[slot]).max(label(Role::Clock, &shape.slots[slot]) - 1.0)
    };
    let fits = |&&slot: &&usize| {
        let of = &shape.slots[slot];
        if label(Role::Queue, of) >= 3.0 {
            return false;
        }
        // A number that is always the same, such as that of a process, is no clock.
        if shape.rows.len() >= 8 && constant(table, at, slot) {
            return false;
        }
        match kind {
            Kind::Receive => {
                let (fit, all) = explains(table, meanings, at, clock, slot);
                (all >= 3 && f64::from(fit) >= 0.8 * f64::from(all))
                    || (told(slot) >= 2.0 && label(Role::From, of) < 3.0)
            }
            Kind::Send | Kind::Broadcast => told(slot) >= 1.0 && beside(table, at, clock, slot),
            Kind::Internal => false,
        }
    };
    // Who explains the leaps of the clock comes before who is named so: `received 2 17` names the sender first.
    let proof = |slot: usize| {
        let (fit, all) = explains(table, meanings, at, clock, slot);
        kind == Kind::Receive && all >= 3 && f64::from(fit) >= 0.8 * f64::from(all)
    };
    let best = open
        .iter()
        .filter(fits)
        .max_by(|&&a, &&b| proof(a).cmp(&proof(b)).then(told(a).total_cmp(&told(b))));
    let Some(&slot) = best else { return };
    meanings[at].roles[slot] = Role::Carried;
    if kind == Kind::Receive && is_one_ahead(table, at, (clock, slot)) {
        meanings[at].roles.swap(clock, slot);
    }
}

/// Whether every line says a message's clock that is one more than the clock: then the one is the other. A machine that is
/// behind all others has the message's clock and one more.
fn is_one_ahead(table: &Table<'_>, at: usize, (clock, carried): (usize, usize)) -> bool {
    const ROWS_MIN: usize = 3;
    let rows = 0..table.shapes[at].rows.len();
    let ahead = |row: usize| {
        let pair = (table.number(at, clock, row), table.number(at, carried, row));
        matches!(pair, (Some(clock), Some(carried)) if carried == clock + 1.0)
    };
    rows.len() >= ROWS_MIN && rows.into_iter().all(ahead)
}

/// Whether a machine writes the same number in all lines of a shape.
fn constant(table: &Table<'_>, at: usize, slot: usize) -> bool {
    table.tracks.iter().all(|track| {
        let rows = track.iter().filter(|(shape, _)| *shape == at);
        let mut numbers = rows.map(|&(_, row)| table.number(at, slot, row));
        let first = numbers.next();
        first.is_none_or(|first| numbers.all(|number| number == first))
    })
}

/// Of the leaps of a receive's clock, how many this number explains: it is the clock, or one below it.
fn explains(
    table: &Table<'_>,
    meanings: &[Meaning],
    at: usize,
    clock: usize,
    slot: usize,
) -> (u32, u32) {
    let (mut fit, mut all) = (0, 0);
    for track in &table.tracks {
        let mut last = None;
        for &(shape, row) in track {
            let now = meanings[shape]
                .slot(Role::Clock)
                .and_then(|slot| table.number(shape, slot, row));
            if shape == at
                && let (Some(last), Some(now), Some(sent)) = (
                    last,
                    table.number(at, clock, row),
                    table.number(at, slot, row),
                )
                && now > last + 1.0
            {
                all += 1;
                fit += u32::from(sent == now || sent + 1.0 == now);
            }
            last = now.or(last);
        }
    }
    (fit, all)
}

/// Whether a number is the clock, or one before or after it, in nearly every line.
fn beside(table: &Table<'_>, at: usize, clock: usize, slot: usize) -> bool {
    let rows = 0..table.shapes[at].rows.len();
    let near = rows.clone().filter(|&row| {
        let pair = (table.number(at, clock, row), table.number(at, slot, row));
        matches!(pair, (Some(clock), Some(sent)) if (clock - sent).abs() <= 1.0)
    });
    near.count() as f64 >= MOST * rows.len() as f64
}
