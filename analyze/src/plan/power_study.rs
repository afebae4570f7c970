//! Power over the number of trials: what an experiment of five sees, and how many it takes, for several changes and
//! conditions at once.
//!
//! Each condition is a pilot of its own: changes are shares of its mean, and its spread between trials is what they are
//! measured in. The documentation of [`PowerStudy`] is the manual of the JSON object.
//!
//! **Invariant.** A condition that cannot be planned for says why; it is never left out.

use serde::Serialize;
use statistics::Estimate;
use statistics::interval::{self, Ends};
use statistics::power::{power, trials_needed};

use super::error::PlanError;
use super::pilot::Pilot;
use super::question::{Effect, Subject};
use super::simulate::{Simulation, simulate};
use crate::compare::{choose, counted};
use crate::report::Report;
use crate::theory::regime::Regime;

/// Version of the object; grows when a field changes its meaning or goes.
pub const POWER_VERSION: u32 = 1;
/// Trials of each condition whose power is reported: as many as the assignment asks for.
pub const TRIALS: u64 = 5;
/// Powers whose trials are reported.
pub const POWERS: [f64; 2] = [0.8, 0.9];
/// The changes unless others are named.
pub const EFFECTS: [Effect; 3] = [
    Effect::Relative(0.1),
    Effect::Relative(0.2),
    Effect::Relative(0.5),
];

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct PowerQuestion {
    /// Name of the metric, of machines or of whole trials.
    pub metric: String,
    /// The changes, in the order of the answer; [`EFFECTS`] if empty.
    pub effects: Vec<Effect>,
    /// Whose metric; of no matter for one of the whole trial.
    pub machine: Subject,
    /// Only this condition, by number or part of its label; all of them without.
    pub condition: Option<String>,
    /// Level of the two-sided t test, between 0 and 1.
    pub alpha: f64,
}

/// The study.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PowerStudy {
    /// [`POWER_VERSION`].
    pub format_version: u32,
    /// The metric.
    pub metric: String,
    /// Its unit; empty for a plain number.
    pub unit: &'static str,
    /// Whose it is: `M0`, `slowest`, `median`, `fastest`, or `trial` for a metric of the whole trial.
    pub machine: String,
    /// Level of the test.
    pub alpha: f64,
    /// [`TRIALS`].
    pub trials: u64,
    /// One for each condition asked for, in the order of the report.
    pub conditions: Vec<ConditionPower>,
}

/// One condition's part.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConditionPower {
    /// Index in the report, from 0.
    pub condition: usize,
    /// Its label.
    pub label: String,
    /// The regime of its busiest machine; null where the first-order law says nothing, as where rates are drawn.
    pub regime: Option<Regime>,
    /// Mean and spread of the pilot.
    pub pilot: Estimate,
    /// Lower end of the 95 % interval of the true standard deviation (from chi-square), in the metric's unit.
    pub spread_low: Option<f64>,
    /// Its upper end.
    pub spread_high: Option<f64>,
    /// One for each change; none if the pilot says nothing.
    pub changes: Vec<ChangePower>,
    /// Why there are none; null if there are.
    pub problem: Option<String>,
}

/// How well one change is seen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangePower {
    /// The change as a share of the pilot's mean; null if it was asked for in the metric's unit.
    pub share: Option<f64>,
    /// The change, in the metric's unit.
    pub effect: f64,
    /// The change in standard deviations between trials.
    pub standardised_effect: f64,
    /// How often a t test with this number of trials of each condition sees it.
    pub power_at_trials: f64,
    /// The same if the true spread were at the upper end of its interval.
    pub power_low: Option<f64>,
    /// The same if it were at the lower end.
    pub power_high: Option<f64>,
    /// What experiments of this number of trials saw, resampled from the pilot, which need not be normal.
    pub simulation: Simulation,
    /// For each of [`POWERS`] the trials it takes.
    pub needed: Vec<Needed>,
}

