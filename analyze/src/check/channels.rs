//! Sends and receives by channel: one channel for each ordered pair of machines.
//!
//! Three flat vectors for the sends and two for the receives, filled by counting: channels number in the square of
//! the machines, and most trials are small.
//!
//! **Invariant.** The sends of a channel stand in the order of their ticks, its receives in file order.

use std::ops::Range;

use super::facts::Facts;
use crate::trial_log::EventKind;

/// No row: the message was never received.
const NEVER: u32 = u32::MAX;

/// All messages of a trial.
pub(super) struct Channels {
    machines: usize,
    sends: Lists,
    receives: Lists,
    /// Beside each send: the row that received it, or [`NEVER`].
    received_at: Vec<u32>,
}

/// Lists of row numbers, one for each channel, in one vector.
struct Lists {
    starts: Vec<u32>,
    rows: Vec<u32>,
}

impl Channels {
    pub(super) fn new(facts: &Facts) -> Channels {
        let machines = facts.log.machines.len();
        let mut sends = Lists::collect(facts, sends_of);
        for sender in 0..machines {
            let tick = &facts.rows(sender).tick;
            for recipient in 0..machines {
                let range = sends.range(sender * machines + recipient);
                let rows = &mut sends.rows[range];
                if !rows.is_sorted_by_key(|&row| tick[row as usize]) {
                    rows.sort_by_key(|&row| tick[row as usize]);
                }
            }
        }
        Channels {
            machines,
            received_at: vec![NEVER; sends.rows.len()],
            receives: Lists::collect(facts, receives_of),
            sends,
        }
    }

    /// How many messages were sent.
    pub(super) fn messages(&self) -> u64 {
        self.sends.rows.len() as u64
    }

    /// The sender's rows of a channel, by tick.
    #[inline]
    pub(super) fn sends(&self, sender: usize, recipient: usize) -> &[u32] {
        &self.sends.rows[self.sends.range(sender * self.machines + recipient)]
    }

    /// The recipient's rows of a channel, in file order.
    #[inline]
    pub(super) fn receives(&self, sender: usize, recipient: usize) -> &[u32] {
        &self.receives.rows[self.receives.range(sender * self.machines + recipient)]
    }

    /// The row that received the message at a position of [`Channels::sends`].
    #[inline]
    pub(super) fn received_at(&self, sender: usize, recipient: usize, at: usize) -> Option<usize> {
        let start = self.sends.range(sender * self.machines + recipient).start;
        let row = self.received_at[start + at];
        (row != NEVER).then_some(row as usize)
    }

    /// Notes that a row received the message at a position of [`Channels::sends`].
    #[inline]
    pub(super) fn receive(&mut self, sender: usize, recipient: usize, at: usize, row: u32) {
        let start = self.sends.range(sender * self.machines + recipient).start;
        self.received_at[start + at] = row;
    }
}

impl Lists {
    /// Two passes: count the rows of each channel, then put them in their places.
    fn collect(facts: &Facts, visit: fn(&Facts, usize, &mut dyn FnMut(usize, u32))) -> Lists {
        let machines = facts.log.machines.len();
        let mut starts = vec![0u32; machines * machines + 1];
        for machine in 0..machines {
            visit(facts, machine, &mut |channel, _| starts[channel + 1] += 1);
        }
        for channel in 0..machines * machines {
            starts[channel + 1] += starts[channel];
        }
        let mut next = starts.clone();
        let mut rows = vec![0u32; starts[machines * machines] as usize];
        for machine in 0..machines {
            visit(facts, machine, &mut |channel, row| {
                rows[next[channel] as usize] = row;
                next[channel] += 1;
            });
        }
        Lists { starts, rows }
    }

    #[inline]
    fn range(&self, channel: usize) -> Range<usize> {
        self.starts[channel] as usize..self.starts[channel + 1] as usize
    }
}

fn sends_of(facts: &Facts, sender: usize, put: &mut dyn FnMut(usize, u32)) {
    let machines = facts.log.machines.len();
    for (row, event) in facts.rows(sender).event.iter().enumerate() {
        match event {
            EventKind::Send => {
                if let Some(recipient) = facts.peer(sender, row) {
                    put(sender * machines + recipient, row as u32);
                }
            }
            EventKind::Broadcast => {
                for recipient in (0..machines).filter(|&recipient| recipient != sender) {
                    put(sender * machines + recipient, row as u32);
                }
            }
            EventKind::Internal | EventKind::Receive => {}
        }
    }
}

fn receives_of(facts: &Facts, recipient: usize, put: &mut dyn FnMut(usize, u32)) {
    let machines = facts.log.machines.len();
    for (row, event) in facts.rows(recipient).event.iter().enumerate() {
        if *event == EventKind::Receive
            && let Some(sender) = facts.peer(recipient, row)
        {
            put(sender * machines + recipient, row as u32);
        }
    }
}
