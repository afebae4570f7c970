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

mod error;
pub mod outcome;
mod pilot;
pub mod power_study;
pub mod question;
mod sentence;
pub mod simulate;

use statistics::power::{power, trials_needed};
use statistics::{Estimate, interval};
use text::number::number;

pub use question::{Effect, Question, Subject};

use crate::compare::choose;
use crate::compare::counted;
use crate::report::Report;
pub use error::PlanError;
pub use outcome::{PLAN_VERSION, Plan};
use pilot::Pilot;
use sentence::sentence;
use simulate::simulate;

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
