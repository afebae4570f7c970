//! One metric under two conditions.

use statistics::Estimate;
use statistics::difference::{Difference, hedges_g};
use statistics::permutation::{self, Effort, Permuted};

pub use crate::report::comparison::{MetricComparison, Verdict};

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
