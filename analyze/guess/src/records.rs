//! Records of several lines.
//!
//! ```text
//! Event: send        two lines of a record that
//! Clock: 12          begins with `Event:`
//! ```
//!
//! **Invariant.** Lines before the first record stay lines of their own.

use std::collections::BTreeMap;

use regex::Regex;

use super::sample::{Record, SampleFile};
use super::shape::{Body, Shape, example};
use super::times;
use super::tokens::{Class, tokens};

/// Beginnings that are tried.
const CANDIDATES: usize = 5;
/// Share of the lines that must begin so: no record has more lines than one by this.
const SHARE_MIN: f64 = 0.06;
/// Share of the lines that may begin so: records of several lines have others.
const SHARE_MAX: f64 = 0.6;
/// The shortest time that is known again in the middle of a line, `9:00:00`.
const TIME_BYTES_MIN: usize = 7;
/// Lines of a record at most.
const LINES_MAX: usize = 16;

/// Regexes of what lines begin with, the frequent first.
pub(super) fn beginnings(files: &[SampleFile]) -> Vec<String> {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut lines = 0_usize;
    for record in files
        .iter()
        .flat_map(|file| &file.records)
        .filter(|record| !record.text.trim().is_empty())
    {
        lines += 1;
        if let Some(beginning) = beginning(&record.text) {
            counts.entry(beginning).or_insert((0, lines)).0 += 1;
        }
    }
    let mut found: Vec<(usize, usize, String)> = counts
        .into_iter()
        .map(|(beginning, (count, first))| (count, first, beginning))
        .collect();
    found.retain(|(count, ..)| {
        *count as f64 >= SHARE_MIN * lines as f64 && *count as f64 <= SHARE_MAX * lines as f64
    });
    // Of lines that are as frequent, a record begins with the first.
    found.sort_by_key(|&(count, first, _)| (std::cmp::Reverse(count), first));
    let single = found.into_iter().take(CANDIDATES);
    let parted = after_blank(files).into_iter().chain(host_and_clock(files));
    parted
        .chain(single.map(|(_, _, beginning)| beginning))
        .chain(time(files))
        .collect()
}

/// A host and its vector clock by names, where such lines stand before others and end no file: the event follows on the
/// next line, as ShiViz has it.
pub(super) fn host_and_clock(files: &[SampleFile]) -> Option<String> {
    static LINE: &str = r"^\S+[ \t]+\{[^}\n]*\}[ \t]*$";
    let regex = Regex::new(LINE).ok()?;
    let is = |record: &Record| regex.is_match(record.text.trim_end());
    let share = share(files, is);
    let ends_one = files.iter().any(|file| {
        let mut lines = file.records.iter().rev();
        let last = lines.find(|record| !record.text.trim().is_empty());
        last.is_some_and(is)
    });
    let beginning = LINE.trim_end_matches('$').to_owned();
    ((SHARE_MIN..=SHARE_MAX).contains(&share) && !ends_one).then_some(beginning)
}

/// The time that lines begin with, whatever follows it.
fn time(files: &[SampleFile]) -> Option<String> {
    let head = |record: &Record| {
        let (tokens, _) = tokens(&record.text);
        let first = tokens.first().filter(|token| token.class == Class::Time)?;
        Some(times::describe(&[first.text])?.regex)
    };
    let lines = files.iter().flat_map(|file| &file.records);
    let first = lines.into_iter().find_map(head)?;
    let share = share(files, |record| head(record).as_ref() == Some(&first));
    (SHARE_MIN..=SHARE_MAX)
        .contains(&share)
        .then(|| format!("^{first}"))
}

/// Share of the lines that are so.
fn share(files: &[SampleFile], is: impl Fn(&Record) -> bool) -> f64 {
    let lines = || {
        let lines = files.iter().flat_map(|file| &file.records);
        lines.filter(|record| !record.text.trim().is_empty())
    };
    lines().filter(|record| is(record)).count() as f64 / lines().count().max(1) as f64
}

