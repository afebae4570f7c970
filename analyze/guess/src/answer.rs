//! What guessing comes to: a format with its evidence and its doubts, or why there is none.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;
use thiserror::Error;

use events::Kind;
use formats::error::FormatError;
use formats::error::PathsError;
use formats::line_stats::Account;
use formats::spec::Format;

/// A proposed format, and how far it goes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Guess {
    /// The format.
    pub format: Format,
    /// What became of each line, read with it.
    pub account: Account,
    /// Lines that are an event, a header or ignored by a rule, over all lines of the files that are claimed; 0 to 1.
    pub share_explained: f64,
    /// Events by kind.
    pub events: BTreeMap<String, u64>,
    /// What each kind of line says, with an example.
    pub found: Vec<Found>,
    /// What the logs do not decide, or was chosen without proof.
    pub doubts: Vec<Doubt>,
    /// How many trials and machines were read.
    pub trials: usize,
    /// Machines over all trials.
    pub machines: usize,
}

/// A kind of line, with an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    /// What such a line is: `receive`, `header`, `ignored: blank line`.
    pub what: String,
    /// The kind of event, if it is one.
    pub kind: Option<Kind>,
    /// Sampled lines of this kind.
    pub lines: usize,
    /// Where the example is: `file:line`.
    pub at: String,
    /// The example.
    pub example: String,
    /// What was read from it, by the name in the format.
    pub says: BTreeMap<String, String>,
}

/// Why no format can be proposed.
#[derive(Debug, Error)]
pub enum GuessError {
    /// No line looks like an event.
    #[error(
        "no logs in {}: looked at {files} files for lines that tell of a send, a receive or an internal event with a clock or a time, \
         found none; pass the folder of the logs, write a format by hand (see `analyze guess --help`), or make logs with `runner trial`",
        paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
    )]
    Nothing {
        /// The paths.
        paths: Vec<PathBuf>,
        /// Files that were looked at.
        files: usize,
    },
    /// The only files are documents.
    #[error(
        "no logs in {}: {document} is one JSON document over several lines, and a log of JSON has one object a line; make a \
         line of each event with `jq -c`, or write a format by hand (see `analyze guess --help`)",
        paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
    )]
    Document {
        /// The paths.
        paths: Vec<PathBuf>,
        /// The first of them.
        document: String,
    },
    /// What was proposed cannot be read with.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The files cannot be sorted into trials.
    #[error(transparent)]
    Paths(#[from] PathsError),
}

/// What the logs do not decide, or was chosen without proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Doubt {
    /// What it is about: `time`, `queue`, `machine`, `event`, `files`, ….
    pub what: String,
    /// What is not known and why, in words.
    pub why: String,
    /// What it rests on: a line, a value, a name.
    pub evidence: String,
}
