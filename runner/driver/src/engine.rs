//! The event queue: the next event happens at once, whatever the clock on the wall says.
//!
//! Every tick and every message under way has its place in one order: (due time, sequence number). The sequence number
//! is the order in which things were scheduled; it makes ties, and so the whole trial, the same everywhere. There is
//! no step: time jumps from event to event.
//!
//! `rota` knows the next tick, `transit` the next message; between them nothing is allocated for an event. [`network`]
//! says when a message arrives, and whether it passes a relay first: the relay takes messages in the order in which they
//! reach it, from whomever, and passes each on at once.
//!
//! **Invariant.** Channels are FIFO: a message never overtakes an earlier one between the same two machines. Everything
//! depends on the plan alone, never on the host.

pub mod network;
mod rota;
mod transit;

use std::sync::atomic::{AtomicBool, Ordering};

use event_log::MachineId;
use machine::{Effect, Machine};

use crate::seat::Seat;
use crate::sink::Sink;
use crate::storage::StorageError;
pub use network::Network;
use rota::Rota;
use transit::{Flight, Recipient, Transit};

/// How many ticks may pass between two looks at whether to stop.
const STOP_LOOK_TICKS: u64 = 4096;

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

/// The order of everything that happens: by due time, then by sequence number. One number, so that it is one comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Order(u128);

impl Order {
    /// After everything.
    const LAST: Order = Order(u128::MAX);

    /// Bits below the sequence number, free for whom it concerns: sequence numbers are unique, so these decide nothing.
    const TAG_BITS: u32 = 20;

    #[inline]
    fn new(due_ns: u64, sequence: u64) -> Order {
        debug_assert!(
            sequence < 1 << (64 - Order::TAG_BITS),
            "more events than any run has"
        );
        Order(u128::from(due_ns) << 64 | u128::from(sequence) << Order::TAG_BITS)
    }

    /// The same place in the order, with a tag of less than 2^[`Order::TAG_BITS`].
    #[inline]
    fn tagged(self, tag: u32) -> Order {
        Order(self.0 | u128::from(tag))
    }

    #[inline]
    fn tag(self) -> u32 {
        self.0 as u32 & ((1 << Order::TAG_BITS) - 1)
    }

    #[inline]
    fn due_ns(self) -> u64 {
        (self.0 >> 64) as u64
    }
}

/// All that is going to happen.
struct Agenda<T> {
    rota: Rota,
    transit: Transit<T>,
    sequence: u64,
}

impl<T> Agenda<T> {
    #[inline]
    fn next_sequence(sequence: &mut u64) -> u64 {
        *sequence += 1;
        *sequence - 1
    }

    #[inline]
    fn send(&mut self, due_ns: u64, from: MachineId, to: Recipient, to_relay: bool, message: T) {
        self.transit.push(Flight {
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
    let mut sequence = 0;
    let beats = seats.iter().map(|seat| &seat.beat);
    let mut agenda = Agenda {
        rota: Rota::new(beats, || Agenda::<M::Message>::next_sequence(&mut sequence)),
        transit: Transit::new(network.varies()),
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
        let (order, machine) = agenda.rota.next();
        deliver(seats, network, &mut agenda, order);
        if end.ticks.is_multiple_of(STOP_LOOK_TICKS) && stop.load(Ordering::Relaxed) {
            end.interrupted = true;
            break;
        }
        let now_ns = order.due_ns();
        let seat = &mut seats[machine.index()];
        end.last_ns = Some(now_ns);
        end.ticks += 1;
        seat.machine.tick(&mut effects);
        perform(seat, machines, &mut effects, network, &mut agenda, now_ns)?;
        let sequence = &mut agenda.sequence;
        agenda
            .rota
            .advance(|| Agenda::<M::Message>::next_sequence(sequence));
    }
    Ok(end)
}

/// Brings messages one hop on, all whose hops end before the next tick.
#[inline]
fn deliver<M, S>(
    seats: &mut [Seat<M, S>],
    network: &mut Network,
    agenda: &mut Agenda<M::Message>,
    before: Order,
) where
    M: Machine,
{
    while let Some(flight) = agenda.transit.pop_before(before) {
        let Flight {
            from, to, message, ..
        } = flight;
        match to {
            Recipient::One(to) if flight.to_relay => {
                let arrival_ns = network.from_relay_ns(flight.order.due_ns(), to);
                agenda.send(arrival_ns, from, Recipient::One(to), false, message);
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
    agenda: &mut Agenda<M::Message>,
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
            Effect::Send { to, message } => send(network, agenda, now_ns, from, to, message),
            Effect::SendToAll { message } => match network.delay_to_all_ns() {
                Some(delay_ns) => {
                    let to = Recipient::AllOthers;
                    agenda.send(now_ns + delay_ns, from, to, false, message);
                }
                None => {
                    for to in (0..machines).map(MachineId).filter(|&to| to != from) {
                        send(network, agenda, now_ns, from, to, message.clone());
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
    agenda: &mut Agenda<T>,
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
    agenda.send(arrival_ns, from, Recipient::One(to), to_relay, message);
}

#[cfg(test)]
mod tests;
