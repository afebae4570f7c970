//! How far a machine's logical clock is behind the furthest one.

use serde::{Deserialize, Serialize};

use super::units::Units;
use crate::recording::Recording;
use crate::statistics::{deviation, max, mean};

/// Distance from the leader at the machine's own events: the largest clock of any machine at that time minus its own,
/// a machine's clock being that of its last row at or before the time, and 0 before its first. Taking a timekeeper's
/// message is no event of its own here: the tick's own event stands for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct LagMetrics {
    /// Mean over the machine's events, units of the logical clock.
    pub lag_mean: Option<f64>,
    /// Standard deviation over the machine's events (divisor n − 1).
    pub lag_deviation: Option<f64>,
    /// Largest.
    pub lag_max: Option<Units>,
    /// At the machine's last event.
    pub lag_final: Option<Units>,
}

/// Sums up a machine's lags.
pub fn measure(lags: Vec<f64>) -> LagMetrics {
    LagMetrics {
        lag_mean: mean(&lags),
        lag_deviation: deviation(&lags),
        lag_max: max(&lags).map(Units),
        lag_final: lags.last().copied().map(Units),
    }
}

/// One row, of those that carry a time and a clock.
struct Event {
    time_ns: i64,
    clock: f64,
    machine: u32,
    /// Whether it is an event of its own.
    counts: bool,
}

/// For each machine the lag at each of its events, in the order of time.
///
/// Empty for all machines if one has no rows with a time and a clock, unless it is known to have done nothing: nobody
/// knows whether it was the leader. And empty if the machines' times are not of one clock.
pub fn lags(recording: &Recording) -> Vec<Vec<f64>> {
    let mut lags: Vec<Vec<f64>> = vec![Vec::new(); recording.machines.len()];
    let Some(mut events) = events(recording).filter(|_| recording.one_time) else {
        return lags;
    };
    // Stable: rows of one machine at one instant keep their order. Ascending runs are merged, not sorted anew.
    events.sort_by_key(|event| event.time_ns);
    let mut clocks = vec![0.0; recording.machines.len()];
    let mut leader = 0.0;
    for instant in events.chunk_by(|a, b| a.time_ns == b.time_ns) {
        for event in instant {
            let own = &mut clocks[event.machine as usize];
            let fell = event.clock < *own;
            *own = event.clock;
            leader = if fell {
                max(&clocks).unwrap_or_default()
            } else {
                f64::max(leader, event.clock)
            };
        }
        for event in instant.iter().filter(|event| event.counts) {
            let machine = event.machine as usize;
            lags[machine].push(leader - clocks[machine]);
        }
    }
    lags
}

/// The events of all machines, machine by machine; none if one has none.
fn events(recording: &Recording) -> Option<Vec<Event>> {
    let rows = recording.machines.iter().map(|track| track.rows.len());
    let mut events = Vec::with_capacity(rows.sum());
    for (machine, track) in recording.machines.iter().enumerate() {
        let rows = &track.rows;
        let before = events.len();
        events.extend((0..rows.len()).filter_map(|row| {
            Some(Event {
                time_ns: rows.time_ns[row]?,
                machine: machine as u32,
                clock: rows.clock[row]?,
                counts: !recording.takes_time(machine, row),
            })
        }));
        if events.len() == before && !track.silent {
            return None;
        }
    }
    Some(events)
}
