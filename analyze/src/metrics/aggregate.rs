//! Across trials: the trial is the statistical unit.
//!
//! Machines of one group inside one trial are averaged first; mean and standard deviation are then taken over the trials'
//! averages. polars does both on slices of one column for each metric, missing values left out.
//!
//! **Invariant.** An estimate is a function of the samples and their order alone: shards that are put together give what
//! the whole run gives, to the last bit.

use std::collections::BTreeMap;

use polars::prelude::{ChunkAgg as _, ChunkVar as _, Float64Chunked, NewChunkedArray as _};
use statistics::Estimate;

/// What one machine contributes.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Which condition its trial belongs to.
    pub condition: u32,
    /// Which group of machines of the condition it belongs to.
    pub group: u32,
    /// Which trial it belongs to; unique over all conditions.
    pub trial: u32,
    /// A value for each metric.
    pub values: Vec<Option<f64>>,
}

impl Sample {
    fn key(&self) -> (u32, u32) {
        (self.condition, self.group)
    }
}

/// For each (condition, group) an estimate of each of `width` metrics, which is how many values each sample has.
pub fn estimates(mut samples: Vec<Sample>, width: usize) -> BTreeMap<(u32, u32), Vec<Estimate>> {
    samples.sort_by_key(|sample| (sample.key(), sample.trial));
    let columns: Vec<Float64Chunked> = (0..width)
        .map(|metric| column(samples.iter().map(|sample| sample.values[metric])))
        .collect();
    let mut estimates = BTreeMap::new();
    let mut start = 0;
    for group in samples.chunk_by(|a, b| a.key() == b.key()) {
        let trials = group.chunk_by(|a, b| a.trial == b.trial);
        let machines: Vec<usize> = trials.map(<[Sample]>::len).collect();
        let of_group = columns.iter().map(|column| {
            let values = column.slice(start as i64, group.len());
            of_trials(&means(values, &machines))
        });
        estimates.insert(group[0].key(), of_group.collect());
        start += group.len();
    }
    estimates
}

/// The mean of each trial's machines, `machines` of each.
fn means(values: Float64Chunked, machines: &[usize]) -> Float64Chunked {
    if machines.len() == values.len() {
        return values;
    }
    let mut start = 0;
    column(machines.iter().map(|&machines| {
        let of_trial = values.slice(start, machines);
        start += machines as i64;
        of_trial.mean()
    }))
}

/// The estimate of a sample, one value a trial.
pub fn estimate(values: impl Iterator<Item = f64>) -> Estimate {
    of_trials(&column(values.map(Some)))
}

fn of_trials(values: &Float64Chunked) -> Estimate {
    let trials = values.len() - values.null_count();
    Estimate::new(trials as u64, values.mean(), values.std(1))
}

fn column(values: impl Iterator<Item = Option<f64>>) -> Float64Chunked {
    Float64Chunked::from_iter_options("".into(), values)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Sample, estimates};
    use statistics::{Estimate, mean};

    fn close(a: Option<f64>, b: Option<f64>) -> bool {
        match (a, b) {
            (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * b.abs().max(1.0),
            (a, b) => a == b,
        }
    }

    proptest! {
        /// Machines are averaged inside their trial, values that are missing are left out, and the trials' means are the
        /// sample.
        #[test]
        fn trials_are_the_unit(values in prop::collection::vec((0u32..3, 0u32..4, any::<Option<i16>>()), 0..40)) {
            let samples = values.iter().map(|&(group, trial, value)| Sample {
                condition: 7,
                group,
                trial,
                values: vec![value.map(f64::from), None],
            });
            let found = estimates(samples.collect(), 2);
            for group in 0..3 {
                let of_trial = |trial: u32| {
                    let own = values.iter().filter(|of| (of.0, of.1) == (group, trial));
                    mean(&own.filter_map(|of| of.2).map(f64::from).collect::<Vec<f64>>())
                };
                let expected = Estimate::of(&(0..4).filter_map(of_trial).collect::<Vec<f64>>());
                match found.get(&(7, group)) {
                    Some(found) => {
                        prop_assert_eq!(found[0].trials, expected.trials);
                        prop_assert!(close(found[0].mean, expected.mean));
                        prop_assert!(close(found[0].standard_deviation, expected.standard_deviation));
                        prop_assert_eq!(found[1], Estimate::of(&[]));
                    }
                    None => prop_assert!(values.iter().all(|of| of.0 != group)),
                }
            }
        }
    }
}
