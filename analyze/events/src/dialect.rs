//! What the writer of a log meant by its lines.

use serde::{Deserialize, Serialize};

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
    /// Before, as on every line: each shows the clock before the step of its event.
    BeforeStep,
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
    /// Receives, and then one event of its own: a send to all may be a line for each recipient.
    Several,
}

/// What a recipient's name means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecipientName {
    /// The machine of that name.
    Machine,
    /// A position among the sender's connections, whose order the log does not say: it is in [`crate::Event::position`], and
    /// [`crate::Event::to`] is `None`.
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
