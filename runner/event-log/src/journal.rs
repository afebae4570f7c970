//! `journal.jsonl`: all that happens in a trial and is not a tick. One JSON object a line, in order of arrival.
//!
//! `machine` and `peer` name a machine by its number and the hub by the word `"hub"`, so that with a hub every connection
//! is reported twice, as in the mesh: `{"kind":"connected","machine":2,"peer":"hub"}` by the machine that dialled and
//! `{"kind":"connected","machine":"hub","peer":2}` by the hub. The connections are half as many as `connected`
//! entries, less the `lost` ones: at a crowded start one end may take for a connection what the other has given up.
//!
//! An event that others can cause as often as they like (`refused`, a connection that comes and goes, `silent`, messages for
//! no machine as `fault`) is reported twenty times by each party, of each peer, and then counted: its last line has a
//! `count`.
//!
//! What happens to a process that several machines share is reported for the first of them: listening, connections,
//! messages that were not delivered, its exit. `finished` is reported for each machine.

use serde::{Deserialize, Serialize};

use crate::party::Party;

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// System time, nanoseconds since the Unix epoch.
    pub time_ns: u64,
    /// What kind of thing happened.
    pub kind: JournalKind,
    /// The machine or hub that it concerns; none when it concerns the trial as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<Party>,
    /// The other party involved, if one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<Party>,
    /// How many, where the kind counts something: messages for `undelivered` and `unconfirmed`, ticks for `finished`; for
    /// `restarted` the number of a tick; and with the last line of a kind that is reported one by one only up to a bound, how many more there were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Since when, where the kind says that something lasts or has lasted: system time, nanoseconds since the Unix epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since_ns: Option<u64>,
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
            since_ns: None,
            detail: detail.into(),
        }
    }

    /// An entry of one machine, or of the hub.
    pub fn of_party(
        time_ns: u64,
        party: impl Into<Party>,
        kind: JournalKind,
        detail: impl Into<String>,
    ) -> JournalEntry {
        JournalEntry {
            machine: Some(party.into()),
            ..JournalEntry::of_trial(time_ns, kind, detail)
        }
    }

    /// The same entry, naming the other party.
    pub fn with_peer(self, peer: impl Into<Party>) -> JournalEntry {
        JournalEntry {
            peer: Some(peer.into()),
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

    /// The same entry, with the time since which it is so.
    pub fn with_since(self, since_ns: u64) -> JournalEntry {
        JournalEntry {
            since_ns: Some(since_ns),
            ..self
        }
    }
}

/// The kinds of journal entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JournalKind {
    /// A machine, or the hub, listens on an address.
    Listening,
    /// A machine is ready that does not listen, because it only dials the hub.
    Ready,
    /// Two parties have proved to each other that they belong to the run; each of the two says so.
    Connected,
    /// All are connected; the common start instant is set.
    Started,
    /// A connection to a peer ended before the trial did; `detail` says why. If this end ended it, the reason is a
    /// frame that was changed, repeated or dropped on the way, or a silence that was too long.
    Lost,
    /// A lost connection is back.
    Reconnected,
    /// Nothing is heard from a peer although the connection stands, not even that it lives, which every end says at least
    /// every two seconds, less often in trials of more than 2,000 connections; `since_ns` says since when. It hangs, or the
    /// network between is cut.
    Silent,
    /// A peer that was silent is heard again; `since_ns` says since when it was silent.
    Heard,
    /// A connection that was not a peer's, or not acceptable, was refused.
    Refused,
    /// Messages that did not reach a peer and never will; `count` says how many: there was no connection, or they were in
    /// flight when it ended, and the peer has said since that it has not received them. In a trial that was stopped early
    /// also those sent to one that had stopped already: the last of all does so a moment after the first.
    Undelivered,
    /// The trial ended, and a peer's last words did not come: it may have received this number of messages (`count`,
    /// possibly 0) or not, and some of its own may be missing here.
    Unconfirmed,
    /// Something went wrong: a full disk, a machine that died, a message that is for no machine here.
    Fault,
    /// A machine has performed all its ticks; `count` says how many.
    Finished,
    /// A trial had to end early.
    Stopped,
    /// A machine's process, or the hub's, ended.
    Exit,
    /// A machine whose life a fault ended began another: its clock is 0 and its queue empty; `count` is the number of the first
    /// tick that it performs.
    Restarted,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::MachineId;

    #[test]
    fn a_machine_is_a_number_and_the_hub_a_word() {
        let entry = JournalEntry::of_party(5, Party::Hub, JournalKind::Connected, "");
        let entry = entry.with_peer(MachineId(2));
        let text = r#"{"time_ns":5,"kind":"connected","machine":"hub","peer":2}"#;
        assert_eq!(serde_json::to_string(&entry).expect("plain data"), text);
        let read: JournalEntry = serde_json::from_str(text).expect("an entry");
        assert_eq!(read, entry);
        let unknown = text.replace("hub", "bridge");
        assert!(serde_json::from_str::<JournalEntry>(&unknown).is_err());
    }
}
