//! What format unknown logs are in: a proposal, how much of the logs it explains, and what could not be told.
//!
//! ```text
//! paths → sample → layout → shapes (text or fields) → standing · roles → rules → read with it → dialect
//!                    └ names of files ───────────────────┘
//! ```
//!
//! # Map
//!
//! `sample` files and their first lines · `layout` how a file is cut · `tokens`, `times`, `durations` a line taken apart · `legend` what short words mean · `text`,
//! `records` several lines joined, `vectors` numbers joined, `pairs` parted, `fields` shapes: lines that differ in values alone ·
//! `happened` which field says what happened, `code` which value, where no word does · `words` what words say · `names`
//! what file names say, `arrange` whether files so taken run together · `writers` several machines in a file, `restarts`
//! trials one after another · `standing` events, headers and the rest · `behaviour` events that no word names · `roles`
//! what values stand for, by `table`s of their numbers · `rates` which number is one, `stated` rates in paths and in files beside the logs · `when` how times are written ·
//! `recipients`, `called`, `everybody`, `dialect` what the program meant · `remarks` facts in a phrase · `suspect` what is odd in the result · `globs`, `rules`
//! the format · `claimed` which files are logs · `found` examples · `write` its TOML. `infer` goes from a sample to a format, `understand` from shapes to what
//! they mean; `propose` puts it to the test.
//!
//! **Invariant.** Nothing is proposed that was not seen, and what was chosen without proof is told as a [`Doubt`].

mod arrange;
mod behaviour;
mod called;
mod claimed;
mod code;
mod dialect;
mod durations;
mod everybody;
mod fields;
mod found;
mod globs;
mod happened;
mod infer;
mod layout;
mod legend;
mod meaning;
mod names;
mod pairs;
mod propose;
mod rates;
mod recipients;
mod records;
mod remarks;
mod restarts;
mod roles;
mod rules;
mod sample;
mod shape;
mod standing;
mod stated;
mod suspect;
mod table;
mod text;
mod times;
mod tokens;
mod understand;
mod vectors;
mod when;
mod words;
mod write;
mod writers;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;
use thiserror::Error;

use super::account::Account;
use super::error::FormatError;
use super::paths::PathsError;
use super::spec::Format;
use events::Kind;
pub use propose::{guess, is_log};
use shape::{Body, Part, Shape};
pub use write::toml;

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
    /// What could not be told, or was chosen without proof.
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

/// What could not be told from the logs, or was chosen without proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Doubt {
    /// What it is about: `time`, `queue`, `machine`, `event`, `files`, ….
    pub what: String,
    /// What is not known and why, in words.
    pub why: String,
    /// What it rests on: a line, a value, a name.
    pub evidence: String,
}

/// A line of a shape, as it was or, of fields, as names and values.
fn example(shape: &Shape) -> String {
    let Some(row) = shape.rows.first() else {
        return String::new();
    };
    match &shape.body {
        Body::Text(pieces) => {
            let mut line = String::new();
            for piece in pieces {
                if piece.gap.min > 0 {
                    line.push(' ');
                }
                match &piece.part {
                    Part::Literal(text) => line.push_str(text),
                    Part::Slot(slot) => line.push_str(&row.values[*slot]),
                    Part::End => {}
                }
            }
            line.trim().to_owned()
        }
        Body::Fields(conditions) => {
            let said = shape
                .slots
                .iter()
                .zip(&row.values)
                .filter_map(|(slot, value)| Some(format!("{} = {value}", slot.field.as_ref()?)));
            let fixed = conditions
                .iter()
                .map(|(field, value)| format!("{field} = {value}"));
            fixed.chain(said).collect::<Vec<_>>().join(", ")
        }
    }
}
