//! Length of the network queue after each event.

use serde::Serialize;

use crate::statistics::{mean, quantile, slope, sorted};
use crate::trial_log::{ClockRows, EventKind};

/// A machine's network queue, in messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct QueueMetrics {
    /// Mean over the rows.
    pub queue_mean: Option<f64>,
    /// Mean over time: the length after each row holds until the next row.
    pub queue_time_mean: Option<f64>,
    /// 90th percentile over the rows.
    pub queue_p90: Option<f64>,
    /// Largest.
    pub queue_max: Option<u64>,
    /// After the last row.
    pub queue_last: Option<u64>,
    /// Share of the rows, from 0 to 1, after which two or more messages wait.
    pub queue_above_one: Option<f64>,
    /// Slope of the least-squares line through (time, length), messages per nominal second.
    pub queue_growth: Option<f64>,
    /// (received + still queued) / (time of the last row − start of the trial), messages per nominal second; none if
    /// the trial's start is not known.
    pub arrival_rate: Option<f64>,
}

/// Measures a machine's queue; `times` are the nominal seconds of its rows, since the start if that is known
/// (`started`).
pub fn measure(rows: &ClockRows, times: &[f64], started: bool) -> QueueMetrics {
    let lengths: Vec<f64> = rows.queue.iter().map(|&length| length as f64).collect();
    let growth = slope(times.iter().copied().zip(lengths.iter().copied()));
    let ascending = sorted(lengths);
    let received = rows
        .event
        .iter()
        .filter(|&&kind| kind == EventKind::Receive)
        .count() as f64;
    let elapsed = times
        .last()
        .copied()
        .filter(|&elapsed| started && elapsed > 0.0);
    let queue_last = rows.queue.last().copied();
    let above_one = rows.queue.iter().filter(|&&length| length > 1).count() as f64;
    QueueMetrics {
        queue_mean: mean(&ascending),
        queue_time_mean: time_mean(&rows.queue, times),
        queue_p90: quantile(&ascending, 0.9),
        queue_max: rows.queue.iter().max().copied(),
        queue_last,
        queue_above_one: (!rows.is_empty()).then(|| above_one / rows.len() as f64),
        queue_growth: growth,
        arrival_rate: queue_last
            .zip(elapsed)
            .map(|(queued, elapsed)| (received + queued as f64) / elapsed),
    }
}

fn time_mean(lengths: &[u64], times: &[f64]) -> Option<f64> {
    let duration = times.last()? - times.first()?;
    let area: f64 = times
        .windows(2)
        .zip(lengths)
        .map(|(pair, &length)| length as f64 * (pair[1] - pair[0]))
        .sum();
    (duration > 0.0).then(|| area / duration)
}
