//! What is given before a world begins.

use event_log::Latency;
use machine::process::units::Time;

/// How a link treats the order of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkKind {
    /// As a connection: first in, first out, and nothing arrives twice.
    Stream,
    /// As packets: each for itself.
    Datagram,
}

/// What is given before a world begins: where its chance comes from, and how long things take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// The seed of the run.
    pub seed: u64,
    /// The number of the trial.
    pub trial: u64,
    /// When it begins.
    pub start: Time,
    /// What links are like.
    pub kind: LinkKind,
    /// How long a message takes, one way; drawn where it is a range.
    pub delay: Latency,
    /// How long a flush of a disk takes; drawn where it is a range.
    pub flush: Latency,
    /// How long it takes a process that hung up to have the link again, nanoseconds.
    pub redial_ns: u64,
}
