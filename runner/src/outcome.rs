//! How trials, runs and experiments ended: data that the drivers fill and the summaries show.
//!
//! **Invariant.** Nothing here does anything, and the serialized names are those of `--format json`.

use std::fmt;
use std::path::PathBuf;

use event_log::{Driver, MachineId, Status, TrialManifest};
use serde::{Deserialize, Serialize};

use crate::shard::Shard;

/// A tick that was performed more than a period after it was due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LateTick {
    /// Its number.
    pub tick: u64,
    /// How late it was, nanoseconds of system time.
    pub late_ns: u64,
    /// The machine's period, nanoseconds of system time.
    pub period_ns: u64,
}

impl LateTick {
    /// How late it was, in periods.
    pub fn periods(self) -> f64 {
        self.late_ns as f64 / self.period_ns.max(1) as f64
    }
}

impl fmt::Display for LateTick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, periods) = (self.late_ns as f64 / 1e9, self.periods());
        write!(
            f,
            "tick {} came {seconds:.3} s after it was due, {periods:.1} of its periods",
            self.tick
        )
    }
}

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
    /// The machine with the latest tick of all, if that was late by more than a period; on sockets only, and not of a trial
    /// that was kept from before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest: Option<LateMachine>,
    /// Whether the reason lies in this host or its configuration, so that further trials would fail too.
    #[serde(skip)]
    pub failed: bool,
}

impl TrialOutcome {
    /// The outcome in a final manifest.
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
    /// Machines that share a process; none in virtual time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_process: Option<u32>,
    /// Trials that were meant, of a shard those that are its own.
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
