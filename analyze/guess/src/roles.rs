//! What the slots of all shapes stand for: words beside them propose, the behaviour of their values decides.
//!
//! The logical clock goes up with every event, by one where nothing is received. The queue is small and falls too. What a
//! message carries explains the leaps of the clock. Times are of the size of an epoch, or never fall.
//!
//! `times` when it happened · `clocks` the logical clock, now and before · `parties` which machine, and its peers ·
//! `messages` what a message carries · `counts` queue, rate, tick and the like.
//!
//! **Invariant.** A slot has one role, and no role but `to` is given to two slots of a shape.

mod clocks;
mod counts;
mod label;
mod messages;
mod parties;
mod times;

use super::answer::Doubt;
use super::meaning::{Meaning, Role};
use super::names::Names;
use super::shape::Shape;
use super::table::Table;
pub(super) use clocks::clock_slots;
pub(super) use label::label;
pub(super) use times::is_epoch;

/// Gives roles to the slots of all shapes whose standing is an event.
pub(super) fn assign(
    shapes: &[Shape],
    meanings: &mut [Meaning],
    names: &Names,
    doubts: &mut Vec<Doubt>,
) {
    // Clocks may have proved which value names the machine.
    if meanings
        .iter()
        .all(|meaning| meaning.slot(Role::Machine).is_none())
    {
        parties::machines(shapes, meanings, names);
    }
    times::written(shapes, meanings);
    clocks::now(shapes, meanings);
    let table = Table::new(shapes, meanings);
    times::elapsed(&table, meanings);
    clocks::before(&table, meanings);
    for at in 0..shapes.len() {
        let Some(kind) = meanings[at].kind() else {
            continue;
        };
        parties::peers(&shapes[at], &mut meanings[at], kind, names);
        messages::carried(&table, meanings, at, kind);
    }
    counts::of(&table, meanings, doubts);
}
