//! The gaps of one condition: a row for each machine and metric, and how late ticks came.

use serde::Serialize;
use statistics::power::{power, power_of_pairs, smallest_effect};
use statistics::student::quantile;
use statistics::{CONFIDENCE, Estimate};

use crate::compare::metric::MetricComparison;
use crate::compare::{Comparison, GroupComparison};
use crate::report::TrialReport;

/// How surely a gap would have been seen that is called detectable.
pub const POWER: f64 = 0.8;

/// One metric of one machine in both worlds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GapRow {
    /// `M0`, or `slowest`, `median`, `fastest` where rates are drawn; `trial` for a metric of whole trials.
    pub machine: String,
    /// Nominal ticks per second; null where they differ between trials.
    pub rate: Option<f64>,
    /// Name of the metric.
    pub metric: &'static str,
    /// Both sides, their difference B − A and its test. `p_adjusted` is over all tests of all conditions.
    #[serde(flatten)]
    pub found: MetricComparison,
    /// The difference in per cent of A's mean; null where that is 0.
    pub percent: Option<f64>,
    /// Whether there is a gap: `p_adjusted` below alpha.
    pub is_gap: bool,
    /// The gap, in the metric's unit, that this number of trials would have shown with a power of 0.8, at the level of the
    /// strictest step of Holm's correction; null where the spread is not known. 0 where trials do not differ at all.
    pub detectable: Option<f64>,
}

impl GapRow {
    /// See the field of this name: by the t test's power, which a permutation test has nearly too.
    pub(super) fn detectable(&self, paired: bool, alpha: f64) -> Option<f64> {
        let trials = self.found.a.trials.min(self.found.b.trials);
        let spread = if paired {
            self.spread_of_pairs()?
        } else {
            self.pooled_spread()?
        };
        if spread == 0.0 {
            return Some(0.0);
        }
        let seen = |effect: f64| match paired {
            true => power_of_pairs(trials, effect, alpha),
            false => power(trials, effect, alpha),
        };
        Some(smallest_effect(seen, POWER)? * spread)
    }

    /// Standard deviation of the pairs' differences, from the interval of their mean: half width · √n / t. A difference
    /// without an interval has no spread.
    fn spread_of_pairs(&self) -> Option<f64> {
        let difference = self.found.difference;
        let pairs = self.found.a.trials as f64;
        match (
            difference.low,
            difference.high,
            difference.degrees_of_freedom,
        ) {
            (Some(low), Some(high), Some(freedom)) => {
                let critical = quantile(f64::midpoint(1.0, CONFIDENCE), freedom)?;
                Some((high - low) / 2.0 / critical * pairs.sqrt())
            }
            _ => (pairs > 1.0).then_some(0.0),
        }
    }

    fn pooled_spread(&self) -> Option<f64> {
        let variance = |side: &Estimate| side.standard_deviation.map(|s| s * s);
        let (a, b) = (variance(&self.found.a)?, variance(&self.found.b)?);
        Some(f64::midpoint(a, b).sqrt())
    }
}

/// The rows of a comparison, in the order of its metrics, machine by machine.
pub(super) fn rows(comparison: &Comparison) -> Vec<GapRow> {
    let of_groups = comparison.groups.iter().flat_map(|group| {
        let metrics = comparison.metrics.iter();
        metrics.filter_map(|name| {
            let found = group.metrics.get(name)?;
            Some(row(machine(group), group.rate_a, name, found))
        })
    });
    let of_trials = comparison.trial.iter();
    let of_trials = of_trials.map(|(name, found)| row("trial".to_owned(), None, name, found));
    of_groups.chain(of_trials).collect()
}

fn machine(group: &GroupComparison) -> String {
    match (group.machine, group.rank) {
        (Some(id), _) => format!("M{id}"),
        (None, Some(rank)) => rank.name().to_owned(),
        (None, None) => "all".to_owned(),
    }
}

fn row(
    machine: String,
    rate: Option<f64>,
    metric: &'static str,
    found: &MetricComparison,
) -> GapRow {
    let of = found.a.mean.filter(|mean| *mean != 0.0);
    GapRow {
        machine,
        rate,
        metric,
        percent: found
            .difference
            .mean
            .zip(of)
            .map(|(gap, mean)| 100.0 * gap / mean.abs()),
        found: found.clone(),
        is_gap: false,
        detectable: None,
    }
}

/// How late the ticks of a side came, in milliseconds of system time: of each trial its worst machine, then across
/// trials.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lateness {
    /// Median over a trial's ticks.
    pub p50_ms: Estimate,
    /// 99th percentile.
    pub p99_ms: Estimate,
    /// Largest.
    pub max_ms: Estimate,
}

impl Lateness {
    pub(super) fn of(trials: &[&TrialReport]) -> Lateness {
        let worst = |value: fn(&crate::metrics::MachineMetrics) -> Option<f64>| {
            let of_trials = trials.iter().filter_map(|trial| {
                let late = trial.machines.iter().filter_map(value);
                late.reduce(f64::max)
            });
            Estimate::of(&of_trials.collect::<Vec<f64>>())
        };
        Lateness {
            p50_ms: worst(|machine| machine.ticks.lateness_p50_ms),
            p99_ms: worst(|machine| machine.ticks.lateness_p99_ms),
            max_ms: worst(|machine| machine.ticks.lateness_max_ms),
        }
    }
}
