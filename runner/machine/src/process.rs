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
//! - A driver that is to end a process in order calls [`Process::stop`], goes on as before until [`Process::has_left`], hands over
//!   nothing more, and ends it when all its effects are performed. A process bounds how long it takes to be done; a
//!   driver that has waited for longer than that (the process does not run, its disk takes nothing) ends it as by a kill.
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

    /// It is to end in order, as after SIGTERM: it takes nothing new, finishes what it has begun, takes its leave, and
    /// [has left](Process::has_left) within a few seconds. Called at most once in a life. By default it just has said all.
    fn stop(&mut self, _now: Time, _effects: &mut EffectsOf<Self>) {}

    /// Whether a process that was asked to stop has nothing more to do: whatever it is handed from now on, it ignores.
    fn has_left(&self) -> bool {
        true
    }

    /// What a change makes of a disk: the disk is the fold of its changes.
    fn replay(durable: &mut Self::Durable, change: Self::Change);
}
