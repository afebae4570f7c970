//! Jumps of the logical clock: the differences of successive rows.

use serde::Serialize;

use crate::statistics::{deviation, mean, quantile, sorted};
use crate::trial_log::{ClockRows, EventKind};

/// How a machine's logical clock moved from row to row: jump i = clock i − clock (i − 1), from the second row on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct JumpMetrics {
    /// The logical clock after the first row.
    pub clock_first: Option<u64>,
    /// The logical clock after the last row.
    pub clock_final: Option<u64>,
    /// Mean jump: (clock_final − clock_first) / (rows − 1).
    pub jump_mean: Option<f64>,
    /// Standard deviation of the trial's jumps (divisor n − 1).
    pub jump_deviation: Option<f64>,
    /// Median jump.
    pub jump_p50: Option<f64>,
    /// 99th percentile of the jumps.
    pub jump_p99: Option<f64>,
    /// Largest jump.
    pub jump_max: Option<i64>,
    /// Share of the jumps, from 0 to 1, that are larger than 1.
    pub jumps_above_one: Option<f64>,
    /// Mean of the jumps made by rows that are receives.
    pub receive_jump_mean: Option<f64>,
    /// Largest jump made by a receive.
    pub receive_jump_max: Option<i64>,
}

/// The jumps in file order: one fewer than rows. Negative only where a log breaks the rules.
pub fn jumps(rows: &ClockRows) -> impl Iterator<Item = i64> {
    rows.clock.windows(2).map(|pair| gain(pair[0], pair[1]))
}

/// From one clock to another; negative if it fell. Clocks further apart than an `i64` holds count as that far apart.
pub(crate) fn gain(from: u64, to: u64) -> i64 {
    let gain = i128::from(to) - i128::from(from);
    i64::try_from(gain).unwrap_or(if gain < 0 { i64::MIN } else { i64::MAX })
}

/// Measures a machine's jumps.
pub fn measure(rows: &ClockRows) -> JumpMetrics {
    let all: Vec<i64> = jumps(rows).collect();
    let ascending = sorted(all.iter().map(|&jump| jump as f64).collect());
    let receives: Vec<f64> = jumps(rows)
        .zip(rows.event.iter().skip(1))
        .filter(|(_, kind)| **kind == EventKind::Receive)
        .map(|(jump, _)| jump as f64)
        .collect();
    let above = all.iter().filter(|&&jump| jump > 1).count();
    JumpMetrics {
        clock_first: rows.clock.first().copied(),
        clock_final: rows.clock.last().copied(),
        jump_mean: mean(&ascending),
        jump_deviation: deviation(&ascending),
        jump_p50: quantile(&ascending, 0.5),
        jump_p99: quantile(&ascending, 0.99),
        jump_max: all.iter().max().copied(),
        jumps_above_one: (!all.is_empty()).then(|| above as f64 / all.len() as f64),
        receive_jump_mean: mean(&receives),
        receive_jump_max: crate::statistics::max(&receives).map(|jump| jump as i64),
    }
}

#[cfg(test)]
mod tests {
    use super::gain;

    #[test]
    fn clocks_of_any_size_have_a_difference() {
        assert_eq!((gain(4, 9), gain(9, 4)), (5, -5));
        assert_eq!((gain(0, u64::MAX), gain(u64::MAX, 0)), (i64::MAX, i64::MIN));
    }
}
