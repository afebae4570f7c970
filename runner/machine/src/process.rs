//! Processes: values that a driver wakes.
//!
//! A machine ticks; a [`Process`] waits, for a message, for a link, for a time that it asked for. Like a machine it touches
//! nothing: it pushes effects, and a driver performs them. What it must remember after a crash it says as changes to its
//! disk, and the driver hands back what the disk kept when it starts the process again.
//!
//! # The contract with a driver
//!
//! - Effects are performed in the order in which they were pushed, with two exceptions: a wake time holds at once, and a
//!   change may reach the disk early.
//! - **Nothing that follows a change leaves before the change is on disk.** [`outbox::Outbox`] enforces it, for every driver.
//!   So a process needs no word that a change has been written: what it sends next says so by its place alone.
//! - Messages that have arrived are handed over before a wake time that has passed: whoever was silent was heard out.
//! - A process that waits for a time is woken at it or later, never earlier. After an end, by crash or kill, nothing of that
//!   life is performed any more; of the changes that were not on disk a prefix may have reached it.
//!
//! # Map
//!
//! [`units`] the time and the ends of links · [`effects`] what a process wants done · [`outbox`] what may leave, and when ·
//! [`ticking`] any machine as a process.
//!
//! **Invariant.** Two processes that begin with the same disk and are fed the same calls push the same effects.

pub mod effects;
pub mod outbox;
pub mod ticking;
pub mod units;

use effects::Effects;
use units::{Peer, Time};

/// The effects of a process.
pub type EffectsOf<P> =
    Effects<<P as Process>::Message, <P as Process>::Event, <P as Process>::Change>;

/// A deterministic process that a driver runs.
pub trait Process: Sized {
    /// What it knows before it begins: the same in every life.
    type Setup;
    /// The messages between processes.
    type Message: Clone;
    /// What the log says of it.
    type Event;
    /// A change to its disk.
    type Change;
    /// What its disk holds. An empty disk is the default.
    type Durable: Default;

    /// Begins a life: the first, or one after a crash, with what the disk kept.
    fn begin(
        setup: &Self::Setup,
        durable: Self::Durable,
        now: Time,
        effects: &mut EffectsOf<Self>,
    ) -> Self;

    /// A message has arrived.
    fn receive(
        &mut self,
        now: Time,
        from: Peer,
        message: Self::Message,
        effects: &mut EffectsOf<Self>,
    );

    /// A link to a peer has come up, or has gone: then messages of either direction may be lost.
    fn link(&mut self, now: Time, peer: Peer, is_up: bool, effects: &mut EffectsOf<Self>);

    /// The time that it asked for has come.
    fn wake(&mut self, now: Time, effects: &mut EffectsOf<Self>);

    /// What a change makes of a disk: the disk is the fold of its changes.
    fn replay(durable: &mut Self::Durable, change: Self::Change);
}
