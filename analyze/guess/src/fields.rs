//! Shapes of records with fields: CSV, TSV, JSON lines.
//!
//! One field says what happened (`event_column`); its values divide the records into shapes, and the other fields are their slots. Where
//! no field does, or a field holds a sentence, the lines are better read as text.
//!
//! **Invariant.** A field that a record does not have is an empty value.

use std::collections::BTreeSet;

use serde_json::Value;

use super::event_column;
use super::field_shape::Record;
use super::layout::{Layout, split};
use super::sample::SampleFile;
use super::shape::Shape;

/// The shapes of all records, the frequent first; `None` when no field says what happened. `trials` has the trial of each
/// file.
pub(super) fn shapes(files: &[SampleFile], layout: Layout, trials: &[usize]) -> Option<Vec<Shape>> {
    let (records, names) = records(files, layout);
    let mut shapes = event_column::divide(&records, &names, trials)?;
    shapes.sort_by_key(|shape| std::cmp::Reverse(shape.rows.len()));
    Some(shapes)
}

fn records(files: &[SampleFile], layout: Layout) -> (Vec<Record>, Vec<String>) {
    let mut records = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let texts = match layout {
        Layout::Json => texts(files),
        _ => BTreeSet::new(),
    };
    for (file, sample) in files.iter().enumerate() {
        let mut columns: Option<Vec<String>> = None;
        for line in sample
            .records
            .iter()
            .filter(|record| !record.text.trim().is_empty())
        {
            let fields: Vec<(String, String)> = match layout {
                Layout::Json => match serde_json::from_str(&line.text) {
                    Ok(Value::Object(object)) => flatten("", &Value::Object(object), &texts),
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

/// What the fields of all objects say in letters: names of machines are among them.
fn texts(files: &[SampleFile]) -> BTreeSet<String> {
    let lines = files.iter().flat_map(|file| &file.records);
    let objects = lines.filter_map(|line| serde_json::from_str(&line.text).ok());
    let texts = objects.flat_map(|object: serde_json::Map<String, Value>| {
        let texts = object.into_values().filter_map(|value| match value {
            Value::String(text) => Some(text),
            _ => None,
        });
        texts.collect::<Vec<String>>()
    });
    texts.collect()
}

fn flatten(prefix: &str, value: &Value, texts: &BTreeSet<String>) -> Vec<(String, String)> {
    match value {
        Value::Object(object) if !prefix.is_empty() && is_vector(object, texts) => {
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
                flatten(&name, value, texts)
            })
            .collect(),
        Value::Null => vec![(prefix.to_owned(), String::new())],
        Value::String(text) => vec![(prefix.to_owned(), text.clone())],
        other => vec![(prefix.to_owned(), other.to_string())],
    }
}

/// Whether an object has counts of machines: `{"p0": 3, "p1": 0}`, or `{"otter": 3}` where another field says `otter`.
fn is_vector(object: &serde_json::Map<String, Value>, texts: &BTreeSet<String>) -> bool {
    let stem = |name: &str| {
        name.trim_end_matches(|letter: char| letter.is_ascii_digit())
            .to_owned()
    };
    let mut names = object.keys();
    let first = names.next().map(|name| stem(name)).unwrap_or_default();
    let numbered = |name: &String| stem(name) == first && *name != first;
    let letter = |name: &String| name.chars().count() == 1;
    let alike = object.len() > 1 && (object.keys().all(numbered) || object.keys().all(letter));
    let named = || !object.is_empty() && object.keys().all(|name| texts.contains(name));
    object.values().all(Value::is_u64) && (alike || named())
}
