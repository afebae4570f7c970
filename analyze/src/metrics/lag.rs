//! How far a machine's logical clock is behind the furthest one.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::ops::Range;

use events::{At, Rows, Trial, Window};
use serde::{Deserialize, Serialize};

use super::series::{deviation, max, of_numbers};
use super::units::Units;

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

/// Measures the lags of each machine.
pub fn measure(trial: &Trial) -> Vec<LagMetrics> {
    let lags = lags(trial).into_iter();
    lags.map(|lags| {
        let last = lags.last().copied();
        let lags = of_numbers(lags);
        LagMetrics {
            lag_mean: lags.mean(),
            lag_deviation: deviation(&lags),
            lag_max: max(&lags).map(Units),
            lag_final: last.map(Units),
        }
    })
    .collect()
}

/// For each machine the lag at each of its events, in the order of time.
///
/// Empty for all machines if one has no rows with a time and a clock, unless it is known to have done nothing: nobody
/// knows whether it was the leader. And empty if the machines' times are not of one clock.
fn lags(trial: &Trial) -> Vec<Vec<f64>> {
    let machines = &trial.machines;
    let Some(in_time) = InTime::of(trial).filter(|_| trial.one_time()) else {
        return vec![Vec::new(); machines.len()];
    };
    let rows = machines.iter().map(|machine| machine.rows.len());
    let mut lags: Vec<Vec<f64>> = rows.map(Vec::with_capacity).collect();
    let mut leader = Leader::new(machines.len());
    leader.visit(trial, in_time, |machine, lag| lags[machine].push(lag));
    lags
}

/// The clocks of all machines at a time, and the largest.
pub(super) struct Leader {
    clocks: Vec<f64>,
    leader: f64,
}

impl Leader {
    /// Before the first row.
    pub(super) fn new(machines: usize) -> Leader {
        Leader {
            clocks: vec![0.0; machines],
            leader: 0.0,
        }
    }

    /// Visits rows that follow those visited before; rows of one instant are visited together. The machine and the lag at each
    /// of its events are put.
    pub(super) fn visit(
        &mut self,
        trial: &Trial,
        in_time: InTime<'_>,
        mut put: impl FnMut(usize, f64),
    ) {
        let Leader { clocks, leader } = self;
        let timekeeper = trial.timekeeper();
        // Of events at one instant, each sees the clocks after all of them.
        let (mut instant_ns, mut instant) = (i64::MIN, Vec::new());
        for (time_ns, at) in in_time {
            let At { machine, row } = at;
            if time_ns != instant_ns {
                for machine in instant.drain(..) {
                    let machine: usize = machine;
                    put(machine, *leader - clocks[machine]);
                }
                instant_ns = time_ns;
            }
            let rows = &trial.machines[machine].rows;
            let clock = rows.clock_value(row).unwrap_or_default();
            let fell = clock < clocks[machine];
            clocks[machine] = clock;
            *leader = if fell {
                clocks.iter().copied().fold(f64::NEG_INFINITY, f64::max)
            } else {
                f64::max(*leader, clock)
            };
            if !trial.takes_time(timekeeper, at) {
                instant.push(machine);
            }
        }
        for machine in instant {
            put(machine, *leader - clocks[machine]);
        }
    }
}

/// The rows of all machines that carry a time and a clock, in the order of time. Of equal times those of one machine stand
/// together, in file order.
///
/// Merged as they are asked for: the rows of a machine mostly stand in the order of time already.
pub(super) struct InTime<'a> {
    trial: &'a Trial,
    /// Of each machine its rows in the order of time; none where they stand in it.
    order: Vec<Option<Vec<u32>>>,
    /// Of each machine which rows are yet to be given: positions in `order`, or rows.
    left: Vec<Range<usize>>,
    /// The time of each machine's next row, the first on top.
    next: BinaryHeap<Reverse<(i64, usize)>>,
}

impl<'a> InTime<'a> {
    /// None if a machine has no such row, and is not known to have none.
    fn of(trial: &'a Trial) -> Option<InTime<'a>> {
        let machines = trial.machines.len();
        let order: Vec<Option<Vec<u32>>> =
            trial.machines.iter().map(|of| order(&of.rows)).collect();
        let all = order.iter().zip(&trial.machines);
        let left = all.map(|(order, of)| 0..order.as_ref().map_or(of.rows.len(), Vec::len));
        let mut in_time = InTime {
            left: left.collect(),
            trial,
            order,
            next: BinaryHeap::with_capacity(machines),
        };
        for machine in 0..machines {
            match in_time.time_ns(machine) {
                Some(time_ns) => in_time.next.push(Reverse((time_ns, machine))),
                None if trial.is_silent(machine) => {}
                None => return None,
            }
        }
        Some(in_time)
    }

    /// The rows of a window that are new; they stand in the order of time, and carry a time and a clock.
    pub(super) fn within(trial: &'a Trial, window: &Window) -> InTime<'a> {
        let machines = trial.machines.len();
        let mut in_time = InTime {
            left: window.new.clone(),
            trial,
            order: vec![None; machines],
            next: BinaryHeap::with_capacity(machines),
        };
        for machine in 0..machines {
            if let Some(time_ns) = in_time.time_ns(machine) {
                in_time.next.push(Reverse((time_ns, machine)));
            }
        }
        in_time
    }

    /// The next row of a machine.
    #[inline]
    fn row(&self, machine: usize) -> Option<usize> {
        let left = &self.left[machine];
        match &self.order[machine] {
            _ if left.is_empty() => None,
            Some(order) => Some(order[left.start] as usize),
            None => Some(left.start),
        }
    }

    /// Its time.
    #[inline]
    fn time_ns(&self, machine: usize) -> Option<i64> {
        let rows = &self.trial.machines[machine].rows;
        rows.time_ns.get(self.row(machine)?)
    }
}

impl Iterator for InTime<'_> {
    type Item = (i64, At);

    #[inline]
    fn next(&mut self) -> Option<(i64, At)> {
        let Reverse((time_ns, machine)) = *self.next.peek()?;
        let row = self.row(machine)?;
        self.left[machine].start += 1;
        let after = self.time_ns(machine);
        let top = self.next.peek_mut()?;
        match after {
            Some(after_ns) => *{ top } = Reverse((after_ns, machine)),
            None => {
                PeekMut::pop(top);
            }
        }
        Some((time_ns, At { machine, row }))
    }
}

/// The rows that carry a time and a clock, in the order of time; none if that is all of them as they stand.
fn order(rows: &Rows) -> Option<Vec<u32>> {
    let carries =
        |row: &usize| rows.time_ns.get(*row).is_some() && rows.clock_value(*row).is_some();
    let time_ns = |row: usize| rows.time_ns.get(row);
    if (0..rows.len()).all(|row| carries(&row)) && (0..rows.len()).is_sorted_by_key(time_ns) {
        return None;
    }
    let mut order: Vec<u32> = (0..rows.len())
        .filter(carries)
        .map(|row| row as u32)
        .collect();
    // Stable: rows of one machine at one instant keep their order.
    order.sort_by_key(|&row| time_ns(row as usize));
    Some(order)
}
