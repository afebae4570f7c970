//! Whose tick is next: every machine that has ticks left waits for exactly one.
//!
//! A tournament of losers (Knuth, "The Art of Computer Programming", vol. 3, section 5.4.1): when the winner's next tick
//! takes its place, only the matches between its leaf and the root are played again, log₂ of the number of machines,
//! each of one comparison. A machine's due times come one from the other without a division.
//!
//! **Invariant.** The winner has the least (due time, sequence number) of all that wait.

use event_log::MachineId;
use event_log::schedule::Dues;

use super::Order;
use crate::drive::Beat;

/// What is left of a machine's beat after the tick that waits.
#[derive(Debug)]
struct Rest {
    dues: Dues,
    ticks: u64,
    delay_ns: u64,
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
pub(super) struct Rota {
    /// Losers of the matches, from 1, the root's; match k is between the winners of 2k and 2k + 1. Ticks that wait are
    /// tagged with their machines; [`Order::LAST`] stands for none.
    losers: Vec<Order>,
    winner: Order,
    rests: Vec<Rest>,
}

impl Rota {
    /// The first ticks of machines with these beats, numbered in the order of the machines.
    pub(super) fn new<'a>(
        beats: impl Iterator<Item = &'a Beat>,
        mut sequence: impl FnMut() -> u64,
    ) -> Rota {
        let mut rests: Vec<Rest> = beats
            .map(|beat| Rest {
                dues: beat.schedule.dues(),
                ticks: beat.ticks,
                delay_ns: beat.tick_delay_ns,
            })
            .collect();
        let mut firsts: Vec<Order> = (0..)
            .zip(&mut rests)
            .map(|(machine, rest)| match rest.next_ns() {
                Some(due_ns) => Order::new(due_ns, sequence()).tagged(machine),
                None => Order::LAST,
            })
            .collect();
        assert!(
            firsts.len() <= 1 << Order::TAG_BITS,
            "a machine's number is a tag"
        );
        let leaves = firsts.len().next_power_of_two();
        firsts.resize(leaves, Order::LAST);
        let mut rota = Rota {
            losers: vec![Order::LAST; leaves],
            winner: Order::LAST,
            rests,
        };
        rota.winner = rota.play(1, &firsts);
        rota
    }

    /// Plays all matches below and at `place`; returns the winner.
    fn play(&mut self, place: usize, firsts: &[Order]) -> Order {
        let Some(inner) = place.checked_sub(firsts.len()) else {
            let (left, right) = (
                self.play(2 * place, firsts),
                self.play(2 * place + 1, firsts),
            );
            let left_wins = left <= right;
            self.losers[place] = if left_wins { right } else { left };
            return if left_wins { left } else { right };
        };
        firsts[inner]
    }

    /// When the next tick comes, and whose it is; after all others when there is none.
    #[inline]
    pub(super) fn next(&self) -> (Order, MachineId) {
        (self.winner, MachineId(self.winner.tag()))
    }

    /// The next tick has been performed: its machine waits for the one after it, if it has one.
    #[inline]
    pub(super) fn advance(&mut self, sequence: impl FnOnce() -> u64) {
        let machine = self.winner.tag();
        let leaf = machine as usize;
        let mut turn = match self.rests[leaf].next_ns() {
            Some(due_ns) => Order::new(due_ns, sequence()).tagged(machine),
            None => Order::LAST,
        };
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
