//! What a reader of logs has to know: a line that is no row, a file that is not there, a trial that was cut off.
//!
//! **Invariant.** A note says where, what was expected, what was found and what to do; so nothing is skipped in
//! silence.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use text::visible_text::{cut, visible};

/// How much a note matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; the numbers are whole.
    Info,
    /// Something is missing or was cut off; the numbers hold for what is left.
    Warning,
    /// A file or a trial could not be used at all.
    Error,
}

impl Severity {
    /// The word that starts the note.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Info => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// The longest text that a note quotes of its input, in characters: a file may be one line of any length.
pub const FOUND_MAX: usize = 1_000;

/// One thing to know about the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// How much it matters.
    pub severity: Severity,
    /// The file or folder.
    pub file: String,
    /// Line of the file, from 1; none when the whole file is meant.
    pub line: Option<u64>,
    /// What should have been there.
    pub expected: String,
    /// What was there; cut if it is long.
    pub found: String,
    /// What was done about it, or what to do.
    pub advice: String,
}

impl Note {
    /// A note on a whole file or folder.
    pub fn new(
        severity: Severity,
        file: &Path,
        expected: impl Into<String>,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Note {
        Note {
            severity,
            file: file.display().to_string(),
            line: None,
            expected: expected.into(),
            found: cut(found.into(), FOUND_MAX),
            advice: advice.into(),
        }
    }

    /// The same note, about one line.
    pub fn at_line(self, line: u64) -> Note {
        Note {
            line: Some(line),
            ..self
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.severity.name(), visible(&self.file))?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(
            f,
            ": expected {}, found {}; {}",
            self.expected,
            visible(&self.found),
            self.advice
        )
    }
}
