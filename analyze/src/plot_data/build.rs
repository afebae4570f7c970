//! A trial's rows to its digest.

use std::collections::BTreeMap;

use events::{At, Trial};
use statistics::{quantile, sorted};

use super::{MachineDigest, TrialDigest};
use crate::metrics::Timeline;
use crate::metrics::jumps::jumps;
use crate::metrics::ticks::lateness_ms;

mod space_time;

/// Digests a trial, complete or not; no series has more than about `points` points.
pub fn digest(trial: &Trial, complete: bool, points: usize) -> TrialDigest {
    let timeline = Timeline::of(trial);
    let folder = trial.info.dir.file_name().unwrap_or_default();
    let name = match trial.label() {
        Some(name) => name.into(),
        None => folder.to_string_lossy(),
    };
    let number = || trial.info.number.to_string();
    let machines = 0..trial.machines.len();
    TrialDigest {
        name: format!("{}/{name}", trial.info.run),
        trial: trial.info.number,
        called: trial.label().map_or_else(number, str::to_owned),
        complete,
        machines: machines
            .map(|machine| machine_digest(trial, machine, timeline, points))
            .collect(),
        space_time: space_time::window(trial, timeline),
    }
}

fn machine_digest(
    trial: &Trial,
    machine: usize,
    timeline: Timeline,
    points: usize,
) -> MachineDigest {
    let of = &trial.machines[machine];
    let rows = &of.rows;
    let times = timeline.times(rows);
    let timekeeper = trial.timekeeper();
    let series = |value: &dyn Fn(usize, f64) -> Option<f64>| -> Vec<(f64, f64)> {
        let timed = (0..rows.len()).filter_map(|row| {
            let time = times.get(row)?;
            Some((time, value(row, time)?))
        });
        thin(timed.collect(), points)
    };
    // As for the metrics of the queue: a row that takes the time stands in the middle of its tick.
    let queued = |row: usize| {
        let length = rows.queue.get(row);
        length.filter(|_| !trial.takes_time(timekeeper, At { machine, row }))
    };
    let late = || lateness_ms(of);
    let ascending = sorted(late().map(|(_, late)| late).collect());
    let quantiles =
        (0..=100).filter_map(|percent| quantile(&ascending, f64::from(percent) / 100.0));
    MachineDigest {
        machine: of.id,
        name: trial.machine_label(machine).map(str::to_owned),
        rate_hz: of.rate_hz,
        clock: series(&|row, _| rows.clock_value(row)),
        drift: series(&|row, time| Some(rows.clock_value(row)? - of.rate_hz? * time)),
        queue: series(&|row, _| Some(queued(row)? as f64)),
        lateness_ms: thin(
            late()
                .filter_map(|(row, late)| Some((times.get(row)?, late)))
                .collect(),
            points,
        ),
        // A jump back, or of a part of a unit, stands with the whole number next to it.
        jumps: histogram(jumps(rows).map(|(_, jump)| jump.round().max(0.0) as u64)),
        queue_lengths: histogram((0..rows.len()).filter_map(queued)),
        account: None,
        lateness_quantiles_ms: quantiles.collect(),
    }
}

fn histogram(values: impl Iterator<Item = u64>) -> BTreeMap<u64, u64> {
    let mut counts = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    counts
}

/// Cuts a series down to at most `points`, keeping its envelope: of each stretch the lowest and the highest point.
fn thin(series: Vec<(f64, f64)>, points: usize) -> Vec<(f64, f64)> {
    if series.len() <= points {
        return series;
    }
    let stretches = (points / 2).max(1);
    let stretch = series.len().div_ceil(stretches);
    let mut thinned = Vec::with_capacity(points);
    for stretch in series.chunks(stretch) {
        let by_value = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
        let (Some(low), Some(high)) = (
            stretch.iter().min_by(by_value),
            stretch.iter().max_by(by_value),
        ) else {
            continue;
        };
        let (first, second) = if low.0 <= high.0 {
            (low, high)
        } else {
            (high, low)
        };
        thinned.push(*first);
        if first != second {
            thinned.push(*second);
        }
    }
    thinned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_the_extremes_and_the_order() {
        let mut series: Vec<(f64, f64)> = (0..10_000)
            .map(|i| (f64::from(i), f64::from(i % 7)))
            .collect();
        series[4321].1 = 99.0;
        let thinned = thin(series, 600);
        assert!(thinned.len() <= 600, "{} points", thinned.len());
        assert!(thinned.contains(&(4321.0, 99.0)));
        assert!(thinned.is_sorted_by(|a, b| a.0 <= b.0));
        let short = vec![(0.0, 1.0), (1.0, 2.0)];
        assert_eq!(thin(short.clone(), 600), short);
    }
}
