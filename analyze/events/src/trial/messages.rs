//! The messages of a trial: who sent what to whom, and the clock it carried.

use event_log::Stamp;

use super::Trial;
use super::machine::At;
use crate::clock::Clock;
use crate::event::Event;
use crate::kind::Kind;
use crate::matching::{Match, SentStamp};
use crate::rows::Reach;

impl Trial {
    /// The send that a receive took, if that is certain.
    #[inline]
    pub fn send_of(&self, at: At) -> Option<At> {
        match self.machines[at.machine].rows.matched(at.row) {
            Match::Sent { machine, event } => Some(At {
                machine,
                row: event,
            }),
            _ => None,
        }
    }

    /// The sender of what a receive took, as its line names it or as its message was found.
    #[inline]
    pub fn sender(&self, at: At) -> Option<usize> {
        let named = self.machines[at.machine].rows.sender(at.row);
        named.or_else(|| self.send_of(at).map(|send| send.machine))
    }

    /// Who a send reaches, as its line says it or as it was inferred of positions.
    #[inline]
    pub fn reach(&self, at: At) -> Reach<'_> {
        let rows = &self.machines[at.machine].rows;
        match rows.reach(at.row) {
            Reach::Several(to) if to.len() == 1 => Reach::One(to[0] as usize),
            Reach::Several(to) if !to.is_empty() && self.are_all_peers(at.machine, to) => {
                Reach::All
            }
            // With one peer there is nobody else.
            Reach::Unknown if self.machines.len() == 2 && !self.is_own() && self.has_all_logs() => {
                Reach::One(1 - at.machine.min(1))
            }
            Reach::Unknown => {
                let positions = self.inferred.positions.get(at.machine);
                let position = rows.recipient_position(at.row);
                let to = positions.zip(position).and_then(|(of, at)| of.get(&at));
                to.map_or(Reach::Unknown, |&to| Reach::One(to))
            }
            reach => reach,
        }
    }

    /// Whether no machine is known that has no log here.
    fn has_all_logs(&self) -> bool {
        let absent = self.info.without_log.as_ref();
        absent.is_some_and(Vec::is_empty)
    }

    /// Whether these are all other machines that have a log.
    fn are_all_peers(&self, machine: usize, to: &[u32]) -> bool {
        let mut peers = (0..self.machines.len()).filter(|&peer| peer != machine);
        to.len() + 1 >= self.machines.len() && peers.all(|peer| to.contains(&(peer as u32)))
    }

    /// Whether a row sends to a machine; `None` where the log does not say.
    #[inline]
    pub fn reaches(&self, at: At, to: usize) -> Option<bool> {
        match self.reach(at) {
            Reach::Nobody => Some(false),
            Reach::One(peer) => Some(peer == to),
            Reach::Several(peers) => Some(peers.contains(&(to as u32))),
            Reach::All => Some(at.machine != to),
            Reach::Unknown if at.machine == to => Some(false),
            Reach::Unknown => None,
        }
    }

    /// The clock that a message carries: as the line of its send or of its receive says it, or as messages of this log are
    /// stamped.
    pub fn carried(&self, at: At) -> Option<f64> {
        let rows = &self.machines[at.machine].rows;
        let kind = rows.kind(at.row);
        if kind == Kind::Receive {
            if let Some(carried) = rows.carried_value(at.row) {
                return Some(carried);
            }
            let from = self.sender(at).unwrap_or(at.machine);
            let of_send = || {
                let send = self.send_of(at)?;
                self.machines[send.machine].rows.carried(send.row)
            };
            let carried = rows.carried(at.row).or_else(of_send)?;
            return carried.scalar(from);
        }
        if !kind.sends() {
            return None;
        }
        if let Some(carried) = rows.carried(at.row) {
            return carried.scalar(at.machine);
        }
        let logged = rows.clock_value(at.row)?;
        Some(logged - self.stamp()?.shift() as f64)
    }

    /// Which clock messages carry: as the manifest says it, or as it was inferred.
    pub fn stamp(&self) -> Option<SentStamp> {
        match &self.info.manifest {
            Some(manifest) => Some(match manifest.condition.stamp {
                Stamp::After => SentStamp::AsLogged,
                Stamp::Before => SentStamp::BeforeIncrement,
            }),
            None => self.inferred.stamp,
        }
    }

    /// A row as a value of its own. On one of ours stands, too, what its line leaves to the manifest: the recipients of a
    /// send to all, the clock that a message carries, and what identifies it, `SENDER:TICK`.
    pub fn event(&self, at: At) -> Event {
        let rows = &self.machines[at.machine].rows;
        let mut event = rows.event(at.row);
        if !self.is_own() {
            return event;
        }
        let machines = self.machines.len();
        let message = |machine: usize, tick: u64| match self.machines.get(machine) {
            Some(of) => format!("{}:{tick}", of.id),
            None => format!("{}:{tick}", self.name_of(machine)),
        };
        match event.kind {
            Kind::Internal => {}
            Kind::Receive => {
                let sender = event.from.unwrap_or(machines);
                event.message = event.sent_tick.map(|tick| message(sender, tick));
            }
            Kind::Send | Kind::Broadcast => {
                event.message = Some(message(at.machine, event.tick));
                let carried = self.carried(at);
                event.carried = carried.map(|value| Clock::Lamport(value.max(0.0) as i64));
                if rows.reach(at.row) == Reach::All {
                    let others = (0..machines).filter(|&other| other != at.machine);
                    event.to = Some(others.collect());
                }
            }
        }
        event
    }

    /// Whether a row takes a time message: a receive from the trial's timekeeper. Such messages are kept apart from the
    /// queue, and taking one costs no tick: the row shares its tick with the event after it.
    #[inline]
    pub fn takes_time(&self, timekeeper: Option<usize>, at: At) -> bool {
        timekeeper.is_some_and(|timekeeper| {
            timekeeper != at.machine
                && self.machines[at.machine].rows.sender(at.row) == Some(timekeeper)
        })
    }
}
