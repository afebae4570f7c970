//! How a file is cut into records.
//!
//! **Invariant.** A layout is said of a file only when nearly all its lines are of it.

use serde_json::Value;

use super::sample::{Record, SampleFile};

/// Lines of a file that are looked at.
const LINES: usize = 400;
/// Share of the lines that must be of a layout.
const SHARE: f64 = 0.9;
/// Fewer fields than this are not worth being columns.
const FIELDS_MIN: usize = 3;

/// How a file is cut into records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Layout {
    /// Lines of text.
    Text,
    /// Fields with a character between them.
    Separated {
        /// The character.
        delimiter: char,
        /// Whether the first line names the columns.
        header: bool,
    },
    /// A JSON object a line.
    Json,
    /// A number a line: a series of data, no log.
    Numbers,
    /// No lines.
    Empty,
}

/// How this file is cut.
pub(super) fn of(file: &SampleFile) -> Layout {
    let lines: Vec<&str> = file
        .records
        .iter()
        .map(|record: &Record| record.text.as_str())
        .filter(|line| !line.trim().is_empty())
        .take(LINES)
        .collect();
    if lines.is_empty() {
        return Layout::Empty;
    }
    let share = |is: &dyn Fn(&str) -> bool| {
        lines.iter().filter(|line| is(line)).count() as f64 / lines.len() as f64
    };
    if share(&|line| matches!(serde_json::from_str(line), Ok(Value::Object(_)))) >= SHARE {
        return Layout::Json;
    }
    let numbers = |line: &str| {
        line.split([',', ' ', '\t'])
            .all(|part| part.is_empty() || part.trim().parse::<f64>().is_ok())
    };
    if share(&numbers) > 0.99
        && lines
            .iter()
            .all(|line| line.split([',', ' ', '\t']).count() < FIELDS_MIN)
    {
        return Layout::Numbers;
    }
    let delimiters = ['\t', ',', ';', '|'].into_iter();
    delimiters
        .filter_map(|delimiter| separated(&lines, delimiter))
        .next()
        .unwrap_or(Layout::Text)
}

fn separated(lines: &[&str], delimiter: char) -> Option<Layout> {
    let rows: Vec<Vec<String>> = lines.iter().map(|line| split(line, delimiter)).collect();
    let many = rows.iter().filter(|row| row.len() >= FIELDS_MIN).count();
    if (many as f64) < SHARE * rows.len() as f64 {
        return None;
    }
    let plain = rows
        .iter()
        .filter(|row| row.iter().all(|field| atomic(field)))
        .count();
    if (plain as f64) < SHARE * rows.len() as f64 || cut_times(&rows) {
        return None;
    }
    let (first, rest) = rows.split_first()?;
    let is_number = |field: &String| field.trim().parse::<f64>().is_ok();
    // A column of row numbers may have no name: `"","machine","clock"` above `"1",2,7`.
    let below = |row: &Vec<String>| row.first().is_some_and(is_number);
    let rows_numbered = first.first().is_some_and(|field| field.trim().is_empty())
        && !rest.is_empty()
        && rest.iter().all(below);
    let named = first.iter().enumerate().all(|(at, field)| {
        (!is_number(field) && field.chars().any(char::is_alphabetic))
            || field.trim() == "#"
            || (at == 0 && rows_numbered)
    }) && first
        .iter()
        .any(|field| field.chars().any(char::is_alphabetic));
    let numbers_below = rest
        .iter()
        .any(|row| row.len() == first.len() && row.iter().any(is_number));
    let header = named && numbers_below && !rest.contains(first);
    if header && rest.iter().filter(|row| row.len() > first.len()).count() * 10 > rest.len() {
        return None;
    }
    // Bars without a header decorate lines of text: brackets, lists and words stand between them.
    (header || delimiter != '|').then_some(Layout::Separated { delimiter, header })
}

/// Whether a field is one value: a number, a word or two, a time, a list; not a phrase with numbers in it.
fn atomic(field: &str) -> bool {
    let field = field.trim();
    let letters = field.chars().any(char::is_alphabetic);
    let digits = field.chars().any(|letter| letter.is_ascii_digit());
    let spaces = field.split_whitespace().count();
    let in_brackets = field.starts_with(['[', '{', '(']) && field.ends_with([']', '}', ')']);
    if in_brackets && super::tokens::names_facts(field) {
        return false;
    }
    let balanced = in_brackets || !field.contains(['[', ']', '{', '}', '(', ')']);
    let sentence = letters && digits && spaces > 1 && !is_time(field);
    balanced
        && (in_brackets
            || super::words::names_machines(field)
            || !(sentence
                || field.contains('=')
                || field.contains(": ")
                || field.ends_with(':')
                || spaces > 4))
}

fn is_time(field: &str) -> bool {
    super::times::describe(&[field]).is_some()
}

/// Whether a column ends with a time of day and the next is its fraction: `12:00:01,250`.
fn cut_times(rows: &[Vec<String>]) -> bool {
    let cut = |row: &Vec<String>| {
        row.windows(2).any(|pair| {
            let seconds = pair[0]
                .rsplit(':')
                .next()
                .is_some_and(|last| last.len() == 2 && pair[0].contains(':'));
            seconds && pair[1].len() == 3 && pair[1].bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    rows.iter().filter(|row| cut(row)).count() * 2 > rows.len()
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
