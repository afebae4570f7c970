//! What pictures need of a trial: small, plain, and of a size that does not grow with the log.
//!
//! Made once beside the metrics while a trial's rows are at hand; figures are functions of digests and never see logs.
//!
//! **Invariant.** Times are nominal seconds since the common start of the trial (system time × speed), so trials on
//! compressed time and in virtual time lie on one axis. Series hold at most [`SERIES_POINTS`] points.

pub mod build;

use std::collections::BTreeMap;

use event_log::MachineId;

use crate::condition::Setting;
use crate::metrics::clock_sources::AccountMetrics;
use crate::metrics::units::Units;

/// The most points a series holds; longer ones are aggregated.
pub const SERIES_POINTS: usize = 600;

/// The trials of one condition, for pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct ConditionDigest {
    /// What the trials have in common.
    pub setting: Setting,
    /// The condition in words, e.g. `3 machines · rates 1, 3, 6 · 60 s · die of 10 · sockets`.
    pub label: String,
    /// The trials, in order; also those that did not complete.
    pub trials: Vec<TrialDigest>,
    /// Where single virtual trials of the condition lie; empty unless they were made, and where rates are drawn.
    pub bands: Vec<MachineBand>,
}

/// Where one machine is in the middle 95 % of virtual trials, over time: (time, low, high).
#[derive(Debug, Clone, PartialEq)]
pub struct MachineBand {
    /// Its id.
    pub machine: MachineId,
    /// Of the Lamport clock.
    pub clock: Vec<(f64, f64, f64)>,
    /// Of the queue's length.
    pub queue: Vec<(f64, f64, f64)>,
}

/// One trial, for pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialDigest {
    /// Its run and number, e.g. `2026-11-21T021405Z-scale-model/trial-000`.
    pub name: String,
    /// Number in its run.
    pub trial: u64,
    /// What it is called: its number, or the name that others gave it.
    pub called: String,
    /// Whether every machine performed all its ticks.
    pub complete: bool,
    /// Machines in the order of their ids.
    pub machines: Vec<MachineDigest>,
    /// A short window of the trial, event by event.
    pub space_time: Option<SpaceTime>,
}

/// One machine of one trial, for pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct MachineDigest {
    /// Its id.
    pub machine: MachineId,
    /// What its logs call it, where that is not its id.
    pub name: Option<String>,
    /// Nominal ticks per second; none where they are not known.
    pub rate_hz: Option<f64>,
    /// (time, Lamport clock after the event).
    pub clock: Vec<(f64, f64)>,
    /// (time, clock − rate × time): units gained over the machine's own nominal clock; empty without a rate.
    pub drift: Vec<(f64, f64)>,
    /// (time, messages in the queue after the event).
    pub queue: Vec<(f64, f64)>,
    /// (time, milliseconds of system time after the tick was due); empty when due times are not known.
    pub lateness_ms: Vec<(f64, f64)>,
    /// How many rows had which jump (difference of successive clocks).
    pub jumps: BTreeMap<u64, u64>,
    /// How many rows had which queue length.
    pub queue_lengths: BTreeMap<u64, u64>,
    /// What its last clock is made of; none unless the trial counts in its condition's statistics.
    pub account: Option<AccountMetrics>,
    /// Quantiles of lateness in milliseconds at 0 %, 1 %, … 100 %: 101 values, or none when due times are not known.
    pub lateness_quantiles_ms: Vec<f64>,
}

/// A short, telling window of a trial: every event and every message between them.
#[derive(Debug, Clone, PartialEq)]
pub struct SpaceTime {
    /// First nominal second of the window.
    pub from_s: f64,
    /// Last nominal second of the window.
    pub to_s: f64,
    /// Why this window was chosen, in words for the caption.
    pub why: String,
    /// Events in the window, by machine and time.
    pub events: Vec<SpaceTimeEvent>,
    /// Messages with at least one end in the window.
    pub messages: Vec<SpaceTimeMessage>,
}

/// An event of a space-time diagram.
#[derive(Debug, Clone, PartialEq)]
pub struct SpaceTimeEvent {
    /// Where.
    pub machine: MachineId,
    /// When, nominal seconds.
    pub time_s: f64,
    /// `internal`, `send`, `broadcast` or `receive`.
    pub kind: &'static str,
    /// The clock after it; none where the row carries none.
    pub clock: Option<Units>,
    /// The jump it made; 1 for an ordinary tick.
    pub jump: Option<Units>,
}

/// A message of a space-time diagram.
#[derive(Debug, Clone, PartialEq)]
pub struct SpaceTimeMessage {
    /// The sender.
    pub from: MachineId,
    /// When it was sent, nominal seconds.
    pub sent_s: f64,
    /// The recipient.
    pub to: MachineId,
    /// When it was received; none if it never was.
    pub received_s: Option<f64>,
    /// The clock it carried; none where the log does not tell.
    pub clock: Option<Units>,
}
