//! An experiment from its first trial, or from an interruption, to its last.

use std::path::Path;
use std::time::{Duration, Instant};

use event_log::schedule::compress;
use event_log::{Driver, Status, System, layout};
use thiserror::Error;

use super::expand::Surroundings;
use super::record::Record;
use super::resume::{experiment_of, survey};
use super::{Experiment, ExperimentError};
use crate::interrupt::Interrupt;
use crate::numerals::counted;
use crate::outcome::{ConditionOutcome, ExperimentOutcome, RunFolder, RunOutcome, TrialOutcome};
use crate::plan::TrialTask;
use crate::progress::Progress;
use crate::resume::{ResumeError, Standing, hold};
use crate::run::{NewRun, RunError, jobs, per_process, run_trials, shard_folder};
use crate::shard::Shard;
use crate::summary::experiment::resume_command;

/// An experiment that could not be carried out at all.
#[derive(Debug, Error)]
pub enum ConductError {
    /// Its record is not that of an experiment.
    #[error(transparent)]
    Experiment(#[from] ExperimentError),
    /// Its folder cannot be resumed.
    #[error(transparent)]
    Resume(#[from] ResumeError),
    /// Its run could not begin.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// Carries out an experiment in a new folder, or a shard of one in the folder that its shards share.
///
/// # Errors
///
/// [`ConductError`] when it cannot begin; a failure in a trial is part of its outcome.
pub fn conduct(
    experiment: &Experiment,
    shard: Option<Shard>,
    progress: &Progress,
    interrupt: &Interrupt,
) -> Result<ExperimentOutcome, ConductError> {
    let new = NewRun {
        system: System::ScaleModel,
        out: &experiment.out,
        name: &experiment.name,
        count: experiment.count(),
        driver: experiment.driver(),
        seed: experiment.seed,
        config: &Record::from(experiment),
    };
    if let Some(shard) = shard {
        let mut tasks = experiment.tasks();
        tasks.retain(|task| shard.holds(task.trial));
        let count = tasks.len() as u64;
        let begun = shard_folder::begin(&new, shard, tasks, progress)?;
        progress.announce(&format!(
            "{}: shard {shard} of {}, seed {}; complete and kept: {} of its {}",
            begun.folder.path.display(),
            size(experiment),
            experiment.seed,
            begun.kept.len(),
            counted(count, "trial"),
        ));
        let work = Work {
            folder: begun.folder.clone(),
            shard: Some(shard),
            count,
            left: begun.left,
            kept: begun.kept,
        };
        return carry_out(experiment, work, progress, interrupt);
    }
    let folder = new.create().map_err(RunError::from)?;
    let _held = hold(&folder.path.join(layout::RUN_FILE))?;
    progress.announce(&format!(
        "{}: {}, seed {}\nif it is interrupted: {}",
        folder.path.display(),
        size(experiment),
        experiment.seed,
        resume_command(&folder.path)
    ));
    let work = Work::whole(experiment, folder, Standing::default());
    carry_out(experiment, work, progress, interrupt)
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
    let experiment = experiment_of(run, jobs, surroundings)?;
    let _held = hold(&run.join(layout::RUN_FILE))?;
    let standing = survey(run, &experiment)?;
    progress.announce(&format!(
        "{}: complete and kept: {} of {}, seed {}",
        run.display(),
        standing.kept.len(),
        counted(experiment.count(), "trial"),
        experiment.seed
    ));
    standing.set_aside(progress)?;
    let folder = RunFolder {
        path: run.to_owned(),
        count: experiment.count(),
    };
    let work = Work::whole(&experiment, folder, standing);
    carry_out(&experiment, work, progress, interrupt)
}

/// The work of this process.
struct Work<'a> {
    folder: RunFolder,
    shard: Option<Shard>,
    /// Trials that this process answers for, kept ones included.
    count: u64,
    /// Trials to run.
    left: Vec<TrialTask<'a>>,
    /// Trials that are complete.
    kept: Vec<TrialOutcome>,
}

impl<'a> Work<'a> {
    /// All trials of an experiment but those kept.
    fn whole(experiment: &'a Experiment, folder: RunFolder, standing: Standing) -> Work<'a> {
        Work {
            folder,
            shard: None,
            count: experiment.count(),
            left: standing.left(experiment.tasks()),
            kept: standing.kept,
        }
    }
}

/// Runs the rest: first the trials in virtual time, on all processors, then those on sockets, which need the host to
/// themselves.
fn carry_out(
    experiment: &Experiment,
    work: Work<'_>,
    progress: &Progress,
    interrupt: &Interrupt,
) -> Result<ExperimentOutcome, ConductError> {
    let started = Instant::now();
    let Work {
        folder,
        shard,
        count,
        left,
        kept,
    } = work;
    let kept_count = kept.len() as u64;
    let mut trials = kept;
    for driver in [Driver::Virtual, Driver::Sockets] {
        let on_driver = |task: &&TrialTask<'_>| task.config.condition.driver == driver;
        let tasks: Vec<TrialTask<'_>> = left.iter().filter(on_driver).copied().collect();
        let stopped = interrupt.is_set() || trials.iter().any(|outcome| outcome.failed);
        if tasks.is_empty() || stopped {
            continue;
        }
        progress.announce(&format!(
            "{} {}, {} at a time",
            counted(tasks.len() as u64, "trial"),
            driver.phrase(),
            jobs(&tasks).min(tasks.len())
        ));
        progress.batch_started(driver, tasks.len() as u64, expected(driver, &tasks));
        trials.extend(run_trials(driver, &tasks, &folder, progress, interrupt)?);
    }
    trials.sort_by_key(|outcome| outcome.trial);
    Ok(ExperimentOutcome {
        name: experiment.name.clone(),
        conditions: by_condition(experiment, shard, &trials),
        kept: kept_count,
        wall_time_ms: started.elapsed().as_millis() as u64,
        run: RunOutcome {
            folder: folder.path,
            driver: experiment.driver(),
            per_process: None,
            seed: experiment.seed,
            shard,
            count,
            complete: RunOutcome::complete(&trials),
            trials,
        },
    })
}

/// How long trials on sockets take together, with the allowed number at a time.
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

fn by_condition(
    experiment: &Experiment,
    shard: Option<Shard>,
    trials: &[TrialOutcome],
) -> Vec<ConditionOutcome> {
    let mut conditions: Vec<ConditionOutcome> = experiment
        .conditions
        .iter()
        .map(|named| ConditionOutcome {
            label: named.label.clone(),
            driver: named.config.condition.driver,
            per_process: per_process(&named.config.condition),
            count: 0,
            complete: 0,
            degraded: 0,
            aborted: 0,
            not_begun: 0,
        })
        .collect();
    let order = experiment.order();
    for (trial, &index) in (0..).zip(&order) {
        if shard.is_none_or(|shard| shard.holds(trial)) {
            conditions[index].count += 1;
            conditions[index].not_begun += 1;
        }
    }
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

/// How large an experiment is, in words.
fn size(experiment: &Experiment) -> String {
    format!(
        "{} × {}",
        counted(experiment.conditions.len() as u64, "condition"),
        counted(experiment.count_per_condition, "trial")
    )
}
