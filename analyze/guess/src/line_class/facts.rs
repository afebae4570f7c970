//! Lines that state facts, of whom and which; and why a line that states none is left out.
//!
//! **Invariant.** A line is left out only for a reason that is reported.

use std::collections::{BTreeMap, BTreeSet};

use super::notice::{CONNECTION, NOTICES_PER_FILE, begins_with};
use crate::answer::Doubt;
use crate::meaning::{Meaning, Role, Standing};
use crate::names::Names;
use crate::roles::{is_epoch, label};
use crate::shape::example;
use crate::shape::{Shape, Slot, components};
use crate::tokens::Class;
use crate::{durations, rates, words};

/// Lines of a header for each file at most.
const HEADERS_PER_FILE: f64 = 16.0;

/// Lines of a shape that nothing explains for each file at most, to be left out by a rule.
const STRAY_PER_FILE: f64 = 2.0;

/// Why a line without words and numbers is no event.
const SEPARATOR: &str = "separator";

/// Whether a shape states facts, and which.
///
/// `writer` is the slot that names the machine of the line, if the clocks of the events prove it; `lines` how many events
/// each file has.
pub(crate) fn facts(
    shape: &Shape,
    meaning: &mut Meaning,
    names: &Names,
    (writer, lines): (Option<usize>, &[usize]),
    doubts: &mut Vec<Doubt>,
) {
    let per_file = shape.rows.len() as f64 / shape.files().max(1) as f64;
    meaning.roles.fill(Role::None);
    if let Some(slot) = writer {
        meaning.roles[slot] = Role::Machine;
    }
    let open = |&slot: &usize| Some(slot) != writer && !shape.is_place_in_source(slot);
    for slot in (0..shape.slots.len()).filter(open) {
        meaning.roles[slot] = fact(shape, slot, meaning, names, lines);
    }
    let has = |role| meaning.slot(role).is_some();
    let tells_rate = meaning.tells_rate();
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

/// Which fact a value states, if no value before it in the line states the same.
fn fact(shape: &Shape, slot: usize, meaning: &Meaning, names: &Names, lines: &[usize]) -> Role {
    let of = &shape.slots[slot];
    if of.class == Class::Time || is_epoch(shape, slot) {
        return Role::None;
    }
    if of.class == Class::List {
        return rates_of_all(shape, slot, names);
    }
    let all = |is: &dyn Fn(f64) -> bool| {
        let mut rows = 0..shape.rows.len();
        rows.all(|row| shape.number(row, slot).is_none_or(is))
    };
    let missing = |role| meaning.slot(role).is_none();
    let own = shape
        .rows
        .iter()
        .all(|row| names.machines[row.file].as_deref() == Some(row.values[slot].as_str()));
    let bare = of.left.is_empty() && of.right.is_empty();
    let rate = shape.is_numeric(slot) && all(&|rate| rate > 0.0 && rate <= 10_000.0);
    // A run of a minute is no time between ticks.
    let period = rates::period(of).filter(|period| {
        let second = if *period == Role::PeriodMs { 1e3 } else { 1.0 };
        rate && all(&|time| time <= 10.0 * second)
    });
    if let Some(period) = period {
        return period;
    }
    let called_rate = label(Role::Rate, of) >= 3.0;
    let per_file = shape.rows.len() as f64 / shape.files().max(1) as f64;
    if own && missing(Role::Machine) && !called_rate && !rates::per_second(of) {
        Role::Machine
    } else if rate
        && missing(Role::Rate)
        && (called_rate
            || rates::per_second(of)
            || (!own && rates::proven_by(shape, slot, lines))
            || (bare && of.field.is_some() && !missing(Role::Machine) && per_file <= 1.0))
    {
        Role::Rate
    } else if missing(Role::Trial)
        && label(Role::Trial, of) >= 2.0
        // `its run of 60 seconds` is no 60th run.
        && !of.right.first().is_some_and(|word| durations::is_unit(word))
    {
        Role::Trial
    } else if missing(Role::Machine)
        && (label(Role::Machine, of) >= 2.0 || names_each(shape, slot, names))
        && !called_rate
        && label(Role::Clock, of) < 3.0
    {
        Role::Machine
    } else {
        Role::None
    }
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
                evidence: example(shape),
            });
            let reason = "names no event".to_owned();
            match shape.slots.iter().any(is_clock) {
                true => Standing::Hole(reason),
                false => Standing::Ignored(reason),
            }
        }
        _ => Standing::Unknown,
    }
}

/// Whether a value is written or called as a clock is.
fn is_clock(slot: &Slot) -> bool {
    slot.class == Class::List || label(Role::Clock, slot) >= 2.0
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
