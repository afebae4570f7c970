//! Measurement less prediction, in units, in percent and in standard errors.
//!
//! **Invariant.** A difference by rounding alone is none, and nothing is divided by a spread that is only rounding.

use std::collections::BTreeMap;

use serde::Serialize;
use statistics::{Estimate, student};

use super::Prediction;
use super::quantity::QUANTITIES;

/// How often chance alone takes a true prediction beyond the bound, to either side: as often as a normal value is more
/// than three standard deviations away.
pub const CHANCE_BEYOND: f64 = 0.0027;
/// Numbers this close, relative to their size, differ by rounding alone: of clock rates to whole nanoseconds, say.
const ROUNDING: f64 = 1e-6;

/// How far the mean over trials lies from a prediction.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Residual {
    /// The prediction, in the metric's unit.
    pub predicted: f64,
    /// The mean over trials less the prediction, in the metric's unit.
    pub error: f64,
    /// That in percent of the prediction; null where 0 is predicted.
    pub error_percent: Option<f64>,
    /// Standard error of the mean: s / √n. Null with fewer than two trials.
    pub standard_error: Option<f64>,
    /// The error in standard errors; null without a standard error, or where all trials gave the same other value.
    pub z: Option<f64>,
    /// As large as |z| is by chance alone once in 370 times (0.27 %): Student's quantile with n − 1 degrees of freedom;
    /// 3.0 for many trials, 6.6 for five.
    pub bound: Option<f64>,
    /// Whether |z| exceeds the bound: measurement and prediction disagree by more than chance.
    pub disagrees: bool,
}

impl Residual {
    /// Of an estimate from a prediction; none without a mean.
    pub fn of(predicted: f64, measured: &Estimate) -> Option<Residual> {
        let error = measured.mean? - predicted;
        let deviation = measured.standard_deviation;
        let error_of_mean =
            deviation.map(|deviation| deviation / (measured.trials.max(1) as f64).sqrt());
        Some(Residual::new(
            predicted,
            error,
            error_of_mean,
            measured.trials,
        ))
    }

    /// From the error, its standard error and the number of values that the standard error is known from.
    pub fn new(predicted: f64, error: f64, standard_error: Option<f64>, values: u64) -> Residual {
        let rounding = ROUNDING * predicted.abs().max(1.0);
        let bound = standard_error.and_then(|_| bound(values));
        let (z, disagrees) = match (standard_error, bound) {
            (Some(_), Some(_)) if error.abs() <= rounding => (Some(0.0), false),
            (Some(spread), Some(_)) if spread <= rounding * 1e-3 => (None, true),
            (Some(spread), Some(bound)) => (Some(error / spread), (error / spread).abs() > bound),
            _ => (None, false),
        };
        Residual {
            predicted,
            error,
            error_percent: (predicted.abs() > rounding).then(|| 100.0 * error / predicted),
            standard_error,
            z,
            bound,
            disagrees,
        }
    }
}

/// Student's quantile that a true prediction exceeds with probability [`CHANCE_BEYOND`].
fn bound(values: u64) -> Option<f64> {
    let freedom = values.checked_sub(1).filter(|&freedom| freedom > 0)?;
    student::quantile(1.0 - CHANCE_BEYOND / 2.0, freedom as f64)
}

/// The residual of each quantity that is predicted and measured, by name of its metric.
pub fn residuals(
    prediction: &Prediction,
    measured: &BTreeMap<&'static str, Estimate>,
) -> BTreeMap<&'static str, Residual> {
    let found = QUANTITIES.iter().filter_map(|quantity| {
        let predicted = (quantity.predicted)(prediction)?;
        let residual = Residual::of(predicted, measured.get(quantity.metric)?)?;
        Some((quantity.metric, residual))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_stands_in_units_in_percent_and_in_standard_errors() {
        // 1..=5: mean 3, s = √2.5, standard error √0.5.
        let measured = Estimate::of(&[1.0, 2.0, 3.0, 4.0, 5.0]);
        let residual = Residual::of(2.0, &measured).expect("a mean");
        assert_eq!((residual.error, residual.error_percent), (1.0, Some(50.0)));
        let z = residual.z.expect("a spread");
        assert!((z - 1.0 / 0.5f64.sqrt()).abs() < 1e-12, "{z}");
        assert!(!residual.disagrees);
        // t(0.99865, 4) = 6.620 (any table of three-sigma limits).
        let bound = residual.bound.expect("five trials have one");
        assert!((bound - 6.620).abs() < 2e-3, "{bound}");
        let far = Residual::of(-2.0, &measured).expect("a mean");
        assert!(far.disagrees, "{far:?}");
    }

    #[test]
    fn with_many_trials_the_bound_is_three() {
        let found = bound(1_000_000).expect("many trials");
        assert!((found - 3.0).abs() < 1e-3, "{found}");
    }

    #[test]
    fn trials_that_all_agree_confirm_or_refute() {
        let same = Estimate::of(&[360.0, 360.0, 360.0]);
        let right = Residual::of(360.000_01, &same).expect("a mean");
        assert_eq!((right.z, right.disagrees), (Some(0.0), false));
        let wrong = Residual::of(300.0, &same).expect("a mean");
        assert_eq!((wrong.z, wrong.disagrees), (None, true));
    }

    #[test]
    fn one_trial_proves_nothing_and_none_is_no_residual() {
        let single = Residual::of(2.0, &Estimate::of(&[5.0])).expect("a mean");
        assert_eq!((single.error, single.z, single.bound), (3.0, None, None));
        assert!(!single.disagrees);
        assert_eq!(Residual::of(2.0, &Estimate::of(&[])), None);
        let empty = Residual::of(0.0, &Estimate::of(&[1.0, 2.0])).expect("a mean");
        assert_eq!(empty.error_percent, None);
    }
}
