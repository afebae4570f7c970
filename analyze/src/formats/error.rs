//! What is wrong with a format.
//!
//! **Invariant.** An error names the format, the rule and the text that is wrong, cut if it is long, and says what to do.

use std::fmt;

use crate::note::FOUND_MAX;
use crate::visible_text::cut;

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
