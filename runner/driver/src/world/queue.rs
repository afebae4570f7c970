//! All that is to come, in order.
//!
//! What happens lies in slots that are used again, and the heap sorts small numbers: messages are moved twice, whatever their
//! size, and no event allocates memory once the slots are there.
//!
//! **Invariant.** Things come out by (due time, order of scheduling).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use machine::process::units::Time;

use crate::order::Order;

/// What is to come.
#[derive(Debug)]
pub(super) struct Queue<H> {
    heap: BinaryHeap<Reverse<(Order, usize)>>,
    slots: Vec<Option<H>>,
    free: Vec<usize>,
    sequence: u64,
}

impl<H> Queue<H> {
    pub(super) fn new() -> Queue<H> {
        Queue {
            heap: BinaryHeap::new(),
            slots: Vec::new(),
            free: Vec::new(),
            sequence: 0,
        }
    }

    /// Something happens at this time, after all that was put there for the same time.
    #[inline]
    pub(super) fn push(&mut self, due: Time, happening: H) {
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot] = Some(happening);
                slot
            }
            None => {
                self.slots.push(Some(happening));
                self.slots.len() - 1
            }
        };
        self.heap
            .push(Reverse((Order::new(due.0, self.sequence), slot)));
        self.sequence += 1;
    }

    /// When the next thing happens.
    pub(super) fn next_due(&self) -> Option<Time> {
        let Reverse((order, _)) = self.heap.peek()?;
        Some(Time(order.due_ns()))
    }

    /// The next thing that happens before this time.
    #[inline]
    pub(super) fn pop_before(&mut self, limit: Time) -> Option<(Time, H)> {
        self.next_due().filter(|&due| due < limit)?;
        let Reverse((order, slot)) = self.heap.pop()?;
        self.free.push(slot);
        Some((Time(order.due_ns()), self.slots[slot].take()?))
    }
}
