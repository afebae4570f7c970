//! `journal.jsonl`: all that happens in a trial and is not a tick. One JSON object a line, in order of arrival.

use serde::{Deserialize, Serialize};

use crate::units::MachineId;

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// System time, nanoseconds since the Unix epoch.
    pub time_ns: u64,
    /// What kind of thing happened.
    pub kind: JournalKind,
    /// The machine it happened to; none when it concerns the trial as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<MachineId>,
    /// The other machine involved, if one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<MachineId>,
    /// How many, where the kind counts something: messages for `undelivered`, ticks for `finished`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// The same in words, with what a reader needs to act.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

impl JournalEntry {
    /// An entry that concerns the trial as a whole.
    pub fn of_trial(time_ns: u64, kind: JournalKind, detail: impl Into<String>) -> JournalEntry {
        JournalEntry {
            time_ns,
            kind,
            machine: None,
            peer: None,
            count: None,
            detail: detail.into(),
        }
    }

    /// An entry of one machine.
    pub fn of_machine(
        time_ns: u64,
        machine: MachineId,
        kind: JournalKind,
        detail: impl Into<String>,
    ) -> JournalEntry {
        JournalEntry {
            machine: Some(machine),
            ..JournalEntry::of_trial(time_ns, kind, detail)
        }
    }

    /// The same entry, naming the other machine.
    pub fn with_peer(self, peer: MachineId) -> JournalEntry {
        JournalEntry {
            peer: Some(peer),
            ..self
        }
    }

    /// The same entry, with a count.
    pub fn with_count(self, count: u64) -> JournalEntry {
        JournalEntry {
            count: Some(count),
            ..self
        }
    }
}

/// The kinds of journal entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JournalKind {
    /// A machine listens on an address.
    Listening,
    /// Two machines have proved to each other that they belong to the run.
    Connected,
    /// All machines are connected; the common start instant is set.
    Started,
    /// A connection to a peer ended before the trial did.
    Lost,
    /// A lost connection is back.
    Reconnected,
    /// A connection that was not a peer's, or not acceptable, was turned away.
    Refused,
    /// Messages that could not be handed to an absent peer; `count` says how many.
    Undelivered,
    /// Something went wrong: a full disk, a machine that died.
    Fault,
    /// A machine has performed all its ticks; `count` says how many.
    Finished,
    /// A trial was told to end early.
    Stopped,
    /// A machine's process ended.
    Exit,
}
