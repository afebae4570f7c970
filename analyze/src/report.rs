//! The outcome of an analysis as one object; `--json` writes it.
//!
//! The documentation of the types below is the manual of the JSON: fields stand there by their names. Times are nominal
//! (system time × speed) unless they say otherwise. A number that the logs cannot give is `null`, never 0; there is no
//! NaN and no infinity.
//!
//! **Invariant.** [`REPORT_VERSION`] grows when a field changes its meaning or goes; new fields may come.

pub mod accuracy;
pub mod band;
pub mod comparison;

use std::collections::BTreeMap;

use event_log::{Driver, Status, Tool};
use serde::{Deserialize, Serialize};
use statistics::Estimate;

use crate::check::{Tally, Verdict, Violation};
use crate::clock_sources::Accounts;
use crate::condition::Setting;
use crate::metrics::MachineMetrics;
use crate::metrics::catalog::TrialMetric;
use crate::metrics::whole::WholeMetrics;
use crate::replay::Replay;
use crate::theory::Prediction;
use crate::theory::residual::Residual;
use accuracy::Accuracy;
use band::{Band, Simulated};
use comparison::Comparison;
use files::note::{Note, Severity};
use formats::line_stats::Account;

/// Version of this object.
pub const REPORT_VERSION: u32 = 2;

/// All that an analysis found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// [`REPORT_VERSION`].
    pub format_version: u32,
    /// The program that wrote it.
    pub tool: Tool,
    /// Every trial that could be read, in the order of the paths given and of folder names below them.
    pub trials: Vec<TrialReport>,
    /// The conditions: runs in the order in which they are found, and the conditions of one run by what varies in them.
    pub conditions: Vec<ConditionReport>,
    /// How far off the first-order law is, by quantity and regime, over all machines of all conditions.
    pub law: Vec<Accuracy>,
    /// What is wrong with the input, in the order of the search.
    pub notes: Vec<Note>,
    /// How often each law was examined and broken, over all trials.
    pub check: Tally,
    /// Violations with the lines that prove them, of ours and of others: at most a few for each cause, law and trial, and at most
    /// [`crate::analysis::VIOLATIONS_KEPT`] in all; `check` counts every one.
    pub violations: Vec<Violation>,
    /// What the laws say of each of others' trials, in its dialect, with the lines that prove it. Absent for our own, whose
    /// dialect is known: `check` and `violations` say all of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub verdicts: Vec<Verdict>,
    /// What running the trials again from their seeds has shown; absent unless asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replay: Option<Replay>,
    /// What became of each line of others' logs; absent for our own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
    /// Two of the conditions compared; absent unless asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
}

impl Report {
    /// Whether there is anything that a reader must know before trusting the numbers: a broken law, or input that is
    /// missing, damaged or cut off.
    pub fn has_findings(&self) -> bool {
        let differs = self.replay.as_ref().is_some_and(|replay| !replay.holds());
        differs
            || self.check.violated() > 0
            || self.notes.iter().any(|note| note.severity > Severity::Info)
    }
}

/// One trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrialReport {
    /// Name of the run: of the folder that holds the trial.
    pub run: String,
    /// Number of the trial in its run, from 0; others' trials are numbered in the order of reading.
    pub trial: u64,
    /// What others' logs or folders call it; absent for our own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Name of the format that read others' logs; absent for our own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The trial's folder, as reached from the paths given.
    pub dir: String,
    /// Index of its condition in `conditions`.
    pub condition: usize,
    /// Seed of the run; with the trial's number it determines all chance. Null for others' trials.
    pub seed: Option<u64>,
    /// `sockets` or `virtual`; null for others' trials.
    pub driver: Option<Driver>,
    /// `running`, `complete`, `degraded` or `aborted`; null for others' trials, whose logs do not say.
    pub status: Option<Status>,
    /// Why the trial did not complete; of others' trials why they stay out of the statistics.
    pub reason: Option<String>,
    /// Whether rows are missing or were left out, or lines are unexplained; `notes` say which.
    pub damaged: bool,
    /// Whether the trial is part of its condition's statistics: complete, not damaged and no repeat of another with the
    /// same seed and number. Of others' trials: every line explained, and every machine there for half of the trial.
    pub counted: bool,
    /// Messages that the journal says could not be delivered; null for others' trials.
    pub undelivered: Option<u64>,
    /// How many times the trial's logs break a law; null where no law could be decided.
    pub violations: Option<u64>,
    /// Its metrics as a whole: `final_spread`, `trial_messages`, …; null unless every machine gives its part.
    #[serde(flatten)]
    pub whole: WholeMetrics,
    /// Its machines, in the order of the manifest.
    pub machines: Vec<MachineMetrics>,
}

