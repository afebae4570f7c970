//! Length of the network queue after each event.

use serde::{Deserialize, Serialize};
use statistics::{deviation, mean, quantile, slope, sorted};

use crate::recording::column::Column;
use crate::recording::{EventKind, Recording};

/// A machine's network queue, in messages. Rows that take a timekeeper's message stand in the middle of a tick and take
/// from no queue; they are left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct QueueMetrics {
    /// Rows that carry a length. All of our own do; others' often only those that take a message, and then the numbers
    /// below are over these.
    pub queue_rows: Option<u64>,
    /// Mean over the rows.
    pub queue_mean: Option<f64>,
    /// Standard deviation over the rows (divisor n − 1). It says how lengths differ inside the trial, and nothing of how
    /// trials differ: rows of one trial are not independent.
    pub queue_deviation: Option<f64>,
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
    /// (received from the queue + still queued) / (time of the last row − start of the trial), messages per nominal
    /// second; none if the trial's start is not known.
    pub arrival_rate: Option<f64>,
}

/// Measures a machine's queue; `times` are the nominal seconds of its rows, since the start if that is known
/// (`started`).
pub fn measure(
    recording: &Recording,
    machine: usize,
    times: &Column<f64>,
    started: bool,
) -> QueueMetrics {
    let rows = &recording.machines[machine].rows;
    let own = (0..rows.len()).filter(|&row| !recording.takes_time(machine, row));
    let queue = own.clone().filter_map(|row| rows.queue.get(row));
    let timed = own
        .clone()
        .filter_map(|row| Some((times.get(row)?, rows.queue.get(row)? as f64)));
    let mut lengths = Vec::with_capacity(rows.len());
    lengths.extend(queue.clone().map(|length| length as f64));
    let ascending = sorted(lengths);
    let received = own
        .clone()
        .filter(|&row| rows.event[row] == EventKind::Receive)
        .count() as f64;
    let last = own.clone().next_back().and_then(|row| times.get(row));
    let elapsed = last.filter(|&elapsed| started && elapsed > 0.0);
    let queue_last = queue.clone().next_back();
    let above_one = queue.clone().filter(|&length| length > 1).count() as f64;
    QueueMetrics {
        queue_rows: (!rows.is_empty()).then_some(ascending.len() as u64),
        queue_mean: mean(&ascending),
        queue_deviation: deviation(&ascending),
        queue_time_mean: time_mean(timed.clone()),
        queue_p90: quantile(&ascending, 0.9),
        queue_max: queue.max(),
        queue_last,
        queue_above_one: (!ascending.is_empty()).then(|| above_one / ascending.len() as f64),
        queue_growth: slope(timed),
        arrival_rate: queue_last
            .zip(elapsed)
            .map(|(queued, elapsed)| (received + queued as f64) / elapsed),
    }
}

/// Mean over time of lengths, each with its time.
fn time_mean(mut lengths: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let first = lengths.next()?;
    let mut before = first;
    let areas = lengths.map(|(time, length)| {
        let area = before.1 * (time - before.0);
        before = (time, length);
        area
    });
    let area: f64 = areas.sum();
    let duration = before.0 - first.0;
    (duration > 0.0).then(|| area / duration)
}
