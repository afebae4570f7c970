//! The difference between two samples of trials: interval and standardised size.
//!
//! **Invariant.** A sample without spread has variance 0 exactly, not what rounding leaves of it.

use serde::Serialize;
use statrs::function::gamma::ln_gamma;

use crate::{CONFIDENCE, student};

/// A difference of means, second sample less first, with its 95 % interval.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Difference {
    /// Mean of the second less mean of the first; none if either is empty.
    pub mean: Option<f64>,
    /// Lower end of the 95 % t interval; none with fewer than two trials on a side, or without any spread.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Degrees of freedom of the interval.
    pub degrees_of_freedom: Option<f64>,
}

impl Difference {
    /// Of independent samples whose variances may differ.
    ///
    /// With e = s² / n of each sample: difference ± t(0.975, ν) · √(e₁ + e₂), where
    /// ν = (e₁ + e₂)² / (e₁² / (n₁ − 1) + e₂² / (n₂ − 1)).
    /// Source: Welch, "The generalization of 'Student's' problem when several different population variances are
    /// involved", Biometrika 34, 1947.
    pub fn welch(first: &[f64], second: &[f64]) -> Difference {
        let (Some(one), Some(two)) = (Moments::of(first), Moments::of(second)) else {
            return Difference::default();
        };
        let mean = two.mean - one.mean;
        let error = |moments: Moments| Some(moments.variance? / moments.count);
        let (Some(e1), Some(e2)) = (error(one), error(two)) else {
            return Difference::with_error(mean, None);
        };
        let below = e1 * e1 / (one.count - 1.0) + e2 * e2 / (two.count - 1.0);
        let freedom = (e1 + e2).powi(2) / below;
        Difference::with_error(mean, Some((freedom, (e1 + e2).sqrt())))
    }

    /// Of pairs: value i of either sample belongs to the same pair. Student's interval of the mean of the differences.
    pub fn paired(first: &[f64], second: &[f64]) -> Difference {
        let pairs = first.iter().zip(second);
        let differences: Vec<f64> = pairs.map(|(first, second)| second - first).collect();
        let Some(moments) = Moments::of(&differences) else {
            return Difference::default();
        };
        let error = moments
            .variance
            .map(|variance| (moments.count - 1.0, (variance / moments.count).sqrt()));
        Difference::with_error(moments.mean, error)
    }

    /// From degrees of freedom and standard error of the difference.
    fn with_error(mean: f64, error: Option<(f64, f64)>) -> Difference {
        let interval = error
            .filter(|&(_, error)| error > 0.0)
            .and_then(|(freedom, error)| {
                let quantile = student::quantile(f64::midpoint(1.0, CONFIDENCE), freedom)?;
                Some((freedom, quantile * error))
            });
        Difference {
            mean: Some(mean),
            low: interval.map(|(_, half)| mean - half),
            high: interval.map(|(_, half)| mean + half),
            degrees_of_freedom: interval.map(|(freedom, _)| freedom),
        }
    }
}

/// Hedges' g: the difference of means (second less first) in pooled standard deviations between trials, corrected for
/// small samples; none without spread or with fewer than two trials on a side.
///
/// g = J(m) · (mean₂ − mean₁) / s, s² = ((n₁ − 1) s₁² + (n₂ − 1) s₂²) / (n₁ + n₂ − 2),
/// J(m) = Γ(m / 2) / (√(m / 2) · Γ((m − 1) / 2)).
/// Source: Hedges, "Distribution theory for Glass's estimator of effect size and related estimators", Journal of
/// Educational Statistics 6, 1981. m = n₁ + n₂ − 2 for independent samples. Pairs are standardised by the same s, so
/// that paired and unpaired comparisons speak one unit, with m = n − 1 (Borenstein, Hedges, Higgins and Rothstein,
/// "Introduction to Meta-Analysis", 2009, chapter 4).
pub fn hedges_g(first: &[f64], second: &[f64], paired: bool) -> Option<f64> {
    let (one, two) = (Moments::of(first)?, Moments::of(second)?);
    let freedom = one.count + two.count - 2.0;
    let squares = (one.count - 1.0) * one.variance? + (two.count - 1.0) * two.variance?;
    let pooled = (squares / freedom).sqrt();
    let correction = small_sample_correction(if paired { one.count - 1.0 } else { freedom });
    (pooled > 0.0 && correction > 0.0).then(|| correction * (two.mean - one.mean) / pooled)
}

