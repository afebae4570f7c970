//! Two conditions compared, as the report has it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};
use statistics::Estimate;
use statistics::difference::Difference;

use crate::metrics::rank::Rank;

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

/// What was found for one metric of one machine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricComparison {
    /// Unit of all values; empty for a plain number.
    pub unit: &'static str,
    /// Mean over the trials of condition A, with its interval. Of pairs only those with both values count.
    pub a: Estimate,
    /// Mean over the trials of condition B.
    pub b: Estimate,
    /// B − A with its 95 % interval: Welch's, or Student's of the paired differences.
    pub difference: Difference,
    /// Hedges' g: the difference in pooled standard deviations between trials, corrected for small samples; see
    /// [`hedges_g`](statistics::difference::hedges_g).
    pub hedges_g: Option<f64>,
    /// Two-sided p of the permutation test at trial level; see [`permutation`](statistics::permutation).
    pub p: Option<f64>,
    /// Whether every labeling was tried.
    pub exact: Option<bool>,
    /// The smallest p that this number of trials can give.
    pub smallest_p: Option<f64>,
    /// p after Holm's correction over the whole comparison.
    pub p_adjusted: Option<f64>,
    /// `larger`, `smaller` or `no difference shown`; null where no test is possible.
    pub verdict: Option<Verdict>,
}

/// What a test shows of B beside A.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// B is larger.
    Larger,
    /// B is smaller.
    Smaller,
    /// Adjusted p not below alpha: not a proof that there is none.
    NoDifferenceShown,
}

impl Verdict {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Larger => "larger",
            Verdict::Smaller => "smaller",
            Verdict::NoDifferenceShown => "no difference shown",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
