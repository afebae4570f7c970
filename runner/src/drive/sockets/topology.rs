//! The parties of a trial, the connections between them, and the frames in which messages travel.
//!
//! A process houses one machine or several with successive ids, and is known by the first of them: to the coordinator, in
//! handshakes, on the journal's lines about connections. In a mesh each pair of processes has a connection, in a star each
//! process has one, to the hub. A frame names only what its connection does not imply: with one machine a process a frame
//! of a mesh names no machine, and a frame of a star names the recipient on the way to the hub and the sender on the way
//! from it. With several machines a process, frames name both. A message to all is one frame for each recipient; all
//! frames that wait at a link leave in one write anyway.
//!
//! Machines of one process of a mesh need no connection: see [`super::mailbox`]. With a hub their messages pass it like
//! any others.

use std::collections::BTreeSet;
use std::ops::Range;

use bytes::Bytes;
use event_log::{Condition, Design, MachineId, Party};

use super::wire::Frame;

/// The two forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A connection for each pair of processes.
    Mesh,
    /// A connection for each process, to the hub.
    Star,
}

/// The parties of a trial and their connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Topology {
    /// Its form.
    pub form: Form,
    /// How many machines.
    pub machines: u32,
    /// How many of them share a process, at least 1; the last may have fewer.
    pub per_process: u32,
}

/// A message that has come to the process of its recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its sender.
    pub from: MachineId,
    /// Its recipient.
    pub to: MachineId,
    /// The message.
    pub message: Bytes,
}

impl Topology {
    /// The topology that a condition asks for.
    pub fn of(condition: &Condition) -> Topology {
        Topology {
            form: match condition.design {
                Design::Mesh | Design::Timekeeper => Form::Mesh,
                Design::Hub => Form::Star,
            },
            machines: condition.machines,
            per_process: condition.per_process.max(1),
        }
    }

    /// The process of a machine: the first machine in it.
    fn host(self, machine: MachineId) -> Party {
        Party::Machine(MachineId(machine.0 - machine.0 % self.per_process))
    }

    fn hosts(self) -> impl Iterator<Item = Party> {
        let firsts = (0..self.machines).step_by(self.per_process as usize);
        firsts.map(|id| Party::Machine(MachineId(id)))
    }

    /// Ids of the machines that a process houses; none for the hub's.
    pub fn housed(self, process: Party) -> Range<u32> {
        match process.machine() {
            Some(MachineId(first)) => {
                first..first.saturating_add(self.per_process).min(self.machines)
            }
            None => 0..0,
        }
    }

    fn houses(self, process: Party, machine: MachineId) -> bool {
        self.housed(process).contains(&machine.0)
    }

    /// A process in words, by its machines: `machine 3`, `machines 10 to 19`.
    pub fn name(self, process: Party) -> String {
        let housed = self.housed(process);
        match housed.len() {
            0 | 1 => process.to_string(),
            _ => format!("machines {} to {}", housed.start, housed.end - 1),
        }
    }

    /// All parties, by process.
    pub fn parties(self) -> BTreeSet<Party> {
        let hub = (self.form == Form::Star).then_some(Party::Hub);
        hub.into_iter().chain(self.hosts()).collect()
    }

    /// The processes that a process is connected with.
    pub fn peers(self, process: Party) -> BTreeSet<Party> {
        match (self.form, process) {
            (Form::Star, Party::Machine(_) | Party::Client(_)) => [Party::Hub].into(),
            (Form::Mesh, _) | (Form::Star, Party::Hub) => {
                self.hosts().filter(|peer| *peer != process).collect()
            }
        }
    }

    /// The first hop of a message, and the frame that carries it there; none if sender and recipient share a process of a
    /// mesh.
    pub fn outward(self, from: MachineId, to: MachineId, message: Bytes) -> Option<(Party, Frame)> {
        let hop = match self.form {
            Form::Star => Party::Hub,
            Form::Mesh => self.host(to),
        };
        let frame = match (self.per_process, self.form) {
            (1, Form::Mesh) => Frame::Message(message),
            (1, Form::Star) => Frame::Relayed {
                machine: to,
                message,
            },
            _ => Frame::Addressed { from, to, message },
        };
        (hop != self.host(from)).then_some((hop, frame))
    }

    /// The message in the frame of its last hop, which came from the process `peer` to `me`; none for a frame that does not
    /// belong there.
    pub fn inward(self, me: Party, peer: Party, frame: Frame) -> Option<Delivery> {
        let (from, to, message) = match frame {
            Frame::Message(message) => (peer.machine()?, me.machine()?, message),
            Frame::Relayed { machine, message } => (machine, me.machine()?, message),
            Frame::Addressed { from, to, message } => (from, to, message),
            _ => return None,
        };
        let may_bring = match self.form {
            Form::Star => peer == Party::Hub && from.0 < self.machines,
            Form::Mesh => self.houses(peer, from),
        };
        (may_bring && self.houses(me, to)).then_some(Delivery { from, to, message })
    }

