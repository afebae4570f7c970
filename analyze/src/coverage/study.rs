//! One metric of one machine: its intervals, replication by replication, against the truth.

use serde::Serialize;
use statistics::binomial::Share;
use statistics::chance::Chance;
use statistics::interval::{Ends, critical, hall, student};
use statistics::{deviation, mean};

/// How far from the mean, in standard errors, people put the ends of an interval who take rows for independent: the
/// quantile of the normal distribution at 97.5 %.
const NORMAL: f64 = 1.96;

/// Seed of resampled experiments.
const SEED: u64 = 0x636f_7665;

/// How experiments come from trials.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Deal {
    /// Each trial goes to one experiment.
    #[default]
    Apart,
    /// So many experiments, their trials drawn from all with replacement: independent of each other given the trials,
    /// whose mean is then the truth itself and not an estimate of it.
    Resampled(usize),
}

impl Deal {
    /// The experiments of `each` trials. Resampled ones are the same for every metric.
    fn replications(self, values: &[Value], each: usize) -> Vec<Vec<Value>> {
        match self {
            Deal::Apart => values.chunks_exact(each).map(<[Value]>::to_vec).collect(),
            Deal::Resampled(count) => {
                let mut chance = Chance::new(SEED);
                let mut draw = || values[chance.below(values.len())];
                (0..count)
                    .map(|_| (0..each).map(|_| draw()).collect())
                    .collect()
            }
        }
    }
}

/// What one trial says of a metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Value {
    /// The trial's value.
    pub trial: Option<f64>,
    /// The rows that it is the mean of, where it is one.
    pub rows: Option<Rows>,
}

/// Rows summed up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rows {
    /// How many.
    pub count: f64,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation (divisor n − 1).
    pub deviation: f64,
}

/// How the intervals of one metric fared.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Study {
    /// Unit of all values; empty for a plain number.
    pub unit: &'static str,
    /// Nominal ticks per second of the machine; null where they differ between trials.
    pub rate: Option<f64>,
    /// The truth: mean over all trials.
    pub truth: f64,
    /// Standard deviation between trials.
    pub standard_deviation: f64,
    /// Skewness of the trials' values, third moment about the mean over s³: 0 where both tails are alike, 2 for an
    /// exponential.
    pub skewness: f64,
    /// Replications whose trials all gave the same value: their interval has no width, and can hold the truth by
    /// chance alone.
    pub without_spread: u64,
    /// Student's t across the trials of a replication: what reports show.
    pub t: Fared,
    /// Hall's correction of it for skewed values; see [`hall`].
    pub hall: Option<Fared>,
    /// Mean ± 1.96 s / √rows over the rows of a single trial, the replication's first; null unless the metric is a mean
    /// over rows.
    pub rows_of_one_trial: Option<Fared>,
    /// The same over the rows of all trials of the replication together.
    pub rows_pooled: Option<Fared>,
}

/// How one kind of interval fared.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Fared {
    /// Replications whose interval held the truth.
    pub held: u64,
    /// Number of them in all.
    pub of: u64,
    /// Their share.
    pub share: f64,
    /// Lower end of the share's exact 95 % interval; see [`Share::interval`].
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Mean width, in the metric's unit.
    pub width: f64,
}

/// Studies a metric; none where trials all give the same value, or fewer than two give one.
pub fn study(
    unit: &'static str,
    rate: Option<f64>,
    values: &[Value],
    each: usize,
    deal: Deal,
) -> Option<Study> {
    let known: Vec<f64> = values.iter().filter_map(|value| value.trial).collect();
    let (truth, spread) = (mean(&known)?, deviation(&known)?);
    if known.iter().all(|value| *value == known[0]) {
        return None;
    }
    let cubes = known.iter().map(|value| ((value - truth) / spread).powi(3));
    let quantiles: Vec<Option<f64>> = (0..=each).map(critical).collect();
    let replications = deal.replications(values, each);
    // Of a replication's trials those that give a value, as in a report.
    let samples: Vec<Vec<f64>> = replications
        .iter()
        .map(|trials| trials.iter().filter_map(|value| value.trial).collect())
        .collect();
    let across = |interval: fn(&[f64], f64) -> Option<Ends>| {
        let ends = samples
            .iter()
            .filter_map(|sample| interval(sample, quantiles[sample.len()]?));
        fared(ends, truth)
    };
    let same =
        |sample: &&Vec<f64>| sample.len() > 1 && sample.iter().all(|value| *value == sample[0]);
    Some(Study {
        unit,
        rate,
        truth,
        standard_deviation: spread,
        skewness: cubes.sum::<f64>() / known.len() as f64,
        without_spread: samples.iter().filter(same).count() as u64,
        t: across(student)?,
        hall: across(hall),
        rows_of_one_trial: fared(
            replications.iter().filter_map(|trials| naive(&trials[..1])),
            truth,
        ),
        rows_pooled: fared(
            replications.iter().filter_map(|trials| naive(trials)),
            truth,
        ),
    })
}

/// How these intervals fared; none without any.
fn fared(intervals: impl Iterator<Item = Ends>, truth: f64) -> Option<Fared> {
    let (mut held, mut count, mut width) = (0, 0, 0.0);
    for ends in intervals {
        held += u64::from(ends.hold(truth));
        count += 1;
        width += ends.width();
    }
    if count == 0 {
        return None;
    }
    let covered = Share { held, of: count };
    let (low, high) = covered.interval();
    Some(Fared {
        held,
        of: count,
        share: covered.estimate(),
        low,
        high,
        width: width / count as f64,
    })
}

