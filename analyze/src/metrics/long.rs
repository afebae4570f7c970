//! A long trial measured window by window: the same numbers as of the whole, and no more in memory than a window.
//!
//! What is counted adds up. Means and deviations come from counts of whole numbers, which are exact, and quantiles from the
//! same counts; lines of least squares come from sums about the first row. So they may differ from those of the whole trial in
//! the last bits, and in nothing else.
//!
//! `machine` the rows of a machine · `counts` how often each value occurs, `line` least squares · `messages` receives beside
//! their sends · `minters` whose ticks a clock is made of · [`super::lag`] visits the rows of all machines in the order of time.
//!
//! **Invariant.** Rows stand in the order of time, each with a time, a clock and a queue, and every receive says what it took, as
//! in whole logs of ours.

mod counts;
mod line;
mod machine;
mod messages;
mod minters;

use std::io;

use events::{At, Moved, Trial, Window};

use super::lag::{InTime, LagMetrics, Leader};
use super::units::Units;
use super::{MachineMetrics, Timeline, TrialMetrics, whole};
use counts::Counts;
use machine::{MachineSums, Times};
use messages::MessageSums;
use minters::Minters;

/// Values of all machines and roles together that are counted in memory, about.
const VALUES: usize = 4 << 20;
/// Roles of values of a machine that may all be different.
const ROLES: usize = 5;

/// What is measured of a long trial so far.
pub struct Measurement {
    machines: Vec<MachineSums>,
    messages: Vec<MessageSums>,
    lags: Vec<Lags>,
    leader: Leader,
    minters: Minters,
}

/// The lags of a machine.
struct Lags {
    counts: Counts,
    last: Option<f64>,
}

impl Measurement {
    /// Before the first window of a trial of this number of machines.
    pub fn new(machines: usize) -> Measurement {
        let room = VALUES / (ROLES * machines.max(1));
        let lags = || Lags {
            counts: Counts::new(room),
            last: None,
        };
        Measurement {
            machines: (0..machines).map(|_| MachineSums::new(room)).collect(),
            messages: (0..machines).map(|_| MessageSums::new(room)).collect(),
            lags: (0..machines).map(|_| lags()).collect(),
            leader: Leader::new(machines),
            minters: Minters::new(machines),
        }
    }

    /// Measures the rows of a window that are new. `taken` are sends that stand in it and were received before, each with its
    /// recipient.
    ///
    /// # Errors
    ///
    /// When more values are different than there is room for, and they cannot be written to a temporary file; or when receives
    /// wait for each other's sends.
    pub fn add(&mut self, trial: &Trial, window: &Window, taken: &[(At, usize)]) -> io::Result<()> {
        let manifest = trial.info.manifest.as_deref();
        let duration_ns = manifest.map_or(0, |manifest| manifest.condition.duration_ns);
        let times = Times {
            line: Timeline::of(trial),
            middle: duration_ns as f64 / 2e9,
        };
        for (machine, sums) in self.machines.iter_mut().enumerate() {
            sums.add(trial, machine, window, times)?;
        }
        for (receiver, sums) in self.messages.iter_mut().enumerate() {
            sums.add(trial, receiver, window, taken)?;
        }
        let mut failed = Ok(());
        let lags = &mut self.lags;
        self.leader
            .visit(trial, InTime::within(trial, window), |machine, lag| {
                let of = &mut lags[machine];
                of.last = Some(lag);
                if let Err(error) = of.counts.add(lag as i64) {
                    failed = Err(error);
                }
            });
        failed?;
        self.minters.add(trial, window)
    }

    /// Rows have moved.
    pub fn move_rows(&mut self, moved: &Moved) {
        for of in &mut self.messages {
            of.move_rows(moved);
        }
        self.minters.move_rows(moved);
    }

    /// The metrics, after the last window.
    ///
    /// # Errors
    ///
    /// When a temporary file cannot be read.
    pub fn finish(self, trial: &Trial) -> io::Result<TrialMetrics> {
        let parts = self.machines.into_iter().zip(self.messages).zip(self.lags);
        let mut machines = Vec::with_capacity(trial.machines.len());
        for (machine, ((sums, messages), lags)) in parts.enumerate() {
            let of = &trial.machines[machine];
            let of_rows = sums.finish(trial, machine)?;
            machines.push(MachineMetrics {
                machine: of.id.0,
                name: trial.machine_label(machine).map(str::to_owned),
                rate: of.rate_hz,
                events: of_rows.events,
                ticks: of_rows.ticks,
                jumps: of_rows.jumps,
                account: self.minters.account(trial, machine),
                drift: of_rows.drift,
                lag: lags.finish()?,
                queues: of_rows.queues,
                messages: messages.finish(trial, machine)?,
            });
        }
        Ok(TrialMetrics {
            whole: whole::measure(trial, &machines),
            machines,
        })
    }
}

impl Lags {
    fn finish(self) -> io::Result<LagMetrics> {
        let lags = self.counts.finish(&[])?;
        Ok(LagMetrics {
            lag_mean: lags.mean(),
            lag_deviation: lags.deviation(),
            lag_max: lags.max.map(|lag| Units(lag as f64)),
            lag_final: self.last.map(Units),
        })
    }
}
