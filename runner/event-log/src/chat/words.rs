//! Words in columns.
//!
//! **Invariant.** Each word of an enum is read back as the same value, and JSON has the same words.

/// Defines an enum whose values are words of a column.
macro_rules! words {
    ($(#[$head:meta])* $name:ident: $expected:literal, {
        $($(#[$doc:meta])* $variant:ident = $word:literal,)+
    }) => {
        $(#[$head])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every one of them.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The word in a file.
            pub fn name(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)+
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::chat::words::WordError;

            fn from_str(text: &str) -> Result<$name, $crate::chat::words::WordError> {
                match text {
                    $($word => Ok($name::$variant),)+
                    other => Err($crate::chat::words::WordError {
                        expected: $expected,
                        found: other.to_owned(),
                    }),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }
    };
}

pub(super) use words;

use std::fmt::Display;
use std::io::Write;
use std::str::FromStr;

use thiserror::Error;

use crate::record::{Fields, RowError};

/// A text that is none of the words that were expected.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("expected {expected}, found `{found}`")]
pub struct WordError {
    /// What was expected.
    pub expected: &'static str,
    /// What stood there.
    pub found: String,
}

/// Takes a word from a line.
pub(super) fn word<W: FromStr<Err = WordError>>(
    fields: &mut Fields<'_>,
    column: &'static str,
) -> Result<W, RowError> {
    read(fields.text(column)?, column)
}

/// Takes a word from a line, or none where the field is empty.
pub(super) fn optional_word<W: FromStr<Err = WordError>>(
    fields: &mut Fields<'_>,
    column: &'static str,
) -> Result<Option<W>, RowError> {
    match fields.text(column)? {
        "" => Ok(None),
        text => read(text, column).map(Some),
    }
}

fn read<W: FromStr<Err = WordError>>(text: &str, column: &'static str) -> Result<W, RowError> {
    let field = |WordError { expected, found }| RowError::Field {
        column,
        expected,
        found,
    };
    text.parse().map_err(field)
}

/// Appends a comma, and a value if there is one.
pub(super) fn cell(line: &mut Vec<u8>, value: Option<impl Display>) {
    // Writing to memory does not fail.
    let _ = match value {
        Some(value) => write!(line, ",{value}"),
        None => write!(line, ","),
    };
}
