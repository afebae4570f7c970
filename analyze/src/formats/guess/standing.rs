//! Which shapes are events, which state facts, and which are neither.
//!
//! Words decide; of a frequent shape whose words say nothing, the behaviour of its numbers does, and a doubt says so.
//!
//! **Invariant.** A shape that is ignored has a reason.

use std::collections::{BTreeMap, BTreeSet};

use super::Doubt;
use super::meaning::{Meaning, Role, Standing};
use super::names::Names;
use super::roles::label;
use super::shape::{Shape, Slot, components};
use super::table::Table;
use super::tokens::Class;
use super::writers::Writers;
use super::{rates, words};
use crate::history::Kind;

/// Share of all lines from which a shape is frequent.
const FREQUENT: f64 = 0.03;
/// Lines of a header for each file at most.
const HEADERS_PER_FILE: f64 = 16.0;
/// Notices of a kind for each file at most.
const NOTICES_PER_FILE: f64 = 12.0;
/// Lines of a shape that nothing explains for each file at most, to be left out by a rule.
const STRAY_PER_FILE: f64 = 2.0;
/// Why a line without words and numbers is no event.
const SEPARATOR: &str = "separator";
/// Beginnings of words that tell of connections.
const CONNECTION: &[&str] = &[
    "connect",
    "listen",
    "bind",
    "bound",
    "socket",
    "accept",
    "disconnect",
    "handshake",
];

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
            && ((frequent && per_file >= 2.0) || shapes[at].code.is_some())
            && !shapes[at].slots.is_empty()
        {
            meanings[at].standing = Standing::Event(Kind::Internal);
            taken.push(at);
        }
    }
    taken
}

/// Takes a shape for nothing known.
pub(super) fn reset(meaning: &mut Meaning) {
    meaning.standing = Standing::Unknown;
    meaning.roles.fill(Role::None);
}

/// A kind in words.
pub(super) fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Internal => "internal events",
        Kind::Send => "sends",
        Kind::Broadcast => "sends to all",
        Kind::Receive => "receives",
    }
}

/// Lines of one shape from which they are a habit of the program, and no accident.
const HABIT_LINES: usize = 5;

/// Settles what is left: events need a clock where events have one; the rest states facts, or is ignored.
pub(super) fn settle(
    shapes: &[Shape],
    meanings: &mut [Meaning],
    names: &Names,
    writers: Option<&Writers>,
    doubts: &mut Vec<Doubt>,
) {
    let rows = |role| {
        (0..shapes.len())
            .filter(|&at| meanings[at].kind().is_some() && meanings[at].slot(role).is_some())
            .map(|at| shapes[at].rows.len())
            .sum::<usize>()
    };
    let (clocks, times) = (rows(Role::Clock), rows(Role::Time));
    let lines = rates::lines(shapes, meanings);
    let complete = complete(shapes, meanings);
    for at in 0..shapes.len() {
        let shape = &shapes[at];
        if let Some(kind) = meanings[at].kind() {
            let has = |role| meanings[at].slot(role).is_some();
            let stands = if clocks > 0 {
                has(Role::Clock)
            } else if times > 0 {
                has(Role::Time)
            } else {
                true
            };
            if stands {
                continue;
            }
            let why = if clocks > 0 {
                "no clock, and other events have one"
            } else {
                "no time, and other events have one"
            };
            let other = meanings
                .iter()
                .any(|meaning| meaning.kind() == Some(kind) && meaning.slot(Role::Clock).is_some());
            // A habit of the program says again what another line says; a few such lines are rather events that were cut off.
            let ignore = other && shape.rows.len() >= HABIT_LINES;
            let then = if ignore {
                "a rule leaves them out"
            } else {
                "they stay unexplained"
            };
            doubts.push(Doubt {
                what: "event".to_owned(),
                why: format!("lines that speak of {} have {why}: {then}", kind_name(kind)),
                evidence: super::example(shape),
            });
            reset(&mut meanings[at]);
            if ignore {
                meanings[at].standing =
                    Standing::Ignored(format!("speaks of {}, with {why}", kind_name(kind)));
            }
            continue;
        }
        if meanings[at].standing == Standing::Unknown {
            let writer = writers.and_then(|writers| writers.slot(shapes, at));
            let writer = writer.or_else(|| machine_field(shapes, meanings, at));
            facts(shape, &mut meanings[at], names, (writer, &lines), doubts);
            if meanings[at].standing == Standing::Unknown {
                meanings[at].standing = many(shape, complete, doubts);
            }
        }
    }
}

