//! Messages under way.
//!
//! Where all delays are the same, messages arrive in the order in which they were sent, so a row for each kind of hop
//! is order enough and nothing is ever sorted. Where delays vary, a heap sorts them.
//!
//! **Invariant.** Messages come out by (due time, sequence number).

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use event_log::MachineId;

use crate::order::Order;

/// The recipient of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recipient {
    /// This machine.
    One(MachineId),
    /// Every machine but its sender, in the order of their ids: one flight in place of many.
    AllOthers,
}

/// A message on its way.
#[derive(Debug)]
pub(super) struct Flight<T> {
    pub(super) order: Order,
    pub(super) from: MachineId,
    pub(super) to: Recipient,
    /// Whether this hop ends at the relay, and another follows.
    pub(super) to_relay: bool,
    pub(super) message: T,
}

impl<T> PartialEq for Flight<T> {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

impl<T> Eq for Flight<T> {}

impl<T> PartialOrd for Flight<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Flight<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order.cmp(&other.order)
    }
}

/// The messages under way.
#[derive(Debug)]
pub(super) enum InFlight<T> {
    /// Delays are all the same.
    Rows {
        /// On the way to the relay.
        to_relay: VecDeque<Flight<T>>,
        /// On the way to a machine.
        to_machine: VecDeque<Flight<T>>,
    },
    /// Delays vary.
    Heap(BinaryHeap<Reverse<Flight<T>>>),
}

impl<T> InFlight<T> {
    /// Empty; for a network with delays that vary, or with constant ones.
    pub(super) fn new(varies: bool) -> InFlight<T> {
        if varies {
            InFlight::Heap(BinaryHeap::new())
        } else {
            InFlight::Rows {
                to_relay: VecDeque::new(),
                to_machine: VecDeque::new(),
            }
        }
    }

    /// A message has been sent.
    #[inline]
    pub(super) fn push(&mut self, flight: Flight<T>) {
        match self {
            InFlight::Heap(heap) => heap.push(Reverse(flight)),
            InFlight::Rows { to_relay, .. } if flight.to_relay => to_relay.push_back(flight),
            InFlight::Rows { to_machine, .. } => to_machine.push_back(flight),
        }
    }

    /// The next message whose hop ends before `limit`.
    #[inline]
    pub(super) fn pop_before(&mut self, limit: Order) -> Option<Flight<T>> {
        let due = |flight: &Flight<T>| flight.order < limit;
        match self {
            InFlight::Heap(heap) => {
                heap.peek().filter(|Reverse(flight)| due(flight))?;
                heap.pop().map(|Reverse(flight)| flight)
            }
            InFlight::Rows {
                to_relay,
                to_machine,
            } => {
                let relay = to_relay.front().map_or(Order::LAST, |flight| flight.order);
                let machine = to_machine.front();
                let machine = machine.map_or(Order::LAST, |flight| flight.order);
                let row = if relay < machine {
                    to_relay
                } else {
                    to_machine
                };
                row.front().filter(|flight| due(flight))?;
                row.pop_front()
            }
        }
    }
}
