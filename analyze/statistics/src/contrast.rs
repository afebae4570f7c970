//! A weighted sum of the means of independent samples, and one-sided tests of where it lies.
//!
//! One sample of weight 1 is a mean; two of weights 1 and −1 are a difference; several are a slope. With
//! e = Σ wₖ² sₖ² / nₖ the statistic t = (Σ wₖ meanₖ − c) / √e is compared with Student's t of
//! ν = e² / Σ (wₖ² sₖ² / nₖ)² / (nₖ − 1) degrees of freedom (Welch, Biometrika 34, 1947; one sample: n − 1).
//!
//! t is skewed where values are, and a one-sided test feels it: with λ, the skewness of the weighted sum, the statistic
//! g(t) = t + λ t² / 3 + λ² t³ / 27 + λ / 6 is nearer to Student's (Hall, "On the removal of skewness by
//! transformation", Journal of the Royal Statistical Society B 54, 1992). p is the larger of the two: skewness may cost
//! evidence, and never makes any.
//!
//! **Invariant.** No p is below 2⁻ⁿ, n the size of the smallest sample: the p of a sign test in which all values lie on one
//! side. That is also all that a sample without any spread can say, for which t is not defined.

use crate::difference::Moments;
use crate::{CONFIDENCE, student};

/// A standard error this small, relative to the numbers it came from, is what rounding leaves of none.
const ROUNDING: f64 = 1e-12;

/// A weighted sum of means, and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contrast {
    /// The weighted sum.
    pub estimate: f64,
    /// Its standard error and degrees of freedom; none if no sample has any spread.
    spread: Option<Spread>,
    /// Of the size of the numbers, for what rounding leaves.
    scale: f64,
    /// The smallest p.
    smallest_p: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Spread {
    error: f64,
    freedom: f64,
    /// Skewness of the weighted sum.
    skewness: f64,
}

impl Contrast {
    /// Of samples with their weights; none if a sample has fewer than two values.
    pub fn of(samples: &[(f64, &[f64])]) -> Option<Contrast> {
        let (mut estimate, mut scale) = (0.0, 0.0f64);
        let (mut square, mut below, mut third) = (0.0, 0.0, 0.0);
        let mut fewest = usize::MAX;
        for &(weight, values) in samples {
            let moments = Moments::of(values)?;
            let part = weight * weight * moments.variance? / moments.count;
            estimate += weight * moments.mean;
            scale += (weight * moments.mean).abs();
            square += part;
            below += part * part / (moments.count - 1.0);
            third += weight.powi(3) * third_cumulant_of_mean(values, &moments);
            fewest = fewest.min(values.len());
        }
        let error = square.sqrt();
        let spread = (error > ROUNDING * scale).then(|| Spread {
            error,
            freedom: square * square / below,
            skewness: third / error.powi(3),
        });
        (!samples.is_empty()).then(|| Contrast {
            estimate,
            spread,
            scale,
            smallest_p: 0.5f64.powi(i32::try_from(fewest).unwrap_or(i32::MAX)),
        })
    }

    /// Of a single sample.
    pub fn mean(values: &[f64]) -> Option<Contrast> {
        Contrast::of(&[(1.0, values)])
    }

    /// The same, of numbers that came about from larger ones of this size: what rounding left of those is nothing.
    pub fn from_numbers_of(self, size: f64) -> Contrast {
        let scale = self.scale.max(size);
        Contrast {
            spread: self.spread.filter(|spread| spread.error > ROUNDING * scale),
            scale,
            ..self
        }
    }

    /// p of the hypothesis that the sum is at most `bound`: small where it lies above.
    pub fn p_above(&self, bound: f64) -> f64 {
        self.p(bound, 1.0)
    }

    /// p of the hypothesis that the sum is at least `bound`: small where it lies below.
    pub fn p_below(&self, bound: f64) -> f64 {
        self.p(bound, -1.0)
    }

    fn p(&self, bound: f64, side: f64) -> f64 {
        let beyond = side * (self.estimate - bound);
        let Some(spread) = self.spread else {
            let shown = beyond > ROUNDING * self.scale.max(bound.abs());
            return if shown { self.smallest_p } else { 1.0 };
        };
        let t = beyond / spread.error;
        let skewness = side * spread.skewness;
        let straightened =
            t + skewness * t * t / 3.0 + skewness * skewness * t.powi(3) / 27.0 + skewness / 6.0;
        let p = student::upper_tail(t.min(straightened), spread.freedom);
        p.max(self.smallest_p)
    }

