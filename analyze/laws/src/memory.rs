//! What laws remember from one window of a trial to the next.
//!
//! **Invariant.** Rows are those of the window at hand; [`Memory::rows_mut`] reaches all of them, so that they follow when rows
//! move. Of a whole trial nothing is remembered.

use events::At;

use crate::arrivals::Bounds;
use crate::merges::ShortMerge;

/// What laws remember.
#[derive(Debug)]
pub(crate) struct Memory {
    /// Sends that stand in the window and were received before it, each with the machine that received it.
    pub(crate) taken: Vec<(At, usize)>,
    /// One for each machine.
    pub(crate) machines: Vec<MachineMemory>,
    /// How the program that wrote the log merges clocks, by the receives so far.
    pub(crate) short_merge: ShortMerge,
}

/// What laws remember of one machine.
#[derive(Debug, Default, Clone)]
pub(crate) struct MachineMemory {
    /// Of each sender: the newest send that was received, and its receive.
    pub(crate) newest: Vec<Option<(At, At)>>,
    /// The last row with a time, and the time that the next is held against.
    pub(crate) timed: Option<(At, i64)>,
    /// The first row before which something is missing.
    pub(crate) first_gap: Option<At>,
    /// The clock by the rule of identity.
    pub(crate) replay: Replay,
    /// What the queue may be.
    pub(crate) arrivals: Arrivals,
    /// What was sent by a timekeeper.
    pub(crate) time_messages: TimeMessages,
}

/// A machine's clock, counted anew from its events and the clocks that messages carried.
#[derive(Debug, Default, Clone)]
pub(crate) struct Replay {
    /// The clock.
    pub(crate) clock: i64,
    /// Own events.
    pub(crate) events: u64,
    /// Units inherited from each machine.
    pub(crate) inherited: Vec<i64>,
    /// Units inherited from machines unknown.
    pub(crate) strangers: i64,
    /// The first row whose logged clock is another.
    pub(crate) parted: Option<At>,
}

/// Messages sent to a machine's queue.
#[derive(Debug, Default, Clone)]
pub(crate) struct Arrivals {
    /// What the queue may be.
    pub(crate) bounds: Bounds,
    /// How many have come for certain by now and are not in `open`.
    pub(crate) come: usize,
    /// Times of the others, sorted.
    pub(crate) open: Vec<i64>,
}

/// Messages of a timekeeper to a machine.
#[derive(Debug, Default, Clone)]
pub(crate) struct TimeMessages {
    /// How many were sent before those in `open`.
    pub(crate) before: usize,
    /// The sends from there on.
    pub(crate) open: Vec<At>,
    /// How many have come at least.
    pub(crate) certain: usize,
    /// How many have come at most.
    pub(crate) possible: usize,
    /// The number of the newest one dealt with.
    pub(crate) seen: usize,
}

impl Memory {
    /// Of a trial of this number of machines, before its first window.
    pub(crate) fn new(machines: usize) -> Memory {
        Memory {
            taken: Vec::new(),
            machines: vec![MachineMemory::default(); machines],
            short_merge: ShortMerge::ANY,
        }
    }

    /// All rows that are remembered.
    pub(crate) fn rows_mut(&mut self) -> impl Iterator<Item = &mut At> {
        let taken = self.taken.iter_mut().map(|(send, _)| send);
        let of_machines = self.machines.iter_mut().flat_map(|of| {
            let newest = of.newest.iter_mut().flatten();
            let newest = newest.flat_map(|(send, receive)| [send, receive]);
            let timed = of.timed.iter_mut().map(|(at, _)| at);
            let parted = of.replay.parted.iter_mut();
            newest
                .chain(timed)
                .chain(&mut of.first_gap)
                .chain(parted)
                .chain(&mut of.time_messages.open)
        });
        taken.chain(of_machines)
    }
}
