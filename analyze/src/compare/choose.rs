//! Conditions and metrics by name.

use super::CompareError;
use crate::metrics::catalog::{METRICS, Metric, metric};
use crate::report::ConditionReport;

/// Name and unit of the one metric that belongs to a trial rather than to a machine.
pub const FINAL_SPREAD: (&str, &str) = ("final_spread", "units");

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
    FINAL_SPREAD.0,
];

/// What is compared.
#[derive(Debug, Clone)]
pub struct Metrics {
    /// Of each machine.
    pub machines: Vec<&'static Metric>,
    /// Whether the trials' final spread is.
    pub final_spread: bool,
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
        let mut metrics = Metrics {
            machines: Vec::new(),
            final_spread: false,
        };
        for name in names {
            if name == FINAL_SPREAD.0 {
                metrics.final_spread = true;
                continue;
            }
            let found = machine_metric(name)?;
            let known = metrics
                .machines
                .iter()
                .any(|known| known.name == found.name);
            // A metric named twice is one test, not two.
            metrics.machines.extend((!known).then_some(found));
        }
        Ok(metrics)
    }

    /// Their names, in order.
    pub fn names(&self) -> Vec<&'static str> {
        let machines = self.machines.iter().map(|metric| metric.name);
        machines
            .chain(self.final_spread.then_some(FINAL_SPREAD.0))
            .collect()
    }
}

/// A metric of machines by name.
///
/// # Errors
///
/// [`CompareError::Metric`] for a name that no metric has.
pub fn machine_metric(name: &str) -> Result<&'static Metric, CompareError> {
    metric(name).ok_or_else(|| {
        let machines = METRICS.iter().map(|metric| metric.name);
        let names: Vec<&str> = machines.chain([FINAL_SPREAD.0]).collect();
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
