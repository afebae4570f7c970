//! Why there is no export.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use files::note::Note;
use logs::origin::OriginError;

/// Why there is no export.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The logs cannot be found.
    #[error(transparent)]
    Origin(#[from] OriginError),
    /// Not one of the trials could be read.
    #[error("none of the logs found could be read:\n{}", list(notes))]
    Unreadable {
        /// What is wrong with each.
        notes: Vec<Note>,
    },
    /// No trial is called so.
    #[error("no trial `{wanted}`: expected the number or the name of one of {}", there.join(", "))]
    NoSuchTrial {
        /// What was asked for.
        wanted: String,
        /// Some of the trials there are.
        there: Vec<String>,
    },
    /// Somebody's file would be lost.
    #[error("{} is there already: expected a name that is free; give another with --out, or overwrite it with --force", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The system refused.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

fn list(notes: &[Note]) -> String {
    let lines: Vec<String> = notes.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
