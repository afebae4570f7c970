//! A plan in one sentence.

use text::number::{estimate, number};

use super::outcome::Plan;
use super::question::Effect;

/// What to do, and what it rests on.
pub(super) fn sentence(plan: &Plan, effect: Effect) -> String {
    let unit = match plan.unit {
        "" => String::new(),
        unit => format!(" {unit}"),
    };
    let size = format!("{}{unit}", number(Some(plan.effect)));
    let change = match effect {
        Effect::Relative(share) => format!("{} % ({size})", number(Some(share * 100.0))),
        Effect::Absolute(_) => size,
    };
    let whose = match plan.machine.as_str() {
        "trial" => "of the trial".to_owned(),
        id if id.starts_with('M') => format!("of machine {id}"),
        rank => format!("of the {rank} machine"),
    };
    let range = match (plan.trials_low, plan.trials_high) {
        (Some(low), Some(high)) => format!("between {low} and {high}"),
        (Some(low), None) => format!("at least {low}"),
        _ => "any number".to_owned(),
    };
    format!(
        "To see a change of {change} in {} {whose} with power {} at alpha {}, run {} trials of each condition: the {} \
         trials of the pilot give {} with a standard deviation of {} between trials, and a t test saw the change in {} \
         of {} experiments of that size resampled from the pilot ({} %); as the spread is known from {} trials only, \
         the number could be {range}.",
        plan.metric,
        plan.power,
        plan.alpha,
        plan.trials,
        plan.pilot.trials,
        estimate(&plan.pilot),
        number(plan.pilot.standard_deviation),
        plan.simulation.seen,
        plan.simulation.experiments,
        number(Some(plan.simulation.power * 100.0)),
        plan.pilot.trials,
    )
}