/// Mean ± 1.96 s / √n over the rows of these trials, as if rows were independent; none unless the metric is a mean over
/// rows.
fn naive(trials: &[Value]) -> Option<Ends> {
    let rows: Vec<Rows> = trials
        .iter()
        .map(|value| value.rows)
        .collect::<Option<_>>()?;
    let count: f64 = rows.iter().map(|rows| rows.count).sum();
    let mean = rows.iter().map(|rows| rows.count * rows.mean).sum::<f64>() / count;
    let squares = rows.iter().map(|rows| {
        let within = (rows.count - 1.0) * rows.deviation.powi(2);
        within + rows.count * (rows.mean - mean).powi(2)
    });
    let half = NORMAL * (squares.sum::<f64>() / (count - 1.0) / count).sqrt();
    half.is_finite().then_some(Ends {
        low: mean - half,
        high: mean + half,
    })
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ContinuousCDF as _, Normal};

    use super::*;

    fn normal(chance: &mut Chance) -> f64 {
        let unit = (chance.below(1 << 40) as f64 + 0.5) / (1u64 << 40) as f64;
        Normal::standard().inverse_cdf(unit)
    }

    /// Trials whose rows have a level of their own: row = trial's level + noise.
    fn trials(count: usize, rows: usize, seed: u64) -> Vec<Value> {
        let mut chance = Chance::new(seed);
        let trial = |_| {
            let level = normal(&mut chance);
            let rows: Vec<f64> = (0..rows).map(|_| level + normal(&mut chance)).collect();
            let (mean, deviation) = (mean(&rows), deviation(&rows));
            Value {
                trial: mean,
                rows: mean.zip(deviation).map(|(mean, deviation)| Rows {
                    count: rows.len() as f64,
                    mean,
                    deviation,
                }),
            }
        };
        (0..count).map(trial).collect()
    }

    #[test]
    fn normal_trials_are_covered_as_stated_and_rows_that_hang_together_are_not() {
        let found = study("", None, &trials(10_000, 20, 1), 5, Deal::Apart).expect("a study");
        let t = found.t;
        assert_eq!(t.of, 2_000);
        // Three standard errors of a share of 95 % in 2,000.
        assert!((t.share - 0.95).abs() < 0.015, "{t:?}");
        // A trial's mean is normal around the truth with variance 1 + 1/20; the interval of its rows reaches
        // 1.96/√20 = 0.438 to either side: P(|Z| < 0.438 / √1.05) = 0.331.
        let one = found.rows_of_one_trial.expect("rows");
        assert!((one.share - 0.331).abs() < 0.035, "{one:?}");
        // All rows together: variance (1 + 1/20) / 5 against 1.96² · 2 / 100, nearly: P(|Z| < 0.605) = 0.455.
        let pooled = found.rows_pooled.expect("rows");
        assert!((pooled.share - 0.455).abs() < 0.05, "{pooled:?}");
    }

    #[test]
    fn pooled_rows_are_those_of_all_trials() {
        let rows = |values: &[f64]| Value {
            trial: mean(values),
            rows: Some(Rows {
                count: values.len() as f64,
                mean: mean(values).expect("values"),
                deviation: deviation(values).expect("values"),
            }),
        };
        let ends = naive(&[rows(&[1.0, 2.0, 6.0]), rows(&[3.0, 8.0])]).expect("rows");
        let all = [1.0, 2.0, 6.0, 3.0, 8.0];
        let half = 1.96 * deviation(&all).expect("values") / 5.0f64.sqrt();
        assert!(
            (ends.low - (4.0 - half)).abs() < 1e-12 && (ends.high - (4.0 + half)).abs() < 1e-12
        );
    }

    #[test]
    fn replications_without_spread_are_counted() {
        let trial = |value: f64| Value {
            trial: Some(value),
            rows: None,
        };
        let values = [1.0, 1.0, 1.0, 4.0, 1.0, 1.0].map(trial);
        let found = study("units", None, &values, 2, Deal::Apart).expect("a study");
        assert_eq!(found.without_spread, 2);
        assert_eq!((found.t.held, found.t.of), (1, 3));
        assert_eq!((found.hall, found.rows_pooled), (None, None));
        assert_eq!(study("units", None, &[trial(1.0); 6], 2, Deal::Apart), None);
    }

    #[test]
    fn trials_without_a_value_are_left_out_of_their_replication() {
        let trial = |value: Option<f64>| Value {
            trial: value,
            rows: None,
        };
        let values = [Some(1.0), None, Some(2.0), Some(4.0), None, Some(3.0)].map(trial);
        let found = study("s", None, &values, 3, Deal::Apart).expect("a study");
        assert_eq!((found.truth, found.t.of), (2.5, 2));
    }

    #[test]
    fn resampled_experiments_keep_the_promise_of_normal_values() {
        let values = trials(400, 4, 11);
        let found = study("units", None, &values, 20, Deal::Resampled(2_000)).expect("a study");
        assert_eq!(found.t.of, 2_000);
        // Four standard errors of a share of 95 % in 2,000 are 2 %.
        assert!((found.t.share - 0.95).abs() < 0.02, "{found:?}");
        let again = study("units", None, &values, 20, Deal::Resampled(2_000));
        assert_eq!(again, Some(found));
    }
}
