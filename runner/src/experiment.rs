//! An experiment: several conditions, trials of each, one run.
//!
//! ```text
//! file │ run.json → draft → conditions (list × grid × drivers) → order → trials → outcome
//! ```
//!
//! [`mod@file`] reads it · [`draft`] what the file says · [`expand`] the conditions that it means, validated · [`order`] the
//! condition of each trial · [`record`] the same experiment in `run.json` · [`conduct`] from the first trial to the last ·
//! [`resume`] the experiment of an interrupted run.
//!
//! **Invariant.** Everything is validated before anything starts. The seed and the conditions determine which trial
//! follows which condition and all its chance, so that an interrupted run can be completed as if nothing had happened.

use std::path::{Path, PathBuf};

use event_log::Driver;
use thiserror::Error;

use crate::config::Config;
use crate::plan::TrialTask;

pub mod conduct;
pub mod draft;
pub mod expand;
pub mod file;
pub mod order;
pub mod record;
pub mod resume;

/// A validated experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// Its name.
    pub name: String,
    /// Its question, in prose.
    pub question: Option<String>,
    /// Trials of each condition, at least 1.
    pub count_per_condition: u64,
    /// The seed of all chance.
    pub seed: u64,
    /// The folder that receives the run's folder.
    pub out: PathBuf,
    /// The conditions, at least one, all different.
    pub conditions: Vec<NamedCondition>,
}

/// One condition.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedCondition {
    /// What to call it; no two are called the same.
    pub label: String,
    /// Its configuration; seed and count are the experiment's.
    pub config: Config,
}

impl Experiment {
    /// Trials of all conditions together.
    pub fn count(&self) -> u64 {
        self.count_per_condition * self.conditions.len() as u64
    }

    /// The index of the condition of each trial.
    pub fn order(&self) -> Vec<usize> {
        order::order(self.seed, self.conditions.len(), self.count_per_condition)
    }

    /// All trials, in the order in which they run.
    pub fn tasks(&self) -> Vec<TrialTask<'_>> {
        let order = self.order();
        let tasks = (0..).zip(&order).map(|(trial, &condition)| TrialTask {
            trial,
            config: &self.conditions[condition].config,
        });
        tasks.collect()
    }

    /// What the manifest of the run calls its driver: sockets as soon as one condition runs on them, because then the
    /// run as a whole cannot be repeated bit for bit.
    pub fn driver(&self) -> Driver {
        match self.socket_jobs() {
            Some(_) => Driver::Sockets,
            None => Driver::Virtual,
        }
    }

    /// Trials side by side on sockets; none if no condition runs on them.
    pub fn socket_jobs(&self) -> Option<usize> {
        let configs = self.conditions.iter().map(|named| &named.config);
        configs
            .filter(|config| config.condition.driver == Driver::Sockets)
            .map(|config| config.jobs)
            .min()
    }
}

/// An experiment that cannot be carried out as written: the file, the key, what is wrong with it, what to do.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}: {problem}", path.display())]
pub struct ExperimentError {
    path: PathBuf,
    problem: String,
}

impl ExperimentError {
    pub(crate) fn new(path: &Path, problem: impl Into<String>) -> ExperimentError {
        ExperimentError {
            path: path.to_owned(),
            problem: problem.into(),
        }
    }
}

#[cfg(test)]
mod tests;