    /// Where the hub passes a frame on, and in which form; none for a frame that it does not pass on.
    pub fn onward(self, peer: Party, frame: Frame) -> Option<(Party, Frame)> {
        let (sender, recipient, onward) = match frame {
            Frame::Relayed {
                machine: recipient,
                message,
            } => {
                let machine = peer.machine()?;
                (machine, recipient, Frame::Relayed { machine, message })
            }
            Frame::Addressed { from, to, message } => {
                (from, to, Frame::Addressed { from, to, message })
            }
            _ => return None,
        };
        let known = self.houses(peer, sender) && recipient.0 < self.machines;
        (known && recipient != sender).then(|| (self.host(recipient), onward))
    }

    /// The finished network, in words.
    pub fn connected_words(self) -> &'static str {
        match (self.form, self.per_process) {
            (Form::Mesh, 1) => "every machine is connected to every other",
            (Form::Star, 1) => "every machine is connected to the hub",
            (Form::Mesh, _) => "every process is connected to every other",
            (Form::Star, _) => "every process is connected to the hub",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FORMS: [(Form, Design); 2] = [(Form::Mesh, Design::Mesh), (Form::Star, Design::Hub)];

    proptest! {
        #[test]
        fn both_ends_know_of_a_connection(machines in 2u32..40, per_process in 1u32..12) {
            for (form, design) in FORMS {
                let topology = Topology { form, machines, per_process };
                let mut ends = 0;
                for party in topology.parties() {
                    for peer in topology.peers(party) {
                        prop_assert!(topology.peers(peer).contains(&party));
                        ends += 1;
                    }
                }
                let processes = machines.div_ceil(per_process);
                prop_assert_eq!(ends, 2 * design.connections(processes));
            }
        }

        #[test]
        fn every_machine_is_housed_once(machines in 2u32..40, per_process in 1u32..12) {
            let topology = Topology { form: Form::Mesh, machines, per_process };
            let housed: Vec<u32> = topology.parties().into_iter().flat_map(|party| topology.housed(party)).collect();
            prop_assert_eq!(housed, (0..machines).collect::<Vec<u32>>());
        }

        #[test]
        fn a_message_arrives_with_its_sender_by_either_way(
            machines in 2u32..40, per_process in 1u32..12, from in 0u32..40, to in 0u32..40, bytes in any::<Vec<u8>>(),
        ) {
            let (from, to) = (MachineId(from % machines), MachineId(to % machines));
            prop_assume!(from != to);
            for (form, _) in FORMS {
                let topology = Topology { form, machines, per_process };
                let Some((hop, frame)) = topology.outward(from, to, bytes.clone().into()) else {
                    prop_assert!(form == Form::Mesh && topology.host(from) == topology.host(to));
                    continue;
                };
                let (last, at, frame) = match hop {
                    Party::Machine(_) | Party::Client(_) => (topology.host(from), hop, frame),
                    Party::Hub => {
                        let (next, frame) = topology.onward(topology.host(from), frame).expect("a way");
                        (Party::Hub, next, frame)
                    }
                };
                let delivery = Delivery { from, to, message: bytes.clone().into() };
                prop_assert_eq!(topology.inward(at, last, frame), Some(delivery));
            }
        }
    }

    #[test]
    fn the_hub_passes_nothing_on_to_nobody_nor_for_another() {
        let topology = |per_process| Topology {
            form: Form::Star,
            machines: 4,
            per_process,
        };
        let sender = Party::Machine(MachineId(2));
        for recipient in [2, 4, u32::MAX] {
            let machine = MachineId(recipient);
            let message = Bytes::new();
            let frame = Frame::Relayed { machine, message };
            assert_eq!(topology(1).onward(sender, frame), None, "to {recipient}");
        }
        let unaddressed = Frame::Message(Bytes::new());
        assert_eq!(topology(1).onward(sender, unaddressed), None);
        let onward = |from, to| {
            let (from, to) = (MachineId(from), MachineId(to));
            let message = Bytes::new();
            topology(2).onward(sender, Frame::Addressed { from, to, message })
        };
        assert!(onward(3, 2).is_some(), "both in the process that sends");
        assert_eq!(onward(1, 2), None, "machine 1 is of another process");
        assert_eq!(onward(3, 4), None);
    }

    #[test]
    fn a_process_speaks_for_its_own_machines_only() {
        let topology = Topology {
            form: Form::Mesh,
            machines: 5,
            per_process: 2,
        };
        let [first, second, third] = [0, 2, 4].map(|id| Party::Machine(MachineId(id)));
        let inward = |me, peer, from, to| {
            let (from, to) = (MachineId(from), MachineId(to));
            let message = Bytes::new();
            let frame = Frame::Addressed { from, to, message };
            topology.inward(me, peer, frame).is_some()
        };
        assert!(inward(first, second, 3, 1));
        assert!(!inward(first, second, 4, 1), "machine 4 is of another");
        assert!(!inward(first, second, 3, 2), "machine 2 is not here");
        assert!(!inward(first, third, 5, 1), "there is no machine 5");
        assert_eq!(topology.name(second), "machines 2 to 3");
        assert_eq!(topology.name(third), "machine 4");
    }
}
