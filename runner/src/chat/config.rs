//! A run of trials of the chat service that is asked for.
//!
//! **Invariant.** Seed, condition and faults determine each trial; all else is about how many there are and what is kept.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use chat_trial::trial::TimingError;
use chat_trial::{Detail, Outcome};
use event_log::Faults;
use event_log::chat::{ChatCondition, Verdict};

/// Trials with findings of which all logs are kept: a service that fails in each trial would fill the disk.
const FOLDERS_MAX: usize = 20;

/// A run, ready to be carried out.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatConfig {
    /// How many trials.
    pub count: u64,
    /// The only one of them to run.
    pub trial: Option<u64>,
    /// The seed of all chance.
    pub seed: u64,
    /// What trials share.
    pub condition: ChatCondition,
    /// Their faults, before chance has its say.
    pub faults: Faults,
    /// The file that they are from.
    pub faults_file: Option<PathBuf>,
    /// Whether trials go on after one that found something.
    pub keep_going: bool,
    /// Whether all trials leave all logs, with a row for each operation of a server.
    pub detail: bool,
    /// Trials side by side.
    pub jobs: usize,
    /// The folder that receives the run's folder.
    pub out: PathBuf,
}

impl ChatConfig {
    /// Whether a trial leaves all its logs, after this number of trials with findings.
    pub(super) fn is_kept(&self, outcome: &Outcome, failures: usize) -> bool {
        self.detail
            || self.trial.is_some()
            || outcome.summary.verdict == Verdict::Violated && failures < FOLDERS_MAX
    }

    /// How much of each trial is wanted at once.
    pub(super) fn detail(&self) -> Detail {
        match (self.detail, self.trial) {
            (true, _) => Detail::Everything,
            (false, Some(_)) => Detail::Logs,
            (false, None) => Detail::Summary,
        }
    }

    /// Runs a trial.
    pub(super) fn trial(
        &self,
        trial: u64,
        detail: Detail,
        stop: &AtomicBool,
    ) -> Result<Outcome, TimingError> {
        chat_trial::run(
            &self.condition,
            self.seed,
            trial,
            &self.faults,
            detail,
            stop,
        )
    }
}
