//! Which machine a line is of, whom it sends to, whom it receives from.
//!
//! **Invariant.** Only sends have recipients, only receives a sender.

use super::label::{MOST, free, label};
use crate::meaning::{MACHINES_MAX, Meaning, Role};
use crate::names::Names;
use crate::shape::{Body, Part, Row, Shape, marks_before};
use crate::tokens::Class;
use crate::words;
use events::Kind;

/// Slots that name the machine of a line: they have few values, and every event has one, or none has.
pub(super) fn machines(shapes: &[Shape], meanings: &mut [Meaning], names: &Names) {
    let known = names.all();
    let mut chosen = vec![None; shapes.len()];
    let (mut with, mut all) = (0, 0);
    for (at, shape) in shapes
        .iter()
        .enumerate()
        .filter(|(at, _)| meanings[*at].kind().is_some())
    {
        let score = |slot: usize| {
            let of = &shape.slots[slot];
            let values = shape.distinct(slot, MACHINES_MAX);
            if values.len() > MACHINES_MAX
                || matches!(of.class, Class::Time | Class::List)
                || values.contains("")
                || shape.is_place_in_source(slot)
            {
                return 0.0;
            }
            let own = shape
                .rows
                .iter()
                .all(|row| names.machines[row.file].as_deref() == Some(row.values[slot].as_str()));
            let peer = label(Role::To, of) + label(Role::From, of);
            let named = label(Role::Machine, of);
            // What is everywhere the name that the file says, of several, is no accident.
            let own = match own && !known.is_empty() {
                true if values.len() > 1 => 4.0,
                true if named > 0.0 || of.field.is_some() => 2.0,
                _ => 0.0,
            };
            let first = (0..slot).all(|before| shape.slots[before].class != Class::Word);
            let letter = of.class == Class::Word && first && values.len() > 1;
            named + own + if letter { 2.0 } else { 0.0 }
                - peer
                - label(Role::Rate, of).max(0.0)
                - label(Role::Clock, of).max(0.0)
        };
        all += shape.rows.len();
        let best = (0..shape.slots.len())
            .map(|slot| (score(slot), slot))
            .filter(|(score, _)| *score >= 1.5)
            .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        if let Some((_, slot)) = best {
            chosen[at] = Some(slot);
            with += shape.rows.len();
        }
    }
    if (with as f64) < MOST * all as f64 {
        return;
    }
    for (meaning, slot) in meanings.iter_mut().zip(chosen) {
        if let Some(slot) = slot {
            meaning.roles[slot] = Role::Machine;
        }
    }
}

/// Who a message is for, or from.
pub(super) fn peers(shape: &Shape, meaning: &mut Meaning, kind: Kind, names: &Names) {
    let role = match kind {
        Kind::Send | Kind::Broadcast => Role::To,
        Kind::Receive => Role::From,
        Kind::Internal => return,
    };
    let known = names.all();
    let score = |slot: usize| {
        let of = &shape.slots[slot];
        let values = shape.distinct(slot, MACHINES_MAX * 4);
        // `took one from A off the queue`: the queue is said of the message, not of its sender.
        let queue = label(Role::Queue, of);
        if matches!(of.class, Class::Time)
            || values.len() > MACHINES_MAX * 4
            || (queue >= 1.5 && queue >= label(role, of))
            || shape.is_place_in_source(slot)
        {
            return 0.0;
        }
        let named = values.iter().all(|value| known.contains(whole(value)));
        // `send 2 …`: a position among the peers, or one for all of them.
        let follows_send = of.left.first().is_some_and(|word| {
            let kind = words::kind_of(std::slice::from_ref(word)).map(|(kind, _)| kind);
            matches!(kind, Some(Kind::Send)) && role == Role::To && values.len() > 1
        });
        let wordy = of.class == Class::Word && of.field.is_some() && of.left.is_empty();
        let column = of.field.is_some() && values.iter().all(|value| words::names_machines(value));
        let machine = label(Role::Machine, of).min(3.0) * 0.5;
        let clocklike = label(Role::Clock, of).max(0.0);
        let few = values.len() <= MACHINES_MAX;
        let bare = of.left.is_empty() && of.right.is_empty();
        let proved = if others_only(shape, meaning, slot, names) {
            3.0
        } else {
            0.0
        };
        label(role, of)
            + proved
            + if few { machine } else { 0.0 }
            + if named { 1.0 } else { 0.0 }
            + if follows_send && values.len() <= known.len() + 1 {
                2.0
            } else {
                0.0
            }
            + if (named && bare && of.class != Class::Number) || wordy || column {
                2.0
            } else {
                0.0
            }
            - clocklike
    };
    let open = (0..shape.slots.len()).filter(|&slot| free(meaning, slot));
    let best = open
        .map(|slot| (score(slot), slot))
        .filter(|(score, _)| *score >= 2.0)
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
    let Some((_, first)) = best else { return };
    meaning.roles[first] = role;
    if role == Role::To {
        also(shape, meaning, first);
    }
    if kind == Kind::Broadcast && known.len() > 2 && names_one(shape, meaning) {
        // What it names is not whom it is for: the writer, or the first of several columns.
        for role in &mut meaning.roles {
            if *role == Role::To {
                *role = Role::None;
            }
        }
    }
}

