//! Which shapes are events, which state facts, and which are neither.
//!
//! Words decide; of a frequent shape whose words say nothing, the behaviour of its numbers does, and a doubt says so.
//!
//! `settle` what is left when roles are known · `facts` lines that state them.
//!
//! **Invariant.** A shape that is ignored has a reason.

mod facts;
mod notice;
mod settle;

use std::collections::BTreeSet;

use super::answer::Doubt;
use super::meaning::{Meaning, Role, Standing};
use super::roles::label;
use super::shape::{Shape, Slot};
use super::{rates, records, words};
use events::Kind;
pub(super) use facts::facts;
use notice::{CONNECTION, NOTICES_PER_FILE, begins_with};
pub(super) use settle::settle;

/// Share of all lines from which a shape is frequent.
const FREQUENT: f64 = 0.03;

/// Why lines that run into each other are left out.
const TWO_RECORDS: &str = "two lines without a line end between them";

/// What words say of each shape.
pub(super) fn by_words(shapes: &[Shape]) -> Vec<Meaning> {
    let common = common_words(shapes);
    let total: usize = shapes.iter().map(|shape| shape.rows.len()).sum();
    // Where events say the rate, a line that says it may be an event.
    let of_events = |shape: &Shape| shape.rows.len() > shape.files() && says_rate(shape);
    let in_events = shapes.iter().any(of_events);
    let standing = |shape: &Shape| {
        let words: Vec<String> = shape
            .words
            .iter()
            .filter(|word| !common.contains(word.as_str()))
            .cloned()
            .collect();
        let frequent = shape.rows.len() as f64 >= FREQUENT * total as f64;
        let per_file = shape.rows.len() as f64 / shape.files().max(1) as f64;
        if records::holds_two(shape) {
            return Standing::Hole(TWO_RECORDS.to_owned());
        }
        if per_file <= NOTICES_PER_FILE && is_of_connections(shape) {
            return Standing::Unknown;
        }
        let all = kind_with_numbers(shape, &words);
        match all {
            Some((kind, weight)) if weight > 1 && (in_events || !states_rate(shape)) => {
                Standing::Event(kind)
            }
            Some((kind, 1)) if frequent && !states_rate(shape) => Standing::Event(kind),
            _ => Standing::Unknown,
        }
    };
    let meaning = |shape: &Shape| Meaning {
        standing: standing(shape),
        roles: vec![Role::None; shape.slots.len()],
    };
    shapes.iter().map(meaning).collect()
}

/// Whether a shape tells of a connection and no clock: `incoming connection from 3` is no message.
fn is_of_connections(shape: &Shape) -> bool {
    let clock = |slot: &Slot| label(Role::Clock, slot) >= 2.0;
    begins_with(shape, CONNECTION) && !shape.slots.iter().any(clock)
}

/// Whether a shape has one line a file and a number that is called a rate.
fn states_rate(shape: &Shape) -> bool {
    shape.rows.len() <= shape.files() && says_rate(shape)
}

/// Whether a number of a shape is called a rate.
fn says_rate(shape: &Shape) -> bool {
    let states = |slot: &Slot| {
        label(Role::Rate, slot) >= 4.0 || rates::per_second(slot) || rates::period(slot).is_some()
    };
    shape.slots.iter().any(states)
}

/// `Sent 2 messages` is a send to all: the number of messages stands beside the word. `To machines: 2` is one, or as many
/// as are named.
fn kind_with_numbers(shape: &Shape, words: &[String]) -> Option<(Kind, u32)> {
    let found = words::kind_of(words)?;
    let surely = |word: &String| {
        !words::is_plural(word)
            && words::kind_of(&["send".to_owned(), word.clone()])
                .is_some_and(|(kind, _)| kind == Kind::Broadcast)
    };
    if found.0 != Kind::Broadcast || words.iter().any(surely) {
        return Some(found);
    }
    let any = |is: &dyn Fn(&Slot) -> bool| shape.slots.iter().any(is);
    let counted = |slot: usize| {
        let after = shape.slots[slot].right.first();
        after.is_some_and(|word| words::is_plural(word))
            && shape.column(slot).all(|value| value != "0" && value != "1")
    };
    let counts = (0..shape.slots.len()).any(counted);
    let queued = any(&|slot| label(Role::Queue, slot) >= 3.0);
    let named = any(&|slot| label(Role::To, slot) >= 3.0);
    let kind = if counts || !(queued || named) {
        Kind::Broadcast
    } else {
        Kind::Send
    };
    Some((kind, found.1))
}

