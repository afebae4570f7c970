//! The shape of records that have some fields in common.
//!
//! **Invariant.** A field that a record does not have is an empty value.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::shape::{Body, Row, Shape, Slot};
use super::tokens::Class;
use super::{code, times, words};

/// A line, by its fields.
pub(super) struct Record {
    /// Its file, by position in the sample.
    pub(super) file: usize,
    pub(super) line: u32,
    pub(super) fields: BTreeMap<String, String>,
}

impl Record {
    /// The value of a field; empty where there is none.
    pub(super) fn value(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

/// The lines of these conditions.
pub(super) fn shape(
    conditions: Vec<(String, String)>,
    records: &[&Record],
    names: &[String],
) -> Shape {
    let varies: Vec<&String> = names
        .iter()
        .filter(|name| conditions.iter().all(|(field, _)| field != *name))
        .filter(|name| records.iter().any(|record| !record.value(name).is_empty()))
        .collect();
    let rows: Vec<Row> = records
        .iter()
        .map(|record| Row {
            file: record.file,
            line: record.line,
            values: varies
                .iter()
                .map(|name| record.value(name).to_owned())
                .collect(),
        })
        .collect();
    let slots = varies.iter().enumerate().map(|(at, name)| Slot {
        class: class(rows.iter().map(|row| row.values[at].as_str())),
        left: label(name),
        right: Vec::new(),
        field: Some((*name).clone()),
    });
    let words = conditions
        .iter()
        .flat_map(|(_, value)| match code::letter(value) {
            Some(kind) => vec![format!("{kind:?}").to_lowercase()],
            None => words::split(value),
        });
    Shape {
        words: words.collect(),
        code: match conditions.as_slice() {
            [(_, value)] => Some(value.clone()),
            _ => None,
        },
        slots: slots.collect(),
        body: Body::Fields(conditions),
        rows,
    }
}

/// The words of a field's name, the last first; a column without a name says nothing.
fn label(name: &str) -> Vec<String> {
    let mut words = words::split(name);
    words.reverse();
    words
}

fn class<'a>(values: impl Iterator<Item = &'a str>) -> Class {
    static TIME: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(&format!("^(?:{})$", times::REGEX.as_str())).ok());
    let mut class = None;
    for value in values.filter(|value| !value.is_empty()).take(50) {
        let of = if TIME.as_ref().is_some_and(|time| time.is_match(value)) {
            Class::Time
        } else if value.starts_with(['[', '{', '(']) || components(value) {
            Class::List
        } else if value.parse::<f64>().is_ok() {
            Class::Number
        } else {
            Class::Word
        };
        match class {
            None => class = Some(of),
            Some(known) if known == of => {}
            Some(_) => return Class::Mixed,
        }
    }
    class.unwrap_or(Class::Word)
}

/// Whether these are whole numbers with one mark between them: `1,0,3`.
fn components(value: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let marks = [',', ';', '|', '/', ' '].into_iter();
    let mut several = marks.filter(|&mark| value.contains(mark));
    several.any(|mark| value.split(mark).all(|part| digits(part.trim())))
}