/// Whether no line names more than one recipient.
fn names_one(shape: &Shape, meaning: &Meaning) -> bool {
    let slots = || (0..shape.slots.len()).filter(|&slot| meaning.roles[slot] == Role::To);
    let names = |value: &str| {
        let parts = value.split(|letter: char| !letter.is_alphanumeric());
        parts.filter(|part| !part.is_empty()).count()
    };
    shape.rows.iter().all(|row| {
        let values = || slots().map(|slot| row.values[slot].as_str());
        values().map(names).sum::<usize>() <= 1 && !values().any(words::means_all)
    })
}

/// A name as it is elsewhere: columns with gaps are printed with fractions, `3.0`.
fn whole(name: &str) -> &str {
    name.strip_suffix(".0").unwrap_or(name)
}

/// Whether a value is always the name of another machine than the one that wrote the line: by chance it would be the
/// writer's own now and then. One name of no machine may be everybody's.
fn others_only(shape: &Shape, meaning: &Meaning, slot: usize, names: &Names) -> bool {
    const ROWS_MIN: usize = 8;
    let known = names.all();
    let writer = meaning.slot(Role::Machine);
    let another = |row: &Row| {
        let own = writer.map(|writer| row.values[writer].as_str());
        let own = own.or(names.machines[row.file].as_deref());
        own.is_some_and(|own| own != whole(&row.values[slot]))
    };
    let writers: std::collections::BTreeSet<_> = match writer {
        Some(writer) => shape.column(writer).collect(),
        None => shape
            .rows
            .iter()
            .filter_map(|row| names.machines[row.file].as_deref())
            .collect(),
    };
    let values = shape.distinct(slot, MACHINES_MAX);
    let strangers = values
        .iter()
        .filter(|value| !known.contains(whole(value)))
        .count();
    shape.rows.len() >= ROWS_MIN
        && writers.len() > 1
        && strangers <= 1
        && values.len() - strangers > 1
        && shape.rows.iter().all(another)
}

/// Recipients after the first: `to 2 and 3`, `TO: 2, 3`.
fn also(shape: &Shape, meaning: &mut Meaning, first: usize) {
    let Body::Text(pieces) = &shape.body else {
        return;
    };
    let Some(start) = pieces
        .iter()
        .position(|piece| matches!(piece.part, Part::Slot(slot) if slot == first))
    else {
        return;
    };
    let class = shape.slots[first].class;
    let marks = marks_before(shape, first);
    let values: std::collections::BTreeSet<&str> = shape.distinct(first, MACHINES_MAX);
    for piece in &pieces[start + 1..] {
        match &piece.part {
            Part::Slot(slot)
                if shape.slots[*slot].class == class
                    && free(meaning, *slot)
                    && shape.distinct(*slot, MACHINES_MAX).len() <= values.len() + 2 =>
            {
                meaning.roles[*slot] = Role::To;
            }
            Part::Literal(text)
                if marks.contains(&text.as_str())
                    || [",", "and", "&", "+", "/", "'", "\""]
                        .contains(&text.to_lowercase().as_str())
                    || words::is_machine_word(&text.to_lowercase()) => {}
            _ => break,
        }
    }
}