/// Whether all events were found: there are some of each kind, and no clock leaps where nothing is received.
fn complete(shapes: &[Shape], meanings: &[Meaning]) -> bool {
    const PAIRS_MIN: f64 = 50.0;
    const SKIPS_MAX: f64 = 0.005;
    let clocks: Vec<Option<usize>> = meanings
        .iter()
        .map(|meaning| {
            meaning
                .slot(Role::Clock)
                .filter(|_| meaning.kind().is_some())
        })
        .collect();
    let of = |kinds: &[Kind]| {
        let kinds = |meaning: &Meaning| meaning.kind().is_some_and(|kind| kinds.contains(&kind));
        meanings.iter().any(kinds)
    };
    let climb = Table::new(shapes, meanings).climb(&clocks, meanings, None);
    of(&[Kind::Internal])
        && of(&[Kind::Receive])
        && of(&[Kind::Send, Kind::Broadcast])
        && climb.pairs >= PAIRS_MIN
        && climb.skips <= SKIPS_MAX
        && climb.hold >= 1.0 - SKIPS_MAX
}

/// What many lines are that name no event: left out if they say nothing that an event says, and no event is missing.
fn many(shape: &Shape, complete: bool, doubts: &mut Vec<Doubt>) -> Standing {
    const SAID: [Role; 6] = [
        Role::Clock,
        Role::Queue,
        Role::Time,
        Role::From,
        Role::To,
        Role::Carried,
    ];
    let says = |slot: &Slot| {
        matches!(slot.class, Class::Time | Class::List)
            || SAID.iter().any(|&role| label(role, slot) >= 1.0)
    };
    let left_out = complete && !shape.slots.iter().any(says);
    let why = if left_out {
        "such lines name no event, and the clocks of the events leave no gap: a rule leaves them out"
    } else {
        "such lines name no event and are many: they stay unexplained"
    };
    doubts.push(Doubt {
        what: "line".to_owned(),
        why: why.to_owned(),
        evidence: super::example(shape),
    });
    if left_out {
        Standing::Ignored("names no event".to_owned())
    } else {
        Standing::Unknown
    }
}

/// The slot of a shape whose field names the machine in records of events.
fn machine_field(shapes: &[Shape], meanings: &[Meaning], at: usize) -> Option<usize> {
    let events = shapes.iter().zip(meanings);
    let mut fields = events
        .filter(|(_, meaning)| meaning.kind().is_some())
        .filter_map(|(shape, meaning)| shape.slots[meaning.slot(Role::Machine)?].field.as_deref());
    let field = fields.next()?;
    let slots = &shapes[at].slots;
    slots
        .iter()
        .position(|slot| slot.field.as_deref() == Some(field))
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
            evidence: super::example(&shapes[at]),
        });
        reset(&mut meanings[at]);
        meanings[at].standing = Standing::Ignored("arrival of a message in the queue".to_owned());
    }
}

/// Whether a shape states facts, and which.
///
/// `writer` is the slot that names the machine of the line, if the clocks of the events prove it; `lines` how many events
/// each file has.
pub(super) fn facts(
    shape: &Shape,
    meaning: &mut Meaning,
    names: &Names,
    (writer, lines): (Option<usize>, &[usize]),
    doubts: &mut Vec<Doubt>,
) {
    let per_file = shape.rows.len() as f64 / shape.files().max(1) as f64;
    let own = |slot: usize| {
        shape
            .rows
            .iter()
            .all(|row| names.machines[row.file].as_deref() == Some(row.values[slot].as_str()))
    };
    meaning.roles.fill(Role::None);
    if let Some(slot) = writer {
        meaning.roles[slot] = Role::Machine;
    }
    let open = |&slot: &usize| Some(slot) != writer && !shape.is_place_in_source(slot);
    for slot in (0..shape.slots.len()).filter(open) {
        let of = &shape.slots[slot];
        let missing = |role| meaning.slot(role).is_none();
        let numeric = shape.is_numeric(slot);
        let bare = of.left.is_empty() && of.right.is_empty();
        let rate = numeric
            && (0..shape.rows.len()).all(|row| {
                shape
                    .number(row, slot)
                    .is_none_or(|rate| rate > 0.0 && rate <= 10_000.0)
            });
        // A run of a minute is no time between ticks.
        let period = rates::period(of).filter(|period| {
            let second = if *period == Role::PeriodMs { 1e3 } else { 1.0 };
            let short = |row| {
                shape
                    .number(row, slot)
                    .is_none_or(|time| time <= 10.0 * second)
            };
            rate && (0..shape.rows.len()).all(short)
        });
        meaning.roles[slot] = if of.class == Class::Time || super::roles::is_epoch(shape, slot) {
            Role::None
        } else if of.class == Class::List {
            rates_of_all(shape, slot, names)
        } else if let Some(period) = period {
            period
        } else if own(slot)
            && missing(Role::Machine)
            && label(Role::Rate, of) < 3.0
            && !rates::per_second(of)
        {
            Role::Machine
        } else if rate
            && missing(Role::Rate)
            && (label(Role::Rate, of) >= 3.0
                || rates::per_second(of)
                || (!own(slot) && rates::proven_by(shape, slot, lines))
                || (bare && of.field.is_some() && !missing(Role::Machine) && per_file <= 1.0))
        {
            Role::Rate
        } else if missing(Role::Trial) && label(Role::Trial, of) >= 2.0 {
            Role::Trial
        } else if missing(Role::Machine)
            && (label(Role::Machine, of) >= 2.0 || names_each(shape, slot, names))
            && label(Role::Rate, of) < 3.0
            && label(Role::Clock, of) < 3.0
        {
            Role::Machine
        } else {
            Role::None
        };
    }
    let has = |role| meaning.slot(role).is_some();
    let rates = [Role::Rate, Role::Rates, Role::PeriodS, Role::PeriodMs];
    let tells_rate = rates.into_iter().any(has);
    let repeats = shape.rows.len() > shape.files();
    let machine_wanted = has(Role::Machine) && names.machines.iter().all(Option::is_none);
    let mentions = shape
        .words
        .iter()
        .any(|word| words::role_weight(Role::Rate, word) >= 3.0);
    meaning.standing = if per_file <= HEADERS_PER_FILE
        && (tells_rate || (has(Role::Trial) && !mentions) || machine_wanted)
    {
        Standing::Header {
            begins_trial: has(Role::Trial) && repeats && !tells_rate,
        }
    } else {
        meaning.roles.fill(Role::None);
        ignored(shape, per_file, doubts)
    };
}

