//! A metric's band, and where the measurement lies in it.

use std::collections::BTreeMap;

use statistics::{CONFIDENCE, Estimate, mean, quantile, sorted, student};

use crate::metrics::catalog::{METRICS, Metric};
use crate::report::band::Band;
use crate::report::{GroupReport, TrialReport};
use crate::theory::residual::Residual;

/// The bands of all metrics of a group, from the simulated trials that count; none where fewer than two have a value.
pub(super) fn bands(
    group: &GroupReport,
    simulated: &[&TrialReport],
) -> BTreeMap<&'static str, Band> {
    let band = |metric: &'static Metric| {
        let values = simulated
            .iter()
            .filter_map(|trial| value(group, metric, trial));
        let band = Band::of(values.collect(), &group.estimate(metric.name))?;
        Some((metric.name, band))
    };
    METRICS.iter().filter_map(band).collect()
}

/// A trial's value for a group: the mean over its machines in it.
fn value(group: &GroupReport, metric: &Metric, trial: &TrialReport) -> Option<f64> {
    let machines = trial.machines.iter().filter(|machine| match group.machine {
        Some(id) => machine.machine == id,
        None => machine.rate == group.rate,
    });
    let values: Vec<f64> = machines.filter_map(metric.value).collect();
    mean(&values)
}

impl Band {
    /// From simulated values, one a trial, and what was measured.
    fn of(values: Vec<f64>, measured: &Estimate) -> Option<Band> {
        let simulated = Estimate::of(&values);
        let (middle, spread) = (simulated.mean?, simulated.standard_deviation?);
        let ascending = sorted(values);
        let count = simulated.trials;
        let tail = (1.0 - CONFIDENCE) / 2.0;
        let error = (measured.trials > 0)
            .then(|| spread * (1.0 / measured.trials as f64 + 1.0 / count as f64).sqrt());
        let half = error
            .and_then(|error| Some(student::quantile(1.0 - tail, count as f64 - 1.0)? * error));
        let residual = measured
            .mean
            .map(|mean| Residual::new(middle, mean - middle, error, count));
        Some(Band {
            trials: count,
            mean: middle,
            standard_deviation: spread,
            low: quantile(&ascending, tail)?,
            high: quantile(&ascending, 1.0 - tail)?,
            mean_low: half.map(|half| middle - half),
            mean_high: half.map(|half| middle + half),
            z: residual.and_then(|residual| residual.z),
            bound: residual.and_then(|residual| residual.bound),
            disagrees: residual.is_some_and(|residual| residual.disagrees),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_trials_spread_wider_than_their_mean() {
        // 0, 1, … 100: mean 50, s² = 101 · 102 / 12 = 858.5.
        let values: Vec<f64> = (0..=100).map(f64::from).collect();
        let measured = Estimate::new(25, Some(56.0), Some(1.0));
        let band = Band::of(values, &measured).expect("many values");
        assert_eq!((band.trials, band.mean), (101, 50.0));
        assert!(
            (band.low - 2.5).abs() < 1e-9 && (band.high - 97.5).abs() < 1e-9,
            "{band:?}"
        );
        let error = 858.5f64.sqrt() * (1.0 / 25.0 + 1.0 / 101.0f64).sqrt();
        let z = band.z.expect("a spread");
        assert!((z - 6.0 / error).abs() < 1e-9, "{z}");
        assert!(!band.disagrees);
        // t(0.975, 100) = 1.98397.
        let high = band.mean_high.expect("25 trials have a mean");
        assert!((high - 50.0 - 1.983_97 * error).abs() < 1e-3, "{high}");
    }

    #[test]
    fn a_mean_far_outside_disagrees_and_an_unknown_one_says_nothing() {
        let values: Vec<f64> = (0..=100).map(f64::from).collect();
        let far = Band::of(values.clone(), &Estimate::new(25, Some(90.0), Some(1.0)));
        assert!(far.expect("many values").disagrees);
        let unknown = Band::of(values, &Estimate::of(&[])).expect("many values");
        assert_eq!(
            (unknown.z, unknown.mean_low, unknown.disagrees),
            (None, None, false)
        );
        assert_eq!(Band::of(vec![1.0], &Estimate::of(&[1.0])), None);
    }
}
