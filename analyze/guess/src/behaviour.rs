//! What lines are, by what their clocks do, where no word says it.
//!
//! A clock that goes up by more than one has met a message: such lines receive. The clock that it met is that of a send of
//! another machine: so of the other lines those send that have the clocks which receives met, and those that two machines
//! met are sends to all. The rest are internal events.
//!
//! **Invariant.** A kind that clocks do not prove is a doubt.

use super::answer::Doubt;
use super::code;
use super::event_clocks::EventClocks;
use super::meaning::{Meaning, Role, Standing, kind_name};
use super::roles::label;
use super::shape::Shape;
use super::shape::example;
use super::table::Table;
use events::Kind;

/// Share of the received sends that two machines receive, from which they are sends to all: of some one alone needs the
/// message to go on.
pub(super) const ALL_MIN: f64 = 0.25;

/// Decides on shapes that were taken for events for want of words; `trials` has the trial of each file.
pub(super) fn decide(
    shapes: &[Shape],
    meanings: &mut [Meaning],
    taken: &[usize],
    trials: &[usize],
    doubts: &mut Vec<Doubt>,
) {
    for &at in taken {
        if !climbs(shapes, meanings, at) && !shapes[at].has_named_clock() {
            meanings[at].reset();
        }
    }
    let open: Vec<usize> = taken
        .iter()
        .copied()
        .filter(|&at| meanings[at].kind().is_some())
        .collect();
    if open.is_empty() {
        return;
    }
    let log = EventClocks::new(shapes, meanings, trials);
    let receives = log.receives(&open, meanings);
    for &at in &receives {
        meanings[at].standing = Standing::Event(Kind::Receive);
    }
    let sends = log.senders(meanings);
    for &at in &open {
        let (kind, proof) = if receives.contains(&at) {
            (Kind::Receive, "their clock goes up by more than one")
        } else if let Some(sends) = &sends {
            match sends.reach.get(&at) {
                Some(reach) if *reach >= ALL_MIN && !names_peer(&shapes[at], &meanings[at]) => (
                    Kind::Broadcast,
                    "two machines at a time receive their clocks",
                ),
                Some(_) => (Kind::Send, "other machines receive their clocks"),
                None if names_peer(&shapes[at], &meanings[at]) => (
                    Kind::Send,
                    "they seem to name a recipient; no clock proves it",
                ),
                None => (Kind::Internal, "nobody receives their clocks"),
            }
        } else {
            by_look(&shapes[at], &meanings[at])
        };
        meanings[at].standing = Standing::Event(kind);
        doubts.push(Doubt {
            what: "event".to_owned(),
            why: format!(
                "no word of these lines names an event; they were taken for {}: {proof}",
                kind_name(kind)
            ),
            evidence: example(&shapes[at]),
        });
    }
}

/// What a line is by a letter or a recipient in it, where the clocks are too few to prove anything.
fn by_look(shape: &Shape, meaning: &Meaning) -> (Kind, &'static str) {
    let letter = shape.code.as_deref().and_then(code::letter);
    if let Some(kind) = letter.filter(|kind| *kind != Kind::Receive) {
        (
            kind,
            "their letter says so; the clocks are too few to prove it",
        )
    } else if names_peer(shape, meaning) {
        (
            Kind::Send,
            "they seem to name a recipient; the clocks are too few to prove it",
        )
    } else {
        (
            Kind::Internal,
            "their clock goes up by one; the clocks are too few to prove that they do not send",
        )
    }
}

/// Whether a line seems to name a recipient; the arrow before a clock names none.
fn names_peer(shape: &Shape, meaning: &Meaning) -> bool {
    let mut values = shape.slots.iter().zip(&meaning.roles);
    let open = |role: &Role| matches!(role, Role::None | Role::To);
    meaning.slot(Role::To).is_some()
        || values.any(|(slot, role)| open(role) && label(Role::To, slot) >= 3.0)
}

/// Whether a shape has a clock that goes up from the event before it.
fn climbs(shapes: &[Shape], meanings: &[Meaning], at: usize) -> bool {
    let Some(clock) = meanings[at].slot(Role::Clock) else {
        return false;
    };
    let table = Table::new(shapes, meanings);
    let chosen: Vec<Option<usize>> = meanings
        .iter()
        .map(|meaning| meaning.slot(Role::Clock))
        .collect();
    let climb = table.climb(&chosen, meanings, Some(at));
    climb.grow >= 0.8 && label(Role::Clock, &shapes[at].slots[clock]) >= 0.0
}
