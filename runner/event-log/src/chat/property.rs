//! What must hold in every trial of the chat service, and what was found against it.
//!
//! **Invariant.** Properties keep their names: S for safety, which holds at every instant; L for liveness, which holds once
//! faults are over.

use serde::{Deserialize, Serialize};

use super::words::words;

words! {
    /// What must hold.
    Property: "a property, such as S1 or L2", {
        /// What was acknowledged is in the log of every later view, at the same place.
        S1 = "S1",
        /// At most one primary commits at any place of the log.
        S2 = "S2",
        /// What servers have committed is the same, as far as both have come; so is their state.
        S3 = "S3",
        /// Each operation of a session is applied once; a repeated answer is the first.
        S4 = "S4",
        /// The sequences of a session have no gaps.
        S5 = "S5",
        /// The offsets of a mailbox have no gaps, and name the same message everywhere and always.
        S6 = "S6",
        /// What is pushed is committed.
        S7 = "S7",
        /// Promise, view and commit of a disk never go back.
        S8 = "S8",
        /// A name has one owner; a deleted account receives nothing, and its successor sees nothing of it.
        S9 = "S9",
        /// What is said after a change of the disk is said when the change is on it.
        S10 = "S10",
        /// After all servers have begun anew every acknowledged message is there, or was acknowledged by its recipient.
        S11 = "S11",
        /// The phases of a failover are together the gap that clients see. Trials do not judge it: they
        /// measure the gap and the failover (`gap_ns` and `failover_ns` of `summary.csv`), and no phases.
        S12 = "S12",
        /// Where a policy loses messages, the servers name just those that are lost.
        S13 = "S13",
        /// A view serves soon after enough servers are up.
        L1 = "L1",
        /// Every client has its answers soon after that.
        L2 = "L2",
        /// Every mailbox of a client that listens is empty in the end.
        L3 = "L3",
        /// In the end there is no change of views.
        L4 = "L4",
    }
}

impl Property {
    /// What must hold, as a sentence.
    pub fn statement(self) -> &'static str {
        match self {
            Property::S1 => "what was acknowledged stays in the log, at its place",
            Property::S2 => "at most one primary commits at any place of the log",
            Property::S3 => "servers that committed as much have the same log and the same state",
            Property::S4 => "each operation is applied once",
            Property::S5 => "the sequences of a session have no gaps",
            Property::S6 => "the offsets of a mailbox have no gaps and keep their messages",
            Property::S7 => "what is pushed is committed",
            Property::S8 => "promise, view and commit of a disk never go back",
            Property::S9 => "a name has one owner, and a deleted account nothing",
            Property::S10 => "what is said after a change is said when the change is on disk",
            Property::S11 => "no acknowledged message is lost when all servers begin anew",
            Property::S12 => "the phases of a failover are together the gap",
            Property::S13 => "the servers name just those messages that are lost",
            Property::L1 => "a view serves soon after the last fault",
            Property::L2 => "clients have their answers soon after the last fault",
            Property::L3 => "mailboxes are empty in the end",
            Property::L4 => "views do not change in the end",
        }
    }
}

/// Something that was found against a property.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// Which property.
    pub property: Property,
    /// When it was found: system time, nanoseconds since the Unix epoch.
    pub time_ns: u64,
    /// The process that it was found at, by its number; none where it is of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<u32>,
    /// What was found, with its evidence: one sentence.
    pub finding: String,
    /// The last rows of those concerned, as their logs have them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<String>,
}
