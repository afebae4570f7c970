//! Shapes of records with fields: CSV, TSV, JSON lines.
//!
//! One field says what happened; its values divide the records into shapes, and the other fields are their slots. Where
//! no field does, or a field holds a sentence, the lines are better read as text.
//!
//! **Invariant.** A field that a record does not have is an empty value.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::layout::Layout;
use super::sample::SampleFile;
use super::shape::{Body, Row, Shape, Slot};
use super::tokens::Class;
use super::{times, words};
use crate::history::Kind;

/// More different values than this are no kinds of events.
const KINDS_MAX: usize = 40;

struct Record {
    file: usize,
    line: u32,
    fields: BTreeMap<String, String>,
}

/// The shapes of all records, the frequent first; `None` when no field says what happened.
pub(super) fn shapes(files: &[SampleFile], layout: Layout) -> Option<Vec<Shape>> {
    let (records, names) = records(files, layout);
    let event = event_field(&records, &names)?;
    let mut groups: BTreeMap<Vec<(String, String)>, Vec<Record>> = BTreeMap::new();
    let several = recipient_fields(&names);
    for record in records {
        let value = record.fields.get(&event).cloned().unwrap_or_default();
        let is_send = matches!(words::kind_of(&words::split(&value)), Some((Kind::Send, _)));
        let mut conditions = vec![(event.clone(), value)];
        for field in several.iter().filter(|_| is_send) {
            let to = record.fields.get(field).map_or("", |to| to.as_str());
            if words::means_all(to) {
                conditions.push((field.clone(), to.to_owned()));
            }
        }
        groups.entry(conditions).or_default().push(record);
    }
    let mut shapes: Vec<Shape> = groups
        .into_iter()
        .map(|(conditions, records)| shape(conditions, records, &names))
        .collect();
    shapes.sort_by_key(|shape| std::cmp::Reverse(shape.rows.len()));
    Some(shapes)
}

fn records(files: &[SampleFile], layout: Layout) -> (Vec<Record>, Vec<String>) {
    let mut records = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for (file, sample) in files.iter().enumerate() {
        let mut columns: Option<Vec<String>> = None;
        for line in sample
            .records
            .iter()
            .filter(|record| !record.text.trim().is_empty())
        {
            let fields: Vec<(String, String)> = match layout {
                Layout::Json => match serde_json::from_str(&line.text) {
                    Ok(Value::Object(object)) => flatten("", &Value::Object(object)),
                    _ => continue,
                },
                Layout::Separated { delimiter, header } => {
                    let values = split(&line.text, delimiter);
                    if header && columns.is_none() {
                        columns = Some(
                            values
                                .into_iter()
                                .map(|name| name.trim().to_owned())
                                .collect(),
                        );
                        continue;
                    }
                    let name = |at: usize| {
                        columns.as_ref().map_or_else(
                            || Some((at + 1).to_string()),
                            |names| names.get(at).cloned(),
                        )
                    };
                    values
                        .into_iter()
                        .enumerate()
                        .filter_map(|(at, value)| Some((name(at)?, value.trim().to_owned())))
                        .collect()
                }
                Layout::Text | Layout::Numbers | Layout::Empty => continue,
            };
            for (name, _) in &fields {
                if !names.contains(name) {
                    names.push(name.clone());
                }
            }
            records.push(Record {
                file,
                line: line.line,
                fields: fields.into_iter().collect(),
            });
        }
    }
    (records, names)
}

