//! The event queue: the next event happens at once, whatever the clock on the wall says.
//!
//! One queue holds every tick and every message under way, ordered by (due time, sequence number). The sequence number
//! is the order in which things were scheduled; it makes ties, and so the whole trial, the same everywhere. There is
//! no step: time jumps from event to event.
//!
//! **Invariant.** Channels are FIFO: where delays are drawn, a message never overtakes an earlier one between the same
//! two machines. Everything depends on the plan alone, never on the host.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicBool, Ordering};

use event_log::{Latency, MachineId, Schedule, Tick};
use machine::chance::Stream;
use machine::{Effect, Machine};

use crate::storage::{Sink, StorageError};

/// A machine, when it ticks, and where its log goes.
#[derive(Debug)]
pub struct Seat<M, S> {
    /// The machine.
    pub machine: M,
    /// When its ticks are due.
    pub schedule: Schedule,
    /// How many ticks it performs.
    pub ticks: u64,
    /// Its log.
    pub sink: S,
}

/// The delays between machines.
#[derive(Debug)]
pub struct Network {
    latency: Latency,
    stream: Stream,
    machines: usize,
    /// When the last message of each channel arrives, by sender × machines + recipient.
    last_arrival_ns: Vec<u64>,
}

impl Network {
    /// A full mesh of `machines` machines with delays from `latency`, drawn from `stream` where they vary.
    pub fn new(machines: usize, latency: Latency, stream: Stream) -> Network {
        let varies = latency.min_ns != latency.max_ns;
        Network {
            latency,
            stream,
            machines,
            last_arrival_ns: vec![0; if varies { machines * machines } else { 0 }],
        }
    }

    fn arrival_ns(&mut self, now_ns: u64, from: MachineId, to: MachineId) -> u64 {
        let Latency { min_ns, max_ns } = self.latency;
        if min_ns == max_ns {
            return now_ns + min_ns;
        }
        let delay_ns = min_ns + self.stream.below(max_ns - min_ns + 1);
        let last = &mut self.last_arrival_ns[from.index() * self.machines + to.index()];
        *last = (now_ns + delay_ns).max(*last);
        *last
    }
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
    for seat in seats.iter().filter(|seat| seat.ticks > 0) {
        let first_ns = seat.schedule.due_ns(Tick(0));
        queue.push(first_ns, seat.machine.id(), Happening::Tick(Tick(0)));
    }
    let mut effects = Vec::new();
    let ticks_meant: u64 = seats.iter().map(|seat| seat.ticks).sum();
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
                if next.0 < seat.ticks {
                    let next_ns = seat.schedule.due_ns(next);
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
