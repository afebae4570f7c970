//! Which fields of records say what happened: one with a word, columns of yes and no, or one with a code.
//!
//! **Invariant.** A code is taken only where clocks prove it; flags only where a column's name names an event.

use std::collections::{BTreeMap, BTreeSet};

use super::code;
use super::field_shape::{Record, shape};
use super::meaning::Role;
use super::shape::Shape;
use super::words;
use events::Kind;

/// More different values than this are no kinds of events.
const KINDS_MAX: usize = 40;

/// The shapes of records, divided by what happened; `None` when no field says it.
pub(super) fn divide(records: &[Record], names: &[String], trials: &[usize]) -> Option<Vec<Shape>> {
    if let Some(event) = by_word(records, names) {
        return Some(group(records, names, |record| {
            conditions(record, names, &event)
        }));
    }
    let flags = flags(records, names);
    if !flags.is_empty() {
        let values = |record: &Record| {
            flags
                .iter()
                .map(|flag| (flag.clone(), record.value(flag).to_owned()))
                .collect()
        };
        let mut shapes = group(records, names, values);
        for shape in &mut shapes {
            shape.words = said_by_flags(shape);
        }
        return Some(shapes);
    }
    let mut best: Option<(f64, Vec<Shape>)> = None;
    for name in names.iter().filter(|name| could_be_code(records, name)) {
        let shapes = group(records, names, |record| {
            vec![(name.clone(), record.value(name).to_owned())]
        });
        let proof = code::proof(&shapes, trials);
        if proof > best.as_ref().map_or(code::PROOF_MIN, |(best, _)| *best) {
            best = Some((proof, shapes));
        }
    }
    best.map(|(_, shapes)| shapes)
}

/// Shapes of records by what their fields must be.
fn group(
    records: &[Record],
    names: &[String],
    conditions: impl Fn(&Record) -> Vec<(String, String)>,
) -> Vec<Shape> {
    let mut groups: BTreeMap<Vec<(String, String)>, Vec<&Record>> = BTreeMap::new();
    for record in records {
        groups.entry(conditions(record)).or_default().push(record);
    }
    let shapes = groups.into_iter();
    shapes
        .map(|(conditions, records)| shape(conditions, &records, names))
        .collect()
}

/// What a record's event is, and whether it goes to all.
fn conditions(record: &Record, names: &[String], event: &str) -> Vec<(String, String)> {
    let value = record.value(event);
    let is_send = matches!(words::kind_of(&words::split(value)), Some((Kind::Send, _)));
    let mut conditions = vec![(event.to_owned(), value.to_owned())];
    for field in recipient_fields(names).into_iter().filter(|_| is_send) {
        let to = record.value(&field);
        if words::means_all(to) {
            conditions.push((field, to.to_owned()));
        }
    }
    conditions
}

fn recipient_fields(names: &[String]) -> Vec<String> {
    let says = |name: &&String| {
        let weigh = |word: &String| words::role_weight(Role::To, word) > 0.0;
        words::split(name).iter().any(weigh)
    };
    names.iter().filter(says).cloned().collect()
}

/// The field whose values name events in most records; one that tells kinds apart before one that says the same of all
/// (the name of a computer, `desk.local`).
fn by_word(records: &[Record], names: &[String]) -> Option<String> {
    let share = |name: &String| {
        let mut values = BTreeSet::new();
        let mut kinds = BTreeSet::new();
        let mut hits = 0;
        for value in records.iter().filter_map(|record| record.fields.get(name)) {
            if values.insert(value.as_str()) && values.len() > KINDS_MAX {
                return None;
            }
            let told = words::kind_of(&words::split(value)).filter(|(_, weight)| *weight > 1);
            hits += usize::from(told.is_some());
            kinds.extend(told.map(|(kind, _)| super::meaning::kind_name(kind)));
        }
        let codes = values.contains("R")
            && values.contains("S")
            && values.iter().all(|value| code::letter(value).is_some());
        let hits = if codes { records.len() } else { hits };
        let digits =
            |value: &&&str| value.contains(' ') && value.bytes().any(|byte| byte.is_ascii_digit());
        let sentences = values.iter().filter(digits).count();
        (hits * 2 > records.len() && sentences * 2 < values.len().max(1))
            .then_some((kinds.len() > 1 || codes, hits))
    };
    let best = names
        .iter()
        .filter_map(|name| Some((share(name)?, name)))
        .max_by_key(|(told, _)| *told);
    best.map(|(_, name)| name.clone())
}

/// Whether a value says yes or no; `None` if it says neither.
fn truth(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "1" | "true" | "t" | "x" | "yes" | "y" | "1.0" | "✓" => Some(true),
        "0" | "false" | "f" | "" | "no" | "n" | "-" | "0.0" => Some(false),
        _ => None,
    }
}

/// Columns of yes and no whose names name an event: `message_received`.
fn flags(records: &[Record], names: &[String]) -> Vec<String> {
    let is_flag = |name: &&String| {
        let named = words::kind_of(&words::split(name)).is_some_and(|(_, weight)| weight > 1);
        let values: BTreeSet<Option<bool>> = records
            .iter()
            .map(|record| truth(record.value(name)))
            .collect();
        named && values == BTreeSet::from([Some(false), Some(true)])
    };
    names.iter().filter(is_flag).cloned().collect()
}

/// What flags say: the names of those that are set, an internal event if none is.
fn said_by_flags(shape: &Shape) -> Vec<String> {
    let set = shape
        .conditions()
        .iter()
        .filter(|(_, value)| truth(value) == Some(true));
    let kinds: Vec<Vec<String>> = set.map(|(name, _)| words::split(name)).collect();
    let sends = |words: &&Vec<String>| matches!(words::kind_of(words), Some((Kind::Send, _)));
    match kinds.iter().filter(sends).count() {
        _ if kinds.is_empty() => vec!["internal".to_owned()],
        0 | 1 => kinds.concat(),
        _ => vec!["broadcast".to_owned()],
    }
}

/// Whether a field has few values, and they change from record to record.
fn could_be_code(records: &[Record], name: &str) -> bool {
    let mut values = BTreeSet::new();
    for record in records {
        values.insert(record.value(name));
        if values.len() > KINDS_MAX / 2 {
            return false;
        }
    }
    let pairs = records
        .windows(2)
        .filter(|pair| pair[0].file == pair[1].file);
    let changes = pairs.filter(|pair| pair[0].value(name) != pair[1].value(name));
    values.len() > 1 && changes.count() * 10 > records.len()
}
