//! What became of each line.
//!
//! **Invariant.** `events + headers + ignored + unexplained` is the number of lines.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use files::note::{Note, Severity};

/// Unexplained lines shown for each file; all are counted.
pub const UNEXPLAINED_SHOWN: usize = 20;

/// What became of the lines of some files.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Account {
    /// The files, in the order of reading.
    pub files: Vec<FileAccount>,
    /// Files below the path that the format does not claim, by reason (`no file pattern matches`, `ignored by **/*.md`),
    /// with their paths.
    pub other_files: BTreeMap<String, Vec<String>>,
    /// Those of them that are logs by their lines, or by their names if they cannot be read; and logs without a byte. What
    /// is said of the others holds without them only.
    pub unread_logs: Vec<UnreadLog>,
}

impl Account {
    /// How many lines there are.
    pub fn lines(&self) -> u64 {
        self.files.iter().map(|file| file.lines).sum()
    }

    /// How many of them are events.
    pub fn events(&self) -> u64 {
        self.files.iter().map(|file| file.events).sum()
    }

    /// How many of them nothing explains.
    pub fn unexplained(&self) -> u64 {
        self.files.iter().map(|file| file.unexplained).sum()
    }
}

/// A file that is not read and may be a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnreadLog {
    /// The file.
    pub file: String,
    /// Why it is not read: `cannot be read: Permission denied`, `a symbolic link`.
    pub reason: String,
}

impl UnreadLog {
    /// A warning that it is missing from what is read.
    fn warning(&self) -> Note {
        Note::new(
            Severity::Warning,
            Path::new(&self.file),
            "a log that can be read beside the others",
            &self.reason,
            "it was not read, and what is said of the others may be wrong for want of it; make it readable, or move it elsewhere",
        )
    }
}

/// Unread logs that are listed one by one.
const UNREAD_TOLD: usize = 10;

/// A warning for each of the first unread logs, and one that counts the rest.
pub fn warnings(unread: &[UnreadLog]) -> Vec<Note> {
    let told = unread.iter().take(UNREAD_TOLD);
    let mut notes: Vec<Note> = told.map(UnreadLog::warning).collect();
    if let Some(next) = unread.get(UNREAD_TOLD) {
        let more = unread.len() - UNREAD_TOLD;
        let reason = format!(
            "{more} more such files, this one the first: {}",
            next.reason
        );
        let file = next.file.clone();
        notes.push(UnreadLog { file, reason }.warning());
    }
    notes
}

/// What became of the lines of one file.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct FileAccount {
    /// The file.
    pub file: String,
    /// Its size; of a compressed one what it unpacks to.
    pub bytes: u64,
    /// Its lines; one without a line end at the end of the file counts.
    pub lines: u64,
    /// Lines that are an event, or a part of one.
    pub events: u64,
    /// Lines that state facts of the machine or the trial: a rate, a name, the start.
    pub headers: u64,
    /// Lines that a rule of the format leaves out, by the rule's reason.
    pub ignored: BTreeMap<String, u64>,
    /// Lines that nothing explains.
    pub unexplained: u64,
    /// The first of them.
    pub examples: Vec<Unexplained>,
}

/// A line that nothing explains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unexplained {
    /// Its number, from 1.
    pub line: u64,
    /// Its text, cut to a readable length; bytes that are not UTF-8 are shown as `\xNN`.
    pub text: String,
    /// Why no rule takes it: `no pattern matches`, `clock: expected a whole number, found …`, `truncated`.
    pub why: String,
}

impl FileAccount {
    /// A warning if the format does not explain the file whole.
    pub fn warning(&self) -> Option<Note> {
        let first = self.examples.first()?;
        let note = Note::new(
            Severity::Warning,
            Path::new(&self.file),
            "lines that a rule of the format takes",
            format!(
                "{} of {} unexplained, the first: {} ({})",
                self.unexplained, self.lines, first.text, first.why
            ),
            "the trial is shown, and stays out of the statistics; add a rule to the format, see `analyze formats`",
        );
        Some(note.at_line(first.line))
    }
}
