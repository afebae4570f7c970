//! Options from a file: TOML, or the `run.json` of an earlier run.

use std::io;
use std::path::{Path, PathBuf};

use event_log::RunManifest;
use serde::Deserialize;
use thiserror::Error;

use crate::options::TrialOptions;

/// Why a configuration file cannot be used.
#[derive(Debug, Error)]
pub enum FileError {
    /// It cannot be opened or read.
    #[error("{}: cannot be read ({cause}); check the path after --config", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said; part of the message, hence no source.
        cause: io::Error,
    },
    /// It is not what its name says, or has a key that no option has.
    #[error("{}: {problem}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Line, what was expected and what was found.
        problem: String,
    },
}

/// Reads options from `path`: a `.json` file is taken for the manifest of a run, anything else for TOML.
///
/// # Errors
///
/// [`FileError`], with the line where the parser knows it.
pub fn read_file(path: &Path) -> Result<TrialOptions, FileError> {
    let text = std::fs::read_to_string(path).map_err(|cause| FileError::Unreadable {
        path: path.to_owned(),
        cause,
    })?;
    let json = path
        .extension()
        .is_some_and(|extension| extension == "json");
    let parsed = if json {
        from_manifest(&text)
    } else {
        from_toml(&text)
    };
    parsed.map_err(|problem| FileError::Malformed {
        path: path.to_owned(),
        problem,
    })
}

fn from_toml(text: &str) -> Result<TrialOptions, String> {
    toml::from_str(text).map_err(|error| error.to_string())
}

fn from_manifest(text: &str) -> Result<TrialOptions, String> {
    let manifest: RunManifest<serde_json::Value> =
        serde_json::from_str(text).map_err(|error| error.to_string())?;
    if manifest.format_version != event_log::FORMAT_VERSION {
        return Err(format!(
            "format version {}: this runner reads version {}; use the release that wrote it",
            manifest.format_version,
            event_log::FORMAT_VERSION
        ));
    }
    if manifest.config.get("conditions").is_some() {
        return Err(
            "an experiment of several conditions: repeat it with `runner experiment`".to_owned(),
        );
    }
    TrialOptions::deserialize(manifest.config)
        .map(TrialOptions::as_recorded)
        .map_err(|error| format!("config: {error}"))
}
