//! One machine's log that is not wholly well formed, or written in another way than ours are: file to rows, and notes on
//! all that is not a row.

use std::io;
use std::path::{Path, PathBuf};

use event_log::{ClockEvent, Row};
use polars::prelude::DataFrame;

use super::{frame, lines, table};
use files::input::encoding::{self, Encoding, Plain};
use files::input::{self, WHOLE_BYTES_MAX};
use files::note::{Note, Severity};

/// What a table that stands for a log ends in.
const TABLE: &str = "parquet";
/// What a compressed log has behind its name.
const PACKED: &str = "gz";

/// A machine's log as far as it can be read. It is whole exactly when no note is graver than worth knowing.
pub(super) struct ClockFile {
    /// The good rows.
    pub(super) rows: DataFrame,
    /// The line of each in the file, from 1.
    pub(super) lines: Vec<u32>,
    /// What is wrong with the rest.
    pub(super) notes: Vec<Note>,
}

impl ClockFile {
    fn unreadable(note: Note) -> ClockFile {
        ClockFile {
            rows: DataFrame::empty_with_schema(&frame::SCHEMA),
            lines: Vec::new(),
            notes: vec![note],
        }
    }

    /// Whether rows are missing, or may be.
    pub(super) fn is_damaged(&self) -> bool {
        self.notes.iter().any(|note| note.severity > Severity::Info)
    }
}

/// Where a machine's log is: in this file, or in the table or the compressed file beside it that stands for it.
pub(super) fn place(file: PathBuf) -> PathBuf {
    // What is there and cannot be read is an error, not a reason to look elsewhere.
    let is_there = |file: &Path| file.symlink_metadata().is_ok();
    if is_there(&file) {
        return file;
    }
    let mut others = stand_ins(&file).into_iter();
    others.find(|other| is_there(other)).unwrap_or(file)
}

/// The files that stand for a log if it is not there itself.
pub(super) fn stand_ins(file: &Path) -> [PathBuf; 2] {
    let mut packed = file.as_os_str().to_owned();
    packed.push(".");
    packed.push(PACKED);
    [file.with_extension(TABLE), packed.into()]
}

/// Whether a file has the name that machine logs of ours have.
pub(super) fn is_called_as_ours(name: &str) -> bool {
    let packed = format!(".{PACKED}");
    let plain = name.strip_suffix(packed.as_str()).unwrap_or(name);
    name.starts_with("machine-") && (plain.ends_with(".csv") || name.ends_with(".parquet"))
}

/// Whether a log is in a table.
pub(super) fn is_table(file: &Path) -> bool {
    file.extension().is_some_and(|kind| kind == TABLE)
}

/// Reads a machine's log. `owes_rows`: whether the trial is long enough for the machine to tick at all.
pub(super) fn read(file: &Path, owes_rows: bool) -> ClockFile {
    if is_table(file) && file.exists() {
        return read_columns(file, owes_rows);
    }
    match input::bytes_below(file, WHOLE_BYTES_MAX).and_then(encoding::plain) {
        Ok(text) => parse_text(file, text, owes_rows),
        Err(error) => ClockFile::unreadable(Note::new(
            Severity::Error,
            file,
            "the log of a machine that the manifest names",
            match error.kind() {
                io::ErrorKind::NotFound => "no such file".to_owned(),
                _ => error.to_string(),
            },
            "this machine has no rows, so what depends on it is not known; restore the file or repeat the trial",
        )),
    }
}

/// Reads a log in a Parquet file.
fn read_columns(file: &Path, owes_rows: bool) -> ClockFile {
    match table::as_csv(file) {
        Ok(bytes) => parse(file, &bytes, owes_rows),
        Err(error) => ClockFile::unreadable(Note::new(
            Severity::Error,
            file,
            format!("a Parquet file with the columns {}", ClockEvent::HEADER),
            error.to_string(),
            "no row of this file was read; write it again, or restore the CSV",
        )),
    }
}

/// Reads a machine's log that a shell or an editor may have rewritten.
fn parse_text(file: &Path, text: Plain, owes_rows: bool) -> ClockFile {
    let Plain {
        mut bytes,
        encoding,
    } = text;
    if !bytes.contains(&b'\n') {
        for byte in bytes.iter_mut().filter(|byte| **byte == b'\r') {
            *byte = b'\n';
        }
    }
    let mut read = parse(file, &bytes, owes_rows);
    let found = match encoding {
        Encoding::Utf8 | Encoding::Gzip => return read,
        Encoding::Utf8Marked => "a byte-order mark before it",
        Encoding::Utf16Little { .. } | Encoding::Utf16Big { .. } => "UTF-16",
    };
    let advice = "it was read all the same; some program has rewritten the file";
    let note = Note::new(Severity::Info, file, "plain UTF-8", found, advice);
    read.notes.push(note);
    read
}

