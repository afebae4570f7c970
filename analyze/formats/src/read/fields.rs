//! Separated fields, CSV or TSV: quoted, ragged, with or without a line of names.
//!
//! Lines are cut here rather than by the `csv` crate, which leaves out blank lines and does not say where; it takes apart
//! those that have quotes.
//!
//! **Invariant.** A quote that is never closed costs its own line, not the rest of the file.

use std::borrow::Cow;
use std::collections::HashMap;

use super::reader::{LINE_BYTES_MAX, Reader, Which};
use crate::compile::{Field, by_fields, words};
use crate::line_log::Class;
use crate::lines::{Line, Lines};
use files::note::{Note, Severity};

const NO_MATCH: &str = "no rule takes these fields";
const NO_NAMES: &str = "it comes before the line of names, and names no column that the rules use";
/// Longest record, in lines: a quoted field may hold line ends.
const RECORD_LINES_MAX: usize = 64;

/// How the fields of this file lie.
struct Columns {
    /// The fields of the line of names, once it was read.
    names: Option<Vec<String>>,
    /// For each field that rules name, its column.
    of_fields: Vec<Option<usize>>,
    /// Rows with another number of fields than names, and the first of them.
    ragged: u64,
    ragged_first: u64,
}

/// Reads a text; `usual` separates its fields unless the format says otherwise.
pub(super) fn read(reader: &mut Reader, text: &str, usual: u8) {
    let settings = &reader.compiled.format().lines;
    let delimiter = settings
        .delimiter
        .and_then(|delimiter| u8::try_from(delimiter).ok());
    let delimiter = delimiter.unwrap_or(usual);
    let numbered = reader
        .compiled
        .fields()
        .iter()
        .map(|field| column_number(&field.name));
    let mut columns = Columns {
        names: None,
        of_fields: numbered.collect(),
        ragged: 0,
        ragged_first: 0,
    };
    let named = settings.header != Some(false);
    let mut lines = Lines::new(text);
    while let Some(first) = lines.next() {
        // A remark may stand before the line of names; after it, rules on fields come before what is ignored.
        let before_names = named && columns.names.is_none();
        let which = if before_names {
            Which::All
        } else {
            Which::NotIgnored
        };
        if let Some(class) = reader.by_pattern(first.text, first.number, which) {
            reader.enter(&first, Some(class), NO_MATCH);
            continue;
        }
        if first.text.len() > LINE_BYTES_MAX || first.text.trim().is_empty() {
            reader.enter(&first, None, NO_MATCH);
            continue;
        }
        let (last, after) = whole_record(&lines, first);
        let record = if last.number == first.number {
            first.text
        } else {
            lines.text_of(first, last)
        };
        lines = after;
        let fields = split(record, delimiter);
        let taken = columns.take(reader, &fields, named, first.number);
        let taken = taken.or_else(|| reader.by_pattern(record, first.number, Which::Ignored));
        if last.number == first.number {
            reader.enter(&first, taken, NO_MATCH);
        } else {
            let class = taken.unwrap_or_else(|| Class::Unexplained(NO_MATCH.to_owned()));
            reader.watch(&last, Some(&class));
            reader.ledger.enter(
                class,
                first.number,
                last.number - first.number + 1,
                first.text,
            );
        }
    }
    columns.tell(reader);
}

impl Columns {
    /// What becomes of the fields of a record.
    fn take(
        &mut self,
        reader: &mut Reader,
        fields: &[Cow<str>],
        named: bool,
        line: u64,
    ) -> Option<Class> {
        let count = fields.len();
        match &self.names {
            None if named => {
                return Some(if self.name(reader, fields) {
                    Class::Header
                } else {
                    Class::Unexplained(NO_NAMES.to_owned())
                });
            }
            Some(names) if same(names, fields) => return Some(Class::Header),
            Some(names) if names.len() != count => {
                self.ragged_first = if self.ragged == 0 {
                    line
                } else {
                    self.ragged_first
                };
                self.ragged += 1;
            }
            _ => {}
        }
        let chosen: Vec<Option<Cow<str>>> = self
            .of_fields
            .iter()
            .map(|column| {
                column
                    .and_then(|column| fields.get(column))
                    .map(|field| Cow::Borrowed(field.trim()))
            })
            .collect();
        let (rule, values) = by_fields(reader.compiled.rules(), &chosen)?;
        Some(reader.take(rule, &values, line))
    }

