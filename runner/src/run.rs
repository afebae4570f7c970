//! A run: its folder, its manifest, its trials.
//!
//! `new_run` makes the folder of a run that begins · [`shard_folder`] joins the one that the shards of a run share ·
//! `packed` runs trials in packs · `error` why a run cannot be carried out.

use event_log::{Condition, Driver, System};

use crate::config::Config;
use crate::drive::{sockets, virtual_time};
use crate::interrupt::Interrupt;
use crate::numerals::counted;
use crate::outcome::{RunFolder, RunOutcome, TrialOutcome};
use crate::plan::TrialTask;
use crate::progress::Progress;
use crate::shard::Shard;

mod error;
mod new_run;
mod packed;
pub mod shard_folder;

pub use error::RunError;
pub use new_run::NewRun;

/// Carries out a run of one condition, or a shard of it in the folder that its shards share.
///
/// # Errors
///
/// [`RunError`] when it cannot begin; a failure in a trial is part of its outcome.
pub fn run(
    config: &Config,
    shard: Option<Shard>,
    progress: &Progress,
    interrupt: &Interrupt,
) -> Result<RunOutcome, RunError> {
    let driver = config.condition.driver;
    let new = NewRun {
        system: System::ScaleModel,
        out: &config.out,
        name: &config.name,
        count: config.count,
        driver,
        seed: config.seed,
        config: &config.to_options(),
    };
    if config.packed {
        return packed::run(config, &new, shard, progress, interrupt);
    }
    let tasks = tasks(config, shard);
    let count = tasks.len() as u64;
    // Bound to the end, for it holds the shard's folder.
    let begun = match shard {
        None => None,
        Some(shard) => Some(shard_folder::begin(&new, shard, tasks.clone(), progress)?),
    };
    let (folder, left, mut trials) = match &begun {
        None => (new.create()?, tasks, Vec::new()),
        Some(begun) => (begun.folder.clone(), begun.left.clone(), begun.kept.clone()),
    };
    let part = match shard {
        None => String::new(),
        Some(shard) => format!(
            "shard {shard}: {} complete and kept, {} of ",
            trials.len(),
            left.len()
        ),
    };
    progress.announce(&format!(
        "{}: {part}{} of {} {}{}, seed {}",
        folder.path.display(),
        counted(config.count, "trial"),
        counted(config.machines.len() as u64, "machine"),
        driver.phrase(),
        process_words(&config.condition),
        config.seed
    ));
    if driver == Driver::Virtual {
        progress.batch_started(driver, left.len() as u64, None);
    }
    trials.extend(run_trials(driver, &left, &folder, progress, interrupt)?);
    trials.sort_by_key(|outcome| outcome.trial);
    Ok(RunOutcome {
        folder: folder.path,
        driver,
        per_process: per_process(&config.condition),
        seed: config.seed,
        shard,
        count,
        complete: RunOutcome::complete(&trials),
        trials,
    })
}

/// The trials of a run of one condition, or of a shard of it, in the order of their numbers.
pub fn tasks(config: &Config, shard: Option<Shard>) -> Vec<TrialTask<'_>> {
    (0..config.count)
        .filter(|&trial| shard.is_none_or(|shard| shard.holds(trial)))
        .map(|trial| TrialTask { trial, config })
        .collect()
}

/// Runs trials on one driver, side by side, as many as the smallest of their `jobs` allows.
///
/// # Errors
///
/// [`RunError`] when not even the first can begin.
pub fn run_trials(
    driver: Driver,
    tasks: &[TrialTask<'_>],
    folder: &RunFolder,
    progress: &Progress,
    interrupt: &Interrupt,
) -> Result<Vec<TrialOutcome>, RunError> {
    let jobs = jobs(tasks);
    let trials = match driver {
        Driver::Sockets => sockets::run_trials(tasks, jobs, folder, progress, interrupt)?,
        Driver::Virtual => virtual_time::run_trials(tasks, jobs, folder, progress, interrupt),
    };
    progress.batch_ended();
    Ok(trials)
}

/// How many of these trials run side by side.
pub fn jobs(tasks: &[TrialTask<'_>]) -> usize {
    let jobs = tasks.iter().map(|task| task.config.jobs);
    jobs.min().unwrap_or(1)
}

/// How many machines share a process of a trial; none where there are no processes.
pub fn per_process(condition: &Condition) -> Option<u32> {
    (condition.driver == Driver::Sockets).then_some(condition.per_process)
}

/// Where machines share processes, how, as the rest of a sentence.
fn process_words(condition: &Condition) -> String {
    match condition.per_process {
        1 => String::new(),
        several => format!(
            ", {several} in each of {} processes (--per-process)",
            condition.processes()
        ),
    }
}
