//! Bands over time, for figures: at each moment the middle 95 % of simulated trials.

use event_log::{MachineId, RateRule};
use statistics::{quantile, sorted};

use crate::plot_data::{ConditionDigest, MachineBand, MachineDigest};

/// Moments at which a band is known, the two ends among them.
const MOMENTS: usize = 121;
/// The share of trials below and above.
const TAIL: f64 = 0.025;

/// A band for each machine, from simulated trials; none where each trial draws its rates, since machine 0 of one trial is
/// then no repetition of machine 0 of another.
pub fn bands(simulated: &ConditionDigest) -> Vec<MachineBand> {
    let condition = simulated.setting.own();
    let fixed = condition.filter(|condition| matches!(condition.rates, RateRule::Fixed(_)));
    let Some(condition) = fixed else {
        return Vec::new();
    };
    let duration_s = condition.duration_ns as f64 / 1e9;
    let ids = 0..condition.machines;
    ids.map(|id| {
        let of = |series: fn(&MachineDigest) -> &[(f64, f64)]| {
            let trials = simulated.trials.iter().filter(|trial| trial.complete);
            let machines = trials.flat_map(|trial| &trial.machines);
            let own = machines.filter(|machine| machine.machine == MachineId(id));
            edges(&own.map(series).collect::<Vec<_>>(), duration_s)
        };
        MachineBand {
            machine: MachineId(id),
            clock: of(|machine| &machine.clock),
            queue: of(|machine| &machine.queue),
        }
    })
    .collect()
}

/// (time, low, high) of step functions that start at 0.
fn edges(series: &[&[(f64, f64)]], duration_s: f64) -> Vec<(f64, f64, f64)> {
    let moments = (0..MOMENTS).map(|k| duration_s * k as f64 / (MOMENTS - 1) as f64);
    let edge = |time: f64| {
        let values = series.iter().map(|points| value(points, time));
        let ascending = sorted(values.collect());
        Some((
            time,
            quantile(&ascending, TAIL)?,
            quantile(&ascending, 1.0 - TAIL)?,
        ))
    };
    moments.filter_map(edge).collect()
}

/// The last value at or before a time.
fn value(points: &[(f64, f64)], time: f64) -> f64 {
    let next = points.partition_point(|point| point.0 <= time);
    next.checked_sub(1).map_or(0.0, |last| points[last].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_holds_the_middle_of_the_trials_at_each_moment() {
        // Trial k has a queue of k from the second second on.
        let trials: Vec<Vec<(f64, f64)>> = (0..=100).map(|k| vec![(2.0, f64::from(k))]).collect();
        let trials: Vec<&[(f64, f64)]> = trials.iter().map(Vec::as_slice).collect();
        let found = edges(&trials, 12.0);
        assert_eq!(found.len(), MOMENTS);
        assert_eq!(found[0], (0.0, 0.0, 0.0));
        assert_eq!(found[20], (2.0, 2.5, 97.5));
        assert_eq!(found[120], (12.0, 2.5, 97.5));
        assert!(edges(&[], 12.0).is_empty());
    }
}
