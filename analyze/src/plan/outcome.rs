//! A plan as an object.

use serde::Serialize;
use statistics::Estimate;

use super::simulate::Simulation;

/// Version of the object; grows when a field changes its meaning or goes.
pub const PLAN_VERSION: u32 = 1;

/// A plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// [`PLAN_VERSION`].
    pub format_version: u32,
    /// The plan in words.
    pub sentence: String,
    /// Label of the pilot's condition.
    pub condition: String,
    /// The metric.
    pub metric: String,
    /// Its unit; empty for a plain number.
    pub unit: &'static str,
    /// Which machine of each trial: `M0`, `slowest`, `median`, `fastest`, or `trial` for a metric of the whole
    /// trial.
    pub machine: String,
    /// The change to be seen, in the metric's unit.
    pub effect: f64,
    /// The change in standard deviations between trials.
    pub standardised_effect: f64,
    /// Power wanted.
    pub power: f64,
    /// Level of the test.
    pub alpha: f64,
    /// Mean and spread of the pilot.
    pub pilot: Estimate,
    /// Trials of each condition that it takes.
    pub trials: u64,
    /// Power of the t test with that number of trials.
    pub power_at_trials: f64,
    /// Trials if the true spread were at the lower end of its 95 % interval (from chi-square); null if out of reach.
    pub trials_low: Option<u64>,
    /// Trials if it were at the upper end.
    pub trials_high: Option<u64>,
    /// What simulated experiments with that number of trials saw.
    pub simulation: Simulation,
}
