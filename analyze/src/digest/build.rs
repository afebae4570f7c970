//! A trial's rows to its digest.

use std::collections::BTreeMap;

use event_log::Status;

use super::{MachineDigest, TrialDigest};
use crate::metrics::Timeline;
use crate::metrics::jumps::jumps;
use crate::metrics::ticks::lateness_ms;
use crate::statistics::{quantile, sorted};
use crate::trial_log::{MachineLog, TrialLog};

mod space_time;

/// Digests a trial; no series has more than about this many points.
pub fn digest(log: &TrialLog, points: usize) -> TrialDigest {
    let timeline = Timeline::of(log);
    let folder = log.dir.file_name().unwrap_or_default().to_string_lossy();
    TrialDigest {
        name: format!("{}/{folder}", log.run),
        trial: log.manifest.trial,
        complete: log.manifest.status == Status::Complete,
        machines: log
            .machines
            .iter()
            .enumerate()
            .map(|(index, machine)| machine_digest(log, index, machine, timeline, points))
            .collect(),
        space_time: space_time::window(log, timeline),
    }
}

fn machine_digest(
    log: &TrialLog,
    index: usize,
    machine: &MachineLog,
    timeline: Timeline,
    points: usize,
) -> MachineDigest {
    let rows = &machine.rows;
    let rate_hz = machine.entry.rate.hz();
    let times = timeline.times(machine);
    let series = |values: &dyn Fn(usize) -> f64| -> Vec<(f64, f64)> {
        let all = times
            .iter()
            .enumerate()
            .map(|(row, &time)| (time, values(row)))
            .collect();
        thin(all, points)
    };
    // As for the metrics of the queue: a row that takes the time stands in the middle of its tick.
    let queued = || (0..rows.len()).filter(|&row| !log.takes_time(index, row));
    let late = lateness_ms(&log.manifest, machine);
    let ascending = sorted(late.iter().map(|&(_, late)| late).collect());
    let quantiles =
        (0..=100).filter_map(|percent| quantile(&ascending, f64::from(percent) / 100.0));
    MachineDigest {
        machine: machine.entry.id,
        rate_hz,
        clock: series(&|row| rows.clock[row] as f64),
        drift: series(&|row| rows.clock[row] as f64 - rate_hz * times[row]),
        queue: thin(
            queued()
                .map(|row| (times[row], rows.queue[row] as f64))
                .collect(),
            points,
        ),
        lateness_ms: thin(
            late.iter().map(|&(row, late)| (times[row], late)).collect(),
            points,
        ),
        jumps: histogram(jumps(rows).map(|jump| u64::try_from(jump).unwrap_or_default())),
        queue_lengths: histogram(queued().map(|row| rows.queue[row])),
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
