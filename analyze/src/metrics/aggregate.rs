//! Across trials: the trial is the statistical unit.
//!
//! Machines of one group inside one trial are averaged first; mean and standard deviation are then taken over the
//! trials' averages. polars does both, missing values left out.

use std::collections::BTreeMap;

use polars::prelude::{
    ChunkAgg as _, ChunkVar as _, Column, DataFrame, PlSmallStr, PolarsError, PolarsResult,
};
use statistics::Estimate;
use thiserror::Error;

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

/// A bug of ours or of polars.
#[derive(Debug, Error)]
#[error("aggregation across trials failed: {0}")]
pub struct AggregateError(#[from] PolarsError);

const KEYS: [&str; 3] = ["condition", "group", "trial"];

/// For each (condition, group) an estimate of each of `width` metrics.
///
/// # Errors
///
/// Whatever polars reports; samples of fewer values than `width` are a bug of the caller.
pub fn estimates(
    samples: &[Sample],
    width: usize,
) -> Result<BTreeMap<(u32, u32), Vec<Estimate>>, AggregateError> {
    let mut estimates = BTreeMap::new();
    if samples.is_empty() {
        return Ok(estimates);
    }
    let names: Vec<String> = (0..width).map(|metric| format!("m{metric}")).collect();
    let trials = trial_means(&frame(samples, &names)?)?;
    let groups = trials.group_by_stable([KEYS[0], KEYS[1]])?;
    groups.apply(|group| {
        let (key, found) = across_trials(&group, &names)?;
        estimates.insert(key, found);
        Ok(group.head(Some(1)))
    })?;
    Ok(estimates)
}

/// One row for each (condition, group, trial), with the mean over the machines of each metric.
#[expect(
    deprecated,
    reason = "the advice is polars' lazy frames, which would triple the build for this one call"
)]
fn trial_means(machines: &DataFrame) -> PolarsResult<DataFrame> {
    machines.group_by_stable(KEYS)?.mean()
}

/// The key of a group, and its estimates over rows that are one trial each.
fn across_trials(group: &DataFrame, names: &[String]) -> PolarsResult<((u32, u32), Vec<Estimate>)> {
    let key = |name: &str| -> PolarsResult<u32> {
        let first = group.column(name)?.u32()?.get(0);
        first.ok_or_else(|| PolarsError::NoData("a group without a key".into()))
    };
    let estimate = |name: &String| -> PolarsResult<Estimate> {
        let values = group.column(&format!("{name}_mean"))?.f64()?;
        let trials = values.len() - values.null_count();
        Ok(Estimate::new(trials as u64, values.mean(), values.std(1)))
    };
    let estimates: PolarsResult<Vec<Estimate>> = names.iter().map(estimate).collect();
    Ok(((key(KEYS[0])?, key(KEYS[1])?), estimates?))
}

fn frame(samples: &[Sample], names: &[String]) -> PolarsResult<DataFrame> {
    let key = |name: &str, value: fn(&Sample) -> u32| {
        let values: Vec<u32> = samples.iter().map(value).collect();
        Column::new(PlSmallStr::from_str(name), values)
    };
    let mut columns = vec![
        key(KEYS[0], |sample| sample.condition),
        key(KEYS[1], |sample| sample.group),
        key(KEYS[2], |sample| sample.trial),
    ];
    for (metric, name) in names.iter().enumerate() {
        let values: Vec<Option<f64>> = samples.iter().map(|sample| sample.values[metric]).collect();
        columns.push(Column::new(PlSmallStr::from_str(name), values));
    }
    DataFrame::new(samples.len(), columns)
}
