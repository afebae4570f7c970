//! How files of settings are read.
//!
//! **Invariant.** An error names the file, and the line where there is one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use thiserror::Error;

/// Why settings cannot be used.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("{}: cannot be read ({cause}); {advice}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says; part of the message, hence no source.
        cause: io::Error,
        /// What to do.
        advice: &'static str,
    },
    /// The file is not what its name says.
    #[error("{}: {problem}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, what was expected and what was found.
        problem: String,
    },
    /// Settings that cannot go together.
    #[error("{}: {problem}", path.display())]
    Contradiction {
        /// The file.
        path: PathBuf,
        /// Which, and what to do.
        problem: String,
    },
}

/// Reads a file of TOML.
pub(super) fn read<T: DeserializeOwned>(
    path: &Path,
    advice: &'static str,
) -> Result<T, SettingsError> {
    let text = fs::read_to_string(path).map_err(|cause| SettingsError::Unreadable {
        path: path.to_owned(),
        cause,
        advice,
    })?;
    toml::from_str(&text).map_err(|error| SettingsError::Malformed {
        path: path.to_owned(),
        problem: error.to_string().trim_end().to_owned(),
    })
}

/// Makes an error of a contradiction in this file.
pub(super) fn contradiction(path: &Path) -> impl Fn(String) -> SettingsError {
    move |problem| SettingsError::Contradiction {
        path: path.to_owned(),
        problem,
    }
}
