//! What a process wants done.
//!
//! **Invariant.** Effects keep the order in which they were pushed.

use super::units::{Peer, Time};

/// An effect of a process with messages `M`, events `E` and changes `C`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect<M, E, C> {
    /// Hand a message to a peer. It may be lost, and on some links come late or twice.
    Send {
        /// The recipient.
        to: Peer,
        /// The message.
        message: M,
    },
    /// Write an event to the log of the process.
    Record(E),
    /// Make a change to the disk. What follows waits until it is there.
    Persist(C),
    /// Wake the process at this time, and no more at the one that it asked for before.
    WakeAt(Time),
    /// Close the link to a peer.
    HangUp(Peer),
}

/// Effects, in the order in which a driver performs them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effects<M, E, C> {
    list: Vec<Effect<M, E, C>>,
}

impl<M, E, C> Effects<M, E, C> {
    /// No effects yet.
    pub fn new() -> Effects<M, E, C> {
        Effects { list: Vec::new() }
    }

    /// Puts an effect behind the others.
    #[inline]
    pub fn push(&mut self, effect: Effect<M, E, C>) {
        self.list.push(effect);
    }

    /// Hands a message to a peer.
    #[inline]
    pub fn send(&mut self, to: Peer, message: M) {
        self.push(Effect::Send { to, message });
    }

    /// Writes an event to the log.
    #[inline]
    pub fn record(&mut self, event: E) {
        self.push(Effect::Record(event));
    }

    /// Changes the disk.
    #[inline]
    pub fn persist(&mut self, change: C) {
        self.push(Effect::Persist(change));
    }

    /// Asks to be woken at this time instead of the one before.
    #[inline]
    pub fn wake_at(&mut self, time: Time) {
        self.push(Effect::WakeAt(time));
    }

    /// Closes the link to a peer.
    #[inline]
    pub fn hang_up(&mut self, peer: Peer) {
        self.push(Effect::HangUp(peer));
    }

    /// Takes all effects, and keeps the memory for the next.
    #[inline]
    pub fn drain(&mut self) -> impl Iterator<Item = Effect<M, E, C>> + '_ {
        self.list.drain(..)
    }
}

impl<M, E, C> Default for Effects<M, E, C> {
    fn default() -> Effects<M, E, C> {
        Effects::new()
    }
}
