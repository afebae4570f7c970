//! Which receive took which message.
//!
//! **Invariant.** A match is certain, or says that it is not: nothing is guessed in silence.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Clock, Event, History, Kind};

/// What is known of the messages of a trial.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matching {
    /// For each machine and each of its events, in their order.
    pub receives: Vec<Vec<Match>>,
    /// What was inferred of the log on the way.
    pub inferred: Inferred,
}

/// What the matching inferred of a log that does not say it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Inferred {
    /// The clock that messages carry, relative to the clock on the line of their send.
    pub stamp: Option<SentStamp>,
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
    /// It took the message of this send.
    Sent {
        /// Position of the sender.
        machine: usize,
        /// Position of the send among the sender's events.
        event: usize,
    },
    /// Several sends could be its send: so many, and the log cannot tell which.
    Ambiguous {
        /// How many.
        candidates: u32,
    },
    /// No send that is left could be its send.
    Missing,
}

impl Matching {
    /// The send of an event, if it is a receive whose send is certain: positions of the machine and of its event.
    pub fn send_of(&self, machine: usize, event: usize) -> Option<(usize, usize)> {
        match self.receives.get(machine)?.get(event)? {
            Match::Sent { machine, event } => Some((*machine, *event)),
            _ => None,
        }
    }
}

/// Matches receives with sends.
pub fn match_messages(history: &History) -> Matching {
    let receives = history.machines.iter().enumerate().map(|(at, machine)| {
        let matches = machine.events.iter().map(|event| {
            if event.kind == Kind::Receive {
                find(history, at, event)
            } else {
                Match::NoReceive
            }
        });
        matches.collect()
    });
    Matching {
        receives: receives.collect(),
        inferred: Inferred::default(),
    }
}

/// The one send that carried what this receive took.
fn find(history: &History, recipient: usize, receive: &Event) -> Match {
    let mut found = Match::Missing;
    let mut candidates = 0;
    for (machine, sender) in history.machines.iter().enumerate() {
        if machine == recipient || receive.from.is_some_and(|from| from != machine) {
            continue;
        }
        for (event, send) in sender.events.iter().enumerate() {
            let reaches = match send.kind {
                Kind::Send | Kind::Broadcast => {
                    send.to.as_ref().is_none_or(|to| to.contains(&recipient))
                }
                Kind::Internal | Kind::Receive => false,
            };
            let same = receive.carried.is_some() && receive.carried.as_ref() == stamp(send);
            if reaches && same {
                candidates += 1;
                found = Match::Sent { machine, event };
            }
        }
    }
    if candidates > 1 {
        Match::Ambiguous { candidates }
    } else {
        found
    }
}

fn stamp(send: &Event) -> Option<&Clock> {
    send.carried.as_ref().or(send.clock.as_ref())
}