/// What lines after blank lines begin with, if those lines stand nowhere else: blank lines part the records.
fn after_blank(files: &[SampleFile]) -> Option<String> {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut lines = 0_usize;
    for file in files {
        let mut blank = false;
        for record in &file.records {
            let text = &record.text;
            if !text.trim().is_empty() {
                lines += 1;
                if let Some(beginning) = beginning(text) {
                    let (after, all) = counts.entry(beginning).or_default();
                    *after += usize::from(blank);
                    *all += 1;
                }
            }
            blank = text.trim().is_empty();
        }
    }
    counts.retain(|_, (after, all)| *after >= 2 && *after * 20 >= *all * 19);
    let count: usize = counts.values().map(|(after, _)| after).sum();
    let share = count as f64 / lines.max(1) as f64;
    let fits = (SHARE_MIN..=SHARE_MAX).contains(&share);
    let beginnings: Vec<String> = counts.into_keys().collect();
    (fits && beginnings.len() <= LINES_MAX).then(|| format!("(?:{})", beginnings.join("|")))
}

/// A regex of the first two tokens of a line.
pub(super) fn beginning(line: &str) -> Option<String> {
    let (tokens, _) = tokens(line);
    let mut pattern = "^".to_owned();
    for (at, token) in tokens.iter().take(2).enumerate() {
        if !token.gap.is_empty() {
            pattern.push_str(if at == 0 { r"\s*" } else { r"\s+" });
        }
        match token.class {
            Class::Word | Class::Mark => pattern.push_str(&regex::escape(token.text)),
            Class::Number => pattern.push_str(r"\d+"),
            Class::Time => pattern.push_str(&times::describe(&[token.text])?.regex),
            Class::List | Class::Mixed => return (at > 0).then_some(pattern),
        }
    }
    (pattern.len() > 1).then_some(pattern)
}

/// The files with their lines joined to records that begin so.
pub(super) fn joined(files: &[SampleFile], beginning: &str) -> Vec<SampleFile> {
    let Ok(regex) = Regex::new(beginning) else {
        return files.to_vec();
    };
    let join = |file: &SampleFile| {
        let mut records: Vec<Record> = Vec::new();
        let mut open = 0;
        for line in &file.records {
            let begins = regex.is_match(&line.text);
            if begins {
                close(records.last_mut());
                open = 1;
                records.push(line.clone());
            } else if (1..LINES_MAX).contains(&open)
                && let Some(record) = records.last_mut()
            {
                record.text.push('\n');
                record.text.push_str(&line.text);
                open += 1;
            } else {
                open = 0;
                records.push(line.clone());
            }
        }
        close(records.last_mut());
        SampleFile {
            relative: file.relative.clone(),
            records,
        }
    };
    files.iter().map(join).collect()
}

/// Whether lines of a shape are two records with no line end between them: the time that a line begins with stands again,
/// glued to a number or a word.
pub(super) fn holds_two(shape: &Shape) -> bool {
    let is_text = matches!(shape.body, Body::Text(_));
    let first = shape.slots.first().filter(|slot| slot.class == Class::Time);
    if !is_text || first.is_none() {
        return false;
    }
    let line = example(shape);
    let (parts, _) = tokens(&line);
    let Some(time) = parts.iter().find(|part| part.class == Class::Time) else {
        return false;
    };
    // Fractions of a second are of any length.
    let time = time.text.split(['.', ',']).next().unwrap_or_default();
    let same =
        |(one, other): (u8, u8)| one == other || (one.is_ascii_digit() && other.is_ascii_digit());
    let bytes = line.as_bytes();
    let again = (1..bytes.len())
        .filter(|&at| bytes[at - 1].is_ascii_alphanumeric() && bytes[at - 1] != b'T');
    let mut again = again.filter(|&at| bytes.len() - at >= time.len());
    time.len() >= TIME_BYTES_MIN
        && again.any(|at| time.bytes().zip(bytes[at..].iter().copied()).all(same))
}

/// Blank lines after a record are none of it.
fn close(record: Option<&mut Record>) {
    if let Some(record) = record {
        record.text.truncate(record.text.trim_end().len());
    }
}
