//! The files of a trial, from disk to histories.
//!
//! **Invariant.** One trial is in memory at a time; a file that cannot be read is told, and costs itself alone.

use std::fs;
use std::path::PathBuf;

use super::account::{Account, FileAccount};
use super::assemble::assemble;
use super::compile::Compiled;
use super::gather::Gathered;
use super::paths::{self, PathsError, Plan};
use super::read;
use super::source::TrialFiles;
use crate::history::History;
use crate::note::{Note, Severity};
use crate::parallel;

/// What the files of a trial say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Loaded {
    /// The trial; or several, if they stand one after another in the files.
    pub histories: Vec<History>,
    /// What became of each line.
    pub account: Account,
    /// What is to be told.
    pub notes: Vec<Note>,
}

/// Reads the files of one trial.
pub fn load(trial: &TrialFiles, compiled: &Compiled) -> Loaded {
    let mut gathered = Gathered::default();
    let mut loaded = Loaded::default();
    for (position, log) in trial.files.iter().enumerate() {
        let bytes = match fs::read(&log.path) {
            Ok(bytes) => bytes,
            Err(error) => {
                let found = error.to_string();
                let advice = "it counts as a file without lines; see to it that it can be read";
                let note = Note::new(Severity::Error, &log.path, "a file", found, advice);
                loaded.notes.push(note);
                loaded.account.files.push(FileAccount {
                    file: log.path.display().to_string(),
                    ..FileAccount::default()
                });
                continue;
            }
        };
        let file = u32::try_from(position).unwrap_or(u32::MAX);
        let (account, notes) = read::file(compiled, file, log, &bytes, &mut gathered);
        loaded.account.files.push(account);
        loaded.notes.extend(notes);
    }
    let (histories, notes) = assemble(gathered, trial, compiled);
    loaded.histories = histories;
    loaded.notes.extend(notes);
    loaded
}

/// What some paths hold, read as one format.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// Their trials, in natural order.
    pub histories: Vec<History>,
    /// What became of each file, and of each line of those that were read.
    pub account: Account,
    /// What is to be told.
    pub notes: Vec<Note>,
}

/// The trials below some paths, as a format has them.
///
/// # Errors
/// A path that cannot be read, a glob or a regex on paths that is none.
pub fn plan(paths: &[PathBuf], compiled: &Compiled) -> Result<Plan, PathsError> {
    paths::plan(paths, &compiled.format().files)
}

/// Reads all trials below some paths, on all processors. Everything is in memory at the end: of what is larger, take the
/// trials of [`plan`] one by one to [`load`].
///
/// # Errors
/// As [`plan`].
pub fn read_all(paths: &[PathBuf], compiled: &Compiled) -> Result<Reading, PathsError> {
    let plan = plan(paths, compiled)?;
    let mut reading = Reading::default();
    for loaded in parallel::map(&plan.trials, |trial| load(trial, compiled)) {
        reading.histories.extend(loaded.histories);
        reading.account.files.extend(loaded.account.files);
        reading.notes.extend(loaded.notes);
    }
    reading.account.other_files = plan.other_files;
    Ok(reading)
}
