//! Ticks against their schedule.

use event_log::{Tick, TrialManifest};
use serde::Serialize;

use crate::statistics::{quantile, sorted};
use crate::trial_log::{ClockRows, MachineLog};

/// How a machine kept its rate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
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
}

/// Measures a machine's ticks; `times` are the nominal seconds of its rows.
pub fn measure(manifest: &TrialManifest, machine: &MachineLog, times: &[f64]) -> TickMetrics {
    let rows = &machine.rows;
    if rows.is_empty() {
        return TickMetrics::default();
    }
    let starts = tick_starts(rows);
    let span = match starts.as_slice() {
        [first, .., last] => times[*last] - times[*first],
        _ => 0.0,
    };
    let tick_rate = (span > 0.0).then(|| (starts.len() - 1) as f64 / span);
    let rate = machine.entry.rate.hz();
    let late = sorted(
        lateness_ms(manifest, machine)
            .into_iter()
            .map(|(_, late)| late)
            .collect(),
    );
    TickMetrics {
        ticks: Some(starts.len() as u64),
        tick_rate,
        tick_error_percent: tick_rate.map(|measured| (measured / rate - 1.0) * 100.0),
        lateness_p50_ms: quantile(&late, 0.5),
        lateness_p99_ms: quantile(&late, 0.99),
        lateness_max_ms: late.last().copied(),
    }
}

/// The first row of each tick, in file order.
fn tick_starts(rows: &ClockRows) -> Vec<usize> {
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

/// For each tick its first row and its lateness in milliseconds of system time; empty if the trial's start is not
/// known.
pub fn lateness_ms(manifest: &TrialManifest, machine: &MachineLog) -> Vec<(usize, f64)> {
    let Some(schedule) = manifest.schedule(&machine.entry) else {
        return Vec::new();
    };
    let rows = &machine.rows;
    tick_starts(rows)
        .into_iter()
        .map(|row| {
            let due_ns = schedule.due_ns(Tick(rows.tick[row]));
            let late_ns = i128::from(rows.time_ns[row]) - i128::from(due_ns);
            (row, late_ns as f64 / 1e6)
        })
        .collect()
}
