//! How often an interval "at 95 %" holds the truth: the trials of a condition split into many small experiments.
//!
//! Each replication is an experiment of K trials. From it come the intervals that a report could show, and the one that
//! is computed most often where people have only the rows of a log: mean ± 1.96 s / √rows, as if rows were independent.
//! The truth is the mean over all trials of the condition. [`mod@study`] does it for one metric of one machine.
//!
//! The truth is known from N trials only and each replication is part of them, which makes the distance between them
//! smaller by a share of K / (2 N): with a thousand replications by a twentieth of a per cent.
//!
//! The documentation of [`Coverage`] is the manual of the JSON object.
//!
//! Large replications would take very many trials. They can be resampled instead: drawn with replacement from the trials
//! there are, whose mean is then the truth itself ([`Deal`]).
//!
//! **Invariant.** Replications share no trial, or are drawn independently of each other, so that the count of those that
//! hold the truth is binomial.

pub mod study;

use std::collections::BTreeMap;

use serde::Serialize;
use statistics::CONFIDENCE;
use thiserror::Error;

use crate::compare::choose::{AnyMetric, any_metric};
use crate::compare::machines::{Machines, shared};
use crate::compare::{CompareError, counted};
use crate::metrics::MachineMetrics;
use crate::metrics::catalog::{Metric, TrialMetric};
use crate::plan::question::Subject;
use crate::report::{Report, TrialReport};
use crate::theory::Regime;
use files::parallel;
use study::{Deal, Rows, Study, Value};

/// Version of the object; grows when a field changes its meaning or goes.
pub const COVERAGE_VERSION: u32 = 1;

/// Trials of a replication by default: as many as the assignment asks for.
pub const TRIALS_PER_REPLICATION: usize = 5;

/// The most replications that are resampled.
const RESAMPLED_MAX: usize = 10_000;

/// The metrics studied unless others are named: those that are means over rows, and what reports show beside them.
pub const USUAL: [&str; 8] = [
    "queue_mean",
    "lag_mean",
    "jump_mean",
    "queue_max",
    "queue_last",
    "clock_final",
    "jump_max",
    "wait_mean_s",
];

/// What is asked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wanted {
    /// Names of the metrics; the usual ones without any.
    pub metrics: Vec<String>,
    /// Only these machines; all without any.
    pub machines: Vec<Subject>,
    /// Trials of a replication; 0 for the usual number.
    pub trials_per_replication: usize,
    /// Where the replications come from.
    pub deal: Deal,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Coverage {
    /// [`COVERAGE_VERSION`].
    pub format_version: u32,
    /// What share of the intervals should hold the truth.
    pub confidence: f64,
    /// Trials of each replication.
    pub trials_per_replication: u64,
    /// Whether a replication's trials were drawn from all with replacement, so that replications share trials.
    pub resampled: bool,
    /// Names of the metrics, in the order of the table.
    pub metrics: Vec<&'static str>,
    /// The conditions, in the order of the report.
    pub conditions: Vec<ConditionCoverage>,
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConditionCoverage {
    /// Its index in the report's `conditions`.
    pub condition: usize,
    /// Its label.
    pub label: String,
    /// The regime of its busiest machine; null where the first-order law says nothing.
    pub regime: Option<Regime>,
    /// How many of its trials enter the statistics.
    pub trials: u64,
    /// How many replications they make.
    pub replications: u64,
    /// By machine (`M0`, or `slowest`, `median`, `fastest` where rates are drawn; `trial` for metrics of whole trials),
    /// then by metric.
    pub machines: BTreeMap<String, BTreeMap<&'static str, Study>>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CoverageError {
    /// A metric by a wrong name.
    #[error(transparent)]
    Name(#[from] CompareError),
    /// An interval takes spread.
    #[error(
        "{found} trials for each replication: expected at least 2, for without spread there is no interval"
    )]
    TooSmall {
        /// What was asked for.
        found: usize,
    },
    /// Fewer replications say nothing of a share; more take long.
    #[error("{found} resampled replications: expected 2 to {RESAMPLED_MAX}")]
    Resampled {
        /// What was asked for.
        found: usize,
    },
    /// No condition has trials for even two replications.
    #[error(
        "no condition has the {needed} trials that two replications of {each} take, the largest has {found}: run more, \
         such as `runner trial --virtual --count {}`", each.saturating_mul(1_000)
    )]
    TooFew {
        /// Trials that two replications take.
        needed: usize,
        /// Trials of a replication.
        each: usize,
        /// The most trials that a condition has.
        found: usize,
    },
}

