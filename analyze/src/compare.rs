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
pub mod family;
pub mod machines;
pub mod metric;
pub mod pairing;

use std::collections::BTreeMap;

use serde::Serialize;
use thiserror::Error;

use crate::condition::Setting;
use crate::metrics::catalog::{Metric, TrialMetric};
use crate::parallel;
use crate::report::{Report, TrialReport};
use choose::Metrics;
use family::Family;
use machines::{Machines, Rank};
use metric::MetricComparison;
use pairing::Pairing;
use statistics::permutation::Effort;

/// Version of the `comparison` object; grows when a field changes its meaning or goes.
pub const COMPARISON_VERSION: u32 = 2;

/// The chance, at most, that a comparison of conditions that do not differ calls any of its differences shown.
pub const ALPHA: f64 = 0.05;

/// Condition B compared with condition A. Differences are B − A.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// [`COMPARISON_VERSION`].
    pub format_version: u32,
    /// Condition A.
    pub a: Side,
    /// Condition B.
    pub b: Side,
    /// Whether trials were compared pair by pair.
    pub paired: bool,
    /// Why they were, or were not.
    pub pairing: String,
    /// [`ALPHA`].
    pub alpha: f64,
    /// How many tests the family has: Holm's correction is over all of them. Metrics of which all values are equal, or
    /// of which a side has fewer than two, allow no test and are not among them.
    pub tests: u64,
    /// The smallest adjusted p that so few trials and so many tests can give; null without a test. Where it is not below
    /// `alpha` this comparison can show nothing, whatever the data.
    pub smallest_p_adjusted: Option<f64>,
    /// Whether every labeling was tried in each test; otherwise 20,000 at random, with a fixed seed.
    pub exact: bool,
    /// Names of the metrics, in the order of the table.
    pub metrics: Vec<&'static str>,
    /// The machines.
    pub groups: Vec<GroupComparison>,
    /// The metrics of whole trials, such as `final_spread`.
    pub trial: BTreeMap<&'static str, MetricComparison>,
}

/// One of the two conditions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// Its index in `conditions`.
    pub condition: usize,
    /// Its label.
    pub label: String,
    /// How many of its trials enter the statistics.
    pub trials: u64,
}

/// A machine, or the machines of a rank, under both conditions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupComparison {
    /// The machine's id where both conditions fix the rates; null otherwise.
    pub machine: Option<u32>,
    /// `slowest`, `median` or `fastest` machine of each trial where rates are drawn; null otherwise.
    pub rank: Option<Rank>,
    /// Nominal ticks per second under condition A; null where they differ between trials.
    pub rate_a: Option<f64>,
    /// Nominal ticks per second under condition B.
    pub rate_b: Option<f64>,
    /// What was found for each metric.
    pub metrics: BTreeMap<&'static str, MetricComparison>,
}

/// Why there is no comparison.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CompareError {
    /// No condition, or more than one, goes by this name.
    #[error(
        "condition `{name}` {problem}; expected a number or a part of one label only:\n{labels}"
    )]
    Condition {
        /// What was asked for.
        name: String,
        /// What is wrong with it.
        problem: String,
        /// The labels there are, with their numbers.
        labels: String,
    },
    /// Both names are one condition's.
    #[error(
        "`{a}` and `{b}` are the same condition: nothing to compare; the conditions are\n{labels}"
    )]
    Same {
        /// The first name.
        a: String,
        /// The second name.
        b: String,
        /// The labels there are, with their numbers.
        labels: String,
    },
    /// No metric has this name.
    #[error(
        "no metric is called `{name}`; expected one of {names}, or slowest_ or fastest_ before a metric of a machine"
    )]
    Metric {
        /// What was asked for.
        name: String,
        /// The names there are.
        names: String,
    },
    /// A condition has nothing to compare.
    #[error("`{label}` has no complete trial with whole logs: nothing to compare")]
    NoTrial {
        /// Its label.
        label: String,
    },
    /// The conditions have no machine in common.
    #[error(
        "the two conditions have no machine in common: expected machines of the same id or rank"
    )]
    NoMachine,
}

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
