//! The logical clock against time.

use serde::Serialize;

use super::jumps::gain;
use crate::statistics::slope;
use crate::trial_log::ClockRows;

/// How fast a machine's logical clock ran.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct DriftMetrics {
    /// Time from the first row to the last, nominal seconds; none with fewer than two rows.
    pub duration_s: Option<f64>,
    /// (clock_final − clock_first) / duration_s, units per nominal second.
    pub logical_rate: Option<f64>,
    /// Slope of the least-squares line through (time, clock), units per nominal second.
    pub logical_rate_slope: Option<f64>,
    /// Logical rate over nominal tick rate; 1 for a machine that never jumped.
    pub drift_factor: Option<f64>,
    /// clock_final − rate · (time of the last row − start of the trial): units gained over the machine's own nominal
    /// clock; none if the trial's start is not known.
    pub drift_final: Option<f64>,
}

/// Measures a machine's drift. `times` are the nominal seconds of its rows since the origin of the timeline, which is
/// the trial's start if that is known (`started`).
pub fn measure(rows: &ClockRows, times: &[f64], rate: f64, started: bool) -> DriftMetrics {
    let ([first, .., last], [clock_first, .., clock_final]) = (times, rows.clock.as_slice()) else {
        let drift_final = match (started, times, rows.clock.as_slice()) {
            (true, [time], [clock]) => Some(*clock as f64 - rate * time),
            _ => None,
        };
        return DriftMetrics {
            drift_final,
            ..DriftMetrics::default()
        };
    };
    let duration = last - first;
    let gained = gain(*clock_first, *clock_final);
    let logical_rate = (duration > 0.0).then(|| gained as f64 / duration);
    let points = times
        .iter()
        .copied()
        .zip(rows.clock.iter().map(|&clock| clock as f64));
    DriftMetrics {
        duration_s: Some(duration),
        logical_rate,
        logical_rate_slope: slope(points),
        drift_factor: logical_rate.map(|logical| logical / rate),
        drift_final: started.then(|| *clock_final as f64 - rate * last),
    }
}
