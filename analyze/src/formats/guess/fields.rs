//! Shapes of records with fields: CSV, TSV, JSON lines.
//!
//! One field says what happened (`happened`); its values divide the records into shapes, and the other fields are their slots. Where
//! no field does, or a field holds a sentence, the lines are better read as text.
//!
//! **Invariant.** A field that a record does not have is an empty value.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::layout::Layout;
use super::sample::SampleFile;
use super::shape::{Body, Row, Shape, Slot};
use super::tokens::Class;
use super::{code, happened, times, words};

/// A line, by its fields.
pub(super) struct Record {
    /// Its file, by position in the sample.
    pub(super) file: usize,
    line: u32,
    pub(super) fields: BTreeMap<String, String>,
}

impl Record {
    /// The value of a field; empty where there is none.
    pub(super) fn value(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

/// The shapes of all records, the frequent first; `None` when no field says what happened. `trials` has the trial of each
/// file.
pub(super) fn shapes(files: &[SampleFile], layout: Layout, trials: &[usize]) -> Option<Vec<Shape>> {
    let (records, names) = records(files, layout);
    let mut shapes = happened::divide(&records, &names, trials)?;
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
