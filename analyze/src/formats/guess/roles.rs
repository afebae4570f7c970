//! What the slots of all shapes stand for: words beside them propose, the behaviour of their values decides.
//!
//! The logical clock goes up with every event, by one where nothing is received. The queue is small and falls too. What a
//! message carries explains the leaps of the clock. Times are of the size of an epoch, or never fall.
//!
//! **Invariant.** A slot has one role, and no role but `to` is given to two slots of a shape.

use super::Doubt;
use super::meaning::{Meaning, Role};
use super::names::Names;
use super::shape::{Body, Part, Shape, Slot};
use super::table::Table;
use super::tokens::Class;
use super::words;
use crate::history::Kind;

/// Machines at most.
const MACHINES_MAX: usize = 16;
/// Share of the values that must behave.
const MOST: f64 = 0.9;

/// How much the words beside a slot say that it has this role.
pub(super) fn label(role: Role, slot: &Slot) -> f64 {
    let weigh = |words: &[String]| -> f64 {
        let near = words.iter().take(6).zip(0_u8..);
        near.map(|(word, far)| words::role_weight(role, word) / (1.0 + 0.25 * f64::from(far)))
            .sum()
    };
    weigh(&slot.left) + 0.6 * weigh(&slot.right)
}

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
        machines(shapes, meanings, names);
    }
    times(shapes, meanings);
    clocks(shapes, meanings);
    let table = Table::new(shapes, meanings);
    elapsed(&table, meanings);
    clocks_before(&table, meanings);
    for at in 0..shapes.len() {
        let Some(kind) = meanings[at].kind() else {
            continue;
        };
        parties(&shapes[at], &mut meanings[at], kind, names);
        carried(&table, meanings, at, kind);
        rest(&table, meanings, at, kind, doubts);
    }
}

fn free(meaning: &Meaning, slot: usize) -> bool {
    meaning.roles[slot] == Role::None
}

/// Slots that name the machine of a line: they have few values, and every event has one, or none has.
fn machines(shapes: &[Shape], meanings: &mut [Meaning], names: &Names) {
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

/// Times with a date or of the day, and numbers of the size of an epoch.
fn times(shapes: &[Shape], meanings: &mut [Meaning]) {
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
        // Of two written times the first is the writer's own; one further on may be what a message brought.
        if let Some(slot) = written.min().or_else(|| epoch.max_by(by_label)) {
            meaning.roles[slot] = Role::Time;
        }
    }
}

/// Digits before the point of seconds, milliseconds, microseconds and nanoseconds since 1970.
pub(super) fn is_epoch(shape: &Shape, slot: usize) -> bool {
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

/// The logical clock of every event.
fn clocks(shapes: &[Shape], meanings: &mut [Meaning]) {
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
pub(super) fn clock_slots(table: &Table<'_>, meanings: &[Meaning]) -> Vec<Option<usize>> {
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

/// Numbers that count from the start of the trial or machine: they never fall, in all shapes together.
fn elapsed(table: &Table<'_>, meanings: &mut [Meaning]) {
    let open = |at: usize| meanings[at].kind().is_some() && meanings[at].slot(Role::Time).is_none();
    if !(0..table.shapes.len()).any(open) {
        return;
    }
    let bare = |slot: &Slot| slot.left.is_empty() && slot.right.is_empty();
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

/// Clocks that are the clock of the event before; where the clock that was found is one, the other is the clock.
fn clocks_before(table: &Table<'_>, meanings: &mut [Meaning]) {
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

/// Who a message is for, or from.
fn parties(shape: &Shape, meaning: &mut Meaning, kind: Kind, names: &Names) {
    let role = match kind {
        Kind::Send | Kind::Broadcast => Role::To,
        Kind::Receive => Role::From,
        Kind::Internal => return,
    };
    let known = names.all();
    let score = |slot: usize| {
        let of = &shape.slots[slot];
        let values = shape.distinct(slot, MACHINES_MAX * 4);
        if matches!(of.class, Class::Time)
            || values.len() > MACHINES_MAX * 4
            || label(Role::Queue, of) >= 1.5
        {
            return 0.0;
        }
        let named = values.iter().all(|value| known.contains(value));
        let wordy = of.class == Class::Word && of.field.is_some() && of.left.is_empty();
        let machine = label(Role::Machine, of).min(3.0) * 0.5;
        let clocklike = label(Role::Clock, of).max(0.0);
        let few = values.len() <= MACHINES_MAX;
        let bare = of.left.is_empty() && of.right.is_empty();
        label(role, of)
            + if few { machine } else { 0.0 }
            + if named { 1.0 } else { 0.0 }
            + if (named && bare && of.class != Class::Number) || wordy {
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
    let marks = super::writers::marks_before(shape, first);
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
                    || [
                        ",", "and", "&", "+", "/", "'", "\"", "machine", "VM", "process",
                    ]
                    .contains(&text.as_str()) => {}
            _ => break,
        }
    }
}

/// What a message carries: on receives what explains the leaps of the clock, on sends the clock itself.
fn carried(table: &Table<'_>, meanings: &mut [Meaning], at: usize, kind: Kind) {
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
    if let Some(&slot) = best {
        meanings[at].roles[slot] = Role::Carried;
    }
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

/// Queue, rate, trial, tick and message of an event.
fn rest(
    table: &Table<'_>,
    meanings: &mut [Meaning],
    at: usize,
    kind: Kind,
    doubts: &mut Vec<Doubt>,
) {
    let shape = &table.shapes[at];
    let labelled = shape
        .slots
        .iter()
        .any(|slot| label(Role::Queue, slot) >= 1.5);
    for slot in 0..shape.slots.len() {
        if !free(&meanings[at], slot) {
            continue;
        }
        let of = &shape.slots[slot];
        let whole = shape.is_numeric(slot)
            && of.class != Class::List
            && table
                .column(at, slot)
                .all(|number| number.fract() == 0.0 && number >= 0.0);
        let distinct = shape.distinct(slot, MACHINES_MAX).len();
        let missing = |role| meanings[at].slot(role).is_none();
        let bare = of.left.is_empty() && of.right.is_empty();
        let small = table.column(at, slot).all(|number| number < 10_000.0);
        let role = if whole && missing(Role::Queue) && label(Role::Queue, of) >= 1.5 {
            Role::Queue
        } else if whole
            && missing(Role::Rate)
            && label(Role::Rate, of) >= 3.0
            && distinct <= MACHINES_MAX
        {
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
        } else if whole
            && bare
            && small
            && kind == Kind::Receive
            && missing(Role::Queue)
            && !labelled
            && meanings[at].slot(Role::Clock).is_some()
        {
            doubts.push(Doubt {
                what: "queue".to_owned(),
                why: "a number without a name in the lines of receives was taken for the length of the queue, for it is small and falls as well as grows".to_owned(),
                evidence: super::example(shape),
            });
            Role::Queue
        } else {
            continue;
        };
        meanings[at].roles[slot] = role;
    }
}