/// Whether each file has a line for each machine, and they are named here.
fn names_each(shape: &Shape, slot: usize, names: &Names) -> bool {
    let machines = names.all();
    let mut named: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for row in &shape.rows {
        named.entry(row.file).or_default().push(&row.values[slot]);
    }
    let each = |named: &Vec<&str>| {
        let distinct: BTreeSet<&str> = named.iter().copied().collect();
        distinct == machines && named.len() == machines.len()
    };
    machines.len() > 1 && named.values().all(each)
}

/// `Rates` of a list that is called so and has one for each machine.
fn rates_of_all(shape: &Shape, slot: usize, names: &Names) -> Role {
    let machines = names.all().len();
    let one_each = |list: &str| {
        let rates = components(list);
        rates.len() == machines && rates.iter().all(|rate| *rate > 0.0 && *rate <= 10_000.0)
    };
    if label(Role::Rate, &shape.slots[slot]) >= 3.0 && shape.column(slot).all(one_each) {
        Role::Rates
    } else {
        Role::None
    }
}

/// What is no event and states no fact is ignored if it is rare and one can see why; else it stays unexplained.
fn ignored(shape: &Shape, per_file: f64, doubts: &mut Vec<Doubt>) -> Standing {
    match reason(shape) {
        Some(reason) if reason == SEPARATOR || per_file <= NOTICES_PER_FILE => {
            Standing::Ignored(reason.to_owned())
        }
        None if per_file <= STRAY_PER_FILE => {
            let lines = shape.rows.len();
            doubts.push(Doubt {
                what: "line".to_owned(),
                why: format!(
                    "{lines} such lines name no event and state no known fact; a rule leaves them out"
                ),
                evidence: super::example(shape),
            });
            Standing::Ignored("names no event".to_owned())
        }
        _ => Standing::Unknown,
    }
}

/// Whether a word of a shape begins with one of these stems.
fn begins_with(shape: &Shape, stems: &[&str]) -> bool {
    let begins = |word: &String| stems.iter().any(|stem| word.starts_with(stem));
    shape.words.iter().any(begins)
}

/// Why a shape is no event.
fn reason(shape: &Shape) -> Option<&'static str> {
    let has = |stems: &[&str]| begins_with(shape, stems);
    if shape.words.is_empty() && shape.slots.is_empty() {
        Some(SEPARATOR)
    } else if has(&["traceback", "exception", "error", "warn", "fail", "raise"]) {
        Some("error message")
    } else if has(CONNECTION) {
        Some("notice of a connection")
    } else if has(&[
        "start", "launch", "init", "begin", "boot", "running", "ready", "hello",
    ]) {
        Some("notice of the start")
    } else if has(&[
        "end", "stop", "exit", "finish", "shut", "clos", "done", "terminat", "complet", "bye",
        "final", "total", "summary",
    ]) {
        Some("notice of the end")
    } else {
        None
    }
}
