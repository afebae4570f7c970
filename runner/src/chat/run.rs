//! A run of trials of the chat service, from its first trial to its last.
//!
//! **Invariant.** Every trial that was taken has its row in `summary.csv`; trials that found something have a folder with all
//! logs, up to a bound.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use chat_trial::trial::TimingError;
use chat_trial::{Campaign, Detail, Outcome};
use driver::StorageError;
use event_log::chat::Verdict;
use event_log::{Driver, System, layout};
use thiserror::Error;

use super::campaign::{self, Panicked};
use super::commands;
use super::config::ChatConfig;
use super::files::{RunRecord, SummaryFile, TrialOf, write_trial};
use super::outcome::{ChatOutcome, Failure, LostAsSaid, Undecided};
use crate::interrupt::Interrupt;
use crate::numerals::counted;
use crate::outcome::RunFolder;
use crate::progress::Progress;
use crate::run::NewRun;

/// Trials without a result that are listed with their reasons.
const UNDECIDED_MAX: usize = 10;
/// Name of a run, in its folder's.
const NAME: &str = "chat";

/// Why a run could not be carried out.
#[derive(Debug, Error)]
pub enum ChatRunError {
    /// Something cannot be written.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Servers cannot keep to these times.
    #[error("--heartbeat, --suspect: {0}")]
    Timing(#[from] TimingError),
    /// A bug of this program.
    #[error(
        "trial {trial}: a panic, a bug of this program: {message}\nagain: {repeat}\ntrials before it: {folder}"
    )]
    Panic {
        /// Number of the trial.
        trial: u64,
        /// What the panic said.
        message: String,
        /// The command that runs the trial again.
        repeat: String,
        /// The run's folder.
        folder: String,
    },
}

/// A run under way.
struct Run<'a> {
    config: &'a ChatConfig,
    folder: RunFolder,
    summary: SummaryFile,
    campaign: Campaign,
    failures: Vec<Failure>,
    undecided: Vec<Undecided>,
    first_lost: Option<LostAsSaid>,
    progress: &'a Progress,
}

/// Carries out a run. It stops at the first trial that finds something, unless it is to keep going.
///
/// # Errors
///
/// [`ChatRunError`] when something cannot be written.
pub fn run(
    config: &ChatConfig,
    progress: &Progress,
    interrupt: &Interrupt,
) -> Result<ChatOutcome, ChatRunError> {
    let begun = Instant::now();
    let (first, count) = match config.trial {
        Some(trial) => (trial, 1),
        None => (0, config.count),
    };
    let new = NewRun {
        system: System::Chat,
        out: &config.out,
        name: NAME,
        count: config.count.max(first.saturating_add(1)),
        driver: Driver::Virtual,
        seed: config.seed,
        config: &RunRecord {
            count: config.count,
            trial: config.trial,
            condition: &config.condition,
            faults: &config.faults,
            keep_going: config.keep_going,
            detail: config.detail,
        },
    };
    let folder = new.create()?;
    let mut run = Run {
        config,
        summary: SummaryFile::create(&folder.path)?,
        folder,
        campaign: Campaign::default(),
        failures: Vec::new(),
        undecided: Vec::new(),
        first_lost: None,
        progress,
    };
    let which = match config.trial {
        Some(trial) => format!("trial {trial}"),
        None => counted(count, "trial"),
    };
    progress.announce(&format!(
        "{}: {which} of {} servers and {} in virtual time, {}, tolerate {}, seed {}",
        run.folder.path.display(),
        config.condition.servers,
        counted(config.condition.clients.into(), "client"),
        fault_count(config),
        config.condition.tolerate,
        config.seed
    ));
    progress.batch_started(Driver::Virtual, count, None);
    let detail = config.detail();
    let flow = campaign::run(
        count,
        config.jobs,
        interrupt,
        |number, stop| config.trial(first + number, detail, stop),
        |outcome| match outcome {
            Ok(outcome) => run.take(outcome),
            Err(panicked) => ControlFlow::Break(Err(run.panic(first, panicked))),
        },
    );
    progress.batch_ended();
    if let ControlFlow::Break(ended) = flow {
        ended?;
    }
    Ok(ChatOutcome {
        folder: run.folder.path,
        count,
        was_interrupted: interrupt.is_set(),
        wall_time: begun.elapsed(),
        campaign: run.campaign,
        failures: run.failures,
        undecided: run.undecided,
        first_lost: run.first_lost,
    })
}

