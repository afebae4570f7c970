//! Intervals of a mean, by method: Student's, which our reports show, and one that allows for skewed values; and of a
//! standard deviation.

use statrs::distribution::{ChiSquared, ContinuousCDF};

use crate::difference::Moments;
use crate::{CONFIDENCE, student};

/// Below this skewness of the sample Hall's transformation is the identity, up to rounding.
const STRAIGHT: f64 = 1e-6;

/// The ends of an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ends {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Ends {
    /// Whether a value lies in it, ends included.
    pub fn hold(self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Upper end less lower end.
    pub fn width(self) -> f64 {
        self.high - self.low
    }
}

/// The quantile of Student's t that belongs to a 95 % interval from a sample of this size; none of fewer than two.
pub fn critical(count: usize) -> Option<f64> {
    let freedom = count.checked_sub(1).filter(|&freedom| freedom > 0)? as f64;
    student::quantile(f64::midpoint(1.0, CONFIDENCE), freedom)
}

/// Student's interval: mean ± t · s / √n, t as [`critical`] gives it; none of fewer than two values. Without spread it
/// has no width.
pub fn student(sample: &[f64], critical: f64) -> Option<Ends> {
    let moments = Moments::of(sample)?;
    let half = critical * (moments.variance? / moments.count).sqrt();
    Some(Ends {
        low: moments.mean - half,
        high: moments.mean + half,
    })
}

/// Hall's interval: Student's, after a cubic transformation has taken the sample's skewness out of the t statistic. It
/// reaches further on the side of the long tail. None of fewer than three values; without spread it has no width.
///
/// With S = (x̄ − μ) / s and g the sample's skewness: T(S) = S + g S² / 3 + g² S³ / 27 + g / (6 n), which rises
/// everywhere, so that |√n T| ≤ t can be solved for μ: S = 3 / g · (∛(1 + g (T − g / (6 n))) − 1).
/// Source: Hall, "On the removal of skewness by transformation", Journal of the Royal Statistical Society B 54, 1992; with
/// Student's quantile in the place of the normal one, and g corrected for small samples:
/// g = n / ((n − 1)(n − 2)) · Σ (x − x̄)³ / s³.
pub fn hall(sample: &[f64], critical: f64) -> Option<Ends> {
    let moments = Moments::of(sample).filter(|_| sample.len() > 2)?;
    let deviation = moments.variance?.sqrt();
    let count = moments.count;
    if deviation == 0.0 {
        return student(sample, critical);
    }
    let cubes = sample
        .iter()
        .map(|value| ((value - moments.mean) / deviation).powi(3));
    let skewness = cubes.sum::<f64>() * count / ((count - 1.0) * (count - 2.0));
    if skewness.abs() < STRAIGHT {
        return student(sample, critical);
    }
    let at = |transformed: f64| {
        let cube = 1.0 + skewness * (transformed - skewness / (6.0 * count));
        3.0 / skewness * (cube.cbrt() - 1.0)
    };
    let reach = critical / count.sqrt();
    Some(Ends {
        low: moments.mean - deviation * at(reach),
        high: moments.mean - deviation * at(-reach),
    })
}

/// The 95 % interval of the true standard deviation, for normal values: s √((n − 1) / χ²) at the quantiles of chi-square
/// with n − 1 degrees of freedom; none of fewer than two values.
pub fn deviation(deviation: f64, count: usize) -> Option<Ends> {
    let freedom = count.checked_sub(1).filter(|&freedom| freedom > 0)? as f64;
    let chi = ChiSquared::new(freedom).ok()?;
    let tail = (1.0 - CONFIDENCE) / 2.0;
    let at = |share: f64| deviation * (freedom / chi.inverse_cdf(share)).sqrt();
    Some(Ends {
        low: at(1.0 - tail),
        high: at(tail),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(sample: &[f64]) -> (Ends, Ends) {
        let critical = critical(sample.len()).expect("a quantile");
        let student = student(sample, critical).expect("an interval");
        (student, hall(sample, critical).expect("an interval"))
    }

    #[test]
    fn without_skewness_they_are_one() {
        let (student, hall) = both(&[1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(student, hall);
        // t(0.975, 4) = 2.776445; s² = 2.5.
        let half = 2.776_445_105 * (2.5f64 / 5.0).sqrt();
        assert!((student.high - 3.0 - half).abs() < 1e-6, "{student:?}");
    }

    #[test]
    fn a_long_tail_to_the_right_moves_halls_ends_to_the_right() {
        let (student, hall) = both(&[0.0, 0.1, 0.2, 0.4, 3.0]);
        assert!(
            hall.low > student.low && hall.high > student.high,
            "{hall:?}"
        );
        let (_, mirrored) = both(&[-0.0, -0.1, -0.2, -0.4, -3.0]);
        assert!((mirrored.low + hall.high).abs() < 1e-12);
    }

    #[test]
    fn the_ends_of_halls_interval_solve_its_equation() {
        let sample = [0.0, 0.1, 0.2, 0.4, 3.0];
        let (_, hall) = both(&sample);
        let moments = Moments::of(&sample).expect("values");
        let deviation = moments.variance.expect("a variance").sqrt();
        let cubes = sample.map(|value| (value - moments.mean).powi(3));
        let g = cubes.iter().sum::<f64>() * 5.0 / 12.0 / deviation.powi(3);
        for (end, sign) in [(hall.low, 1.0), (hall.high, -1.0)] {
            let s = (moments.mean - end) / deviation;
            let t = s + g * s * s / 3.0 + g * g * s.powi(3) / 27.0 + g / 30.0;
            let expected = sign * 2.776_445_105 / 5.0f64.sqrt();
            assert!((t - expected).abs() < 1e-8, "{t}, expected {expected}");
        }
    }

    #[test]
    fn the_interval_of_a_deviation_is_that_of_tables() {
        // Chi-square with 9 degrees of freedom: 2.7004 and 19.0228 (any table).
        let ends = super::deviation(2.0, 10).expect("an interval");
        assert!((ends.low - 2.0 * (9.0f64 / 19.022_768).sqrt()).abs() < 1e-5);
        assert!((ends.high - 2.0 * (9.0f64 / 2.700_389).sqrt()).abs() < 1e-5);
        assert_eq!(super::deviation(2.0, 1), None);
    }

    #[test]
    fn without_spread_there_is_no_width() {
        let (student, hall) = both(&[7.0; 4]);
        assert_eq!((student.width(), hall.width()), (0.0, 0.0));
        assert!(student.hold(7.0) && !student.hold(7.1));
        assert_eq!(critical(1), None);
    }
}
