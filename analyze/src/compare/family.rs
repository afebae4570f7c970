//! All tests of a comparison together: corrected and decided.

use statistics::holm::holm;

use crate::report::comparison::{ALPHA, MetricComparison, Verdict};

/// The comparisons of all metrics together.
pub struct Family {
    /// Each with its adjusted p and verdict.
    pub found: Vec<MetricComparison>,
    /// How many of them have a test.
    pub tests: u64,
    /// See [`smallest_p_adjusted`](crate::report::comparison::Comparison::smallest_p_adjusted).
    pub smallest_p_adjusted: Option<f64>,
    /// Whether all tests are exact.
    pub exact: bool,
}

impl Family {
    /// Adjusts the p of all and decides each.
    ///
    /// Whether a metric allows a test does not depend on which trial has which label, so that leaving those without one
    /// out of the count keeps the family's error rate (Tarone, "A modified Bonferroni method for discrete data",
    /// Biometrics 46, 1990).
    pub fn of(mut found: Vec<MetricComparison>) -> Family {
        let p: Vec<f64> = found.iter().filter_map(|metric| metric.p).collect();
        let mut adjusted = holm(&p).into_iter();
        for metric in &mut found {
            metric.p_adjusted = metric.p.and_then(|_| adjusted.next());
            metric.verdict = metric.p_adjusted.map(|p| match metric.difference.mean {
                Some(difference) if p < ALPHA && difference > 0.0 => Verdict::Larger,
                Some(difference) if p < ALPHA && difference < 0.0 => Verdict::Smaller,
                _ => Verdict::NoDifferenceShown,
            });
        }
        let tested = || found.iter().filter(|metric| metric.p.is_some());
        let smallest = tested()
            .filter_map(|metric| metric.smallest_p)
            .reduce(f64::min);
        Family {
            tests: p.len() as u64,
            smallest_p_adjusted: smallest.map(|smallest| (smallest * p.len() as f64).min(1.0)),
            exact: tested().all(|metric| metric.exact == Some(true)),
            found,
        }
    }
}
