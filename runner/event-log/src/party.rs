//! The parties of a trial: the machines, in some designs a hub between them, and of a service its clients.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::units::MachineId;

/// A party of a trial. In JSON a machine is its number, the hub the word `"hub"`, a client a word with its number: `"client-3"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Word", into = "Word")]
pub enum Party {
    /// The communication server, which relays the messages of all machines. It ticks no tick and keeps no log.
    Hub,
    /// A machine; of a service a server.
    Machine(MachineId),
    /// A client of a service.
    Client(u32),
}

impl Party {
    /// The machine, if it is one.
    pub fn machine(self) -> Option<MachineId> {
        match self {
            Party::Hub | Party::Client(_) => None,
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
            Party::Client(number) => write!(f, "client {number}"),
        }
    }
}

/// A party as JSON has it.
#[derive(Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected the number of a machine, \"hub\", or a client such as \"client-3\""
)]
enum Word {
    Machine(MachineId),
    Name(Name),
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
enum Name {
    Hub,
    Client(u32),
}

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(text: String) -> Result<Name, String> {
        let number = text.strip_prefix("client-");
        match number.and_then(|number| number.parse().ok()) {
            Some(number) => Ok(Name::Client(number)),
            None if text == "hub" => Ok(Name::Hub),
            None => Err(format!("`{text}` is no party")),
        }
    }
}

impl From<Name> for String {
    fn from(name: Name) -> String {
        match name {
            Name::Hub => "hub".to_owned(),
            Name::Client(number) => format!("client-{number}"),
        }
    }
}

impl From<Word> for Party {
    fn from(word: Word) -> Party {
        match word {
            Word::Machine(id) => Party::Machine(id),
            Word::Name(Name::Hub) => Party::Hub,
            Word::Name(Name::Client(number)) => Party::Client(number),
        }
    }
}

impl From<Party> for Word {
    fn from(party: Party) -> Word {
        match party {
            Party::Machine(id) => Word::Machine(id),
            Party::Hub => Word::Name(Name::Hub),
            Party::Client(number) => Word::Name(Name::Client(number)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_party_is_read_back() {
        for (party, text) in [
            (Party::Machine(MachineId(3)), "3"),
            (Party::Hub, "\"hub\""),
            (Party::Client(3), "\"client-3\""),
        ] {
            assert_eq!(serde_json::to_string(&party).ok().as_deref(), Some(text));
            assert_eq!(serde_json::from_str::<Party>(text).ok(), Some(party));
        }
        for text in ["\"client-\"", "\"king\"", "-1"] {
            let error = serde_json::from_str::<Party>(text).expect_err(text);
            assert!(error.to_string().contains("client-3"), "{error}");
        }
    }
}
