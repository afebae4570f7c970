//! The logical clock against time.

use std::collections::BTreeMap;

use serde::Serialize;

use super::jumps::{gain, jumps};
use crate::statistics::slope;
use crate::trial_log::{ClockRows, EventKind};

/// How fast a machine's logical clock ran.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
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
    /// Sum over the jumps of (jump − 1): units taken over from others. Exactly
    /// clock_final = clock_first + (rows − 1) + inherited.
    pub inherited: Option<i64>,
    /// The inherited units by the sender whose message brought them.
    pub inherited_from: BTreeMap<u32, i64>,
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
        inherited: Some(gained.saturating_sub((rows.len() - 1) as i64)),
        inherited_from: inherited_from(rows),
    }
}

fn inherited_from(rows: &ClockRows) -> BTreeMap<u32, i64> {
    let mut by_sender = BTreeMap::new();
    for (jump, row) in jumps(rows).zip(1..) {
        if let (EventKind::Receive, Some(sender)) = (rows.event[row], rows.peer[row]) {
            let inherited: &mut i64 = by_sender.entry(sender.0).or_default();
            *inherited = inherited.saturating_add(jump.saturating_sub(1));
        }
    }
    by_sender
}

#[cfg(test)]
mod tests {
    use event_log::MachineId;

    use super::*;

    #[test]
    fn clocks_beyond_all_measure_do_not_overflow() {
        let clock = vec![0, u64::MAX, 0, u64::MAX];
        let rows = ClockRows {
            event: vec![EventKind::Receive; clock.len()],
            peer: vec![Some(MachineId(1)); clock.len()],
            tick: vec![0, 1, 2, 3],
            clock,
            ..ClockRows::default()
        };
        let drift = measure(&rows, &[0.0, 1.0, 2.0, 3.0], 1.0, true);
        assert_eq!(drift.inherited, Some(i64::MAX - 3));
        assert!(drift.inherited_from[&1] > 0);
    }
}
