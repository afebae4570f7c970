//! What became of each line.
//!
//! **Invariant.** `events + headers + ignored + unexplained` is the number of lines.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::note::{Note, Severity};

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
}

/// What became of the lines of one file.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct FileAccount {
    /// The file.
    pub file: String,
    /// Its size.
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
