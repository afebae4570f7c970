//! What a run that was begun already holds: trials to keep, and folders to set aside before their trials run again.
//!
//! **Invariant.** Nothing is deleted and no kept trial is touched.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use event_log::{Status, TrialManifest, layout};
use thiserror::Error;

use crate::outcome::TrialOutcome;
use crate::plan::TrialTask;
use crate::progress::Progress;

/// A run that cannot be resumed: the file or folder, what is wrong with it, what to do.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}: {problem}", path.display())]
pub struct ResumeError {
    path: PathBuf,
    problem: String,
}

impl ResumeError {
    pub(crate) fn new(path: &Path, problem: impl Into<String>) -> ResumeError {
        ResumeError {
            path: path.to_owned(),
            problem: problem.into(),
        }
    }
}

/// What a run's folder holds of the trials that are meant to be in it.
#[derive(Debug, Default)]
pub struct Standing {
    /// Trials that are complete, in their order.
    pub kept: Vec<TrialOutcome>,
    /// Trials that were begun and must be run again.
    pub unfinished: Vec<Unfinished>,
}

/// A trial that was begun and is not complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// Number of the trial.
    pub trial: u64,
    /// Its folder.
    pub folder: PathBuf,
    /// Why it does not count.
    pub why: String,
}

impl Standing {
    /// Takes note of a trial that was begun; see [`finished`].
    pub fn add(&mut self, trial: u64, finished: Result<TrialOutcome, String>, folder: PathBuf) {
        match finished {
            Ok(outcome) => self.kept.push(outcome),
            Err(why) => self.unfinished.push(Unfinished { trial, folder, why }),
        }
    }

    /// These trials without the ones to keep.
    pub fn left<'a>(&self, mut tasks: Vec<TrialTask<'a>>) -> Vec<TrialTask<'a>> {
        tasks.retain(|task| {
            let known = self
                .kept
                .binary_search_by_key(&task.trial, |outcome| outcome.trial);
            known.is_err()
        });
        tasks
    }

    /// Renames the folders of unfinished trials, so that the trials can run again.
    ///
    /// The new names begin with a dot: readers of runs pass over such folders, so no trial is counted twice.
    ///
    /// # Errors
    ///
    /// [`ResumeError`] when a folder cannot be renamed.
    pub fn set_aside(&self, progress: &Progress) -> Result<(), ResumeError> {
        for unfinished in &self.unfinished {
            let aside = set_aside(unfinished)?;
            progress.announce(&format!(
                "trial {} runs again: {}; what there was of it is now {}",
                unfinished.trial,
                unfinished.why,
                aside.display()
            ));
        }
        Ok(())
    }
}

/// Holds a run or a shard by its manifest, so that no other process works on it; dropping the file releases it.
///
/// # Errors
///
/// [`ResumeError`] when another process holds it, or the manifest cannot be opened.
pub fn hold(manifest: &Path) -> Result<File, ResumeError> {
    let file = File::open(manifest)
        .map_err(|error| ResumeError::new(manifest, format!("cannot be read ({error})")))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(ResumeError::new(
            manifest,
            "another runner is at work on this; wait for it, or stop it",
        )),
        // A file system without locks is no reason not to run.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
    }
}

/// The outcome of a complete trial, or why it is not complete.
///
/// # Errors
///
/// [`ResumeError`] when it cannot be read, or is not the trial that was planned.
pub fn finished(
    folder: &Path,
    task: &TrialTask<'_>,
) -> Result<Result<TrialOutcome, String>, ResumeError> {
    let path = folder.join(layout::TRIAL_FILE);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Err("it has no manifest".to_owned()));
        }
        Err(error) => {
            return Err(ResumeError::new(&path, format!("cannot be read ({error})")));
        }
    };
    let manifest: TrialManifest = match serde_json::from_slice(&text) {
        Ok(manifest) => manifest,
        Err(error) => return Ok(Err(format!("its manifest cannot be read ({error})"))),
    };
    if unstarted(&manifest) != task.plan() {
        return Err(ResumeError::new(
            &path,
            "the trial has another condition, seed or plan than run.json gives it: \
             was one of them edited, or written by another release? \
             Move the folder elsewhere to have the trial run again",
        ));
    }
    if manifest.status != Status::Complete {
        return Ok(Err(format!("it is {}", manifest.status.name())));
    }
    for machine in &manifest.machines {
        if !folder.join(&machine.log).is_file() {
            return Ok(Err(format!("{} is missing", machine.log)));
        }
    }
    let ticks = manifest
        .machines
        .iter()
        .map(|machine| manifest.ticks_expected(machine))
        .sum();
    Ok(Ok(TrialOutcome::of(&manifest, ticks)))
}

/// The manifest as it was before the start.
fn unstarted(manifest: &TrialManifest) -> TrialManifest {
    let mut plan = manifest.clone();
    plan.started_ns = None;
    plan.status = Status::Running;
    plan.reason = None;
    plan.hub_address = None;
    for machine in &mut plan.machines {
        machine.address = None;
    }
    plan
}

/// Renames the folder of an unfinished trial; returns the new path.
fn set_aside(unfinished: &Unfinished) -> Result<PathBuf, ResumeError> {
    let name = unfinished
        .folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let free = (1..=u32::MAX)
        .map(|attempt| {
            unfinished
                .folder
                .with_file_name(format!(".{name}.interrupted-{attempt}"))
        })
        .find(|path| !path.exists());
    let aside = free.unwrap_or_else(|| unfinished.folder.clone());
    fs::rename(&unfinished.folder, &aside).map_err(|error| {
        let problem = format!("cannot be renamed to {} ({error})", aside.display());
        ResumeError::new(&unfinished.folder, problem)
    })?;
    Ok(aside)
}