    /// Takes the line of names, if it is one: if some rule uses one of them.
    fn name(&mut self, reader: &Reader, fields: &[Cow<str>]) -> bool {
        let names: Vec<String> = fields.iter().map(|name| name.trim().to_owned()).collect();
        let position = |wanted: &str| {
            let exact = names.iter().position(|name| name == wanted);
            let alike = || {
                names
                    .iter()
                    .position(|name| name.eq_ignore_ascii_case(wanted))
            };
            exact.or_else(alike)
        };
        let mut by_words = HashMap::new();
        for (column, name) in names.iter().enumerate() {
            by_words.entry(words(name)).or_insert(column);
        }
        // Marks alone are no name that another could be like.
        by_words.remove("");
        let of_any = |field: &Field| {
            let mut alternatives = field.words.iter();
            let alike = || alternatives.find_map(|words| by_words.get(words).copied());
            position(&field.name).or_else(alike)
        };
        let wanted = reader.compiled.fields();
        let used = wanted.iter().any(|field| of_any(field).is_some());
        let numbers_only = wanted
            .iter()
            .all(|field| column_number(&field.name).is_some());
        if !used && !numbers_only {
            return false;
        }
        let columns = wanted.iter();
        let columns = columns.map(|field| of_any(field).or_else(|| column_number(&field.name)));
        self.of_fields = columns.collect();
        self.names = Some(names);
        true
    }

    /// Tells of columns that are not there, and of rows that have more or fewer.
    fn tell(&self, reader: &mut Reader) {
        let path = reader.path;
        let Some(names) = &self.names else { return };
        let wanted = reader.compiled.fields().iter().zip(&self.of_fields);
        let missing: Vec<&str> = wanted
            // Of alternatives, many formats have none.
            .filter(|(field, column)| column.is_none() && !field.has_alternatives())
            .map(|(field, _)| field.name.as_str())
            .collect();
        if !missing.is_empty() {
            reader.notes.push(Note::new(
                Severity::Warning,
                path,
                format!("columns named {}", missing.join(", ")),
                names.join(", "),
                "what they would say counts as not recorded",
            ));
        }
        if self.ragged > 0 {
            let note = Note::new(
                Severity::Warning,
                path,
                format!(
                    "{} fields in each row, as the line of names has",
                    names.len()
                ),
                format!("another number in {} rows", self.ragged),
                "fields that are missing count as not recorded, those in excess as not there",
            );
            reader.notes.push(note.at_line(self.ragged_first));
        }
    }
}

/// A column named by its number, from 1.
fn column_number(name: &str) -> Option<usize> {
    name.parse::<usize>().ok()?.checked_sub(1)
}

/// Whether a record repeats the line of names, as in files that were put one after another.
fn same(names: &[String], fields: &[Cow<str>]) -> bool {
    names.len() == fields.len()
        && names
            .iter()
            .zip(fields)
            .all(|(name, field)| name == field.trim())
}

/// The last line of the record that begins with `first`, and the lines after it.
fn whole_record<'t>(lines: &Lines<'t>, first: Line<'t>) -> (Line<'t>, Lines<'t>) {
    let quotes = |line: &Line| line.text.bytes().filter(|byte| *byte == b'"').count();
    let mut open = quotes(&first) % 2 == 1;
    if open {
        let mut ahead = lines.clone();
        for _ in 1..RECORD_LINES_MAX {
            let Some(line) = ahead.next() else { break };
            open ^= quotes(&line) % 2 == 1;
            if !open {
                return (line, ahead);
            }
        }
    }
    (first, lines.clone())
}

/// The fields of a record.
fn split(record: &str, delimiter: u8) -> Vec<Cow<'_, str>> {
    if !record.contains('"') {
        return record
            .split(char::from(delimiter))
            .map(Cow::Borrowed)
            .collect();
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(record.as_bytes());
    let mut fields = csv::StringRecord::new();
    match reader.read_record(&mut fields) {
        Ok(_) => fields
            .iter()
            .map(|field| Cow::Owned(field.to_owned()))
            .collect(),
        // Text cannot fail to be text; should it, the record is one field.
        Err(_) => vec![Cow::Borrowed(record)],
    }
}
