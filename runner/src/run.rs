//! A run: its folder, its manifest, its trials, and how they ended.

use std::path::{Path, PathBuf};

use driver::StorageError;
use event_log::{
    Condition, Driver, FORMAT_VERSION, MachineId, RunManifest, Status, Tool, TrialManifest, layout,
};
use jiff::{Timestamp, Unit};
use serde::Serialize;
use thiserror::Error;

use crate::config::Config;
use crate::drive::sockets::pace::LateTick;
use crate::drive::{sockets, virtual_time};
use crate::experiment::ExperimentError;
use crate::interrupt::Interrupt;
use crate::plan::TrialTask;
use crate::progress::Progress;
use crate::shard::{self, Shard};
use crate::storage::{create_run_folder, write_json};

mod packed;

/// The folder of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFolder {
    /// Where it is.
    pub path: PathBuf,
    /// How many trials it is meant to hold; the length of their folders' names follows from it.
    pub count: u64,
}

/// A machine that was late, and how late.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LateMachine {
    /// The machine.
    pub machine: MachineId,
    /// The latest of its ticks.
    #[serde(flatten)]
    pub tick: LateTick,
}

impl LateMachine {
    /// The latest of these, each measured by its own period.
    pub fn latest(of: impl Iterator<Item = LateMachine>) -> Option<LateMachine> {
        of.max_by(|one, other| one.tick.periods().total_cmp(&other.tick.periods()))
    }
}

/// How a trial ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrialOutcome {
    /// Number of the trial.
    pub trial: u64,
    /// How it stands.
    pub status: Status,
    /// Why it did not complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Rates of the machines, ticks per second, by id.
    pub rates: Vec<f64>,
    /// Ticks performed by all machines.
    pub ticks: u64,
    /// The machine whose latest tick was the latest of all, if that was late by more than a period; sockets only, and not of
    /// a trial that was kept from before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest: Option<LateMachine>,
    /// Whether the reason lies in this host or its configuration, so that further trials would fare no better.
    #[serde(skip)]
    pub failed: bool,
}

impl TrialOutcome {
    /// The outcome that a final manifest tells.
    pub fn of(manifest: &TrialManifest, ticks: u64) -> TrialOutcome {
        TrialOutcome {
            trial: manifest.trial,
            status: manifest.status,
            reason: manifest.reason.clone(),
            rates: manifest
                .machines
                .iter()
                .map(|machine| machine.rate.hz())
                .collect(),
            ticks,
            latest: None,
            failed: false,
        }
    }

    /// A trial that could not even begin.
    pub fn failed(trial: u64, reason: String) -> TrialOutcome {
        TrialOutcome {
            trial,
            status: Status::Aborted,
            reason: Some(reason),
            rates: Vec::new(),
            ticks: 0,
            latest: None,
            failed: true,
        }
    }
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunOutcome {
    /// The run's folder.
    pub folder: PathBuf,
    /// What performed the ticks.
    pub driver: Driver,
    /// Machines that share a process, where it is one number for all trials and there are processes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_process: Option<u32>,
    /// The seed of all chance.
    pub seed: u64,
    /// The part of the run that this was, if it was not the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// Trials that the run, or this part of it, was meant to hold.
    pub count: u64,
    /// Trials that completed.
    pub complete: u64,
    /// The trials that were begun, in order; of a packed run only those that could not be carried out.
    pub trials: Vec<TrialOutcome>,
}

impl RunOutcome {
    /// How many of these completed.
    pub fn complete(trials: &[TrialOutcome]) -> u64 {
        let complete = |outcome: &&TrialOutcome| outcome.status == Status::Complete;
        trials.iter().filter(complete).count() as u64
    }

    /// 0 when every trial completed, 1 when one was aborted, degraded or never begun, 2 when the host or the
    /// configuration made one fail.
    pub fn exit_code(&self) -> u8 {
        if self.trials.iter().any(|outcome| outcome.failed) {
            2
        } else if self.complete == self.count {
            0
        } else {
            1
        }
    }
}

/// A run that could not be carried out at all.
#[derive(Debug, Error)]
pub enum RunError {
    /// Its folder could not be created.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The folder that its shards share cannot be joined.
    #[error(transparent)]
    Shared(#[from] ExperimentError),
    /// The operating system refused something basic.
    #[error("the operating system refused: {0}")]
    System(#[from] std::io::Error),
}

/// What the manifest of a new run says, apart from what every run says.
#[derive(Debug, Clone, Copy)]
pub struct NewRun<'a, C> {
    /// The folder that receives the run's folder.
    pub out: &'a Path,
    /// Name of the experiment.
    pub name: &'a str,
    /// How many trials it is meant to hold.
    pub count: u64,
    /// What performs the ticks.
    pub driver: Driver,
    /// The seed of all chance.
    pub seed: u64,
    /// The configuration, in the form in which it is stored.
    pub config: &'a C,
}

impl<C: Serialize> NewRun<'_, C> {
    /// Creates the run's folder, with its manifest.
    ///
    /// # Errors
    ///
    /// [`StorageError`] when it cannot be created.
    pub fn create(&self) -> Result<RunFolder, StorageError> {
        let manifest = self.manifest();
        let folder = RunFolder {
            path: create_run_folder(self.out, &manifest.created, self.name)?,
            count: self.count,
        };
        write_json(&folder.path.join(layout::RUN_FILE), &manifest)?;
        Ok(folder)
    }

    /// The manifest of a run that begins now.
    pub fn manifest(&self) -> RunManifest<&C> {
        let created = Timestamp::now()
            .round(Unit::Second)
            .unwrap_or_else(|_| Timestamp::now())
            .to_string();
        RunManifest {
            format_version: FORMAT_VERSION,
            tool: Tool {
                name: env!("CARGO_PKG_NAME").to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                commit: option_env!("DRIFTLAB_COMMIT").map(str::to_owned),
            },
            created,
            host: host(),
            driver: self.driver,
            seed: self.seed,
            config: self.config,
        }
    }
}

/// Carries out a run of one condition, or a shard of it in the folder that its shards share.
///
/// # Errors
///
/// [`RunError`] when it cannot begin; what goes wrong in a trial is part of its outcome.
pub fn run(
    config: &Config,
    shard: Option<Shard>,
    progress: &Progress,
    interrupt: &Interrupt,
) -> Result<RunOutcome, RunError> {
    let driver = config.condition.driver;
    let new = NewRun {
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
        Some(shard) => Some(shard::begin(&new, shard, tasks.clone(), progress)?),
    };
    let (folder, left, mut trials) = match &begun {
        None => (new.create()?, tasks, Vec::new()),
        Some(begun) => (
            begun.folder.clone(),
            begun.left.clone(),
            begun.standing.kept.clone(),
        ),
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
        "{}: {part}{} trials of {} machines {}{}, seed {}",
        folder.path.display(),
        config.count,
        config.machines.len(),
        driver_words(driver),
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

/// Runs trials on one driver, as many side by side as the most modest of their configurations allows.
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

/// A driver, as part of a sentence.
pub fn driver_words(driver: Driver) -> &'static str {
    match driver {
        Driver::Sockets => "on sockets",
        Driver::Virtual => "in virtual time",
    }
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

fn host() -> String {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "{} {}, {processors} processors",
        std::env::consts::OS,
        std::env::consts::ARCH
    )
}
