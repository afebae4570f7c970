//! What a world reports while it runs.
//!
//! **Invariant.** A world reports every event, every message that will never arrive, and the bounds of every life, each once and
//! when it happens.

use machine::process::units::{Peer, Time};

use super::actor::Actor;

/// How a life ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LifeEnd {
    /// Killed: of the changes under way to the disk a prefix is there.
    Killed,
    /// The power failed: what was under way, to the disk or to others, is gone.
    Power,
    /// It was asked to end, and had said all.
    Stopped,
    /// Its disk did not take a change.
    DiskFailed,
    /// It was killed, and its disk is empty.
    Wiped,
}

impl LifeEnd {
    /// The end, as part of a sentence.
    pub fn phrase(self) -> &'static str {
        match self {
            LifeEnd::Killed => "killed",
            LifeEnd::Power => "ended by a loss of power",
            LifeEnd::Stopped => "stopped in order",
            LifeEnd::DiskFailed => "ended, for its disk did not take a change",
            LifeEnd::Wiped => "killed, and its disk wiped",
        }
    }
}

/// Why a message will never arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loss {
    /// The link was broken when it was sent, or while it was under way.
    Broken,
    /// The recipient was not there, or ended while it was under way or waited to be read.
    Down,
    /// The sender ended, and with it the connection.
    Reset,
    /// The link lost it.
    Dropped,
    /// The sender ended before it left.
    Unsent,
}

impl Loss {
    /// The reason, as part of a sentence.
    pub fn phrase(self) -> &'static str {
        match self {
            Loss::Broken => "the link was broken",
            Loss::Down => "the recipient was not there, or ended before it read them",
            Loss::Reset => "the sender ended while they were under way",
            Loss::Dropped => "the link lost them",
            Loss::Unsent => "the sender ended before they left",
        }
    }
}

/// What became of the changes of a life that ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Changes {
    /// Changes that were not known to be on disk, and are.
    pub kept: usize,
    /// Changes under way to the disk that are gone.
    pub lost: usize,
}

/// Who watches a world.
pub trait Witness<P: Actor> {
    /// Why it cannot go on: a log that cannot be written.
    type Error;

    /// A process has written an event to its log.
    ///
    /// # Errors
    ///
    /// The world stops there.
    fn recorded(&mut self, now: Time, who: Peer, event: P::Event) -> Result<(), Self::Error>;

    /// A process ended before this event reached its log.
    fn unrecorded(&mut self, _now: Time, _who: Peer, _event: &P::Event) {}

    /// A message will never arrive.
    fn lost(&mut self, _now: Time, _from: Peer, _to: Peer, _message: &P::Message, _why: Loss) {}

    /// A life has begun, from 1.
    fn begun(&mut self, _now: Time, _who: Peer, _life: u32, _process: &P) {}

    /// A life has ended; this is the process as it was.
    fn ended(&mut self, _now: Time, _who: Peer, _process: &P, _how: LifeEnd, _changes: Changes) {}

    /// A process has been called, and nothing of what it wants has left yet: the time to look at what it is.
    fn called(&mut self, _now: Time, _who: Peer, _process: &P) {}

    /// A disk has changed: by a flush, by what is left of one when a life ends, or by a wipe.
    fn written(&mut self, _now: Time, _who: Peer, _durable: &P::Durable) {}
}