/// How many faults trials are asked to have: of an empty file none, which its user may not mean.
fn fault_count(config: &ChatConfig) -> String {
    let faults = counted(config.faults.faults.len() as u64, "fault");
    match config.faults.storms.len() {
        0 => faults,
        storms => format!("{faults} and {}", counted(storms as u64, "storm")),
    }
}

impl Run<'_> {
    /// The next trial in order; breaks when no other is wanted.
    fn take(
        &mut self,
        outcome: Result<Outcome, TimingError>,
    ) -> ControlFlow<Result<(), ChatRunError>> {
        self.progress.trial_counted();
        let kept = outcome
            .map_err(ChatRunError::from)
            .and_then(|outcome| self.keep(outcome));
        match kept {
            Ok(true) => ControlFlow::Continue(()),
            Ok(false) => ControlFlow::Break(Ok(())),
            Err(error) => ControlFlow::Break(Err(error)),
        }
    }

    /// What a trial that panicked is reported as; `first` is the number of the first trial of the run.
    fn panic(&self, first: u64, panicked: Panicked) -> ChatRunError {
        let trial = first + panicked.number;
        ChatRunError::Panic {
            trial,
            message: panicked.message,
            repeat: self.repeat(trial, None),
            folder: self.folder.path.display().to_string(),
        }
    }

    /// The command that runs a trial again, with the schedule in this folder, or as it was asked for.
    fn repeat(&self, trial: u64, folder: Option<&Path>) -> String {
        let schedule = folder.map(|folder| folder.join(layout::FAULTS_FILE));
        let faults = schedule.as_ref().or(self.config.faults_file.as_ref());
        let faults = faults.map(PathBuf::as_path);
        commands::repeat(&self.config.condition, self.config.seed, trial, faults)
    }

    /// Writes what is kept of a trial; returns whether others are wanted.
    fn keep(&mut self, outcome: Outcome) -> Result<bool, ChatRunError> {
        self.summary.write(&outcome.summary)?;
        self.campaign.add(&outcome);
        let trial = outcome.summary.trial;
        match outcome.summary.verdict {
            Verdict::Undecided if self.undecided.len() < UNDECIDED_MAX => {
                self.undecided.push(Undecided {
                    trial,
                    reasons: outcome.undecided.clone(),
                    repeat: self.repeat(trial, None),
                });
            }
            Verdict::LostAsSaid if self.first_lost.is_none() => {
                let repeat = self.repeat(trial, None);
                self.first_lost = Some(LostAsSaid { trial, repeat });
            }
            _ => {}
        }
        let folder = match self.config.is_kept(&outcome, self.failures.len()) {
            true => Some(self.write(&outcome)?),
            false => None,
        };
        let Some(first) = outcome.violations.first() else {
            return Ok(true);
        };
        self.progress.remark(&format!(
            "trial {trial}: {}: {}",
            first.property, first.finding
        ));
        self.failures.push(Failure {
            trial,
            property: first.property,
            finding: first.finding.clone(),
            violations: outcome.summary.violations,
            repeat: self.repeat(trial, folder.as_deref()),
            shrink: folder.as_deref().map(commands::shrink),
            folder,
        });
        Ok(self.config.keep_going)
    }

    /// Writes all logs of a trial; if it ran without, it runs again.
    fn write(&self, outcome: &Outcome) -> Result<PathBuf, ChatRunError> {
        let of = TrialOf {
            condition: &self.config.condition,
            faults: &self.config.faults,
            seed: self.config.seed,
        };
        if let Some(logs) = &outcome.logs {
            return Ok(write_trial(&self.folder, of, outcome, logs)?);
        }
        let never = AtomicBool::new(false);
        let again = self
            .config
            .trial(outcome.summary.trial, Detail::Logs, &never)?;
        assert_eq!(
            again.summary, outcome.summary,
            "a trial is a function of seed, number, condition and faults"
        );
        match &again.logs {
            Some(logs) => Ok(write_trial(&self.folder, of, &again, logs)?),
            None => unreachable!("logs were asked for"),
        }
    }
}
