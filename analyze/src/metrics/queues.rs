//! Length of the network queue after each event.

use events::column::Column;
use events::{At, Kind, Trial, schema};
use polars::prelude::ChunkCompareIneq as _;
use serde::{Deserialize, Serialize};
use statistics::slope;

use super::series::{column, deviation, filtered, max, of_kind, own_rows, quantile};

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
pub fn measure(trial: &Trial, machine: usize, times: &Column<f64>, started: bool) -> QueueMetrics {
    let rows = &trial.machines[machine].rows;
    if rows.is_empty() {
        return QueueMetrics::default();
    }
    let (mut lengths, mut received) = (
        column(trial, machine, &schema::QUEUE),
        of_kind(trial, machine, Kind::Receive),
    );
    if let Some(own) = own_rows(trial, machine) {
        lengths = filtered(&lengths, &own);
        received = received & own;
    }
    let lengths = lengths.drop_nulls();
    let received = received.sum().map_or(0.0, f64::from);
    let above_one = lengths.gt(1).expect("numbers compare");
    let above_one = above_one.sum().map_or(0.0, f64::from);
    let timekeeper = trial.timekeeper();
    let own = (0..rows.len()).filter(|&row| !trial.takes_time(timekeeper, At { machine, row }));
    let timed = own
        .clone()
        .filter_map(|row| Some((times.get(row)?, rows.queue.get(row)? as f64)));
    let last = own.clone().next_back().and_then(|row| times.get(row));
    let elapsed = last.filter(|&elapsed| started && elapsed > 0.0);
    let queue_last = own.clone().rev().find_map(|row| rows.queue.get(row));
    QueueMetrics {
        queue_rows: Some(lengths.len() as u64),
        queue_mean: lengths.mean(),
        queue_deviation: deviation(&lengths),
        queue_time_mean: time_mean(timed.clone()),
        queue_p90: quantile(&lengths, 0.9),
        queue_max: max(&lengths).map(|length| length as u64),
        queue_last,
        queue_above_one: (!lengths.is_empty()).then(|| above_one / lengths.len() as f64),
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
