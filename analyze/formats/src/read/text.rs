//! Lines of text, one a record or several.
//!
//! **Invariant.** A record of several lines is bounded; what it cannot hold is read line by line.

use regex::Regex;

use super::reader::{Reader, Which};
use crate::line_log::Class;
use crate::lines::{Line, Lines};

const NO_MATCH: &str = "no pattern matches";
/// Longest record, in lines and in bytes.
const RECORD_LINES_MAX: usize = 256;
const RECORD_BYTES_MAX: usize = 64 * 1024;
/// How many lines at the end of a record may be none of it: a footer, a blank line, a line of another kind.
const TRAILING_MAX: usize = 8;

/// Reads a text.
pub(super) fn read(reader: &mut Reader, text: &str) {
    match reader.compiled.record() {
        None => {
            for line in Lines::new(text) {
                let taken = reader.by_pattern(line.text, line.number, Which::All);
                reader.enter(&line, taken, NO_MATCH);
            }
        }
        Some(starts) => records(reader, &Lines::new(text), starts),
    }
}

/// Reads records of several lines, each from a line that `starts` matches up to the next.
fn records(reader: &mut Reader, lines: &Lines, starts: &Regex) {
    let mut record: Vec<Line> = Vec::new();
    let mut joined = String::new();
    for line in lines.clone() {
        let begins = starts.is_match(line.text);
        let full = record.len() == RECORD_LINES_MAX
            || record
                .first()
                .is_some_and(|first| line.to - first.from > RECORD_BYTES_MAX);
        if begins || full {
            one(reader, &record, &mut joined);
            record.clear();
        }
        if begins || !record.is_empty() {
            record.push(line);
        } else {
            alone(reader, &line);
        }
    }
    one(reader, &record, &mut joined);
}

/// Reads one record: as many of its lines as some rule takes together, the others each alone.
fn one(reader: &mut Reader, record: &[Line], joined: &mut String) {
    let Some(first) = record.first() else { return };
    joined.clear();
    let mut ends = Vec::with_capacity(record.len());
    for line in record {
        joined.push_str(if ends.is_empty() { "" } else { "\n" });
        joined.push_str(line.text);
        ends.push(joined.len());
    }
    let shortest = record.len().saturating_sub(TRAILING_MAX).max(1);
    for count in (shortest..=record.len()).rev() {
        if let Some(class) = reader.by_pattern(&joined[..ends[count - 1]], first.number, Which::All)
        {
            let (taken, rest) = record.split_at(count);
            for line in taken {
                reader.watch(line, Some(&class));
            }
            reader
                .ledger
                .enter(class, first.number, count as u64, first.text);
            rest.iter().for_each(|line| alone(reader, line));
            return;
        }
    }
    record.iter().for_each(|line| alone(reader, line));
}

/// Reads a line that belongs to no record. It is no event: only a record is.
fn alone(reader: &mut Reader, line: &Line) {
    let taken = reader.by_pattern(line.text, line.number, Which::All);
    let taken = taken.filter(|class| !matches!(class, Class::Event));
    reader.enter(
        line,
        taken,
        "it is part of no record that a pattern matches",
    );
}