    /// Ends of Student's 95 % interval; none without any spread.
    pub fn interval(&self) -> Option<(f64, f64)> {
        let spread = self.spread?;
        let half =
            spread.error * student::quantile(f64::midpoint(1.0, CONFIDENCE), spread.freedom)?;
        Some((self.estimate - half, self.estimate + half))
    }

    /// The statistic against a bound of 0, and its degrees of freedom; none without any spread.
    pub fn t(&self) -> Option<(f64, f64)> {
        let spread = self.spread?;
        Some((self.estimate / spread.error, spread.freedom))
    }
}

/// Third cumulant of a sample's mean: n Σ (x − mean)³ / ((n − 1)(n − 2)) / n²; 0 for two values, which cannot be skewed.
fn third_cumulant_of_mean(values: &[f64], moments: &Moments) -> f64 {
    let n = moments.count;
    if n < 3.0 {
        return 0.0;
    }
    let cubes: f64 = values.iter().map(|x| (x - moments.mean).powi(3)).sum();
    cubes / ((n - 1.0) * (n - 2.0) * n)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The data set `sleep` of R ("Student", Biometrika 6, 1908).
    const FIRST: [f64; 10] = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
    const SECOND: [f64; 10] = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];

    #[test]
    fn intervals_are_those_of_r() {
        // t.test(extra ~ group, sleep): -3.3654832 .. 0.2054832.
        let welch = Contrast::of(&[(1.0, &FIRST), (-1.0, &SECOND)]).expect("two samples");
        let (low, high) = welch.interval().expect("spread");
        assert!((low + 3.365_483_2).abs() < 1e-6 && (high - 0.205_483_2).abs() < 1e-6);
        assert!((welch.estimate + 1.58).abs() < 1e-12);
    }

    #[test]
    fn the_two_sides_share_all_there_is() {
        let symmetric = [-2.0, -1.0, 0.0, 1.0, 2.0];
        let mean = Contrast::mean(&symmetric).expect("a sample");
        // Without skewness p is Student's: t = 1 / sqrt(0.5), 4 degrees of freedom, R: pt(sqrt(2), 4, lower = FALSE).
        assert!((mean.p_above(-1.0) - 0.115_1).abs() < 1e-4);
        assert!((mean.p_above(-1.0) + mean.p_below(-1.0) - 1.0).abs() < 1e-9);
        let skewed = Contrast::mean(&[0.0, 0.1, 0.1, 0.2, 5.0]).expect("a sample");
        for bound in [-1.0, 0.5, 1.08, 3.0] {
            let both = skewed.p_above(bound) + skewed.p_below(bound);
            assert!(both >= 1.0 - 1e-9, "{bound}: {both}");
        }
    }

    #[test]
    fn skewness_costs_evidence_on_the_side_of_the_short_tail() {
        // Values skewed to the right make means far below the truth more likely than Student knows.
        let skewed = [0.1, 0.1, 0.2, 0.2, 0.3, 0.4, 0.9, 3.0];
        let mean = Contrast::mean(&skewed).expect("a sample");
        let (t, freedom) = Contrast::mean(&skewed.map(|x| x - 2.0))
            .and_then(|mean| mean.t())
            .expect("spread");
        assert!(mean.p_below(2.0) > student::upper_tail(-t, freedom));
    }

    #[test]
    fn samples_without_spread_say_what_a_sign_test_says() {
        let ones = Contrast::mean(&[1.0; 6]).expect("a sample");
        assert_eq!(ones.interval(), None);
        assert_eq!((ones.p_below(1.5), ones.p_above(1.5)), (1.0 / 64.0, 1.0));
        assert_eq!((ones.p_below(1.0), ones.p_above(1.0)), (1.0, 1.0));
        assert_eq!(Contrast::mean(&[1.0]), None);
        // And spread never makes more of few values.
        let close = Contrast::mean(&[1.0, 1.000_001, 1.0]).expect("a sample");
        assert_eq!(close.p_below(2.0), 0.125);
    }
}
