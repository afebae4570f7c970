//! Who takes part in a trial, who is connected with whom, and in which frames a machine's messages travel.
//!
//! In a mesh each pair of machines has a connection, and the connection says who sent a message. In a star each machine
//! is connected to the hub alone; a frame then names the other machine: its recipient on the way to the hub, its sender on
//! the way from it. A message to all is one frame for each recipient, here as there: the machine says so, and what waits
//! at a link leaves in one write anyway.

use std::collections::BTreeSet;

use bytes::Bytes;
use event_log::{Condition, Design, MachineId, Party};

use super::wire::Frame;

/// The two forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A connection for each pair of machines.
    Mesh,
    /// A connection for each machine, to the hub.
    Star,
}

/// The parties of a trial and their connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Topology {
    /// Its form.
    pub form: Form,
    /// How many machines.
    pub machines: u32,
}

impl Topology {
    /// What a condition asks for.
    pub fn of(condition: &Condition) -> Topology {
        Topology {
            form: match condition.design {
                Design::Mesh | Design::Timekeeper => Form::Mesh,
                Design::Hub => Form::Star,
            },
            machines: condition.machines,
        }
    }

    fn all_machines(self) -> impl Iterator<Item = Party> {
        (0..self.machines).map(|id| Party::Machine(MachineId(id)))
    }

    /// Everybody who takes part.
    pub fn parties(self) -> BTreeSet<Party> {
        let hub = (self.form == Form::Star).then_some(Party::Hub);
        hub.into_iter().chain(self.all_machines()).collect()
    }

    /// Those with whom a party shares a connection.
    pub fn peers(self, party: Party) -> BTreeSet<Party> {
        match (self.form, party) {
            (Form::Star, Party::Machine(_)) => [Party::Hub].into(),
            (Form::Mesh, _) | (Form::Star, Party::Hub) => {
                self.all_machines().filter(|peer| *peer != party).collect()
            }
        }
    }

    /// The first hop of a message, and the frame that carries it there.
    pub fn outward(self, to: MachineId, message: Bytes) -> (Party, Frame) {
        match self.form {
            Form::Mesh => (Party::Machine(to), Frame::Message(message)),
            Form::Star => (
                Party::Hub,
                Frame::Relayed {
                    machine: to,
                    message,
                },
            ),
        }
    }

    /// A message from the frame of its last hop, with the machine that sent it; none for a frame that no machine gets.
    pub fn inward(from: Party, frame: Frame) -> Option<(MachineId, Bytes)> {
        match (from, frame) {
            (Party::Machine(from), Frame::Message(message)) => Some((from, message)),
            (Party::Hub, Frame::Relayed { machine, message }) => Some((machine, message)),
            _ => None,
        }
    }

    /// Where a frame that has come to the hub goes on, and in which form; none for one that goes nowhere.
    pub fn onward(self, from: Party, frame: Frame) -> Option<(Party, Frame)> {
        match (from, frame) {
            (
                Party::Machine(sender),
                Frame::Relayed {
                    machine: recipient,
                    message,
                },
            ) if recipient != sender && recipient.0 < self.machines => Some((
                Party::Machine(recipient),
                Frame::Relayed {
                    machine: sender,
                    message,
                },
            )),
            _ => None,
        }
    }

    /// What holds once everybody is connected, in words.
    pub fn connected_words(self) -> &'static str {
        match self.form {
            Form::Mesh => "every machine is connected to every other",
            Form::Star => "every machine is connected to the hub",
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
        fn both_ends_know_of_a_connection(machines in 2u32..40) {
            for (form, design) in FORMS {
                let topology = Topology { form, machines };
                let mut ends = 0;
                for party in topology.parties() {
                    for peer in topology.peers(party) {
                        prop_assert!(topology.peers(peer).contains(&party));
                        ends += 1;
                    }
                }
                prop_assert_eq!(ends, 2 * design.connections(machines));
            }
        }

        #[test]
        fn a_message_arrives_with_its_sender_by_either_way(
            machines in 2u32..40, from in 0u32..40, to in 0u32..40, bytes in any::<Vec<u8>>(),
        ) {
            let (from, to) = (MachineId(from % machines), MachineId(to % machines));
            prop_assume!(from != to);
            for (form, _) in FORMS {
                let topology = Topology { form, machines };
                let (hop, frame) = topology.outward(to, bytes.clone().into());
                let (last, arrived, frame) = match hop {
                    Party::Machine(id) => (Party::Machine(from), id, frame),
                    Party::Hub => {
                        let (next, frame) = topology.onward(Party::Machine(from), frame).expect("a way");
                        (Party::Hub, next.machine().expect("a machine"), frame)
                    }
                };
                prop_assert_eq!(arrived, to);
                prop_assert_eq!(Topology::inward(last, frame), Some((from, bytes.clone().into())));
            }
        }
    }

    #[test]
    fn the_hub_passes_nothing_on_to_nobody() {
        let topology = Topology {
            form: Form::Star,
            machines: 3,
        };
        let sender = Party::Machine(MachineId(1));
        for recipient in [1, 3, u32::MAX] {
            let machine = MachineId(recipient);
            let message = Bytes::new();
            let frame = Frame::Relayed { machine, message };
            assert_eq!(topology.onward(sender, frame), None, "to {recipient}");
        }
        let unaddressed = Frame::Message(Bytes::new());
        assert_eq!(topology.onward(sender, unaddressed), None);
    }
}
