//! What is measured of a trial. Definitions: the manual is the documentation of the fields.
//!
//! One question, one module: [`events`], [`ticks`], [`jumps`], [`clock_sources`], [`drift`], [`lag`], [`queues`],
//! [`messages`].
//! [`MachineMetrics`] has all of a machine, [`whole`] sums up a trial; [`rank`] finds its slowest and fastest machine. [`catalog`] lists all metrics by name and
//! unit; [`aggregate`] takes them across trials; [`held`] says whether the host kept up. [`long`] takes the same of a trial that
//! does not fit in memory.
//!
//! Times are nominal: system time × speed, so that trials on compressed time compare with others. Lateness alone is in
//! milliseconds of system time, because it measures the computer and not the experiment.
//!
//! **Invariant.** A metric that a log cannot give is `None`, never 0. A log without a single row gives nothing: it
//! cannot tell a machine that did nothing from a log that was lost.

pub mod aggregate;
pub mod catalog;
pub mod clock_sources;
pub mod drift;
pub mod events;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod held;
pub mod jumps;
pub mod lag;
pub mod long;
mod machine;
pub mod messages;
pub mod queues;
pub mod rank;
mod series;
pub mod ticks;
pub mod units;
pub mod whole;

use ::events::column::Column;
use ::events::{Rows, Trial};
pub use machine::MachineMetrics;

/// What is measured of one trial.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialMetrics {
    /// Its machines, in the order of the manifest.
    pub machines: Vec<MachineMetrics>,
    /// The trial as a whole.
    pub whole: whole::WholeMetrics,
}

impl TrialMetrics {
    /// Takes the machines' shares of receives that break the clock condition from the law, which knows clocks of every kind
    /// and in every dialect: metric and law are one count.
    pub(crate) fn set_clock_conditions(&mut self, shares: impl Iterator<Item = Option<f64>>) {
        for (machine, share) in self.machines.iter_mut().zip(shares) {
            machine.messages.clock_condition_broken = share;
        }
        self.whole.trial_clock_condition_broken = whole::clock_condition_broken(&self.machines);
    }
}

/// System time in nominal seconds since the start of a trial.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timeline {
    origin_ns: i64,
    speed: f64,
}

impl Timeline {
    /// Counts from the common start or, where that is not known, from the first row of any machine.
    pub(crate) fn of(trial: &Trial) -> Timeline {
        let machines = trial.machines.iter();
        let firsts = machines.flat_map(|machine| machine.rows.time_ns.iter().flatten().next());
        let origin = trial.started_ns().or_else(|| firsts.min());
        Timeline {
            origin_ns: origin.unwrap_or_default(),
            speed: trial.speed(),
        }
    }

    /// Nominal seconds since the origin.
    pub(crate) fn seconds(self, time_ns: i64) -> f64 {
        units::difference(time_ns, self.origin_ns) * self.speed / 1e9
    }

    /// The times of a machine's rows.
    pub(crate) fn times(self, rows: &Rows) -> Column<f64> {
        rows.time_ns.map(|time_ns| self.seconds(time_ns))
    }
}

/// Measures a trial.
pub fn measure(trial: &Trial) -> TrialMetrics {
    let timeline = Timeline::of(trial);
    let lags = lag::measure(trial);
    let messages = messages::measure(trial);
    let accounts = clock_sources::measure(trial);
    let started = trial.started_ns().is_some();
    let machines = lags.into_iter().zip(messages).zip(accounts).enumerate();
    let machines = machines.map(|(machine, ((lag, messages), account))| {
        let of = &trial.machines[machine];
        let times = timeline.times(&of.rows);
        MachineMetrics {
            machine: of.id.0,
            name: trial.machine_label(machine).map(str::to_owned),
            rate: of.rate_hz,
            events: events::measure(trial, machine),
            ticks: ticks::measure(of, &times),
            jumps: jumps::measure(trial, machine),
            account,
            drift: drift::measure(of, &times, started),
            lag,
            queues: queues::measure(trial, machine, &times, started),
            messages,
        }
    });
    let machines: Vec<MachineMetrics> = machines.collect();
    TrialMetrics {
        whole: whole::measure(trial, &machines),
        machines,
    }
}

#[cfg(test)]
mod tests;
