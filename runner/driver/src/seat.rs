//! A machine at its place in a trial.
//!
//! **Invariant.** When a machine performs its ticks is decided before the trial begins.

use event_log::{MachineEntry, MachineId, Schedule, Tick, TrialManifest};
use machine::chance::{Purpose, Stream};
use machine::scale_model::{RandomDice, ScaleModel, Settings};

/// A machine, when it ticks, and where its log goes.
#[derive(Debug)]
pub struct Seat<M, S> {
    /// The machine.
    pub machine: M,
    /// When it ticks.
    pub beat: Beat,
    /// Its log.
    pub sink: S,
}

/// When a machine performs its ticks, and how many.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beat {
    /// When its ticks are due.
    pub schedule: Schedule,
    /// How many ticks it performs.
    pub ticks: u64,
    /// An injected fault: how long after its due time each tick is performed, nanoseconds of system time.
    pub tick_delay_ns: u64,
}

impl Beat {
    /// The beat of a machine of a trial; none if the trial has no start.
    pub fn of(manifest: &TrialManifest, machine: &MachineEntry) -> Option<Beat> {
        Some(Beat {
            schedule: manifest.schedule(machine)?,
            ticks: manifest.ticks_expected(machine),
            tick_delay_ns: manifest.condition.tick_delay_ns,
        })
    }

    /// System time at which a tick is performed, nanoseconds since the Unix epoch.
    pub fn time_ns(&self, tick: Tick) -> u64 {
        let due_ns = self.schedule.due_ns(tick);
        due_ns.saturating_add(self.tick_delay_ns)
    }
}

/// Builds a machine of a planned trial, with the dice that are its own.
pub fn build_machine(manifest: &TrialManifest, id: MachineId) -> ScaleModel {
    build_life(manifest, id, Tick(0))
}

/// As [`build_machine`], for a life that begins with this tick. A later life has dice of its own: with those of the first it
/// would do again what that did.
pub fn build_life(manifest: &TrialManifest, id: MachineId, first: Tick) -> ScaleModel {
    let settings = Settings {
        id,
        machines: manifest.condition.machines,
        drain: manifest.condition.drain,
        stamp: manifest.condition.stamp,
        timekeeper: manifest.timekeeper,
    };
    let purpose = match first {
        Tick(0) => Purpose::Machine(id),
        first => Purpose::Life(id, first),
    };
    let stream = Stream::new(manifest.seed, manifest.trial, purpose);
    let dice = RandomDice::new(manifest.condition.odds, stream);
    ScaleModel::new(settings, dice).from_tick(first)
}
