//! Receives of a machine of a long trial beside their sends.

use std::collections::{HashMap, HashSet};
use std::io;

use events::{At, Match, Moved, Trial, Window};

use super::counts::{Counts, Distribution};
use crate::metrics::messages::MessageMetrics;

/// What became of the messages sent to a machine so far.
pub(super) struct MessageSums {
    waits_ns: Counts,
    addressed: u64,
    /// Messages that were received, each once.
    matched: u64,
    /// Messages of a timekeeper.
    of_time: OfTime,
}

/// A timekeeper's messages to a machine.
#[derive(Default)]
struct OfTime {
    sent: u64,
    /// The numbers of the sends that stand in the window, from 1.
    numbers: HashMap<At, u64>,
    matched: u64,
    /// The number of the last one sent among those received; 0 if none was.
    last: u64,
}

impl MessageSums {
    /// Before the first row; `room` as of [`Counts::new`].
    pub(super) fn new(room: usize) -> MessageSums {
        MessageSums {
            waits_ns: Counts::new(room),
            addressed: 0,
            matched: 0,
            of_time: OfTime::default(),
        }
    }

    /// Adds the rows of a window that are new; `taken` are sends in it that were received before, each with its recipient.
    ///
    /// # Errors
    ///
    /// When a row has no time, or a temporary file cannot be written.
    pub(super) fn add(
        &mut self,
        trial: &Trial,
        receiver: usize,
        window: &Window,
        taken: &[(At, usize)],
    ) -> io::Result<()> {
        let keeper = trial.timekeeper().filter(|&keeper| keeper != receiver);
        let peers = (0..trial.machines.len()).filter(|&peer| peer != receiver);
        for machine in peers {
            let rows = &trial.machines[machine].rows;
            for row in window.new[machine].clone() {
                let sends = rows.kind(row).sends();
                if sends && trial.reaches(At { machine, row }, receiver) == Some(true) {
                    self.addressed += 1;
                    if keeper == Some(machine) {
                        self.of_time.sent += 1;
                        let send = At { machine, row };
                        self.of_time.numbers.insert(send, self.of_time.sent);
                    }
                }
            }
        }
        let of_receiver = taken
            .iter()
            .filter(|&&(_, recipient)| recipient == receiver);
        let mut taken: HashSet<At> = of_receiver.map(|&(send, _)| send).collect();
        let rows = &trial.machines[receiver].rows;
        for row in window.new[receiver].clone() {
            let Match::Sent { machine, event } = rows.matched(row) else {
                continue;
            };
            let send = At {
                machine,
                row: event,
            };
            let is_first = taken.insert(send);
            self.matched += u64::from(is_first);
            if keeper == Some(machine) {
                self.of_time.take(send, is_first)?;
                continue;
            }
            let sent_ns = trial.machines[machine].rows.time_ns.get(event);
            let wait_ns = rows.time_ns.get(row).zip(sent_ns);
            let wait_ns = wait_ns.and_then(|(at_ns, sent_ns)| at_ns.checked_sub(sent_ns));
            self.waits_ns
                .add(wait_ns.ok_or_else(|| io::Error::other("a row without a time"))?)?;
        }
        Ok(())
    }

    /// Rows have moved.
    pub(super) fn move_rows(&mut self, moved: &Moved) {
        let numbers = std::mem::take(&mut self.of_time.numbers).into_iter();
        let left = numbers.filter_map(|(send, number)| Some((moved.place(send)?, number)));
        self.of_time.numbers = left.collect();
    }

    /// The metrics.
    ///
    /// # Errors
    ///
    /// When a temporary file cannot be read.
    pub(super) fn finish(self, trial: &Trial, receiver: usize) -> io::Result<MessageMetrics> {
        let keeper = trial.timekeeper().filter(|&keeper| keeper != receiver);
        // Those before the last one received that were not.
        let OfTime { last, matched, .. } = self.of_time;
        let superseded = keeper.map(|_| last.saturating_sub(matched));
        let accounted = self.matched + superseded.unwrap_or(0);
        let waits: Distribution = self.waits_ns.finish(&[0.99])?;
        let seconds = |wait_ns: i64| wait_ns as f64 * trial.speed() / 1e9;
        let mean = || waits.sum as f64 * trial.speed() / 1e9 / waits.number as f64;
        Ok(MessageMetrics {
            wait_mean_s: (waits.number > 0).then(mean),
            wait_p99_s: waits.quantile(0, seconds),
            wait_max_s: waits.max.map(seconds),
            unreceived: Some(self.addressed.saturating_sub(accounted)),
            superseded,
            // The law of that name says it.
            clock_condition_broken: None,
        })
    }
}

impl OfTime {
    /// A send was received.
    ///
    /// # Errors
    ///
    /// When its number is not known: it comes later.
    fn take(&mut self, send: At, is_first: bool) -> io::Result<()> {
        self.matched += u64::from(is_first);
        let later = || io::Error::other("a message received before it was sent");
        let number = *self.numbers.get(&send).ok_or_else(later)?;
        self.last = self.last.max(number);
        Ok(())
    }
}
