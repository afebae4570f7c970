//! The event queue: the next event happens at once, whatever the clock on the wall says.
//!
//! One queue holds every tick and every message under way, ordered by (due time, sequence number). The sequence number
//! is the order in which things were scheduled; it makes ties, and so the whole trial, the same everywhere. There is
//! no step: time jumps from event to event.
//!
//! [`network`] says when a message arrives, and whether it passes a relay first: the relay takes messages in the order
//! in which they reach it, from whomever, and passes each on at once.
//!
//! **Invariant.** Channels are FIFO: a message never overtakes an earlier one between the same two machines. Everything
//! depends on the plan alone, never on the host.

pub mod network;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicBool, Ordering};

use event_log::{MachineId, Tick};
use machine::{Effect, Machine};

use crate::drive::Beat;
use crate::storage::{Sink, StorageError};
pub use network::Network;

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

/// How a drive in virtual time ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// Virtual time of the last tick, nanoseconds since the Unix epoch; none if there was none.
    pub last_ns: Option<u64>,
    /// Ticks performed by all machines.
    pub ticks: u64,
    /// Whether it was told to stop before every machine had performed all its ticks.
    pub interrupted: bool,
}

enum Happening<T> {
    Tick(Tick),
    /// At the relay: a message of the entry's machine for this one.
    Relay(MachineId, T),
    /// At the entry's machine: a message of this one.
    Arrival(MachineId, T),
}

/// An entry of the event queue. Orders by due time, then by sequence number.
struct Due<T> {
    due_ns: u64,
    sequence: u64,
    machine: MachineId,
    happening: Happening<T>,
}

impl<T> Due<T> {
    fn key(&self) -> (u64, u64) {
        (self.due_ns, self.sequence)
    }
}

impl<T> PartialEq for Due<T> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl<T> Eq for Due<T> {}

impl<T> PartialOrd for Due<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Due<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

struct EventQueue<T> {
    heap: BinaryHeap<Reverse<Due<T>>>,
    sequence: u64,
}

impl<T> EventQueue<T> {
    fn push(&mut self, due_ns: u64, machine: MachineId, happening: Happening<T>) {
        self.heap.push(Reverse(Due {
            due_ns,
            sequence: self.sequence,
            machine,
            happening,
        }));
        self.sequence += 1;
    }
}

/// Runs machines until each has performed its ticks, or until `stop` is set. Messages still under way then stay so.
///
/// Seats stand in the order of the machines' ids.
///
/// # Errors
///
/// [`StorageError`] when a log cannot be written; the drive ends there.
pub fn drive<M, S>(
    seats: &mut [Seat<M, S>],
    network: &mut Network,
    stop: &AtomicBool,
) -> Result<End, StorageError>
where
    M: Machine,
    S: Sink<M::Event>,
{
    let mut queue = EventQueue {
        heap: BinaryHeap::with_capacity(seats.len() * 4),
        sequence: 0,
    };
    for seat in seats.iter().filter(|seat| seat.beat.ticks > 0) {
        let first_ns = seat.beat.time_ns(Tick(0));
        queue.push(first_ns, seat.machine.id(), Happening::Tick(Tick(0)));
    }
    let mut effects = Vec::new();
    let ticks_meant: u64 = seats.iter().map(|seat| seat.beat.ticks).sum();
    let mut end = End {
        last_ns: None,
        ticks: 0,
        interrupted: false,
    };
    while end.ticks < ticks_meant {
        let Some(Reverse(due)) = queue.heap.pop() else {
            break;
        };
        let now_ns = due.due_ns;
        let seat = &mut seats[due.machine.index()];
        match due.happening {
            Happening::Relay(to, message) => {
                let arrival_ns = network.from_relay_ns(now_ns, to);
                queue.push(arrival_ns, to, Happening::Arrival(due.machine, message));
            }
            Happening::Arrival(from, message) => seat.machine.receive(from, message),
            Happening::Tick(tick) => {
                if tick.0 % 4096 == 0 && stop.load(Ordering::Relaxed) {
                    end.interrupted = true;
                    break;
                }
                end.last_ns = Some(now_ns);
                end.ticks += 1;
                seat.machine.tick(&mut effects);
                perform(seat, &mut effects, network, &mut queue, now_ns)?;
                let next = Tick(tick.0 + 1);
                if next.0 < seat.beat.ticks {
                    let next_ns = seat.beat.time_ns(next);
                    queue.push(next_ns, due.machine, Happening::Tick(next));
                }
            }
        }
    }
    Ok(end)
}

/// Where effects become deeds.
fn perform<M, S>(
    seat: &mut Seat<M, S>,
    effects: &mut Vec<Effect<M::Message, M::Event>>,
    network: &mut Network,
    queue: &mut EventQueue<M::Message>,
    now_ns: u64,
) -> Result<(), StorageError>
where
    M: Machine,
    S: Sink<M::Event>,
{
    let from = seat.machine.id();
    for effect in effects.drain(..) {
        match effect {
            Effect::Record(event) => seat.sink.record(now_ns, &event)?,
            Effect::Send { to, message } if network.has_relay() => {
                let arrival_ns = network.to_relay_ns(now_ns, from);
                queue.push(arrival_ns, from, Happening::Relay(to, message));
            }
            Effect::Send { to, message } => {
                let arrival_ns = network.arrival_ns(now_ns, from, to);
                queue.push(arrival_ns, to, Happening::Arrival(from, message));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