/// J(m); 0 where it has no meaning (m = 1).
fn small_sample_correction(freedom: f64) -> f64 {
    if freedom <= 1.0 {
        return 0.0;
    }
    let half = freedom / 2.0;
    (ln_gamma(half) - ln_gamma(half - 0.5)).exp() / half.sqrt()
}

/// Size, mean and variance of a sample that is not empty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// How many values.
    pub count: f64,
    /// Their mean.
    pub mean: f64,
    /// Their variance (divisor n − 1); none of a single value.
    pub variance: Option<f64>,
}

impl Moments {
    /// Of a sample; none of an empty one. Values are taken relative to the first, so that equal values leave no rest.
    pub fn of(sample: &[f64]) -> Option<Moments> {
        let origin = *sample.first()?;
        let count = sample.len() as f64;
        let mean = sample.iter().map(|value| value - origin).sum::<f64>() / count;
        let squares = sample.iter().map(|value| (value - origin - mean).powi(2));
        let variance = (sample.len() > 1).then(|| squares.sum::<f64>() / (count - 1.0));
        Some(Moments {
            count,
            mean: origin + mean,
            variance,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "Student", "The probable error of a mean", Biometrika 6, 1908: hours of sleep gained with two drugs; the data
    /// set `sleep` of R, whose `t.test` gives the numbers below.
    const FIRST: [f64; 10] = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
    const SECOND: [f64; 10] = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];

    #[track_caller]
    fn close(found: Option<f64>, expected: f64, tolerance: f64) {
        let found = found.expect("a number");
        assert!(
            (found - expected).abs() < tolerance,
            "{found}, expected {expected}"
        );
    }

    #[test]
    fn welchs_interval_is_that_of_r() {
        let difference = Difference::welch(&FIRST, &SECOND);
        close(difference.mean, 1.58, 1e-12);
        close(difference.low, -0.205_483_2, 1e-6);
        close(difference.high, 3.365_483_2, 1e-6);
        close(difference.degrees_of_freedom, 17.776, 1e-3);
    }

    #[test]
    fn the_paired_interval_is_that_of_r() {
        let difference = Difference::paired(&FIRST, &SECOND);
        close(difference.low, 0.700_114_2, 1e-6);
        close(difference.high, 2.459_885_8, 1e-6);
        assert_eq!(difference.degrees_of_freedom, Some(9.0));
    }

    #[test]
    fn hedges_g_corrects_cohens_d() {
        // d = 0.8321811 (effsize::cohen.d on `sleep`); J(18) = Γ(9) / (3 Γ(8.5)) = 40320 / (3 · 14034.407).
        close(
            hedges_g(&FIRST, &SECOND, false),
            0.832_181_1 * 40_320.0 / 42_103.222,
            1e-5,
        );
        // J(9) = Γ(4.5) / (√4.5 · Γ(4)) = 11.631728 / (2.121320 · 6).
        close(
            hedges_g(&FIRST, &SECOND, true),
            0.832_181_1 * 11.631_728 / 12.727_922,
            1e-5,
        );
    }

    #[test]
    fn without_spread_there_is_a_difference_and_no_interval() {
        // Ten times 0.1 do not add up to 1 in floating point.
        let difference = Difference::welch(&[0.1; 10], &[0.3; 10]);
        close(difference.mean, 0.2, 1e-12);
        assert_eq!(
            (difference.low, difference.degrees_of_freedom),
            (None, None)
        );
        assert_eq!(hedges_g(&[0.1; 10], &[0.3; 10], false), None);
        assert_eq!(Difference::welch(&[1.0], &[2.0, 3.0]).mean, Some(1.5));
        assert_eq!(Difference::welch(&[1.0], &[2.0, 3.0]).low, None);
        assert_eq!(Difference::welch(&[], &[2.0]), Difference::default());
        // One side may be constant: the other's spread is that of the difference.
        let half = Difference::welch(&[5.0; 4], &[1.0, 2.0, 3.0]);
        assert_eq!(half.degrees_of_freedom, Some(2.0));
    }
}
