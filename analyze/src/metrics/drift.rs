//! The logical clock against time.

use events::Machine;
use events::column::Column;
use serde::{Deserialize, Serialize};
use statistics::slope;

/// How fast a machine's logical clock ran, over the rows that carry both a time and a clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct DriftMetrics {
    /// Time from the first row to the last, nominal seconds; 0 of a single row.
    pub duration_s: Option<f64>,
    /// (clock_final − clock_first) / duration_s, units per nominal second.
    pub logical_rate: Option<f64>,
    /// Slope of the least-squares line through (time, clock), units per nominal second.
    pub logical_rate_slope: Option<f64>,
    /// Logical rate over nominal tick rate; 1 for a machine that never jumped.
    pub drift_factor: Option<f64>,
    /// clock_final − rate · (time of the last row − start of the trial): units gained over the machine's own nominal
    /// clock; none if the trial's start or the rate is not known.
    pub drift_final: Option<f64>,
}

/// Measures a machine's drift. `times` are the nominal seconds of its rows since the origin of the timeline, which is
/// the trial's start if that is known (`started`).
pub fn measure(machine: &Machine, times: &Column<f64>, started: bool) -> DriftMetrics {
    let rows = &machine.rows;
    let points = (0..rows.len()).filter_map(|row| Some((times.get(row)?, rows.clock_value(row)?)));
    let mut ends = points.clone();
    let start = ends.next();
    let end = ends.next_back();
    let gained = end.or(start).zip(machine.rate_hz).filter(|_| started);
    let drift_final = gained.map(|((last, clock), rate)| clock - rate * last);
    let mut timed = times.iter().flatten();
    let first = timed.next();
    let last = timed.next_back().or(first);
    let (Some(first), Some(last), Some((start, end))) = (first, last, start.zip(end)) else {
        return DriftMetrics {
            duration_s: first.zip(last).map(|(first, last)| last - first),
            drift_final,
            ..DriftMetrics::default()
        };
    };
    DriftMetrics {
        duration_s: Some(last - first),
        drift_final,
        ..of_ends([start, end], slope(points), machine.rate_hz)
    }
}

/// The drift between the first row with a time and a clock and the last, and the slope of the line through all of them; no
/// duration and no drift from the start.
pub(super) fn of_ends(
    [start, end]: [(f64, f64); 2],
    slope: Option<f64>,
    rate_hz: Option<f64>,
) -> DriftMetrics {
    let elapsed = end.0 - start.0;
    let logical_rate = (elapsed > 0.0).then(|| (end.1 - start.1) / elapsed);
    DriftMetrics {
        logical_rate,
        logical_rate_slope: slope,
        drift_factor: logical_rate
            .zip(rate_hz)
            .map(|(logical, rate)| logical / rate),
        ..DriftMetrics::default()
    }
}
