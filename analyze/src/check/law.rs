//! The laws by name: what each demands, in one sentence, and what it is demanded of.
//!
//! **Invariant.** The order of [`Law::ALL`] is the order of reports: where one mistake breaks several laws, the one
//! that tells most about the mistake comes first.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A law that every correct log of the scale model obeys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Law {
    /// Rows agree with `trial.json`.
    Manifest,
    /// Ticks are counted without gap and hold one event each.
    OneEventPerTick,
    /// The clock after each event is the one that Lamport's rule gives.
    ClockRule,
    /// The clock of one machine always grows.
    ClockIncreases,
    /// Every receive has a send.
    ReceiveHasSend,
    /// A receive is later than its send, by the clock.
    ClockCondition,
    /// No message is received twice.
    ReceivedOnce,
    /// A receive is not earlier than its send, by system time.
    SendBeforeReceive,
    /// A channel delivers in the order of sending.
    ChannelOrder,
    /// A channel skips nothing.
    NothingLost,
    /// The queue is what arrivals and receives make it.
    QueueRule,
    /// Events happen in order, not before they are due and, in virtual time, not later.
    TickTime,
    /// The last clock is own events plus what was inherited.
    Identity,
}

impl Law {
    /// All laws, in the order of reports.
    pub const ALL: [Law; 13] = [
        Law::Manifest,
        Law::OneEventPerTick,
        Law::ClockRule,
        Law::ClockIncreases,
        Law::ReceiveHasSend,
        Law::ClockCondition,
        Law::ReceivedOnce,
        Law::SendBeforeReceive,
        Law::ChannelOrder,
        Law::NothingLost,
        Law::QueueRule,
        Law::TickTime,
        Law::Identity,
    ];

    /// Its stable name, the one in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Law::Manifest => "manifest",
            Law::OneEventPerTick => "one-event-per-tick",
            Law::ClockRule => "clock-rule",
            Law::ClockIncreases => "clock-increases",
            Law::ClockCondition => "clock-condition",
            Law::ReceiveHasSend => "receive-has-send",
            Law::ReceivedOnce => "received-once",
            Law::SendBeforeReceive => "send-before-receive",
            Law::ChannelOrder => "channel-order",
            Law::NothingLost => "nothing-lost",
            Law::QueueRule => "queue-rule",
            Law::TickTime => "tick-time",
            Law::Identity => "identity",
        }
    }

    /// What it demands, in one sentence.
    pub fn rule(self) -> &'static str {
        match self {
            Law::Manifest => {
                "rows name machines and ticks that trial.json knows, and a complete trial has every tick of every machine"
            }
            Law::OneEventPerTick => {
                "ticks count 0, 1, 2, … with one event each; with drain `all` the receives of one tick share it, and taking a timekeeper's message costs no tick"
            }
            Law::ClockRule => {
                "the clock starts at 0; a receive sets it to max(own, sent) + 1, every other event adds 1"
            }
            Law::ClockIncreases => "the clock of a machine is greater after every event",
            Law::ClockCondition => "the clock after a receive exceeds the clock of its send",
            Law::ReceiveHasSend => {
                "every receive names a tick at which the peer sent to this machine, and carries the peer's clock of that tick, or the one before it where the condition stamps so"
            }
            Law::ReceivedOnce => "no message is received twice",
            Law::SendBeforeReceive => "no message is received before it was sent",
            Law::ChannelOrder => {
                "messages of one sender to one recipient are received in the order they were sent"
            }
            Law::NothingLost => {
                "no message is skipped: when a later one of its channel has been received, so has it, unless it is a timekeeper's"
            }
            Law::QueueRule => {
                "a machine rolls only on an empty queue, and the queue changes only by arrivals and by the receive of the row; of a timekeeper's messages each tick takes the newest"
            }
            Law::TickTime => {
                "times never decrease within a log, no tick happens before it is due, and in virtual time none later; a delay that the condition injects is added"
            }
            Law::Identity => {
                "the last clock is the number of own events plus what receives inherited from each sender"
            }
        }
    }

    /// What it is demanded of, in the plural: the unit of its counts.
    pub fn unit(self) -> &'static str {
        match self {
            Law::Manifest
            | Law::OneEventPerTick
            | Law::ClockRule
            | Law::ClockIncreases
            | Law::QueueRule
            | Law::TickTime => "rows",
            Law::ClockCondition
            | Law::ReceiveHasSend
            | Law::ReceivedOnce
            | Law::SendBeforeReceive
            | Law::ChannelOrder => "receives",
            Law::NothingLost => "messages",
            Law::Identity => "machines",
        }
    }
}

impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_json_are_the_names_in_words_and_differ() {
        for (position, law) in Law::ALL.into_iter().enumerate() {
            let json = serde_json::to_string(&law).expect("a unit variant serialises");
            assert_eq!(json, format!("\"{}\"", law.name()));
            assert_eq!(position, law as usize, "{law} is out of order in Law::ALL");
        }
    }
}
