//! Numbers in, numbers out: means with intervals, quantiles and slopes here; tests between samples below. Nothing here knows
//! where the numbers are from.
//!
//! # Map
//!
//! [`interval`] of a mean where values are skewed · [`difference`] of two samples · [`contrast`]s of means, one-sided ·
//! [`binomial`] shares · [`multinomial`] counts · [`permutation`] tests · [`holm`] for many tests at once · [`power`] and how many
//! trials it takes · [`student`] quantiles · [`chance`] that always falls the same way.
//!
//! **Invariant.** What a sample cannot give is `None`, never 0 and never NaN.

pub mod binomial;
pub mod chance;
pub mod contrast;
pub mod difference;
pub mod holm;
pub mod interval;
pub mod multinomial;
pub mod permutation;
pub mod power;
pub mod student;

use serde::Serialize;

/// The level of all intervals.
pub const CONFIDENCE: f64 = 0.95;

/// The largest whole number that is counted rather than compared when values are sorted.
const TALLY_MAX: usize = 1 << 16;

/// A mean over trials with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// How many trials gave a value.
    pub trials: u64,
    /// Mean over those trials; none without any.
    pub mean: Option<f64>,
    /// Standard deviation between trials (divisor n − 1); none with fewer than two.
    pub standard_deviation: Option<f64>,
    /// Lower end of the 95 % t interval of the mean; none with fewer than two trials.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

impl Estimate {
    /// From the number of trials, their mean and their standard deviation.
    ///
    /// The interval is Student's: mean ± t(0.975, n − 1) · s / √n.
    pub fn new(trials: u64, mean: Option<f64>, standard_deviation: Option<f64>) -> Estimate {
        let mean = mean.filter(|mean| mean.is_finite());
        let standard_deviation =
            standard_deviation.filter(|deviation| trials > 1 && deviation.is_finite());
        let half = standard_deviation.and_then(|deviation| half_width(trials, deviation));
        Estimate {
            trials,
            mean,
            standard_deviation,
            low: mean.zip(half).map(|(mean, half)| mean - half),
            high: mean.zip(half).map(|(mean, half)| mean + half),
        }
    }

    /// Of a sample, one value a trial.
    pub fn of(sample: &[f64]) -> Estimate {
        let average = mean(sample);
        Estimate::new(sample.len() as u64, average, deviation(sample))
    }

    /// Half the width of the interval: the number after `±`.
    pub fn half_width(&self) -> Option<f64> {
        Some((self.high? - self.low?) / 2.0)
    }
}

fn half_width(trials: u64, standard_deviation: f64) -> Option<f64> {
    let freedom = trials.checked_sub(1).filter(|&freedom| freedom > 0)? as f64;
    let quantile = student::quantile(f64::midpoint(1.0, CONFIDENCE), freedom)?;
    Some(quantile * standard_deviation / (trials as f64).sqrt())
}

/// Arithmetic mean.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Standard deviation (divisor n − 1); none of fewer than two values.
pub fn deviation(values: &[f64]) -> Option<f64> {
    let average = mean(values).filter(|_| values.len() > 1)?;
    let squares: f64 = values.iter().map(|value| (value - average).powi(2)).sum();
    Some((squares / (values.len() - 1) as f64).sqrt())
}

/// Largest value.
pub fn max(values: &[f64]) -> Option<f64> {
    values.iter().copied().reduce(f64::max)
}

/// Values in ascending order, for [`quantile`].
///
/// Counts (jumps, queue lengths) are mostly small whole numbers, and are counted rather than compared.
pub fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    match tally(&values) {
        Some(tally) => {
            let mut place = 0;
            for (value, count) in tally.into_iter().enumerate() {
                values[place..place + count].fill(value as f64);
                place += count;
            }
        }
        None => values.sort_unstable_by(f64::total_cmp),
    }
    values
}

