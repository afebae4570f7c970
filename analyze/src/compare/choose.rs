//! Conditions and metrics by name.

use super::error::CompareError;
use crate::metrics::catalog::{FINAL_SPREAD, METRICS, Metric, TrialMetric, metric, trial_metric};
use crate::metrics::whole::WHOLE;
use crate::report::ConditionReport;

/// The metrics compared unless others are named: of each machine where its clock ended, how it got there, what waited
/// for it and how far it lagged; and how late its ticks were, which explains differences between drivers. The trials'
/// final spread goes with them.
pub const USUAL: [&str; 12] = [
    "clock_final",
    "inherited",
    "jump_mean",
    "jump_max",
    "jumps_above_one",
    "queue_time_mean",
    "queue_max",
    "queue_last",
    "lag_mean",
    "wait_mean_s",
    "lateness_p99_ms",
    FINAL_SPREAD,
];

/// What is compared.
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    /// Of each machine.
    pub machines: Vec<&'static Metric>,
    /// Of each trial as a whole.
    pub trials: Vec<&'static TrialMetric>,
}

impl Metrics {
    /// The metrics of these names; the usual ones without any.
    ///
    /// # Errors
    ///
    /// [`CompareError::Metric`] for a name that no metric has.
    pub fn named(names: &[String]) -> Result<Metrics, CompareError> {
        let usual = USUAL.map(str::to_owned);
        let names = if names.is_empty() { &usual } else { names };
        let mut metrics = Metrics::default();
        for name in names {
            // A metric named twice is one test, not two.
            if metrics.names().contains(&name.as_str()) {
                continue;
            }
            match any_metric(name)? {
                AnyMetric::Machine(found) => metrics.machines.push(found),
                AnyMetric::Trial(found) => metrics.trials.push(found),
            }
        }
        Ok(metrics)
    }

    /// Their names, those of machines first.
    pub fn names(&self) -> Vec<&'static str> {
        let machines = self.machines.iter().map(|metric| metric.name);
        machines
            .chain(self.trials.iter().map(|metric| metric.name))
            .collect()
    }
}

/// A metric by name.
#[derive(Debug, Clone, Copy)]
pub enum AnyMetric {
    /// Each machine has a value.
    Machine(&'static Metric),
    /// Each trial has one.
    Trial(&'static TrialMetric),
}

/// A metric of machines or of whole trials by name.
///
/// # Errors
///
/// [`CompareError::Metric`] for a name that no metric has.
pub fn any_metric(name: &str) -> Result<AnyMetric, CompareError> {
    let of_machines = metric(name).map(AnyMetric::Machine);
    let found = of_machines.or_else(|| trial_metric(name).map(AnyMetric::Trial));
    found.ok_or_else(|| {
        let machines = METRICS.iter().map(|metric| metric.name);
        let trials = WHOLE.iter().map(|metric| metric.name);
        let names: Vec<&str> = machines.chain(trials).collect();
        CompareError::Metric {
            name: name.to_owned(),
            names: names.join(", "),
        }
    })
}

/// The indices of two different conditions; see [`condition`].
///
/// # Errors
///
/// [`CompareError`] for a name of none, of several or of the same condition.
pub fn two_conditions(
    conditions: &[ConditionReport],
    a: &str,
    b: &str,
) -> Result<(usize, usize), CompareError> {
    let (first, second) = (condition(conditions, a)?, condition(conditions, b)?);
    if first == second {
        return Err(CompareError::Same {
            a: a.to_owned(),
            b: b.to_owned(),
            labels: labels(conditions),
        });
    }
    Ok((first, second))
}

/// The index of a condition, named by its number in the table (from 1), by its label, or by a part of its label that no
/// other label has; case does not matter.
///
/// # Errors
///
/// [`CompareError::Condition`] for a name of none or of several.
pub fn condition(conditions: &[ConditionReport], name: &str) -> Result<usize, CompareError> {
    let fail = |problem: String| CompareError::Condition {
        name: name.to_owned(),
        problem,
        labels: labels(conditions),
    };
    if let Ok(number) = name.parse::<usize>() {
        let index = number
            .checked_sub(1)
            .filter(|&index| index < conditions.len());
        return index.ok_or_else(|| fail("is no condition's number".to_owned()));
    }
    let wanted = name.trim().to_lowercase();
    let label = |index: &usize| conditions[*index].label.to_lowercase();
    if let Some(index) = (0..conditions.len()).find(|index| label(index) == wanted) {
        return Ok(index);
    }
    let found: Vec<usize> = (0..conditions.len())
        .filter(|index| !wanted.is_empty() && label(index).contains(&wanted))
        .collect();
    match found.as_slice() {
        [index] => Ok(*index),
        [] => Err(fail("is part of no label".to_owned())),
        several => Err(fail(format!("is part of {} labels", several.len()))),
    }
}

/// The labels with their numbers, a line each.
pub(crate) fn labels(conditions: &[ConditionReport]) -> String {
    let numbered = (1..).zip(conditions);
    let lines: Vec<String> = numbered
        .map(|(number, condition)| format!("  {number}  {}", condition.label))
        .collect();
    lines.join("\n")
}
