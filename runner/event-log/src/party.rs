//! The parties of a trial: the machines, and in some designs a hub between them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::units::MachineId;

/// A party of a trial. In JSON a machine is its number and the hub the word `"hub"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Word", into = "Word")]
pub enum Party {
    /// The communication server, which relays the messages of all machines. It ticks no tick and keeps no log.
    Hub,
    /// A machine.
    Machine(MachineId),
}

impl Party {
    /// The machine, if it is one.
    pub fn machine(self) -> Option<MachineId> {
        match self {
            Party::Hub => None,
            Party::Machine(id) => Some(id),
        }
    }
}

impl From<MachineId> for Party {
    fn from(id: MachineId) -> Party {
        Party::Machine(id)
    }
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Party::Hub => f.write_str("the hub"),
            Party::Machine(id) => write!(f, "machine {id}"),
        }
    }
}

/// A party as JSON has it.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Word {
    Machine(MachineId),
    Name(Name),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Name {
    Hub,
}

impl From<Word> for Party {
    fn from(word: Word) -> Party {
        match word {
            Word::Machine(id) => Party::Machine(id),
            Word::Name(Name::Hub) => Party::Hub,
        }
    }
}

impl From<Party> for Word {
    fn from(party: Party) -> Word {
        match party {
            Party::Machine(id) => Word::Machine(id),
            Party::Hub => Word::Name(Name::Hub),
        }
    }
}
