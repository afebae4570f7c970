//! The sends and receives of a trial, taken out of its rows.
//!
//! **Invariant.** Sends and receives of a machine stand in file order.

use std::collections::BTreeMap;

use crate::dialect::{RecipientName, TimeOrigin};
use crate::kind::Kind;
use crate::rows::{Reach, Rows};
use crate::trial::Trial;

/// A send by position: `(machine, position among its sends)`.
pub(super) type SendAt = (u32, u32);

/// Mean distances between its events by which a log must end before a receive to be thought cut off.
const ENDS_EARLY_PERIODS: i64 = 3;

/// The sends and receives of each machine.
pub(super) struct Table<'a> {
    pub(super) trial: &'a Trial,
    pub(super) sends: Vec<Vec<Send>>,
    pub(super) receives: Vec<Vec<Receive>>,
}

/// An event that sends.
pub(super) struct Send {
    /// Position among the machine's rows.
    pub(super) row: usize,
    /// Whether it goes to every machine that it may go to.
    pub(super) broadcast: bool,
    /// The recipients, where they are known.
    pub(super) to: Option<Vec<usize>>,
    /// The position among connections that the recipient is named by.
    pub(super) position: Option<u32>,
}

/// An event that receives.
pub(super) struct Receive {
    /// Position among the machine's rows.
    pub(super) row: usize,
    /// The sender, where it is named.
    pub(super) from: Option<usize>,
}

impl<'a> Table<'a> {
    pub(super) fn new(trial: &'a Trial) -> Table<'a> {
        let machines = trial.machines.iter().map(|machine| &machine.rows);
        let sends = machines.clone().map(|rows| {
            let send = |row: usize| Send {
                row,
                broadcast: rows.kind(row) == Kind::Broadcast,
                to: match rows.reach(row) {
                    Reach::One(to) => Some(vec![to]),
                    Reach::Several(to) => Some(to.iter().map(|&to| to as usize).collect()),
                    Reach::Nobody | Reach::All | Reach::Unknown => None,
                },
                position: rows.recipient_position(row),
            };
            rows.sends().map(send).collect()
        });
        let receives = machines.map(|rows| {
            let receives = (0..rows.len()).filter(|&row| rows.kind(row) == Kind::Receive);
            let receive = |row: usize| Receive {
                row,
                from: rows.sender(row),
            };
            receives.map(receive).collect()
        });
        Table {
            trial,
            sends: sends.collect(),
            receives: receives.collect(),
        }
    }

    pub(super) fn machines(&self) -> usize {
        self.sends.len()
    }

    pub(super) fn send(&self, (machine, at): SendAt) -> &Send {
        &self.sends[machine as usize][at as usize]
    }

    /// The rows of a machine.
    pub(super) fn rows(&self, machine: usize) -> &'a Rows {
        &self.trial.machines[machine].rows
    }

    /// The rows of a send's machine, and its own among them.
    pub(super) fn send_row(&self, at: SendAt) -> (&'a Rows, usize) {
        (self.rows(at.0 as usize), self.send(at).row)
    }

    /// The rows of a receive's machine, and its own among them.
    pub(super) fn receive_row(&self, machine: usize, at: usize) -> (&'a Rows, usize) {
        (self.rows(machine), self.receives[machine][at].row)
    }

    /// Whether the line of every send says what its message carries.
    pub(super) fn sends_are_told(&self) -> bool {
        let mut sends = { 0..self.machines() }.flat_map(|machine| {
            let rows = self.rows(machine);
            self.sends[machine]
                .iter()
                .map(move |send| rows.carried(send.row).is_some())
        });
        sends.all(|told| told)
    }

    /// Whether a send may have sent to a machine.
    pub(super) fn reaches(&self, at: SendAt, recipient: usize) -> bool {
        let to = &self.send(at).to;
        at.0 as usize != recipient && to.as_ref().is_none_or(|to| to.contains(&recipient))
    }

    /// Whether a send has sent to a machine, if its log is right.
    pub(super) fn must_reach(&self, at: SendAt, recipient: usize) -> bool {
        let send = self.send(at);
        self.reaches(at, recipient) && (send.broadcast || send.to.is_some())
    }

    /// Whether a send has one recipient and does not say which.
    pub(super) fn goes_to_someone(&self, at: SendAt) -> bool {
        let send = self.send(at);
        !send.broadcast && send.to.is_none()
    }

    /// Whether times of different machines compare.
    pub(super) fn common_time(&self) -> bool {
        self.trial.info.dialect.time != Some(TimeOrigin::Machine)
    }

    /// Whether a machine's log may lack the send of a receive whose sender is not named: it is empty, or ends well before
    /// the receive.
    pub(super) fn may_hide_a_sender(&self, machine: usize, at: usize) -> bool {
        let (rows, row) = self.receive_row(machine, at);
        let received_ns = rows.time_ns.get(row);
        let others = (0..self.machines()).filter(|&peer| peer != machine);
        others.map(|peer| self.rows(peer)).any(|peer| {
            let Some(last) = peer.len().checked_sub(1) else {
                return true;
            };
            let times = peer.time_ns.get(0).zip(peer.time_ns.get(last));
            self.common_time()
                && times
                    .zip(received_ns)
                    .is_some_and(|((first_ns, last_ns), received_ns)| {
                        let period_ns = last_ns.saturating_sub(first_ns) / peer.len() as i64;
                        last_ns.saturating_add(period_ns.saturating_mul(ENDS_EARLY_PERIODS))
                            < received_ns
                    })
        })
    }

    /// A machine that sends to itself does not mean machines by its names: they are positions among its connections.
    pub(super) fn distrust_names(&mut self) -> bool {
        let to_itself = |(machine, sends): (usize, &Vec<Send>)| {
            let mut singles = sends.iter().filter(|send| !send.broadcast);
            singles.any(|send| send.to.as_ref().is_some_and(|to| to.contains(&machine)))
        };
        let distrusted = self.trial.info.dialect.recipient == Some(RecipientName::Position)
            || self.sends.iter().enumerate().any(to_itself);
        if distrusted {
            for send in self.sends.iter_mut().flatten() {
                let to = send.to.take();
                if let (false, None, Some([to])) = (send.broadcast, send.position, to.as_deref()) {
                    send.position = u32::try_from(*to).ok();
                }
            }
        }
        distrusted
    }

    /// Sets the recipients of sends by position, where it is known what the position stands for.
    pub(super) fn place(&mut self, known: &[BTreeMap<u32, usize>]) {
        for (sends, known) in self.sends.iter_mut().zip(known) {
            for send in sends.iter_mut().filter(|send| !send.broadcast) {
                let machine = send.position.and_then(|position| known.get(&position));
                if let Some(&machine) = machine {
                    send.to = Some(vec![machine]);
                }
            }
        }
    }
}
