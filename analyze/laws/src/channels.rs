//! Sends by channel, one channel for each ordered pair of machines, and which of them were received.
//!
//! One flat vector, filled by counting: channels number in the square of the machines, and most trials are small.
//!
//! **Invariant.** The sends of a channel stand in file order. A send whose recipient is not known is in none.

use events::{At, Kind, Reach, Trial, Window};
use std::collections::HashSet;
use std::ops::Range;

use crate::messages::{by_order, reach, send};

/// All messages of a trial whose recipients are known.
pub(crate) struct Channels {
    machines: usize,
    starts: Vec<u32>,
    rows: Vec<u32>,
    /// For each sender, the sends whose recipients its log does not say.
    unaddressed: Vec<Vec<u32>>,
}

/// Which messages of the channels were received.
pub(crate) struct Deliveries {
    /// Beside each send of [`Channels`]: whether a certain receive took it.
    received: Vec<bool>,
    /// Receives of a message that was received before, by machine and row.
    again: HashSet<At>,
    /// How many of the sends were received in this window.
    pub(crate) newly: u64,
}

impl Channels {
    /// Two passes: count the sends of each channel, then put them in their places.
    pub(crate) fn new(trial: &Trial) -> Channels {
        let machines = trial.machines.len();
        let mut starts = vec![0u32; machines * machines + 1];
        let mut unaddressed = vec![Vec::new(); machines];
        for (sender, unaddressed) in unaddressed.iter_mut().enumerate() {
            visit(trial, sender, |channel, row| match channel {
                Some(channel) => starts[channel + 1] += 1,
                None => unaddressed.push(row),
            });
        }
        for channel in 0..machines * machines {
            starts[channel + 1] += starts[channel];
        }
        let mut next = starts.clone();
        let mut rows = vec![0u32; starts[machines * machines] as usize];
        for sender in 0..machines {
            visit(trial, sender, |channel, row| {
                if let Some(channel) = channel {
                    rows[next[channel] as usize] = row;
                    next[channel] += 1;
                }
            });
        }
        Channels {
            machines,
            starts,
            rows,
            unaddressed,
        }
    }

    fn range(&self, sender: usize, recipient: usize) -> Range<usize> {
        let channel = sender * self.machines + recipient;
        self.starts[channel] as usize..self.starts[channel + 1] as usize
    }

    /// How many messages were sent by rows that are new.
    pub(crate) fn messages(&self, window: &Window) -> u64 {
        let senders = window.new.iter().enumerate();
        let sent = senders.flat_map(|(sender, new)| {
            let channels = 0..self.machines;
            channels.map(move |recipient| {
                let sends = self.sends(sender, recipient);
                among(sends, new).len()
            })
        });
        sent.sum::<usize>() as u64
    }

    /// The sender's rows that may send to anybody.
    pub(crate) fn unaddressed(&self, sender: usize) -> &[u32] {
        &self.unaddressed[sender]
    }

    /// The sender's rows of a channel.
    pub(crate) fn sends(&self, sender: usize, recipient: usize) -> &[u32] {
        &self.rows[self.range(sender, recipient)]
    }
}

impl Deliveries {
    /// Those of the receives that are new; `taken` are sends that were received before, each with its recipient.
    pub(crate) fn new(
        trial: &Trial,
        channels: &Channels,
        window: &Window,
        taken: &[(At, usize)],
    ) -> Deliveries {
        let mut deliveries = Deliveries {
            received: vec![false; channels.rows.len()],
            again: HashSet::new(),
            newly: 0,
        };
        for &(send, recipient) in taken {
            let place = channels.sends(send.machine, recipient);
            if let Ok(place) = place.binary_search(&(send.row as u32)) {
                let start = channels.range(send.machine, recipient).start;
                deliveries.received[start + place] = true;
            }
        }
        for (recipient, machine) in trial.machines.iter().enumerate() {
            let rows = &machine.rows;
            // Messages of one sender mostly arrive in the order of sending.
            let mut next = vec![0; channels.machines];
            let mut unlisted: HashSet<At> = HashSet::new();
            let new = window.new[recipient].clone();
            for row in new.filter(|&row| rows.kind(row) == Kind::Receive) {
                let Some(send) = send(rows, row) else {
                    continue;
                };
                let range = channels.range(send.machine, recipient);
                let sends = &channels.rows[range.clone()];
                let guess = next[send.machine];
                let place = match sends.get(guess) {
                    Some(&sent) if sent as usize == send.row => Ok(guess),
                    _ => sends.binary_search(&(send.row as u32)),
                };
                let taken = match place {
                    Ok(place) => {
                        next[send.machine] = place + 1;
                        let received = &mut deliveries.received[range.start + place];
                        deliveries.newly += u64::from(!*received);
                        std::mem::replace(received, true)
                    }
                    Err(_) => !unlisted.insert(send),
                };
                if taken && !by_order(rows, row) {
                    deliveries.again.insert(At {
                        machine: recipient,
                        row,
                    });
                }
            }
        }
        deliveries
    }

    /// Whether the sends of a channel were received, one beside the other.
    pub(crate) fn received(&self, channels: &Channels, sender: usize, recipient: usize) -> &[bool] {
        &self.received[channels.range(sender, recipient)]
    }

    /// Whether a receive takes a message that its machine took before.
    #[inline]
    pub(crate) fn is_again(&self, at: At) -> bool {
        !self.again.is_empty() && self.again.contains(&at)
    }
}

/// Those of some rows, ascending, that are in a range.
pub(crate) fn among<'a>(rows: &'a [u32], range: &Range<usize>) -> &'a [u32] {
    let before = |end: usize| rows.partition_point(|&row| (row as usize) < end);
    &rows[before(range.start)..before(range.end)]
}

/// Each channel that a send of a machine belongs to, and its row; none where the recipient is not known.
fn visit(trial: &Trial, sender: usize, mut put: impl FnMut(Option<usize>, u32)) {
    let machines = trial.machines.len();
    let base = sender * machines;
    let rows = &trial.machines[sender].rows;
    for row in rows.sends() {
        let mut put_to = |recipient: usize| {
            if recipient != sender && recipient < machines {
                put(Some(base + recipient), row as u32);
            }
        };
        let at = At {
            machine: sender,
            row,
        };
        match reach(trial, at) {
            Reach::One(recipient) => put_to(recipient),
            Reach::Several(recipients) => recipients.iter().for_each(|&to| put_to(to as usize)),
            Reach::All => (0..machines).for_each(put_to),
            Reach::Unknown => put(None, row as u32),
            Reach::Nobody => {}
        }
    }
}
