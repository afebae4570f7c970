//! The rows of one machine of a long trial.

use std::io;

use event_log::Tick;
use events::{At, Kind, Rows, Trial, Window};

use super::counts::Counts;
use super::line::Line;
use crate::metrics::Timeline;
use crate::metrics::drift::{self, DriftMetrics};
use crate::metrics::events::{EventMetrics, of_counts};
use crate::metrics::jumps::JumpMetrics;
use crate::metrics::queues::QueueMetrics;
use crate::metrics::ticks::{self, TickMetrics};
use crate::metrics::units::Units;

/// What is known of a machine's rows so far.
pub(super) struct MachineSums {
    kinds: [u64; 4],
    ticks: Ticks,
    jumps: Jumps,
    queue: Queue,
    drift: Line,
    /// Nominal seconds and clock of the first row and of the last.
    ends: Option<[(f64, i64); 2]>,
}

struct Ticks {
    number: u64,
    /// When the first and the last began.
    ends: Option<[f64; 2]>,
    late_ns: Counts,
}

struct Jumps {
    counts: Counts,
    above_one: u64,
    below_zero: u64,
    clock_max: i64,
    /// Of those made by receives: how many, their sum, and the largest.
    of_receives: (u64, i128, Option<i64>),
}

struct Queue {
    counts: Counts,
    received: u64,
    above_one: u64,
    growth: Line,
    /// Time and length of the first row and of the last.
    ends: Option<[(f64, u64); 2]>,
    /// Lengths times how long they held.
    area: f64,
}

/// What is measured of a machine's rows alone.
pub(super) struct OfRows {
    pub(super) events: EventMetrics,
    pub(super) ticks: TickMetrics,
    pub(super) jumps: JumpMetrics,
    pub(super) drift: DriftMetrics,
    pub(super) queues: QueueMetrics,
}

/// The times of a trial.
#[derive(Clone, Copy)]
pub(super) struct Times {
    pub(super) line: Timeline,
    /// About the middle of the trial, nominal seconds.
    pub(super) middle: f64,
}

impl MachineSums {
    /// Before the first row; `room` as of [`Counts::new`].
    pub(super) fn new(room: usize) -> MachineSums {
        MachineSums {
            kinds: [0; 4],
            ticks: Ticks {
                number: 0,
                ends: None,
                late_ns: Counts::new(room),
            },
            jumps: Jumps {
                counts: Counts::new(room),
                above_one: 0,
                below_zero: 0,
                clock_max: i64::MIN,
                of_receives: (0, 0, None),
            },
            queue: Queue {
                counts: Counts::new(room),
                received: 0,
                above_one: 0,
                growth: Line::default(),
                ends: None,
                area: 0.0,
            },
            drift: Line::default(),
            ends: None,
        }
    }

    /// Adds the rows of a window that are new.
    ///
    /// # Errors
    ///
    /// When a row lacks what rows of ours have, or a temporary file cannot be written.
    pub(super) fn add(
        &mut self,
        trial: &Trial,
        machine: usize,
        window: &Window,
        times: Times,
    ) -> io::Result<()> {
        let lacks = || io::Error::other("a row without a time, a clock or a queue");
        let of = &trial.machines[machine];
        let timekeeper = trial.timekeeper();
        for row in window.new[machine].clone() {
            let logged = of.rows.time_ns.get(row).zip(of.rows.clock.get(row));
            let (time_ns, clock) = logged.ok_or_else(lacks)?;
            let time = times.line.seconds(time_ns);
            self.kinds[usize::from(of.rows.kind(row).code())] += 1;
            if row == 0 || of.rows.tick(row) != of.rows.tick(row - 1) {
                let late_ns = of.schedule.and_then(|schedule| {
                    let due_ns = schedule.due_ns(Tick(of.rows.tick(row)));
                    time_ns.checked_sub(i64::try_from(due_ns).ok()?)
                });
                self.ticks.add(time, late_ns.ok_or_else(lacks)?)?;
            }
            self.jumps.add(&of.rows, row, clock)?;
            self.drift.add((time, clock as f64), times.middle);
            let first = self.ends.map_or((time, clock), |[first, _]| first);
            self.ends = Some([first, (time, clock)]);
            if !trial.takes_time(timekeeper, At { machine, row }) {
                let queue = of.rows.queue.get(row).ok_or_else(lacks)?;
                let receives = of.rows.kind(row) == Kind::Receive;
                self.queue.add((time, queue), receives, times.middle)?;
            }
        }
        Ok(())
    }

    /// The metrics.
    ///
    /// # Errors
    ///
    /// When a temporary file cannot be read.
    pub(super) fn finish(self, trial: &Trial, machine: usize) -> io::Result<OfRows> {
        let rate_hz = trial.machines[machine].rate_hz;
        let ends = self.ends;
        let ends = ends.map(|ends| ends.map(|(time, clock)| (time, clock as f64)));
        Ok(OfRows {
            events: of_counts(self.kinds),
            ticks: self.ticks.finish(rate_hz)?,
            drift: drift(ends, &self.drift, rate_hz),
            jumps: self.jumps.finish(self.ends)?,
            queues: self.queue.finish()?,
        })
    }
}

