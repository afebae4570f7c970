//! Two conditions of a report compared: differences with intervals, sizes, permutation tests and a verdict each.
//!
//! [`choose`] finds conditions and metrics by name · [`machines`] takes the values of a trial · [`pairing`] says whether
//! trials belong together · [`metric`] compares one metric · [`family`] decides all of
//! them together.
//!
//! The documentation of the types below is the manual of `comparison` in the JSON report.
//!
//! **Invariant.** The trial is the statistical unit, and no verdict says "equal": a difference that is not shown may
//! still be there.

pub mod choose;
mod error;
pub mod family;
pub mod machines;
pub mod metric;
pub mod pairing;

use std::collections::BTreeMap;

use statistics::permutation::Effort;

use crate::condition::Setting;
use crate::metrics::catalog::{Metric, TrialMetric};
use crate::report::comparison::MetricComparison;
pub use crate::report::comparison::{ALPHA, COMPARISON_VERSION, Comparison, GroupComparison, Side};
use crate::report::{Report, TrialReport};
use choose::Metrics;
pub use error::CompareError;
use family::Family;
use files::parallel;
use machines::Machines;
use pairing::Pairing;

/// Compares condition `b` with condition `a`, each named by its number or a part of its label; without metrics by the
/// usual ones.
///
/// # Errors
///
/// [`CompareError`] when a name is unknown or ambiguous.
pub fn compare(
    report: &Report,
    a: &str,
    b: &str,
    metrics: &[String],
) -> Result<Comparison, CompareError> {
    let (index_a, index_b) = choose::two_conditions(&report.conditions, a, b)?;
    let metrics = Metrics::named(metrics)?;
    let (trials_a, trials_b) = (counted(report, index_a), counted(report, index_b));
    for (index, trials) in [(index_a, &trials_a), (index_b, &trials_b)] {
        if trials.is_empty() {
            let label = report.conditions[index].label.clone();
            return Err(CompareError::NoTrial { label });
        }
    }
    let sample = |index: usize, trials| Sample {
        index,
        label: &report.conditions[index].label,
        setting: &report.conditions[index].setting,
        trials,
    };
    compare_samples(
        &sample(index_a, trials_a),
        &sample(index_b, trials_b),
        &metrics,
    )
}

/// Trials of one condition that are compared as one side.
#[derive(Debug, Clone)]
pub(crate) struct Sample<'a> {
    /// The condition's index in its report.
    pub(crate) index: usize,
    pub(crate) label: &'a str,
    pub(crate) setting: &'a Setting,
    pub(crate) trials: Vec<&'a TrialReport>,
}

/// Compares two samples, which may be of one condition.
pub(crate) fn compare_samples(
    a: &Sample,
    b: &Sample,
    metrics: &Metrics,
) -> Result<Comparison, CompareError> {
    let pairing = Pairing::of(a.setting, &a.trials, b.setting, &b.trials);
    let (trials_a, trials_b) = pairing.compared(&a.trials, &b.trials);
    let machines = machines::shared(a.setting, &trials_a, b.setting, &trials_b);
    let rows = rows(&machines, metrics);
    if rows.is_empty() {
        return Err(CompareError::NoMachine);
    }
    let work = |row: &Row| row.compare(&trials_a, &trials_b, &pairing);
    let family = Family::of(parallel::map(&rows, work));
    let side = |sample: &Sample, trials: usize| Side {
        condition: sample.index,
        label: sample.label.to_owned(),
        trials: trials as u64,
    };
    let mut comparison = Comparison {
        format_version: COMPARISON_VERSION,
        a: side(a, trials_a.len()),
        b: side(b, trials_b.len()),
        paired: pairing.is_paired(),
        pairing: pairing.why().to_owned(),
        alpha: ALPHA,
        tests: family.tests,
        smallest_p_adjusted: family.smallest_p_adjusted,
        exact: family.exact,
        metrics: metrics.names(),
        groups: machines
            .iter()
            .map(|machines| GroupComparison {
                machine: machines.id(),
                rank: machines.rank(),
                rate_a: machines.rate(&trials_a),
                rate_b: machines.rate(&trials_b),
                metrics: BTreeMap::new(),
            })
            .collect(),
        trial: BTreeMap::new(),
    };
    for (row, found) in rows.iter().zip(family.found) {
        match row {
            Row::Machines(group, _, metric) => {
                comparison.groups[*group].metrics.insert(metric.name, found);
            }
            Row::Trial(metric) => {
                comparison.trial.insert(metric.name, found);
            }
        }
    }
    Ok(comparison)
}

/// The trials of a condition that enter the statistics, in the order of the report.
pub(crate) fn counted(report: &Report, condition: usize) -> Vec<&TrialReport> {
    let trials = report.trials.iter();
    trials
        .filter(|trial| trial.counted && trial.condition == condition)
        .collect()
}

/// One test of the family.
enum Row {
    /// Index of the group, its machines, and the metric.
    Machines(usize, Machines, &'static Metric),
    Trial(&'static TrialMetric),
}

fn rows(machines: &[Machines], metrics: &Metrics) -> Vec<Row> {
    let groups = machines.iter().enumerate();
    let mut rows: Vec<Row> = groups
        .flat_map(|(group, &machines)| {
            let metrics = metrics.machines.iter();
            metrics.map(move |&metric| Row::Machines(group, machines, metric))
        })
        .collect();
    rows.extend(metrics.trials.iter().copied().map(Row::Trial));
    rows
}

impl Row {
    fn compare(
        &self,
        a: &[&TrialReport],
        b: &[&TrialReport],
        pairing: &Pairing,
    ) -> MetricComparison {
        let values = |trials: &[&TrialReport]| -> Vec<Option<f64>> {
            let value = |trial: &&TrialReport| match self {
                Row::Machines(_, machines, metric) => machines.value(trial, metric),
                Row::Trial(metric) => trial.value(metric),
            };
            trials.iter().map(value).collect()
        };
        let unit = match self {
            Row::Machines(_, _, metric) => metric.unit,
            Row::Trial(metric) => metric.unit,
        };
        let (a, b) = (values(a), values(b));
        if pairing.is_paired() {
            metric::paired(unit, &a, &b, Effort::STANDARD)
        } else {
            metric::independent(unit, &a, &b, Effort::STANDARD)
        }
    }
}
