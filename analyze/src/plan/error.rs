//! Why there is no plan.

use statistics::power::TRIALS_MAX;
use thiserror::Error;

use crate::compare::CompareError;

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
