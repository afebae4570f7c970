//! What is wrong with a format, or with the files that it is to find.
//!
//! **Invariant.** An error names the format, the rule and the text that is wrong, cut if it is long, and says what to do.

use std::path::PathBuf;
use std::{fmt, io};

use thiserror::Error;

use files::note::FOUND_MAX;
use text::visible_text::cut;

/// A format that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormatError {
    /// Where: `my.toml:12`, or `format sentences, [[event]] 3 (receive)`.
    pub place: String,
    /// What is wrong, and with which text.
    pub wrong: String,
    /// What to do about it.
    pub advice: String,
}

impl FormatError {
    /// An error at a place.
    pub fn new(
        place: impl Into<String>,
        wrong: impl Into<String>,
        advice: impl Into<String>,
    ) -> FormatError {
        FormatError {
            place: place.into(),
            wrong: cut(wrong.into(), FOUND_MAX),
            advice: advice.into(),
        }
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.place, self.wrong, self.advice)
    }
}

impl std::error::Error for FormatError {}

/// Why there is no plan.
#[derive(Debug, Error)]
pub enum PathsError {
    /// A path cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Path {
        /// The path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A glob of the format is none.
    #[error("[files] of the format: {glob:?} is no pattern of files: {why}")]
    Glob {
        /// The glob.
        glob: String,
        /// What is wrong with it.
        why: String,
    },
    /// The regex on paths is none, or names what paths cannot say.
    #[error("[files] of the format: `path` = '{pattern}': {why}")]
    Regex {
        /// The regex.
        pattern: String,
        /// What is wrong with it.
        why: String,
    },
}