impl TrialReport {
    /// Whether all of it is there: complete, with whole logs. It counts unless it repeats another.
    pub fn is_whole(&self) -> bool {
        let complete = self
            .status
            .map_or(self.reason.is_none(), |status| status == Status::Complete);
        complete && !self.damaged
    }

    /// What tells its dice from others': seed and number; none of others' trials, whose dice nobody can roll again.
    pub fn dice(&self) -> Option<(u64, u64)> {
        Some((self.seed?, self.trial))
    }

    /// What it is called: its number, or the name that others gave it.
    pub fn called(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.trial.to_string())
    }

    /// Its value of a metric of whole trials.
    pub fn value(&self, metric: &TrialMetric) -> Option<f64> {
        metric.value(&self.whole, &self.machines)
    }
}

/// The trials of one condition together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConditionReport {
    /// The condition in words; distinct conditions have distinct labels.
    pub label: String,
    /// What its trials have in common.
    #[serde(rename = "condition")]
    pub setting: Setting,
    /// How many of its trials enter the statistics.
    pub trials: u64,
    /// The trials that do not, by reason: how many.
    pub left_out: BTreeMap<String, u64>,
    /// Final spread across trials, units: `trial_metrics` has it too.
    pub final_spread: Estimate,
    /// For each of [`TRIAL_METRICS`](crate::metrics::catalog::TRIAL_METRICS) its mean and 95 % interval across trials:
    /// the metrics of whole trials (`trial_lag_mean`), and those of each trial's slowest and fastest machine
    /// (`slowest_lag_mean`, `fastest_lag_mean`).
    pub trial_metrics: BTreeMap<&'static str, Estimate>,
    /// The virtual trials that the machines' `bands` come from; absent unless asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub simulated: Option<Simulated>,
    /// The condition's machines across trials: by id when the rates are fixed, else by rate.
    pub machines: Vec<GroupReport>,
}

/// One machine, or all machines of one rate, of a condition across its trials.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupReport {
    /// The machine's id when the condition fixes the rates; null when the group is all machines of this rate.
    pub machine: Option<u32>,
    /// What logs call it; absent where that is its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Nominal ticks per second; null where they are not known.
    pub rate: Option<f64>,
    /// What the first-order law predicts; null where it says nothing.
    #[serde(flatten)]
    pub prediction: Prediction,
    /// For each metric that is predicted and measured, how far the mean over trials lies from the prediction.
    pub residuals: BTreeMap<&'static str, Residual>,
    /// For each metric what virtual trials of the same condition say; empty unless asked for.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub bands: BTreeMap<&'static str, Band>,
    /// For each metric of `trials[].machines[]` its mean and 95 % interval across trials. The trial is the statistical
    /// unit: machines of one group are averaged inside each trial first.
    pub metrics: BTreeMap<&'static str, Estimate>,
    /// What the group's last clock is made of, by sender and by minter, across trials.
    pub clock_from: Accounts,
}

impl ConditionReport {
    /// The estimate of a metric of whole trials; one without trials if there is none of this name.
    pub fn estimate(&self, metric: &str) -> Estimate {
        let none = Estimate::new(0, None, None);
        self.trial_metrics.get(metric).copied().unwrap_or(none)
    }
}

impl GroupReport {
    /// The estimate of a metric; one without trials if there is none of this name.
    pub fn estimate(&self, metric: &str) -> Estimate {
        let none = Estimate::new(0, None, None);
        self.metrics.get(metric).copied().unwrap_or(none)
    }
}
