//! Jumps of the logical clock: the differences of successive rows.

use serde::{Deserialize, Serialize};
use statistics::{deviation, max, mean, quantile, sorted};

use super::units::Units;
use crate::recording::{EventKind, Rows};

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
        let (before, after) = (rows.clock.get(row - 1)?, rows.clock.get(row)?);
        Some((row, after - before))
    })
}

/// Measures a machine's jumps.
pub fn measure(rows: &Rows) -> JumpMetrics {
    let (receive_jump_mean, receive_jump_max) = of_receives(rows);
    let mut all = Vec::with_capacity(rows.len());
    all.extend(jumps(rows).map(|(_, jump)| jump));
    let ascending = sorted(all);
    let clocks = || rows.clock.iter().flatten();
    let count = |is: fn(f64) -> bool| {
        let jumps = ascending.iter().filter(|&&jump| is(jump));
        clocks().next().map(|_| jumps.count() as u64)
    };
    let above = count(|jump| jump > 1.0);
    let share = |above: u64| (!ascending.is_empty()).then(|| above as f64 / ascending.len() as f64);
    JumpMetrics {
        clock_first: clocks().next().map(Units),
        clock_final: clocks().last().map(Units),
        clock_max: clocks().map(Units).max(),
        jump_mean: mean(&ascending),
        jump_deviation: deviation(&ascending),
        jump_p50: quantile(&ascending, 0.5),
        jump_p99: quantile(&ascending, 0.99),
        jump_max: ascending.last().copied().map(Units),
        jump_min: ascending.first().copied().map(Units),
        jumps_above_one: above.and_then(share),
        jumps_above_one_count: above,
        clock_decreases: count(|jump| jump < 0.0),
        receive_jump_mean,
        receive_jump_max,
    }
}

/// The mean and the largest of the jumps made by receives.
fn of_receives(rows: &Rows) -> (Option<f64>, Option<Units>) {
    let receives: Vec<f64> = jumps(rows)
        .filter(|&(row, _)| rows.event[row] == EventKind::Receive)
        .map(|(_, jump)| jump)
        .collect();
    (mean(&receives), max(&receives).map(Units))
}
