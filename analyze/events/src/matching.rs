//! What is known of the messages of a trial: which receive took which, and by what.
//!
//! **Invariant.** A match is certain, or says that it is not: where two sends explain a receive, none is chosen.

use std::collections::BTreeMap;

use serde::Serialize;

/// What is known of the messages of a trial.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matching {
    /// For each machine and each of its events, in their order.
    pub receives: Vec<Vec<Match>>,
    /// Beside each receive that was matched, by what.
    pub evidence: Vec<Vec<Option<Evidence>>>,
    /// What was inferred of the log on the way.
    pub inferred: Inferred,
}

/// What the matching inferred of a log that does not say it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Inferred {
    /// The clock that messages carry, relative to the clock on the line of their send.
    pub stamp: Option<SentStamp>,
    /// Whether recipients that read as names of machines can only be positions among connections.
    pub names_are_positions: bool,
    /// For each sender, the machine that each position among its connections stands for.
    pub positions: Vec<BTreeMap<u32, usize>>,
    /// How many receives were matched by which evidence.
    pub evidence: BTreeMap<Evidence, u64>,
}

/// The clock that messages carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SentStamp {
    /// The one on the line of the send.
    AsLogged,
    /// One less: the message was stamped before the increment for its send, or the line written after it.
    BeforeIncrement,
    /// One more: the line of the send was written before the increment, the message stamped after it.
    AfterIncrement,
}

impl SentStamp {
    /// By how much the stamp is below the clock on the line.
    pub fn shift(self) -> i64 {
        match self {
            SentStamp::AsLogged => 0,
            SentStamp::BeforeIncrement => 1,
            SentStamp::AfterIncrement => -1,
        }
    }

    /// The stamp that is below the clock on the line by `shift`.
    pub fn of_shift(shift: i64) -> SentStamp {
        match shift {
            ..0 => SentStamp::AfterIncrement,
            0 => SentStamp::AsLogged,
            1.. => SentStamp::BeforeIncrement,
        }
    }
}

/// By what a receive was matched with its send, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Both lines identify the message.
    Message,
    /// The receive names the sender and the clock that the message carried.
    SenderAndClock,
    /// The receive names the clock that the message carried.
    Clock,
    /// The clock after the receive shows the clock that the message carried.
    Merge,
    /// No other choice agrees with the order of messages in their channels.
    ChannelOrder,
}

/// What is known of the message of one event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Match {
    /// The event is no receive.
    #[default]
    NoReceive,
    /// It took the message of this send. Two receives of one machine that took the same are a message received twice.
    Sent {
        /// Position of the sender.
        machine: usize,
        /// Position of the send among the sender's events.
        event: usize,
    },
    /// Several sends could be its send: so many, and the log cannot tell which. One, if that send may as well be
    /// another receive's, or if the true one may be in a log that is not there.
    Ambiguous {
        /// How many.
        candidates: u32,
    },
    /// No send that is left could be its send.
    Missing,
}

impl Matching {
    /// By what an event was matched with its send, if it was.
    pub fn evidence_of(&self, machine: usize, event: usize) -> Option<Evidence> {
        self.evidence.get(machine)?.get(event).copied().flatten()
    }

    /// The send of an event, if it is a receive whose send is certain: positions of the machine and of its event.
    pub fn send_of(&self, machine: usize, event: usize) -> Option<(usize, usize)> {
        match self.receives.get(machine)?.get(event)? {
            Match::Sent { machine, event } => Some((*machine, *event)),
            _ => None,
        }
    }
}

/// Code of a receive whose send is certain.
pub(crate) const SENT: u8 = 0;
/// Code of a receive that several sends fit.
pub(crate) const AMBIGUOUS: u8 = 1;
/// Code of a receive that no send fits.
pub(crate) const MISSING: u8 = 2;

impl Evidence {
    /// Every evidence, by its code.
    const ALL: [Evidence; 5] = [
        Evidence::Message,
        Evidence::SenderAndClock,
        Evidence::Clock,
        Evidence::Merge,
        Evidence::ChannelOrder,
    ];

    pub(crate) fn code(self) -> u8 {
        self as u8
    }

    pub(crate) fn of_code(code: u8) -> Option<Evidence> {
        Evidence::ALL.get(usize::from(code)).copied()
    }
}
