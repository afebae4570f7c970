//! Machines as values.
//!
//! A [`Machine`] changes its state and pushes [`Effect`]s; a driver performs them, in order. The same value runs on
//! real sockets and in virtual time, and in tests on nothing at all.
//!
//! ```
//! use event_log::{Drain, Event, LamportTime, MachineId, Odds, Stamp, Tick};
//! use machine::chance::{Purpose, Stream};
//! use machine::scale_model::{Message, Settings, RandomDice, ScaleModel};
//! use machine::{Effect, Machine};
//!
//! let settings = Settings {
//!     id: MachineId(0),
//!     machines: 3,
//!     drain: Drain::One,
//!     stamp: Stamp::After,
//!     timekeeper: None,
//! };
//! let dice = RandomDice::new(Odds::Sides(10), Stream::new(7, 0, Purpose::Machine(settings.id)));
//! let mut machine = ScaleModel::new(settings, dice);
//! let mut effects = Vec::new();
//!
//! // Arrival only enqueues ...
//! machine.receive(MachineId(2), Message { sent_tick: Tick(40), sent_clock: LamportTime(99) });
//! assert_eq!(machine.backlog(), 1);
//!
//! // ... and the next tick takes it: the clock becomes the larger of the two, plus one.
//! machine.tick(&mut effects);
//! let Effect::Record(row) = &effects[0] else { panic!("a receive sends nothing") };
//! assert_eq!(row.clock, LamportTime(100));
//! assert!(matches!(row.event, Event::Receive { from: MachineId(2), .. }));
//! ```
//!
//! # Map
//!
//! [`lamport`] the clock and its three rules · [`chance`] streams of chance derived from a seed ·
//! [`scale_model`] the machine of the classic assignment · [`process`] what waits for messages and times rather than for
//! ticks, and any machine as such.
//!
//! **Invariant.** Nothing here reads a clock, opens a socket or file, is `async`, or draws chance that was not handed
//! in; `clippy.toml` beside this crate bans the means. Two machines fed the same calls push the same effects.

pub mod chance;
pub mod lamport;
pub mod process;
pub mod scale_model;

use event_log::MachineId;

/// A deterministic state machine that a driver runs.
///
/// The contract with a driver: after each call to [`tick`](Machine::tick) it performs all pushed effects in order,
/// before the next call. `receive` may be called at any time between ticks and pushes nothing.
pub trait Machine {
    /// The messages between machines.
    type Message: Clone;
    /// What the log says of them.
    type Event;

    /// Its id in the trial.
    fn id(&self) -> MachineId;

    /// Performs one tick.
    fn tick(&mut self, effects: &mut Vec<Effect<Self::Message, Self::Event>>);

    /// A message has arrived: it is queued, and costs no tick.
    fn receive(&mut self, from: MachineId, message: Self::Message);

    /// Messages waiting in the network queue.
    fn backlog(&self) -> usize;
}

/// What a machine wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect<M, E> {
    /// Hand a message to a peer's network queue.
    Send {
        /// The recipient.
        to: MachineId,
        /// The message.
        message: M,
    },
    /// Hand the same message to the network queue of every other machine of the trial, in the order of their ids.
    SendToAll {
        /// The message.
        message: M,
    },
    /// Write an event to the machine's log.
    Record(E),
}

/// Messages as bytes, for drivers that leave the process.
pub trait Payload: Sized {
    /// Appends the message's bytes.
    fn encode(&self, bytes: &mut Vec<u8>);

    /// Reads a message from exactly these bytes; `None` if they are not one.
    fn decode(bytes: &[u8]) -> Option<Self>;
}