/// Reads the bytes of a machine's log, which are or would be in this file.
pub(super) fn parse(file: &Path, bytes: &[u8], owes_rows: bool) -> ClockFile {
    let header_end = bytes.iter().position(|&byte| byte == b'\n');
    let Some(header_end) = header_end else {
        return ClockFile::unreadable(without_a_line(file, bytes));
    };
    let (header, rest) = bytes.split_at(header_end + 1);
    let mut notes = Vec::new();
    let (body, first_line) = if is_header(header) {
        (rest, 2)
    } else if lines::is_row(header) {
        notes.push(header_note(
            file,
            "a row",
            "the first line was read as a row",
        ));
        (bytes, 1)
    } else {
        let advice = "no row of this file was read; is it another program's log?";
        return ClockFile::unreadable(header_note(file, &another_line(header), advice));
    };
    let (body, cut_off) = whole_lines(body);
    let whole = frame::plain_lines(body).and_then(|lines| frame::of_lines(body, lines));
    let (rows, lines) = match whole {
        Some(rows) => {
            let lines = (first_line..=u32::MAX).take(rows.height()).collect();
            (rows, lines)
        }
        None => {
            let (rows, bad) = lines::parse(file, body, first_line);
            notes.extend(bad);
            frame::of_events(rows)
        }
    };
    if owes_rows && body.is_empty() && cut_off.is_empty() {
        notes.push(Note::new(
            Severity::Warning,
            file,
            "rows after the header",
            "the header only",
            "this machine has no rows: it never ticked, or its log was lost",
        ));
    }
    if !cut_off.is_empty() {
        let lines_before = body.iter().filter(|&&byte| byte == b'\n').count();
        notes
            .push(cut_off_note(file, cut_off).at_line(u64::from(first_line) + lines_before as u64));
    }
    ClockFile { rows, lines, notes }
}

pub(super) fn is_header(line: &[u8]) -> bool {
    line.trim_ascii_end() == ClockEvent::HEADER.as_bytes()
}

/// Splits what follows the last line end off; a row without one may have lost digits even if it parses.
fn whole_lines(body: &[u8]) -> (&[u8], &[u8]) {
    let end = body.iter().rposition(|&byte| byte == b'\n');
    body.split_at(end.map_or(0, |end| end + 1))
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .trim_end()
        .chars()
        .take(80)
        .collect()
}

/// A line that is not the header. Only of a log it is quoted: what else lies there is nobody's business.
fn another_line(line: &[u8]) -> String {
    let text = line.trim_ascii_end();
    match is_of_a_log(text) {
        true => format!("`{}`", shown(text)),
        false => format!("another first line, of {} bytes", text.len()),
    }
}

/// Whether a line is like our header or a row of ours: of as many columns, half of which are called as ours are, or hold
/// numbers where ours do.
fn is_of_a_log(line: &[u8]) -> bool {
    const COLUMNS_ALIKE: usize = 4;
    let Ok(text) = std::str::from_utf8(line) else {
        return false;
    };
    let fields: Vec<&str> = text.split(',').map(str::trim).collect();
    let columns: Vec<&str> = ClockEvent::HEADER.split(',').collect();
    let named = fields.iter().filter(|field| columns.contains(field));
    let is_number = |field: &&&str| field.parse::<u64>().is_ok();
    let numbers = fields.iter().filter(is_number).count();
    named.count() >= COLUMNS_ALIKE || (fields.len() == columns.len() && numbers >= COLUMNS_ALIKE)
}

fn without_a_line(file: &Path, bytes: &[u8]) -> Note {
    let found = if bytes.is_empty() {
        "an empty file".to_owned()
    } else {
        // A header that its writer did not finish is the beginning of ours.
        let found = match ClockEvent::HEADER.as_bytes().starts_with(bytes) {
            true => format!("`{}`", shown(bytes)),
            false => another_line(bytes),
        };
        format!("{found} without a line end")
    };
    Note::new(
        Severity::Warning,
        file,
        format!("the header `{}`", ClockEvent::HEADER),
        found,
        "this machine has no rows: it was stopped before its first tick, or its log was lost",
    )
}

fn header_note(file: &Path, found: &str, advice: &str) -> Note {
    let expected = format!("the header `{}`", ClockEvent::HEADER);
    Note::new(Severity::Error, file, expected, found, advice).at_line(1)
}

pub(super) fn cut_off_note(file: &Path, line: &[u8]) -> Note {
    Note::new(
        Severity::Warning,
        file,
        "a line end after the last row",
        format!("a truncated row `{}`", shown(line)),
        "the row was left out: its writer was killed, or its disk was full; all rows before it are read",
    )
}
