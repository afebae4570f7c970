//! The event queue: the next event happens at once, whatever the clock on the wall says.
//!
//! Every tick and every message under way has its place in one order: (due time, sequence number). The sequence number
//! is the order in which things were scheduled; it makes ties, and so the whole trial, the same everywhere. There is
//! no step: time jumps from event to event.
//!
//! `tick_queue` knows the next tick, `in_flight` the next message, `order` what comes first; no event allocates memory.
//! [`network`] says when a message arrives, and whether it passes a relay first: the relay takes messages in the order in
//! which they reach it and passes each on at once.
//!
//! **Invariant.** Channels are FIFO: a message never overtakes an earlier one between the same two machines. Everything
//! depends on the plan alone, never on the host.

mod in_flight;
pub mod network;
mod tick_queue;

use std::sync::atomic::{AtomicBool, Ordering};

use event_log::MachineId;
use machine::{Effect, Machine};

use crate::order::Order;
use crate::seat::Seat;
use crate::sink::Sink;
use crate::storage::StorageError;
use in_flight::{Flight, InFlight, Recipient};
pub use network::Network;

use tick_queue::TickQueue;

/// How many ticks may pass between two looks at whether to stop.
const STOP_LOOK_TICKS: u64 = 4096;

/// How a drive in virtual time ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// Virtual time of the last tick, nanoseconds since the Unix epoch; none if there was none.
    pub last_ns: Option<u64>,
    /// Ticks performed by all machines.
    pub ticks: u64,
    /// Whether it had to stop before every machine had performed all its ticks.
    pub interrupted: bool,
}

/// All ticks and messages to come.
struct EventQueue<T> {
    ticks: TickQueue,
    messages: InFlight<T>,
    sequence: u64,
}

impl<T> EventQueue<T> {
    #[inline]
    fn next_sequence(sequence: &mut u64) -> u64 {
        *sequence += 1;
        *sequence - 1
    }

    #[inline]
    fn send(&mut self, due_ns: u64, from: MachineId, to: Recipient, to_relay: bool, message: T) {
        self.messages.push(Flight {
            order: Order::new(due_ns, Self::next_sequence(&mut self.sequence)),
            from,
            to,
            to_relay,
            message,
        });
    }
}

/// Runs machines until each has performed its ticks, or until `stop` is set. Messages still under way then stay so.
///
/// Seats are in the order of the machines' ids.
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
    let mut sequence = 0;
    let beats = seats.iter().map(|seat| &seat.beat);
    let mut queue = EventQueue {
        ticks: TickQueue::new(beats, || {
            EventQueue::<M::Message>::next_sequence(&mut sequence)
        }),
        messages: InFlight::new(network.varies()),
        sequence,
    };
    let machines = seats.len() as u32;
    let mut effects = Vec::new();
    let ticks_meant: u64 = seats.iter().map(|seat| seat.beat.ticks).sum();
    let mut end = End {
        last_ns: None,
        ticks: 0,
        interrupted: false,
    };
    while end.ticks < ticks_meant {
        let (order, machine) = queue.ticks.next();
        deliver(seats, network, &mut queue, order);
        if end.ticks.is_multiple_of(STOP_LOOK_TICKS) && stop.load(Ordering::Relaxed) {
            end.interrupted = true;
            break;
        }
        let now_ns = order.due_ns();
        let seat = &mut seats[machine.index()];
        end.last_ns = Some(now_ns);
        end.ticks += 1;
        seat.machine.tick(&mut effects);
        perform(seat, machines, &mut effects, network, &mut queue, now_ns)?;
        let sequence = &mut queue.sequence;
        queue
            .ticks
            .advance(|| EventQueue::<M::Message>::next_sequence(sequence));
    }
    Ok(end)
}

/// Moves every message whose hop ends before the next tick one hop on.
#[inline]
fn deliver<M, S>(
    seats: &mut [Seat<M, S>],
    network: &mut Network,
    queue: &mut EventQueue<M::Message>,
    before: Order,
) where
    M: Machine,
{
    while let Some(flight) = queue.messages.pop_before(before) {
        let Flight {
            from, to, message, ..
        } = flight;
        match to {
            Recipient::One(to) if flight.to_relay => {
                let arrival_ns = network.from_relay_ns(flight.order.due_ns(), to);
                queue.send(arrival_ns, from, Recipient::One(to), false, message);
            }
            Recipient::One(to) => seats[to.index()].machine.receive(from, message),
            Recipient::AllOthers => {
                let (before, rest) = seats.split_at_mut(from.index());
                for seat in before.iter_mut().chain(rest.iter_mut().skip(1)) {
                    seat.machine.receive(from, message.clone());
                }
            }
        }
    }
}

/// Where effects become deeds.
#[inline]
fn perform<M, S>(
    seat: &mut Seat<M, S>,
    machines: u32,
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
            Effect::Send { to, message } => send(network, queue, now_ns, from, to, message),
            Effect::SendToAll { message } => match network.delay_to_all_ns() {
                Some(delay_ns) => {
                    let to = Recipient::AllOthers;
                    queue.send(now_ns + delay_ns, from, to, false, message);
                }
                None => {
                    for to in (0..machines).map(MachineId).filter(|&to| to != from) {
                        send(network, queue, now_ns, from, to, message.clone());
                    }
                }
            },
        }
    }
    Ok(())
}

/// Sends a message on its first hop.
#[inline]
fn send<T>(
    network: &mut Network,
    queue: &mut EventQueue<T>,
    now_ns: u64,
    from: MachineId,
    to: MachineId,
    message: T,
) {
    let to_relay = network.has_relay();
    let arrival_ns = if to_relay {
        network.to_relay_ns(now_ns, from)
    } else {
        network.arrival_ns(now_ns, from, to)
    };
    queue.send(arrival_ns, from, Recipient::One(to), to_relay, message);
}

#[cfg(test)]
mod tests;
