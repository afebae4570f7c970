//! How far a machine's logical clock is behind the furthest one.

use serde::Serialize;

use crate::statistics::{deviation, max, mean};
use crate::trial_log::TrialLog;

/// Distance from the leader at the machine's own events: the largest clock of any machine at that time minus its own,
/// a machine's clock being that of its last row at or before the time, and 0 before its first. Taking a timekeeper's
/// message is no event of its own here: the tick's own event stands for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct LagMetrics {
    /// Mean over the machine's events, units of the logical clock.
    pub lag_mean: Option<f64>,
    /// Standard deviation over the machine's events (divisor n − 1).
    pub lag_deviation: Option<f64>,
    /// Largest.
    pub lag_max: Option<u64>,
    /// At the machine's last event.
    pub lag_final: Option<u64>,
}

/// Sums up a machine's lags.
pub fn measure(lags: Vec<u64>) -> LagMetrics {
    let values: Vec<f64> = lags.iter().map(|&lag| lag as f64).collect();
    LagMetrics {
        lag_mean: mean(&values),
        lag_deviation: deviation(&values),
        lag_max: max(&values).map(|lag| lag as u64),
        lag_final: lags.last().copied(),
    }
}

/// For each machine the lag at each of its events, in the order of time.
///
/// Empty for all machines if one has no rows: nobody knows whether it was the leader.
pub fn lags(log: &TrialLog) -> Vec<Vec<u64>> {
    let mut lags: Vec<Vec<u64>> = vec![Vec::new(); log.machines.len()];
    if log.machines.iter().any(|machine| machine.rows.is_empty()) {
        return lags;
    }
    let mut events: Vec<(u64, usize, u64, bool)> = Vec::new();
    for (machine, rows) in log.machines.iter().map(|machine| &machine.rows).enumerate() {
        let clocks = rows.time_ns.iter().zip(&rows.clock).enumerate();
        events.extend(clocks.map(|(row, (&time_ns, &clock))| {
            (time_ns, machine, clock, !log.takes_time(machine, row))
        }));
    }
    // Stable: rows of one machine at one instant keep their order. Ascending runs are merged, not sorted anew.
    events.sort_by_key(|&(time_ns, ..)| time_ns);
    let mut clocks = vec![0u64; log.machines.len()];
    let mut leader = 0;
    for instant in events.chunk_by(|a, b| a.0 == b.0) {
        for &(_, machine, clock, _) in instant {
            let fell = clock < clocks[machine];
            clocks[machine] = clock;
            leader = if fell {
                clocks.iter().copied().max().unwrap_or_default()
            } else {
                leader.max(clock)
            };
        }
        for &(_, machine, _, counts) in instant {
            if counts {
                lags[machine].push(leader - clocks[machine]);
            }
        }
    }
    lags
}