/// Trials for a power.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Needed {
    /// How often the change is to be seen.
    pub power: f64,
    /// Trials of each condition that it takes; null if out of reach.
    pub trials: Option<u64>,
    /// The same if the true spread were at the lower end of its interval.
    pub low: Option<u64>,
    /// The same if it were at the upper end.
    pub high: Option<u64>,
}

/// Studies the power of experiments like the ones reported.
///
/// # Errors
///
/// [`PlanError`] for a metric or condition that is not there, or an alpha that is no probability. What a condition's own
/// trials cannot say is in its [`ConditionPower::problem`].
pub fn power_study(report: &Report, question: &PowerQuestion) -> Result<PowerStudy, PlanError> {
    let alpha = question.alpha;
    // Also not a number.
    if !(alpha > 0.0 && alpha < 1.0) {
        return Err(PlanError::Probability {
            name: "alpha",
            found: alpha,
        });
    }
    let conditions = match &question.condition {
        Some(name) => vec![choose::condition(&report.conditions, name)?],
        None => (0..report.conditions.len()).collect(),
    };
    // Unit and owner are the same whatever the trials.
    let Pilot { unit, machine, .. } = Pilot::of(&[], &question.metric, question.machine)?;
    let studied = conditions
        .into_iter()
        .map(|condition| of_condition(report, condition, question));
    Ok(PowerStudy {
        format_version: POWER_VERSION,
        metric: question.metric.clone(),
        unit,
        machine,
        alpha,
        trials: TRIALS,
        conditions: studied.collect::<Result<_, _>>()?,
    })
}

fn of_condition(
    report: &Report,
    condition: usize,
    question: &PowerQuestion,
) -> Result<ConditionPower, PlanError> {
    let pilot = Pilot::of(
        &counted(report, condition),
        &question.metric,
        question.machine,
    )?;
    let bounds = pilot
        .spread()
        .ok()
        .and_then(|spread| interval::deviation(spread, pilot.values.len()));
    let reported = &report.conditions[condition];
    let regimes = reported.machines.iter();
    let (changes, problem) = match changes(&pilot, bounds, question) {
        Ok(changes) => (changes, None),
        Err(problem) => (Vec::new(), Some(problem.to_string())),
    };
    Ok(ConditionPower {
        condition,
        label: reported.label.clone(),
        regime: regimes.filter_map(|group| group.prediction.regime).max(),
        pilot: Estimate::of(&pilot.values),
        spread_low: bounds.map(|ends| ends.low),
        spread_high: bounds.map(|ends| ends.high),
        changes,
        problem,
    })
}

fn changes(
    pilot: &Pilot,
    bounds: Option<Ends>,
    question: &PowerQuestion,
) -> Result<Vec<ChangePower>, PlanError> {
    let alpha = question.alpha;
    let spread = pilot.spread()?;
    let effects = match question.effects.as_slice() {
        [] => &EFFECTS[..],
        named => named,
    };
    let of_effect = |asked: &Effect| {
        let effect = pilot.size_of(*asked)?;
        let at = |spread: f64| power(TRIALS, effect / spread, alpha);
        let needed = |wanted: f64| {
            let trials = |spread: f64| trials_needed(effect / spread, alpha, wanted);
            Needed {
                power: wanted,
                trials: trials(spread),
                low: bounds.and_then(|ends| trials(ends.low)),
                high: bounds.and_then(|ends| trials(ends.high)),
            }
        };
        Ok(ChangePower {
            share: match asked {
                Effect::Relative(share) => Some(*share),
                Effect::Absolute(_) => None,
            },
            effect,
            standardised_effect: effect / spread,
            power_at_trials: at(spread).unwrap_or_default(),
            power_low: bounds.and_then(|ends| at(ends.high)),
            power_high: bounds.and_then(|ends| at(ends.low)),
            simulation: simulate(&pilot.values, effect, TRIALS, alpha),
            needed: POWERS.map(needed).to_vec(),
        })
    };
    effects.iter().map(of_effect).collect()
}