/// The fields of a line.
pub(super) fn split(line: &str, delimiter: char) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(u8::try_from(delimiter).unwrap_or(b','))
        .from_reader(line.as_bytes());
    let mut record = csv::StringRecord::new();
    match reader.read_record(&mut record) {
        Ok(true) => record.iter().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn flatten(prefix: &str, value: &Value) -> Vec<(String, String)> {
    match value {
        Value::Object(object) if !prefix.is_empty() && is_vector(object) => {
            vec![(prefix.to_owned(), value.to_string())]
        }
        Value::Object(object) => object
            .iter()
            .flat_map(|(name, value)| {
                let name = if prefix.is_empty() {
                    name.clone()
                } else {
                    format!("{prefix}.{name}")
                };
                flatten(&name, value)
            })
            .collect(),
        Value::Null => vec![(prefix.to_owned(), String::new())],
        Value::String(text) => vec![(prefix.to_owned(), text.clone())],
        other => vec![(prefix.to_owned(), other.to_string())],
    }
}

/// Whether an object has a count for each machine: `{"p0": 3, "p1": 0}`.
fn is_vector(object: &serde_json::Map<String, Value>) -> bool {
    let stem = |name: &str| {
        name.trim_end_matches(|letter: char| letter.is_ascii_digit())
            .to_owned()
    };
    let mut names = object.keys();
    let first = names.next().map(|name| stem(name)).unwrap_or_default();
    let numbered = |name: &String| stem(name) == first && *name != first;
    let letter = |name: &String| name.chars().count() == 1;
    object.len() > 1
        && object.values().all(Value::is_u64)
        && (object.keys().all(numbered) || object.keys().all(letter))
}

/// The field whose values name events in most records.
fn event_field(records: &[Record], names: &[String]) -> Option<String> {
    let share = |name: &String| {
        let mut values = BTreeSet::new();
        let mut hits = 0;
        for value in records.iter().filter_map(|record| record.fields.get(name)) {
            if values.insert(value.as_str()) && values.len() > KINDS_MAX {
                return None;
            }
            hits += usize::from(
                words::kind_of(&words::split(value)).is_some_and(|(_, weight)| weight > 1),
            );
        }
        let codes = values.contains("R")
            && values.contains("S")
            && values.iter().all(|value| code(value).is_some());
        let hits = if codes { records.len() } else { hits };
        let digits =
            |value: &&&str| value.contains(' ') && value.bytes().any(|byte| byte.is_ascii_digit());
        let sentences = values.iter().filter(digits).count();
        (hits * 2 > records.len() && sentences * 2 < values.len().max(1)).then_some(hits)
    };
    let best = names
        .iter()
        .filter_map(|name| Some((share(name)?, name)))
        .max_by_key(|(hits, _)| *hits);
    best.map(|(_, name)| name.clone())
}

/// Events by a single letter.
pub(super) fn code(value: &str) -> Option<Kind> {
    Some(match value {
        "I" | "L" => Kind::Internal,
        "S" => Kind::Send,
        "R" => Kind::Receive,
        "B" | "A" | "M" => Kind::Broadcast,
        _ => return None,
    })
}

fn recipient_fields(names: &[String]) -> Vec<String> {
    let says = |name: &&String| {
        let weigh = |word: &String| words::role_weight(super::meaning::Role::To, word) > 0.0;
        words::split(name).iter().any(weigh)
    };
    names.iter().filter(says).cloned().collect()
}

fn shape(conditions: Vec<(String, String)>, records: Vec<Record>, names: &[String]) -> Shape {
    let varies: Vec<&String> = names
        .iter()
        .filter(|name| conditions.iter().all(|(field, _)| field != *name))
        .filter(|name| {
            records.iter().any(|record| {
                record
                    .fields
                    .get(*name)
                    .is_some_and(|value| !value.is_empty())
            })
        })
        .collect();
    let value =
        |record: &Record, name: &String| record.fields.get(name).cloned().unwrap_or_default();
    let rows: Vec<Row> = records
        .iter()
        .map(|record| Row {
            file: record.file,
            line: record.line,
            values: varies.iter().map(|name| value(record, name)).collect(),
        })
        .collect();
    let slots = varies.iter().enumerate().map(|(at, name)| Slot {
        class: class(rows.iter().map(|row| row.values[at].as_str())),
        left: label(name),
        right: Vec::new(),
        field: Some((*name).clone()),
    });
    let words = conditions.iter().flat_map(|(_, value)| match code(value) {
        Some(kind) => vec![format!("{kind:?}").to_lowercase()],
        None => words::split(value),
    });
    Shape {
        words: words.collect(),
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
