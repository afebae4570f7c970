//! The files of one trial, and what their paths say of them.
//!
//! **Invariant.** What is said here is what the names of files tell, not what stands in them.

use std::path::PathBuf;

use super::inventory::Content;

/// The files that one trial, or several trials one after another, are read from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrialFiles {
    /// What the trial belongs to: the run's folder, or the folder that was asked for.
    pub group: String,
    /// Its name in its group; may be empty.
    pub trial: String,
    /// The folder of its files.
    pub dir: PathBuf,
    /// Its files, in natural order of their names.
    pub files: Vec<LogFile>,
    /// Whether a file beside them may be a log of the trial as well and is not read.
    pub logs_missing: bool,
}

/// A file, and what its path says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogFile {
    /// Where it is.
    pub path: PathBuf,
    /// What stands in it.
    pub content: Content,
    /// Name of its machine.
    pub machine: Option<String>,
    /// Ticks per second of its machine, as text.
    pub rate: Option<String>,
    /// Date of times that do not say theirs, `2023-03-07`.
    pub date: Option<String>,
}
