//! A trial's rows to its digest.

use std::collections::BTreeMap;

use statistics::{quantile, sorted};

use super::{MachineDigest, TrialDigest};
use crate::metrics::Timeline;
use crate::metrics::jumps::jumps;
use crate::metrics::ticks::lateness_ms;
use crate::recording::{Recording, Track};

mod space_time;

/// Digests a trial, complete or not; no series has more than about `points` points.
pub fn digest(recording: &Recording, complete: bool, points: usize) -> TrialDigest {
    let timeline = Timeline::of(recording);
    let folder = recording.dir.file_name().unwrap_or_default();
    let name = match &recording.name {
        Some(name) => name.clone(),
        None => folder.to_string_lossy().into_owned(),
    };
    let machines = recording.machines.iter().enumerate();
    TrialDigest {
        name: format!("{}/{name}", recording.run),
        trial: recording.trial,
        called: recording
            .name
            .clone()
            .unwrap_or_else(|| recording.trial.to_string()),
        complete,
        machines: machines
            .map(|(index, machine)| machine_digest(recording, index, machine, timeline, points))
            .collect(),
        space_time: space_time::window(recording, timeline),
    }
}

fn machine_digest(
    recording: &Recording,
    index: usize,
    machine: &Track,
    timeline: Timeline,
    points: usize,
) -> MachineDigest {
    let rows = &machine.rows;
    let times = timeline.times(machine);
    let series = |value: &dyn Fn(usize, f64) -> Option<f64>| -> Vec<(f64, f64)> {
        let timed = (0..rows.len()).filter_map(|row| {
            let time = times.get(row)?;
            Some((time, value(row, time)?))
        });
        thin(timed.collect(), points)
    };
    // As for the metrics of the queue: a row that takes the time stands in the middle of its tick.
    let queued = |row: usize| {
        rows.queue
            .get(row)
            .filter(|_| !recording.takes_time(index, row))
    };
    let late = || lateness_ms(machine);
    let ascending = sorted(late().map(|(_, late)| late).collect());
    let quantiles =
        (0..=100).filter_map(|percent| quantile(&ascending, f64::from(percent) / 100.0));
    MachineDigest {
        machine: machine.id,
        name: machine.name.clone(),
        rate_hz: machine.rate_hz,
        clock: series(&|row, _| rows.clock.get(row)),
        drift: series(&|row, time| Some(rows.clock.get(row)? - machine.rate_hz? * time)),
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
