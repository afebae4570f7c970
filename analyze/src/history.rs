//! A trial as its logs tell it, in whatever format they were: what was recorded, and nothing that was not.
//!
//! ```text
//! own logs     → scan    → TrialLog ─┐                ┌→ check (dialects) · ordering
//!                                    ├→ History ──────┼→ grade
//! others' logs → formats ────────────┘   │            └→ export
//!                                        └→ lower → TrialLog → metrics · figures · report
//! ```
//!
//! [`Event`] keeps what its log line says, as the line says it: raw times, the queue as it was counted, names as numbers
//! of machines only where they can be told. What the program that wrote the log meant by it is the [`Dialect`].
//!
//! **Invariant.** What a log does not record is `None`, never a made-up value; events of a machine stand in file order.

#[cfg(test)]
pub(crate) mod fixtures;
pub mod matching;
pub mod own;
pub mod vector;

use std::path::PathBuf;

use event_log::TrialManifest;
use serde::{Deserialize, Serialize};

/// One trial.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// What its trial belongs to: the run's folder, or the folder that was asked for.
    pub group: String,
    /// Its name in its group, such as `trial-003` or `experiment_1`; may be empty when the group has one trial.
    pub trial: String,
    /// The folder of its files.
    pub dir: PathBuf,
    /// Name of the format that read it; `driftlab` for our own.
    pub format: String,
    /// How its lines are meant.
    pub dialect: Dialect,
    /// Its machines; events name them by their position here.
    pub machines: Vec<MachineHistory>,
    /// Names of the machines that vector clocks count and that have no log: their components stand after those of
    /// [`History::machines`]. None where it is not known which component counts which machine's events.
    pub without_log: Option<Vec<String>>,
    /// Whether a machine of the trial is known to have a log that is not here, or none at all, or a line of a log is not
    /// understood: what was sent and received is then not known.
    pub logs_missing: bool,
    /// The manifest, of our own trials.
    pub manifest: Option<TrialManifest>,
}

impl History {
    /// Whose events this component of a vector clock counts.
    pub fn component_name(&self, component: usize) -> &str {
        let absent = component.checked_sub(self.machines.len());
        let absent = absent.zip(self.without_log.as_ref());
        let name = match self.machines.get(component) {
            Some(machine) => Some(&machine.name),
            None => absent.and_then(|(at, names)| names.get(at)),
        };
        name.map_or("a machine without a log", String::as_str)
    }
}

/// One machine of a trial.
#[derive(Debug, Clone, PartialEq)]
pub struct MachineHistory {
    /// What its logs call it: `0`, `A`, `7977`.
    pub name: String,
    /// Its nominal ticks per second, where the log or a path says so.
    pub rate_hz: Option<f64>,
    /// The files that its events come from, mostly one.
    pub files: Vec<PathBuf>,
    /// What happened to it, in file order.
    pub events: Vec<Event>,
}

/// What one line, or one record of several lines, says.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its file, by position in [`MachineHistory::files`].
    pub file: u32,
    /// Its first line, from 1.
    pub line: u32,
    /// What happened.
    pub kind: Kind,
    /// Number of its tick, from 0. Several events may share one where the dialect says so.
    pub tick: u64,
    /// System time in nanoseconds as logged, never corrected: since the Unix epoch, or as [`TimeOrigin`] says.
    pub time_ns: Option<i64>,
    /// The logical clock as logged; what it stands for on a receive, [`ReceiveClock`] says.
    pub clock: Option<Clock>,
    /// The logical clock that the line says the machine had before the event.
    pub clock_before: Option<Clock>,
    /// Length of the network queue as logged; what was counted, [`QueueCount`] says.
    pub queue: Option<u64>,
    /// On a receive: position of the sender; `None` where it is not named.
    pub from: Option<usize>,
    /// On a send or broadcast: positions of the recipients; `None` where they are not named.
    pub to: Option<Vec<usize>>,
    /// On a send whose recipient is named by a position among the sender's connections
    /// ([`RecipientName::Position`]): that position, as logged.
    pub position: Option<u32>,
    /// The clock that the message carried, as told by the sender's or the recipient's line.
    pub carried: Option<Clock>,
    /// What identifies the message, where the log says so; the same on the send and on its receive.
    pub message: Option<String>,
}

impl Event {
    /// An event of which nothing else is recorded: in its machine's first file, at this line (from 1), of this tick.
    pub fn new(line: u32, kind: Kind, tick: u64) -> Event {
        Event {
            file: 0,
            line,
            kind,
            tick,
            time_ns: None,
            clock: None,
            clock_before: None,
            queue: None,
            from: None,
            to: None,
            position: None,
            carried: None,
            message: None,
        }
    }
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Nothing that anybody else can see.
    Internal,
    /// One message to one peer.
    Send,
    /// One message to every peer.
    Broadcast,
    /// One message taken from the queue.
    Receive,
}

/// A logical clock.
#[derive(Debug, Clone, PartialEq)]
pub enum Clock {
    /// A Lamport clock.
    Lamport(i64),
    /// A clock whose values have fractions.
    Fractional(f64),
    /// A vector clock, a component for each machine in the order of [`History::machines`], then of
    /// [`History::without_log`].
    Vector(Vec<u64>),
}

impl Clock {
    /// The value that stands for it on a line: of a vector the machine's own component.
    pub fn scalar(&self, own: usize) -> Option<f64> {
        match self {
            Clock::Lamport(value) => Some(*value as f64),
            Clock::Fractional(value) => Some(*value),
            Clock::Vector(components) => components.get(own).map(|&value| value as f64),
        }
    }
}

/// What a program meant by the lines it wrote. Not known, where a field is `None`: nobody said, and the log cannot tell.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub struct Dialect {
    /// What kind of clock is logged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockKind>,
    /// When the clock of a receive was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receive_clock: Option<ReceiveClock>,
    /// When the queue of a receive was counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<QueueCount>,
    /// Whether a send to all is one line or one for each recipient.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broadcast: Option<BroadcastLines>,
    /// How many events one tick may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tick: Option<TickLines>,
    /// What a recipient's name means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient: Option<RecipientName>,
    /// What times are counted from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<TimeOrigin>,
}

/// What kind of clock is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockKind {
    /// Whole numbers.
    Lamport,
    /// Numbers with fractions.
    Fractional,
    /// A component for each machine.
    Vector,
}

/// When the clock of a receive was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiveClock {
    /// After the message was merged in.
    AfterMerge,
    /// Before.
    BeforeMerge,
}

/// When the queue of a receive was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueCount {
    /// After the message was taken: without it.
    AfterPop,
    /// Before: with it.
    BeforePop,
}

/// How a send to all is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BroadcastLines {
    /// One line.
    One,
    /// A line for each recipient, of one clock; they were joined to one event.
    Each,
}

/// How many events one tick may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TickLines {
    /// One.
    One,
    /// A receive and then one event of its own, or several receives.
    Several,
}

/// What a recipient's name means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecipientName {
    /// The machine of that name.
    Machine,
    /// A position among the sender's connections, whose order the log does not tell: it is in [`Event::position`], and
    /// [`Event::to`] is `None`.
    Position,
}

/// What times are counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeOrigin {
    /// The Unix epoch: times of all machines compare, if their clocks do.
    Epoch,
    /// The start of the trial, common to all machines.
    Trial,
    /// The start of each machine: times of different machines do not compare.
    Machine,
}
