//! The next tick: every machine that has ticks left waits for exactly one.
//!
//! Machines of one rate tick by turns: one that has just ticked comes after all others of its rate, so each rate has a
//! row, and only the fronts of rows need to be compared. They play a tournament of losers (Knuth, "The Art of Computer
//! Programming", vol. 3, section 5.4.1): when a row has a new front, only the matches between its leaf and the root are
//! played again, log₂ of the number of rates, each of one comparison. A machine's due times come one from the other
//! without a division.
//!
//! **Invariant.** The winner has the least (due time, sequence number) of all that wait; every row ascends.

use std::collections::{BTreeMap, VecDeque};

use event_log::MachineId;
use event_log::schedule::Dues;

use crate::order::Order;
use crate::seat::Beat;

/// What is left of a machine's beat after the tick that waits.
#[derive(Debug)]
struct Rest {
    dues: Dues,
    ticks: u64,
    delay_ns: u64,
    /// Its row.
    row: usize,
}

impl Rest {
    #[inline]
    fn next_ns(&mut self) -> Option<u64> {
        self.ticks = self.ticks.checked_sub(1)?;
        Some(self.dues.next_ns().saturating_add(self.delay_ns))
    }
}

/// The ticks to come, in order.
#[derive(Debug)]
pub(super) struct TickQueue {
    /// For each rate the ticks that wait, the next one first. They are tagged with their machines.
    rows: Vec<VecDeque<Order>>,
    /// Losers of the matches, from 1, the root's; match k is between the winners of 2k and 2k + 1. [`Order::LAST`] stands
    /// for the front of an empty row.
    losers: Vec<Order>,
    winner: Order,
    rests: Vec<Rest>,
}

impl TickQueue {
    /// The first ticks of machines with these beats, numbered in the order of the machines.
    pub(super) fn new<'a>(
        beats: impl Iterator<Item = &'a Beat>,
        mut sequence: impl FnMut() -> u64,
    ) -> TickQueue {
        let mut rests = Vec::new();
        let mut row_of = BTreeMap::new();
        for beat in beats {
            let (rate, speed) = (beat.schedule.rate, beat.schedule.speed);
            let rows = row_of.len();
            let row = row_of
                .entry((rate, speed.to_bits(), beat.tick_delay_ns))
                .or_insert(rows);
            rests.push(Rest {
                dues: beat.schedule.dues(),
                ticks: beat.ticks,
                delay_ns: beat.tick_delay_ns,
                row: *row,
            });
        }
        assert!(
            rests.len() <= 1 << Order::TAG_BITS,
            "a machine's number is a tag"
        );
        let mut rows = vec![Vec::new(); row_of.len()];
        for (machine, rest) in (0..).zip(&mut rests) {
            if let Some(due_ns) = rest.next_ns() {
                rows[rest.row].push(Order::new(due_ns, sequence()).tagged(machine));
            }
        }
        for row in &mut rows {
            row.sort_unstable();
        }
        let mut queue = TickQueue {
            losers: vec![Order::LAST; rows.len().next_power_of_two()],
            rows: rows.into_iter().map(VecDeque::from).collect(),
            winner: Order::LAST,
            rests,
        };
        queue.winner = queue.play(1);
        queue
    }

    /// The next tick of a row; after all others when there is none.
    #[inline]
    fn front(&self, row: usize) -> Order {
        let front = self.rows.get(row).and_then(VecDeque::front);
        front.copied().unwrap_or(Order::LAST)
    }

    /// Plays all matches below and at `place`; returns the winner.
    fn play(&mut self, place: usize) -> Order {
        if let Some(row) = place.checked_sub(self.losers.len()) {
            return self.front(row);
        }
        let (left, right) = (self.play(2 * place), self.play(2 * place + 1));
        self.losers[place] = left.max(right);
        left.min(right)
    }

    /// When the next tick comes, and its machine; after all others when there is none.
    #[inline]
    pub(super) fn next(&self) -> (Order, MachineId) {
        (self.winner, MachineId(self.winner.tag()))
    }

    /// The next tick has been performed: its machine waits for the one after it, if it has one.
    #[inline]
    pub(super) fn advance(&mut self, sequence: impl FnOnce() -> u64) {
        let machine = self.winner.tag();
        let rest = &mut self.rests[machine as usize];
        let leaf = rest.row;
        let row = &mut self.rows[leaf];
        row.pop_front();
        if let Some(due_ns) = rest.next_ns() {
            let order = Order::new(due_ns, sequence()).tagged(machine);
            // At the end, but for due times that rounding brings a nanosecond before or after each other.
            let mut place = row.len();
            row.push_back(order);
            while place > 0 && row[place - 1] > order {
                row.swap(place - 1, place);
                place -= 1;
            }
        }
        let mut turn = self.front(leaf);
        let mut place = (self.losers.len() + leaf) / 2;
        while place > 0 {
            // Which of the two loses is a matter of chance, so this is a choice of values rather than of ways.
            let (one, other) = (self.losers[place], turn);
            self.losers[place] = one.max(other);
            turn = one.min(other);
            place /= 2;
        }
        self.winner = turn;
    }
}
