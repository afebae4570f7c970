//! Ticks against their schedule.

use event_log::Tick;
use events::column::Column;
use events::{Machine, Rows};
use serde::{Deserialize, Serialize};

use super::series::{max, of_numbers, quantiles};
use super::units::difference;

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
pub fn measure(machine: &Machine, times: &Column<f64>) -> TickMetrics {
    let rows = &machine.rows;
    if rows.is_empty() {
        return TickMetrics::default();
    }
    let (mut ticks, mut first, mut last) = (0u64, None, None);
    for row in tick_starts(rows) {
        if let Some(time) = times.get(row) {
            last = Some((ticks as f64, time));
            first = first.or(last);
        }
        ticks += 1;
    }
    let mut late = Vec::with_capacity(rows.len());
    late.extend(lateness_ms(machine).map(|(_, late)| late));
    let late = of_numbers(late);
    let [lateness_p50_ms, lateness_p99_ms] = quantiles(&late, [0.5, 0.99]);
    TickMetrics {
        ticks: Some(ticks),
        lateness_p50_ms,
        lateness_p99_ms,
        lateness_max_ms: max(&late),
        times_backwards: times_backwards(times),
        ..of_span(first.zip(last), machine.rate_hz)
    }
}

/// How a machine kept its rate, by the number and the time of the first tick with a time, and of the last.
pub(super) fn of_span(span: Option<((f64, f64), (f64, f64))>, rate_hz: Option<f64>) -> TickMetrics {
    let span = span.filter(|((_, first), (_, last))| last > first);
    let tick_rate = span.map(|((m, first), (n, last))| (n - m) / (last - first));
    TickMetrics {
        tick_rate,
        tick_error_percent: tick_rate
            .zip(rate_hz)
            .map(|(measured, rate)| (measured / rate - 1.0) * 100.0),
        ..TickMetrics::default()
    }
}

/// None where no row carries a time.
fn times_backwards(times: &Column<f64>) -> Option<u64> {
    let mut timed = times.iter().flatten();
    let mut before = timed.next()?;
    let backwards = timed.filter(|&time| time < std::mem::replace(&mut before, time));
    Some(backwards.count() as u64)
}

/// The first row of each tick, in file order.
fn tick_starts(rows: &Rows) -> impl Iterator<Item = usize> {
    let ticks = rows.tick.values();
    let ascending = ticks.is_sorted();
    let mut seen = std::collections::BTreeSet::new();
    (0..rows.len()).filter(move |&row| {
        if ascending {
            row == 0 || ticks[row] != ticks[row - 1]
        } else {
            seen.insert(ticks[row])
        }
    })
}

/// For each tick its first row and its lateness in milliseconds of system time; empty if due times are not known.
pub fn lateness_ms(machine: &Machine) -> impl Iterator<Item = (usize, f64)> {
    let rows = &machine.rows;
    let schedules = machine.schedule.into_iter();
    schedules.flat_map(move |schedule| {
        tick_starts(rows).filter_map(move |row| {
            let due_ns = schedule.due_ns(Tick(rows.tick(row)));
            let time_ns = rows.time_ns.get(row)?;
            let late_ns = match i64::try_from(due_ns) {
                Ok(due_ns) => difference(time_ns, due_ns),
                Err(_) => (i128::from(time_ns) - i128::from(due_ns)) as f64,
            };
            Some((row, late_ns / 1e6))
        })
    })
}
