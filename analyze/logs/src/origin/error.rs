//! Why logs cannot be read.

use std::path::PathBuf;

use thiserror::Error;

use crate::scan::ScanError;
use formats::builtin::builtin;
use formats::error::FormatError;
use formats::error::PathsError;
use guess::GuessError;

/// Why logs cannot be read.
#[derive(Debug, Error)]
pub enum OriginError {
    /// There are no logs of ours where there should be.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// The paths cannot be searched for logs of others.
    #[error(transparent)]
    Paths(#[from] PathsError),
    /// No line looks like an event.
    #[error(transparent)]
    Guess(#[from] GuessError),
    /// The format that is named is none.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The file of the format cannot be read.
    #[error("cannot read the format {name}")]
    FormatFile {
        /// Its name.
        name: String,
        /// Why.
        source: std::io::Error,
    },
    /// There is no format of this name.
    #[error(
        "{name} is neither a file nor a built-in format; there are {}",
        names()
    )]
    NoFormat {
        /// The name.
        name: String,
    },
    /// A summary where events are asked for.
    #[error("{}: expected logs, found a Parquet file; a summary has no rows of events: pass the logs", path.display())]
    Summary {
        /// The file.
        path: PathBuf,
    },
    /// Folders of two formats.
    #[error(
        "{} holds logs too, in another format than the others have: pass it in a call of its own, or name a format \
         for all of them with --log-format",
        path.display()
    )]
    SeveralFormats {
        /// A folder of another format.
        path: PathBuf,
    },
    /// Lines that nothing explains.
    #[error(
        "these are not logs of ours, and {open} of their {lines} lines cannot be explained by what they look like:\n{}\n\
         write down what is known with `analyze guess {paths} --out my.toml`, correct it, and read the logs with --log-format my.toml",
        examples.join("\n")
    )]
    Unexplained {
        /// How many.
        open: u64,
        /// Of how many.
        lines: u64,
        /// The first of them.
        examples: Vec<String>,
        /// The paths, in words.
        paths: String,
    },
}

fn names() -> String {
    let names = builtin().iter().map(|format| format.name.as_str());
    names.collect::<Vec<&str>>().join(", ")
}
