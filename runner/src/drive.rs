//! Drivers: they own time, transport and files, and perform what machines ask for.
//!
//! A driver promises that it calls [`machine::Machine::tick`] at each time of the machine's [`Beat`] and at no other,
//! that it performs all effects of a tick before its next call, that a message handed to it reaches the recipient's
//! queue in the order of its channel, and that a row is in the log before the messages of its event leave.
//!
//! [`virtual_time`] one event queue, no waiting · [`sockets`] processes of one machine or several, and a coordinator.

pub mod sockets;
pub mod virtual_time;

use event_log::{MachineEntry, Schedule, Tick, TrialManifest};

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