/// How often each whole number occurs; none unless all values are whole, from 0, and few for so many values.
fn tally(values: &[f64]) -> Option<Vec<usize>> {
    let largest = values.len().min(TALLY_MAX);
    let mut tally = vec![0; largest + 1];
    for &value in values {
        let whole = value as usize;
        // Minus zero has other bits than the zero it would become.
        if whole > largest || (whole as f64).to_bits() != value.to_bits() {
            return None;
        }
        tally[whole] += 1;
    }
    Some(tally)
}

/// Quantile of ascending values by linear interpolation between order statistics (type 7 of Hyndman and Fan 1996, the
/// default of numpy and R): position `share` · (n − 1).
pub fn quantile(ascending: &[f64], share: f64) -> Option<f64> {
    let last = ascending.len().checked_sub(1)?;
    let position = share.clamp(0.0, 1.0) * last as f64;
    let below = position.floor() as usize;
    let above = (below + 1).min(last);
    let weight = position - below as f64;
    Some(ascending[below] + (ascending[above] - ascending[below]) * weight)
}

/// Slope of the least-squares line through points (x, y); none when all x are equal.
pub fn slope(points: impl Iterator<Item = (f64, f64)> + Clone) -> Option<f64> {
    let (count, sum_x, sum_y) = points.clone().fold((0.0, 0.0, 0.0), |(n, xs, ys), (x, y)| {
        (n + 1.0, xs + x, ys + y)
    });
    let (mean_x, mean_y) = (sum_x / count, sum_y / count);
    let (above, below) = points.fold((0.0, 0.0), |(above, below), (x, y)| {
        let from_mean = x - mean_x;
        (
            above + from_mean * (y - mean_y),
            below + from_mean * from_mean,
        )
    });
    (below > 0.0).then(|| above / below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_students() {
        // t(0.975, 4) = 2.776445 (any table); s of 1..5 is sqrt(2.5).
        let estimate = Estimate::of(&[1.0, 2.0, 3.0, 4.0, 5.0]);
        let half = estimate.half_width().expect("five trials have an interval");
        assert_eq!(estimate.mean, Some(3.0));
        assert!(
            (half - 2.776_445_105 * (2.5f64 / 5.0).sqrt()).abs() < 1e-6,
            "{half}"
        );
    }

    #[test]
    fn one_trial_has_a_mean_and_no_interval() {
        let estimate = Estimate::of(&[7.0]);
        assert_eq!(estimate.mean, Some(7.0));
        assert_eq!((estimate.low, estimate.high), (None, None));
        assert_eq!(Estimate::of(&[]).mean, None);
    }

    #[test]
    fn quantiles_interpolate_as_numpy_does() {
        // numpy.quantile([1, 2, 3, 10], [0, .5, .9, 1]) = 1, 2.5, 7.9, 10
        let values = [1.0, 2.0, 3.0, 10.0];
        let at = |share| quantile(&values, share).expect("not empty");
        assert_eq!((at(0.0), at(0.5), at(1.0)), (1.0, 2.5, 10.0));
        assert!((at(0.9) - 7.9).abs() < 1e-12);
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn counts_and_other_values_are_sorted_alike() {
        let bits = |values: Vec<f64>| values.into_iter().map(f64::to_bits).collect::<Vec<u64>>();
        for values in [
            vec![],
            vec![3.0, 0.0, 1.0, 1.0],
            vec![3.0, -0.0, 0.0, 1.0],
            vec![2.5, 0.0, 1.0],
            vec![-1.0, 4.0, 2.0, f64::INFINITY],
            vec![1e300, 1.0],
        ] {
            let mut compared = values.clone();
            compared.sort_by(f64::total_cmp);
            assert_eq!(bits(sorted(values)), bits(compared));
        }
    }

    #[test]
    fn the_slope_of_a_line_is_its_slope() {
        let line = [(0.0, 1.0), (1.0, 3.0), (4.0, 9.0)];
        assert_eq!(slope(line.into_iter()), Some(2.0));
        assert_eq!(slope([(1.0, 1.0), (1.0, 2.0)].into_iter()), None);
        assert_eq!(slope(std::iter::empty()), None);
    }
}