/// The drift from the start of the trial on.
fn drift(ends: Option<[(f64, f64); 2]>, line: &Line, rate_hz: Option<f64>) -> DriftMetrics {
    let Some(ends @ [(first, _), (last, clock)]) = ends else {
        return DriftMetrics::default();
    };
    // The line through a single row has no slope, and its end is no other row.
    match line.is_one_point() {
        true => DriftMetrics {
            duration_s: Some(0.0),
            drift_final: rate_hz.map(|rate| clock - rate * last),
            ..DriftMetrics::default()
        },
        false => DriftMetrics {
            duration_s: Some(last - first),
            drift_final: rate_hz.map(|rate| clock - rate * last),
            ..drift::of_ends(ends, line.slope(), rate_hz)
        },
    }
}

impl Ticks {
    fn add(&mut self, time: f64, late_ns: i64) -> io::Result<()> {
        self.number += 1;
        let first = self.ends.map_or(time, |[first, _]| first);
        self.ends = Some([first, time]);
        self.late_ns.add(late_ns)
    }

    fn finish(self, rate_hz: Option<f64>) -> io::Result<TickMetrics> {
        let late = self.late_ns.finish(&[0.5, 0.99])?;
        let milliseconds = |late_ns: i64| late_ns as f64 / 1e6;
        let last = self.number.saturating_sub(1) as f64;
        let span = self.ends.map(|[first, end]| ((0.0, first), (last, end)));
        Ok(TickMetrics {
            ticks: Some(self.number),
            lateness_p50_ms: late.quantile(0, milliseconds),
            lateness_p99_ms: late.quantile(1, milliseconds),
            lateness_max_ms: late.max.map(milliseconds),
            // Rows stand in the order of time.
            times_backwards: self.ends.map(|_| 0),
            ..ticks::of_span(span, rate_hz)
        })
    }
}

impl Jumps {
    fn add(&mut self, rows: &Rows, row: usize, clock: i64) -> io::Result<()> {
        self.clock_max = self.clock_max.max(clock);
        let before = row.checked_sub(1).and_then(|before| rows.clock.get(before));
        let Some(before) = before else {
            return Ok(());
        };
        let jump = clock - before;
        self.above_one += u64::from(jump > 1);
        self.below_zero += u64::from(jump < 0);
        if rows.kind(row) == Kind::Receive {
            let (number, sum, max) = &mut self.of_receives;
            *number += 1;
            *sum += i128::from(jump);
            *max = Some(max.map_or(jump, |max| max.max(jump)));
        }
        self.counts.add(jump)
    }

    fn finish(self, ends: Option<[(f64, i64); 2]>) -> io::Result<JumpMetrics> {
        let Some([(_, first), (_, last)]) = ends else {
            return Ok(JumpMetrics::default());
        };
        let jumps = self.counts.finish(&[0.5, 0.99])?;
        let units = |value: i64| Units(value as f64);
        let plain = |value: i64| value as f64;
        let (number, sum, max) = self.of_receives;
        Ok(JumpMetrics {
            clock_first: Some(units(first)),
            clock_final: Some(units(last)),
            clock_max: Some(units(self.clock_max)),
            jump_mean: jumps.mean(),
            jump_deviation: jumps.deviation(),
            jump_p50: jumps.quantile(0, plain),
            jump_p99: jumps.quantile(1, plain),
            jump_max: jumps.max.map(units),
            jump_min: jumps.min.map(units),
            jumps_above_one: (jumps.number > 0)
                .then(|| self.above_one as f64 / jumps.number as f64),
            jumps_above_one_count: Some(self.above_one),
            clock_decreases: Some(self.below_zero),
            receive_jump_mean: (number > 0).then(|| sum as f64 / number as f64),
            receive_jump_max: max.map(units),
        })
    }
}

impl Queue {
    fn add(&mut self, (time, length): (f64, u64), receives: bool, middle: f64) -> io::Result<()> {
        self.received += u64::from(receives);
        self.above_one += u64::from(length > 1);
        self.growth.add((time, length as f64), middle);
        let first = match self.ends {
            Some([first, (before, held)]) => {
                self.area += held as f64 * (time - before);
                first
            }
            None => (time, length),
        };
        self.ends = Some([first, (time, length)]);
        let length = i64::try_from(length);
        self.counts.add(length.map_err(io::Error::other)?)
    }

    fn finish(self) -> io::Result<QueueMetrics> {
        let lengths = self.counts.finish(&[0.9])?;
        let number = lengths.number;
        let last = self.ends.map(|[_, last]| last);
        let duration = self
            .ends
            .map_or(0.0, |[(first, _), (last, _)]| last - first);
        let elapsed = last.filter(|&(elapsed, _)| elapsed > 0.0);
        Ok(QueueMetrics {
            queue_rows: Some(number),
            queue_mean: lengths.mean(),
            queue_deviation: lengths.deviation(),
            queue_time_mean: (duration > 0.0).then(|| self.area / duration),
            queue_p90: lengths.quantile(0, |length| length as f64),
            queue_max: lengths.max.map(i64::cast_unsigned),
            queue_last: last.map(|(_, length)| length),
            queue_above_one: (number > 0).then(|| self.above_one as f64 / number as f64),
            queue_growth: self.growth.slope(),
            arrival_rate: elapsed
                .map(|(elapsed, queued)| (self.received as f64 + queued as f64) / elapsed),
        })
    }
}
