//! Jumps of the logical clock: the differences of successive rows.

use events::{Kind, Rows, Trial};
use polars::prelude::{BooleanChunked, ChunkCompareIneq as _, PolarsResult, Series};
use serde::{Deserialize, Serialize};

use super::series::{clocks, deviation, filtered, max, min, of_kind, quantiles};
use super::units::Units;

/// How a machine's logical clock moved from row to row: jump i = clock i − clock (i − 1), from the second row on.
/// Rows without a clock make no jump, and none is made across them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct JumpMetrics {
    /// The logical clock after the first row.
    pub clock_first: Option<Units>,
    /// The logical clock after the last row.
    pub clock_final: Option<Units>,
    /// The largest value of the logical clock; that after the last row unless the log breaks the rules.
    pub clock_max: Option<Units>,
    /// Mean jump: (clock_final − clock_first) / (rows − 1).
    pub jump_mean: Option<f64>,
    /// Standard deviation of the trial's jumps (divisor n − 1).
    pub jump_deviation: Option<f64>,
    /// Median jump.
    pub jump_p50: Option<f64>,
    /// 99th percentile of the jumps.
    pub jump_p99: Option<f64>,
    /// Largest jump.
    pub jump_max: Option<Units>,
    /// Smallest jump; below 1 only where a log breaks the rules.
    pub jump_min: Option<Units>,
    /// Share of the jumps, from 0 to 1, that are larger than 1.
    pub jumps_above_one: Option<f64>,
    /// How many jumps are larger than 1.
    pub jumps_above_one_count: Option<u64>,
    /// How many jumps are below 0: rows on which the clock is lower than on the row before.
    pub clock_decreases: Option<u64>,
    /// Mean of the jumps made by rows that are receives.
    pub receive_jump_mean: Option<f64>,
    /// Largest jump made by a receive.
    pub receive_jump_max: Option<Units>,
}

/// The jumps in file order, each with its row: from every row to the next, where both carry a clock. Negative only where
/// a log breaks the rules.
pub fn jumps(rows: &Rows) -> impl Iterator<Item = (usize, f64)> {
    (1..rows.len()).filter_map(|row| {
        let (before, after) = (rows.clock_value(row - 1)?, rows.clock_value(row)?);
        Some((row, after - before))
    })
}

/// Measures a machine's jumps.
pub fn measure(trial: &Trial, machine: usize) -> JumpMetrics {
    let rows = &trial.machines[machine].rows;
    let shown = || (0..rows.len()).filter_map(|row| rows.clock_value(row));
    let Some(first) = shown().next() else {
        return JumpMetrics::default();
    };
    let clocks = clocks(trial, machine);
    // A jump is null where one of its two clocks is.
    let later = rows.len() - 1;
    let jumps = (&clocks.slice(1, later) - &clocks.slice(0, later)).expect("of one length");
    let receives = of_kind(trial, machine, Kind::Receive).slice(1, later);
    let of_receives = filtered(&jumps, &receives);
    let jumps = jumps.drop_nulls();
    let above = count(&jumps, |jumps| jumps.gt(1));
    let [jump_p50, jump_p99] = quantiles(&jumps, [0.5, 0.99]);
    JumpMetrics {
        clock_first: Some(Units(first)),
        clock_final: shown().next_back().map(Units),
        clock_max: max(&clocks).map(Units),
        jump_mean: jumps.mean(),
        jump_deviation: deviation(&jumps),
        jump_p50,
        jump_p99,
        jump_max: max(&jumps).map(Units),
        jump_min: min(&jumps).map(Units),
        jumps_above_one: (!jumps.is_empty()).then(|| above as f64 / jumps.len() as f64),
        jumps_above_one_count: Some(above),
        clock_decreases: Some(count(&jumps, |jumps| jumps.lt(0))),
        receive_jump_mean: of_receives.mean(),
        receive_jump_max: max(&of_receives).map(Units),
    }
}

/// How many values are so.
fn count(values: &Series, so: impl Fn(&Series) -> PolarsResult<BooleanChunked>) -> u64 {
    let so = so(values).expect("numbers compare");
    so.sum().map_or(0, u64::from)
}
