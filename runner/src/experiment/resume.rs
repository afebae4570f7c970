//! What an interrupted run already holds: trials to keep, and folders to set aside before their trials run again.
//!
//! **Invariant.** Nothing is deleted and no kept trial is touched. Everything is looked at before anything is renamed.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use event_log::{Status, TrialManifest, layout};

use super::draft::{Draft, manifest_of};
use super::expand::{Choices, Surroundings};
use super::{Experiment, ExperimentError};
use crate::plan::TrialTask;
use crate::run::TrialOutcome;

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
}

/// Holds a run or a shard by its manifest, so that no other process works on it; let go when dropped.
///
/// # Errors
///
/// [`ExperimentError`] when another process holds it, or the manifest cannot be opened.
pub fn hold(manifest: &Path) -> Result<File, ExperimentError> {
    let file = File::open(manifest)
        .map_err(|error| ExperimentError::new(manifest, format!("cannot be read ({error})")))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(ExperimentError::new(
            manifest,
            "another runner is at work on this; wait for it, or stop it",
        )),
        // A file system without locks is no reason not to run.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
    }
}

/// Reads back the experiment of a run.
///
/// # Errors
///
/// [`ExperimentError`] when the manifest is not that of an experiment's run, or does not agree with itself.
pub fn experiment_of(
    run: &Path,
    jobs: Option<usize>,
    surroundings: Surroundings,
) -> Result<Experiment, ExperimentError> {
    let path = run.join(layout::RUN_FILE);
    let fail = |problem: String| ExperimentError::new(&path, problem);
    let text = fs::read_to_string(&path).map_err(|error| {
        fail(format!(
            "cannot be read ({error}); --resume takes the folder of an experiment's run"
        ))
    })?;
    let record = manifest_of(&text).map_err(fail)?.config;
    let meant = record.count;
    let choices = Choices {
        jobs,
        ..Choices::default()
    };
    let experiment = Experiment::new(&path, Draft::from(record), choices, surroundings)?;
    if experiment.count() != meant {
        return Err(fail(format!(
            "config.count: expected {} trials ({} of each condition), found {meant}; was it edited?",
            experiment.count(),
            experiment.count_per_condition
        )));
    }
    Ok(experiment)
}

/// Looks at every trial of a run.
///
/// # Errors
///
/// [`ExperimentError`] when a folder cannot be read, does not belong to the experiment, or holds a trial of another
/// condition than planned.
pub fn survey(run: &Path, experiment: &Experiment) -> Result<Standing, ExperimentError> {
    let fail = |error: io::Error| ExperimentError::new(run, format!("cannot be read ({error})"));
    let tasks = experiment.tasks();
    let mut standing = Standing {
        kept: Vec::new(),
        unfinished: Vec::new(),
    };
    for entry in fs::read_dir(run).map_err(fail)? {
        let folder = entry.map_err(fail)?.path();
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let Some(number) = layout::trial_number(&name) else {
            continue;
        };
        let task = usize::try_from(number)
            .ok()
            .and_then(|index| tasks.get(index))
            .filter(|_| name == layout::trial_dir(number, experiment.count()));
        let Some(task) = task else {
            let problem = format!(
                "is not one of the {} trials of this experiment; move it elsewhere",
                experiment.count()
            );
            return Err(ExperimentError::new(&folder, problem));
        };
        standing.add(number, finished(&folder, task)?, folder);
    }
    standing.kept.sort_by_key(|outcome| outcome.trial);
    standing
        .unfinished
        .sort_by_key(|unfinished| unfinished.trial);
    Ok(standing)
}

/// The outcome of a complete trial, or why it is not complete.
///
/// # Errors
///
/// [`ExperimentError`] when it cannot be read, or is not the trial that was planned.
pub fn finished(
    folder: &Path,
    task: &TrialTask<'_>,
) -> Result<Result<TrialOutcome, String>, ExperimentError> {
    let path = folder.join(layout::TRIAL_FILE);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Err("it has no manifest".to_owned()));
        }
        Err(error) => {
            return Err(ExperimentError::new(
                &path,
                format!("cannot be read ({error})"),
            ));
        }
    };
    let manifest: TrialManifest = match serde_json::from_slice(&text) {
        Ok(manifest) => manifest,
        Err(error) => return Ok(Err(format!("its manifest cannot be read ({error})"))),
    };
    if unstarted(&manifest) != task.plan() {
        return Err(ExperimentError::new(
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

/// The manifest as it stood before the start.
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

/// Renames the folder of an unfinished trial, so that the trial can run again; returns the new path.
///
/// The new name begins with a dot: readers of runs pass over such folders, so the trial is not counted twice.
///
/// # Errors
///
/// [`ExperimentError`] when the folder cannot be renamed.
pub fn set_aside(unfinished: &Unfinished) -> Result<PathBuf, ExperimentError> {
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
        ExperimentError::new(&unfinished.folder, problem)
    })?;
    Ok(aside)
}