/// Studies the intervals of a report's conditions. Conditions with fewer trials than two replications take are left out.
///
/// # Errors
///
/// [`CoverageError`] when a metric is not known, or no condition has enough trials.
pub fn coverage(report: &Report, wanted: &Wanted) -> Result<Coverage, CoverageError> {
    let each = match wanted.trials_per_replication {
        0 => TRIALS_PER_REPLICATION,
        1 => return Err(CoverageError::TooSmall { found: 1 }),
        each => each,
    };
    if let Deal::Resampled(found) = wanted.deal
        && !(2..=RESAMPLED_MAX).contains(&found)
    {
        return Err(CoverageError::Resampled { found });
    }
    let usual = USUAL.map(str::to_owned);
    let names = if wanted.metrics.is_empty() {
        &usual[..]
    } else {
        &wanted.metrics
    };
    let metrics: Vec<AnyMetric> = names
        .iter()
        .map(|name| any_metric(name))
        .collect::<Result<_, _>>()?;
    let trials: Vec<Vec<&TrialReport>> = (0..report.conditions.len())
        .map(|condition| counted(report, condition))
        .collect();
    let found = trials.iter().map(Vec::len).max().unwrap_or(0);
    let needed = each.saturating_mul(2);
    if found < needed {
        return Err(CoverageError::TooFew {
            needed,
            each,
            found,
        });
    }
    let conditions = trials
        .iter()
        .enumerate()
        .filter(|(_, trials)| trials.len() >= needed);
    let conditions = conditions.map(|(index, trials)| {
        let reported = &report.conditions[index];
        let all = shared(&reported.setting, trials, &reported.setting, trials);
        let machines: Vec<Machines> = match wanted.machines.as_slice() {
            [] => all,
            some => some.iter().map(|subject| subject.0).collect(),
        };
        let rows = rows(&machines, &metrics);
        let studied = parallel::map(&rows, |row| row.study(trials, each, wanted.deal));
        let mut found: BTreeMap<String, BTreeMap<&'static str, Study>> = BTreeMap::new();
        for (row, study) in rows.iter().zip(studied) {
            found
                .entry(row.owner())
                .or_default()
                .extend(study.map(|study| (row.name(), study)));
        }
        ConditionCoverage {
            condition: index,
            label: reported.label.clone(),
            regime: reported
                .machines
                .iter()
                .filter_map(|group| group.prediction.regime)
                .max(),
            trials: trials.len() as u64,
            replications: match wanted.deal {
                Deal::Apart => (trials.len() / each) as u64,
                Deal::Resampled(count) => count as u64,
            },
            machines: found,
        }
    });
    Ok(Coverage {
        format_version: COVERAGE_VERSION,
        confidence: CONFIDENCE,
        trials_per_replication: each as u64,
        resampled: wanted.deal != Deal::Apart,
        conditions: conditions.collect(),
        metrics: metrics.iter().map(|metric| name(*metric)).collect(),
    })
}

fn name(metric: AnyMetric) -> &'static str {
    match metric {
        AnyMetric::Machine(metric) => metric.name,
        AnyMetric::Trial(metric) => metric.name,
    }
}

/// One study to be made.
enum Row {
    Machines(Machines, &'static Metric),
    Trial(&'static TrialMetric),
}

fn rows(machines: &[Machines], metrics: &[AnyMetric]) -> Vec<Row> {
    let rows = metrics.iter().flat_map(|metric| match *metric {
        AnyMetric::Machine(metric) => {
            let machines = machines.iter();
            machines
                .map(|&machines| Row::Machines(machines, metric))
                .collect()
        }
        AnyMetric::Trial(metric) => vec![Row::Trial(metric)],
    });
    rows.collect()
}

impl Row {
    fn owner(&self) -> String {
        match self {
            Row::Machines(machines, _) => Subject(*machines).to_string(),
            Row::Trial(metric) => metric.owner().to_owned(),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Row::Machines(_, metric) => metric.name,
            Row::Trial(metric) => metric.name,
        }
    }

    fn study(&self, trials: &[&TrialReport], each: usize, deal: Deal) -> Option<Study> {
        let values: Vec<Value> = trials.iter().map(|trial| self.value(trial)).collect();
        let (unit, rate) = match self {
            Row::Machines(machines, metric) => (metric.unit, machines.rate(trials)),
            Row::Trial(metric) => (metric.unit, None),
        };
        study::study(unit, rate, &values, each, deal)
    }

    fn value(&self, trial: &TrialReport) -> Value {
        match self {
            Row::Machines(machines, metric) => {
                // Rows of several machines are no sample of one.
                let rows = match machines.of(trial).as_slice() {
                    [machine] => rows_of(metric.name, machine),
                    _ => None,
                };
                Value {
                    trial: machines.value(trial, metric),
                    rows,
                }
            }
            Row::Trial(metric) => Value {
                trial: trial.value(metric),
                rows: None,
            },
        }
    }
}

/// The rows behind a metric that is a mean over rows.
fn rows_of(metric: &str, machine: &MachineMetrics) -> Option<Rows> {
    let events = machine.events.events?;
    let (count, mean, deviation) = match metric {
        "queue_mean" => (
            events,
            machine.queues.queue_mean,
            machine.queues.queue_deviation,
        ),
        "lag_mean" => (events, machine.lag.lag_mean, machine.lag.lag_deviation),
        // A jump is between two rows.
        "jump_mean" => (
            events.checked_sub(1)?,
            machine.jumps.jump_mean,
            machine.jumps.jump_deviation,
        ),
        _ => return None,
    };
    Some(Rows {
        count: count as f64,
        mean: mean?,
        deviation: deviation?,
    })
}