/// Words that all frequent shapes that tell of an event have: they do not tell one event from another.
fn common_words(shapes: &[Shape]) -> BTreeSet<&str> {
    let total: usize = shapes.iter().map(|shape| shape.rows.len()).sum();
    let frequent = shapes
        .iter()
        .filter(|shape| shape.rows.len() as f64 >= FREQUENT * total as f64);
    let mut sets = frequent
        .filter(|shape| words::kind_of(&shape.words).is_some())
        .map(|shape| {
            shape
                .words
                .iter()
                .map(String::as_str)
                .collect::<BTreeSet<&str>>()
        });
    let Some(first) = sets.next() else {
        return BTreeSet::new();
    };
    let rest: Vec<_> = sets.collect();
    if rest.len() < 2 {
        return BTreeSet::new();
    }
    rest.iter().fold(first, |common, set| {
        common.intersection(set).copied().collect()
    })
}

/// Takes frequent shapes without an event's word for events, if too many lines have none; they are internal until their
/// numbers say more.
pub(super) fn provisional(shapes: &[Shape], meanings: &mut [Meaning]) -> Vec<usize> {
    let rows = |is: &dyn Fn(usize) -> bool| {
        (0..shapes.len())
            .filter(|&at| is(at))
            .map(|at| shapes[at].rows.len())
            .sum::<usize>()
    };
    let total = rows(&|_| true);
    let mut taken = Vec::new();
    for at in 0..shapes.len() {
        let frequent =
            shapes[at].rows.len() as f64 >= FREQUENT * total as f64 && shapes[at].rows.len() >= 3;
        let per_file = shapes[at].rows.len() as f64 / shapes[at].files().max(1) as f64;
        if meanings[at].standing == Standing::Unknown
            && ((frequent && per_file >= 2.0)
                || shapes[at].code.is_some()
                || shapes[at].has_named_clock())
            && !shapes[at].slots.is_empty()
        {
            meanings[at].standing = Standing::Event(Kind::Internal);
            taken.push(at);
        }
    }
    taken
}

/// Takes lines that tell of the arrival of a message in the queue for no event, if its receive has a line of its own.
pub(super) fn arrivals(shapes: &[Shape], meanings: &mut [Meaning], doubts: &mut Vec<Doubt>) {
    const ARRIVES: &[&str] = &[
        "added", "enqueued", "enqueue", "queued", "appended", "buffered", "arrived", "arrives",
    ];
    let receives: Vec<usize> = (0..shapes.len())
        .filter(|&at| meanings[at].kind() == Some(Kind::Receive))
        .collect();
    let arrives = |at: &usize| {
        let words = &shapes[*at].words;
        words.iter().any(|word| ARRIVES.contains(&word.as_str()))
    };
    let (arriving, taken): (Vec<usize>, Vec<usize>) = receives.into_iter().partition(arrives);
    let lines = |of: &[usize]| of.iter().map(|&at| shapes[at].rows.len()).sum::<usize>();
    // Every message that is taken has arrived; some that have arrived are not taken by the end.
    if taken.is_empty() || lines(&taken) > lines(&arriving) + lines(&arriving) / 10 {
        return;
    }
    for at in arriving {
        doubts.push(Doubt {
            what: "event".to_owned(),
            why: "such lines tell that a message came into the queue, others that one was taken from it: those are the receives, and these are left out".to_owned(),
            evidence: super::shape::example(&shapes[at]),
        });
        meanings[at].reset();
        meanings[at].standing = Standing::Ignored("arrival of a message in the queue".to_owned());
    }
}
