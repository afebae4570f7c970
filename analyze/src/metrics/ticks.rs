//! Ticks against their schedule.

use event_log::Tick;
use serde::{Deserialize, Serialize};

use super::units::difference;
use crate::recording::{Rows, Track};
use crate::statistics::{quantile, sorted};

/// How a machine kept its rate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct TickMetrics {
    /// Distinct tick numbers. A tick that drains several messages, or takes the time, has several rows.
    pub ticks: Option<u64>,
    /// (ticks − 1) / (time of the last tick − time of the first), ticks per nominal second.
    pub tick_rate: Option<f64>,
    /// Tick rate against the nominal rate, percent; 0 is perfect.
    pub tick_error_percent: Option<f64>,
    /// Lateness, median: time of a tick's first row minus its due time, milliseconds of system time; a delay
    /// that the condition injects is part of it.
    pub lateness_p50_ms: Option<f64>,
    /// Lateness, 99th percentile, milliseconds of system time.
    pub lateness_p99_ms: Option<f64>,
    /// Lateness, largest, milliseconds of system time.
    pub lateness_max_ms: Option<f64>,
    /// Rows whose time is before that of the row before: the host's clock was set back, or the log is not one run. Times
    /// are taken as they stand.
    pub times_backwards: Option<u64>,
}

/// Measures a machine's ticks; `times` are the nominal seconds of its rows.
pub fn measure(machine: &Track, times: &[Option<f64>]) -> TickMetrics {
    let rows = &machine.rows;
    if rows.is_empty() {
        return TickMetrics::default();
    }
    let starts = tick_starts(rows);
    let timed = starts.iter().enumerate();
    let mut timed = timed.filter_map(|(number, &row)| Some((number as f64, times[row]?)));
    let ends = timed.next().zip(timed.next_back());
    let span = ends.filter(|((_, first), (_, last))| last > first);
    let tick_rate = span.map(|((m, first), (n, last))| (n - m) / (last - first));
    let late = sorted(
        lateness_ms(machine)
            .into_iter()
            .map(|(_, late)| late)
            .collect(),
    );
    TickMetrics {
        ticks: Some(starts.len() as u64),
        tick_rate,
        tick_error_percent: tick_rate
            .zip(machine.rate_hz)
            .map(|(measured, rate)| (measured / rate - 1.0) * 100.0),
        lateness_p50_ms: quantile(&late, 0.5),
        lateness_p99_ms: quantile(&late, 0.99),
        lateness_max_ms: late.last().copied(),
        times_backwards: times_backwards(times),
    }
}

/// None where no row carries a time.
fn times_backwards(times: &[Option<f64>]) -> Option<u64> {
    let timed: Vec<f64> = times.iter().copied().flatten().collect();
    let backwards = timed.windows(2).filter(|pair| pair[1] < pair[0]).count();
    (!timed.is_empty()).then_some(backwards as u64)
}

/// The first row of each tick, in file order.
fn tick_starts(rows: &Rows) -> Vec<usize> {
    let ascending = rows.tick.is_sorted();
    let mut seen = std::collections::BTreeSet::new();
    (0..rows.len())
        .filter(|&row| {
            if ascending {
                row == 0 || rows.tick[row] != rows.tick[row - 1]
            } else {
                seen.insert(rows.tick[row])
            }
        })
        .collect()
}

/// For each tick its first row and its lateness in milliseconds of system time; empty if due times are not known.
pub fn lateness_ms(machine: &Track) -> Vec<(usize, f64)> {
    let Some(schedule) = machine.schedule else {
        return Vec::new();
    };
    let rows = &machine.rows;
    let starts = tick_starts(rows).into_iter();
    let late = starts.filter_map(|row| {
        let due_ns = schedule.due_ns(Tick(rows.tick[row]));
        let time_ns = rows.time_ns[row]?;
        let late_ns = match i64::try_from(due_ns) {
            Ok(due_ns) => difference(time_ns, due_ns),
            Err(_) => (i128::from(time_ns) - i128::from(due_ns)) as f64,
        };
        Some((row, late_ns / 1e6))
    });
    late.collect()
}
