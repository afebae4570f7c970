//! The sends and receives of a trial, taken out of its events.
//!
//! **Invariant.** Sends and receives of a machine stand in file order.

use std::collections::BTreeMap;

use crate::history::{Event, History, Kind, RecipientName, TimeOrigin};

/// A send by position: `(machine, position among its sends)`.
pub(super) type SendAt = (u32, u32);

/// Mean distances between its events by which a log must end before a receive to be thought cut off.
const ENDS_EARLY_PERIODS: i64 = 3;

/// The sends and receives of each machine.
pub(super) struct Table<'a> {
    pub(super) history: &'a History,
    pub(super) sends: Vec<Vec<Send>>,
    pub(super) receives: Vec<Vec<Receive>>,
}

/// An event that sends.
pub(super) struct Send {
    /// Position among the machine's events.
    pub(super) event: usize,
    /// Whether it goes to every machine that it may go to.
    pub(super) broadcast: bool,
    /// The recipients, where they are known.
    pub(super) to: Option<Vec<usize>>,
    /// The position among connections that the recipient is named by.
    pub(super) position: Option<u32>,
}

/// An event that receives.
pub(super) struct Receive {
    /// Position among the machine's events.
    pub(super) event: usize,
    /// The sender, where it is named.
    pub(super) from: Option<usize>,
}

impl<'a> Table<'a> {
    pub(super) fn new(history: &'a History) -> Table<'a> {
        let machines = &history.machines;
        let sends = machines.iter().map(|machine| {
            let events = machine.events.iter().enumerate();
            let sends =
                events.filter(|(_, event)| matches!(event.kind, Kind::Send | Kind::Broadcast));
            let send = |(at, event): (usize, &Event)| Send {
                event: at,
                broadcast: event.kind == Kind::Broadcast,
                to: event.to.clone(),
                position: event.position,
            };
            sends.map(send).collect()
        });
        let receives = machines.iter().map(|machine| {
            let events = machine.events.iter().enumerate();
            let receives = events.filter(|(_, event)| event.kind == Kind::Receive);
            let receive = |(at, event): (usize, &Event)| Receive {
                event: at,
                from: event.from,
            };
            receives.map(receive).collect()
        });
        Table {
            history,
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

    pub(super) fn send_event(&self, at: SendAt) -> &'a Event {
        &self.history.machines[at.0 as usize].events[self.send(at).event]
    }

    pub(super) fn receive_event(&self, machine: usize, at: usize) -> &'a Event {
        &self.history.machines[machine].events[self.receives[machine][at].event]
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
        self.history.dialect.time != Some(TimeOrigin::Machine)
    }

    /// Whether a machine's log may lack the send of a receive whose sender is not named: it is empty, or ends well before
    /// the receive.
    pub(super) fn may_hide_a_sender(&self, machine: usize, at: usize) -> bool {
        let receive = self.receive_event(machine, at);
        let mut peers = self
            .history
            .machines
            .iter()
            .enumerate()
            .filter(|&(peer, _)| peer != machine);
        peers.any(
            |(_, peer)| match (peer.events.first(), peer.events.last()) {
                (Some(first), Some(last)) => {
                    let times = first.time_ns.zip(last.time_ns).zip(receive.time_ns);
                    self.common_time()
                        && times.is_some_and(|((first_ns, last_ns), received_ns)| {
                            let period_ns =
                                last_ns.saturating_sub(first_ns) / peer.events.len() as i64;
                            last_ns.saturating_add(period_ns.saturating_mul(ENDS_EARLY_PERIODS))
                                < received_ns
                        })
                }
                _ => true,
            },
        )
    }

    /// A machine that sends to itself does not mean machines by its names: they are positions among its connections.
    pub(super) fn distrust_names(&mut self) -> bool {
        let to_itself = |(machine, sends): (usize, &Vec<Send>)| {
            let mut singles = sends.iter().filter(|send| !send.broadcast);
            singles.any(|send| send.to.as_ref().is_some_and(|to| to.contains(&machine)))
        };
        let distrusted = self.history.dialect.recipient == Some(RecipientName::Position)
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
