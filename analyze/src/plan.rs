//! How many trials of each condition it takes to see a change, from the spread between the trials of a pilot.
//!
//! The number is the fewest with which a two-sample t test has the power wanted (see
//! [`statistics::power`](mod@statistics::power)); [`mod@simulate`] then checks it on experiments resampled from the pilot,
//! which need not be normal. [`question`] is what is asked, `pilot` what the logs say of it; [`power_study`] is power over
//! the number of trials, for several changes and conditions at once.
//!
//! The documentation of [`Plan`] is the manual of the JSON object.
//!
//! **Invariant.** The plan is for one test. A family of m tests asks for alpha / m.

mod pilot;
pub mod power_study;
pub mod question;
mod sentence;
pub mod simulate;

use serde::Serialize;
use thiserror::Error;

pub use question::{Effect, Question, Subject};

use crate::compare::choose;
use crate::compare::{CompareError, counted};
use crate::report::Report;
use crate::table::number::number;
use pilot::Pilot;
use sentence::sentence;
use simulate::{Simulation, simulate};
use statistics::power::{TRIALS_MAX, power, trials_needed};
use statistics::{Estimate, interval};

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
    /// Power of the t test with so many.
    pub power_at_trials: f64,
    /// Trials if the true spread were at the lower end of its 95 % interval (from chi-square); null if out of reach.
    pub trials_low: Option<u64>,
    /// Trials if it were at the upper end.
    pub trials_high: Option<u64>,
    /// What simulated experiments with so many trials saw.
    pub simulation: Simulation,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum PlanError {
    /// A condition or metric by a wrong name.
    #[error(transparent)]
    Name(#[from] CompareError),
    /// Which condition is the pilot?
    #[error(
        "the logs hold {count} conditions, and a pilot is one: name it with --condition\n{labels}"
    )]
    Conditions {
        /// How many there are.
        count: usize,
        /// Their labels.
        labels: String,
    },
    /// No spread can be known.
    #[error(
        "a pilot of {found} trials with a value of {metric}: expected at least 2; run more trials"
    )]
    TooSmall {
        /// The metric.
        metric: String,
        /// How many trials give it.
        found: usize,
    },
    /// Every trial gave the same.
    #[error(
        "{metric} is {value} in all {trials} trials of the pilot: without spread between trials there is nothing to plan"
    )]
    NoSpread {
        /// The metric.
        metric: String,
        /// Its value.
        value: String,
        /// How many trials gave it.
        trials: usize,
    },
    /// A share of nothing.
    #[error(
        "the pilot's mean of {metric} is 0, and a share of it is no change: give --effect in units of the metric"
    )]
    NoMean {
        /// The metric.
        metric: String,
    },
    /// A probability that is none.
    #[error("{name} of {found}: expected a number between 0 and 1, and a power above alpha")]
    Probability {
        /// `power` or `alpha`.
        name: &'static str,
        /// What was given.
        found: f64,
    },
    /// The change is too small to be seen.
    #[error(
        "a change of {effect} is {standardised} standard deviations between trials: more than {TRIALS_MAX} trials would not show it"
    )]
    OutOfReach {
        /// The change.
        effect: String,
        /// The same in standard deviations.
        standardised: String,
    },
}

/// Plans an experiment.
///
/// # Errors
///
/// [`PlanError`] when the question names nothing there is, or the pilot cannot answer it.
pub fn plan(report: &Report, question: &Question) -> Result<Plan, PlanError> {
    let (alpha, wanted) = (question.alpha, question.power);
    for (name, found) in [("alpha", alpha), ("power", wanted)] {
        // Also not a number.
        if !(found > 0.0 && found < 1.0) || (name == "power" && wanted <= alpha) {
            return Err(PlanError::Probability { name, found });
        }
    }
    let condition = pilot_condition(report, question.condition.as_deref())?;
    let trials = counted(report, condition);
    let pilot = Pilot::of(&trials, &question.metric, question.machine)?;
    let spread = pilot.spread()?;
    let effect = pilot.size_of(question.effect)?;
    let needed = |spread: f64| trials_needed(effect / spread, alpha, wanted);
    let trials = needed(spread).ok_or_else(|| PlanError::OutOfReach {
        effect: number(Some(effect)),
        standardised: number(Some(effect / spread)),
    })?;
    let bounds = interval::deviation(spread, pilot.values.len());
    let mut plan = Plan {
        format_version: PLAN_VERSION,
        sentence: String::new(),
        condition: report.conditions[condition].label.clone(),
        metric: question.metric.clone(),
        unit: pilot.unit,
        machine: pilot.machine,
        effect,
        standardised_effect: effect / spread,
        power: wanted,
        alpha,
        pilot: Estimate::of(&pilot.values),
        trials,
        power_at_trials: power(trials, effect / spread, alpha).unwrap_or_default(),
        trials_low: bounds.and_then(|ends| needed(ends.low)),
        trials_high: bounds.and_then(|ends| needed(ends.high)),
        simulation: simulate(&pilot.values, effect, trials, alpha),
    };
    plan.sentence = sentence(&plan, question.effect);
    Ok(plan)
}

fn pilot_condition(report: &Report, name: Option<&str>) -> Result<usize, PlanError> {
    let conditions = &report.conditions;
    match name {
        Some(name) => Ok(choose::condition(conditions, name)?),
        None if conditions.len() == 1 => Ok(0),
        None => Err(PlanError::Conditions {
            count: conditions.len(),
            labels: choose::labels(conditions),
        }),
    }
}
