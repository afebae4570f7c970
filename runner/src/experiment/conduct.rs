//! An experiment from its first trial to its last, or from where it was interrupted.

use std::path::Path;
use std::time::{Duration, Instant};

use event_log::schedule::compress;
use event_log::{Driver, Status};
use serde::Serialize;
use thiserror::Error;

use super::expand::Surroundings;
use super::record::Record;
use super::{Experiment, ExperimentError, resume};
use crate::interrupt::Interrupt;
use crate::plan::TrialTask;
use crate::progress::Progress;
use crate::run::{
    NewRun, RunError, RunFolder, RunOutcome, TrialOutcome, driver_words, jobs, run_trials,
};
use crate::summary::experiment::resume_command;

/// How an experiment ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExperimentOutcome {
    /// Its name.
    pub name: String,
    /// Its conditions, in the order of the file.
    pub conditions: Vec<ConditionOutcome>,
    /// Trials that an earlier process had completed.
    pub kept: u64,
    /// Time it took this process, milliseconds.
    pub wall_time_ms: u64,
    /// The run.
    #[serde(flatten)]
    pub run: RunOutcome,
}

/// How the trials of one condition ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConditionOutcome {
    /// What it is called.
    pub label: String,
    /// What performed the ticks.
    pub driver: Driver,
    /// Trials that were meant.
    pub count: u64,
    /// Trials that completed.
    pub complete: u64,
    /// Trials that ended on time without a machine that was lost on the way.
    pub degraded: u64,
    /// Trials that were stopped early.
    pub aborted: u64,
    /// Trials that were never begun.
    pub not_begun: u64,
}

/// An experiment that could not be carried out at all.
#[derive(Debug, Error)]
pub enum ConductError {
    /// It cannot be gone on with as things stand.
    #[error(transparent)]
    Experiment(#[from] ExperimentError),
    /// Its run could not begin.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// Carries out an experiment in a new folder.
///
/// # Errors
///
/// [`ConductError`] when it cannot begin; what goes wrong in a trial is part of its outcome.
pub fn conduct(
    experiment: &Experiment,
    progress: &Progress,
    interrupt: &Interrupt,
) -> Result<ExperimentOutcome, ConductError> {
    let new = NewRun {
        out: &experiment.out,
        name: &experiment.name,
        count: experiment.count(),
        driver: experiment.driver(),
        seed: experiment.seed,
        config: &Record::from(experiment),
    };
    let folder = new.create().map_err(RunError::from)?;
    let _held = resume::hold(&folder.path)?;
    progress.announce(&format!(
        "{}: {} conditions × {} trials, seed {}\nif it is interrupted: {}",
        folder.path.display(),
        experiment.conditions.len(),
        experiment.count_per_condition,
        experiment.seed,
        resume_command(&folder.path)
    ));
    carry_out(experiment, folder, Vec::new(), progress, interrupt)
}

/// Goes on with an interrupted run: complete trials are kept, all others run.
///
/// # Errors
///
/// [`ConductError`] when the folder is not that of an experiment's run, another process works on it, or it holds what
/// the experiment did not plan.
pub fn go_on(
    run: &Path,
    jobs: Option<usize>,
    surroundings: Surroundings,
    progress: &Progress,
    interrupt: &Interrupt,
) -> Result<ExperimentOutcome, ConductError> {
    let experiment = resume::experiment_of(run, jobs, surroundings)?;
    let _held = resume::hold(run)?;
    let standing = resume::survey(run, &experiment)?;
    progress.announce(&format!(
        "{}: {} of {} trials are complete and kept, seed {}",
        run.display(),
        standing.kept.len(),
        experiment.count(),
        experiment.seed
    ));
    for unfinished in &standing.unfinished {
        let aside = resume::set_aside(unfinished)?;
        progress.announce(&format!(
            "trial {} runs again: {}; what there was of it is now {}",
            unfinished.trial,
            unfinished.why,
            aside.display()
        ));
    }
    let folder = RunFolder {
        path: run.to_owned(),
        count: experiment.count(),
    };
    carry_out(&experiment, folder, standing.kept, progress, interrupt)
}

/// Runs all trials but those kept: first those in virtual time, on all processors, then those on sockets, which need
/// the host to themselves.
fn carry_out(
    experiment: &Experiment,
    folder: RunFolder,
    kept: Vec<TrialOutcome>,
    progress: &Progress,
    interrupt: &Interrupt,
) -> Result<ExperimentOutcome, ConductError> {
    let started = Instant::now();
    let kept_count = kept.len() as u64;
    let mut trials = kept;
    let left: Vec<TrialTask<'_>> = experiment
        .tasks()
        .into_iter()
        .filter(|task| {
            let known = trials.binary_search_by_key(&task.trial, |outcome| outcome.trial);
            known.is_err()
        })
        .collect();
    for driver in [Driver::Virtual, Driver::Sockets] {
        let on_driver = |task: &&TrialTask<'_>| task.config.condition.driver == driver;
        let tasks: Vec<TrialTask<'_>> = left.iter().filter(on_driver).copied().collect();
        let stopped = interrupt.is_set() || trials.iter().any(|outcome| outcome.failed);
        if tasks.is_empty() || stopped {
            continue;
        }
        progress.announce(&format!(
            "{} trials {}, {} at a time",
            tasks.len(),
            driver_words(driver),
            jobs(&tasks).min(tasks.len())
        ));
        progress.batch_started(driver, tasks.len() as u64, expected(driver, &tasks));
        trials.extend(run_trials(driver, &tasks, &folder, progress, interrupt)?);
    }
    trials.sort_by_key(|outcome| outcome.trial);
    Ok(ExperimentOutcome {
        name: experiment.name.clone(),
        conditions: by_condition(experiment, &trials),
        kept: kept_count,
        wall_time_ms: started.elapsed().as_millis() as u64,
        run: RunOutcome {
            folder: folder.path,
            driver: experiment.driver(),
            seed: experiment.seed,
            count: folder.count,
            trials,
        },
    })
}

/// How long trials on sockets take together: as long as they last, as many at a time as allowed.
fn expected(driver: Driver, tasks: &[TrialTask<'_>]) -> Option<Duration> {
    if driver == Driver::Virtual {
        return None;
    }
    let lengths = tasks.iter().map(|task| {
        let condition = &task.config.condition;
        Duration::from_nanos(compress(condition.duration_ns, condition.speed))
    });
    let longest = lengths.clone().max()?;
    let together: Duration = lengths.sum();
    Some(longest.max(together.div_f64(jobs(tasks) as f64)))
}

fn by_condition(experiment: &Experiment, trials: &[TrialOutcome]) -> Vec<ConditionOutcome> {
    let mut conditions: Vec<ConditionOutcome> = experiment
        .conditions
        .iter()
        .map(|named| ConditionOutcome {
            label: named.label.clone(),
            driver: named.config.condition.driver,
            count: experiment.count_per_condition,
            complete: 0,
            degraded: 0,
            aborted: 0,
            not_begun: experiment.count_per_condition,
        })
        .collect();
    let order = experiment.order();
    for outcome in trials {
        let Some(&index) = order.get(outcome.trial as usize) else {
            continue;
        };
        let condition = &mut conditions[index];
        condition.not_begun -= 1;
        match outcome.status {
            Status::Complete => condition.complete += 1,
            Status::Degraded => condition.degraded += 1,
            Status::Aborted | Status::Running => condition.aborted += 1,
        }
    }
    conditions
}
