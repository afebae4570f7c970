//! One metric under two conditions.

use std::fmt;

use serde::{Serialize, Serializer};
use statistics::Estimate;
use statistics::difference::{Difference, hedges_g};
use statistics::permutation::{self, Effort, Permuted};

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
    /// [`hedges_g`].
    pub hedges_g: Option<f64>,
    /// Two-sided p of the permutation test at trial level; see [`permutation`].
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

/// Compares independent samples, one value a trial.
pub fn independent(
    unit: &'static str,
    a: &[Option<f64>],
    b: &[Option<f64>],
    effort: Effort,
) -> MetricComparison {
    let known = |values: &[Option<f64>]| -> Vec<f64> { values.iter().flatten().copied().collect() };
    let (a, b) = (known(a), known(b));
    let tested = permutation::independent(&a, &b, effort);
    undecided(unit, &a, &b, false, tested)
}

/// Compares pairs: value i of either side belongs to the same pair.
pub fn paired(
    unit: &'static str,
    a: &[Option<f64>],
    b: &[Option<f64>],
    effort: Effort,
) -> MetricComparison {
    let pairs = a.iter().zip(b).filter_map(|(a, b)| (*a).zip(*b));
    let (a, b): (Vec<f64>, Vec<f64>) = pairs.unzip();
    let differences: Vec<f64> = a.iter().zip(&b).map(|(a, b)| b - a).collect();
    undecided(
        unit,
        &a,
        &b,
        true,
        permutation::paired(&differences, effort),
    )
}

/// All but what takes the whole family.
fn undecided(
    unit: &'static str,
    a: &[f64],
    b: &[f64],
    paired: bool,
    tested: Option<Permuted>,
) -> MetricComparison {
    MetricComparison {
        unit,
        a: Estimate::of(a),
        b: Estimate::of(b),
        difference: if paired {
            Difference::paired(a, b)
        } else {
            Difference::welch(a, b)
        },
        hedges_g: hedges_g(a, b, paired),
        p: tested.map(|tested| tested.p),
        exact: tested.map(|tested| tested.exact),
        smallest_p: tested.map(|tested| tested.smallest_p),
        p_adjusted: None,
        verdict: None,
    }
}
