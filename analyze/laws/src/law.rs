//! The laws by name: what each demands, in one sentence, and what it is demanded of.
//!
//! **Invariant.** The order of [`Law::ALL`] is the order of reports: where one mistake breaks several laws, the one
//! that tells most about the mistake comes first.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A law that every correct log obeys.
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
    /// A machine's own component counts its events.
    OwnComponent,
    /// No component of a vector falls.
    VectorMonotonic,
    /// A vector changes by what a message carried and no other way.
    MergeIsMaximum,
    /// No vector knows more of a machine than the machine has done.
    NoKnowledgeFromTheFuture,
    /// No event happens before itself.
    CausalOrder,
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
    pub const ALL: [Law; 18] = [
        Law::Manifest,
        Law::OneEventPerTick,
        Law::ClockRule,
        Law::ClockIncreases,
        Law::OwnComponent,
        Law::VectorMonotonic,
        Law::MergeIsMaximum,
        Law::NoKnowledgeFromTheFuture,
        Law::CausalOrder,
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
            Law::OwnComponent => "own-component",
            Law::VectorMonotonic => "vector-monotonic",
            Law::MergeIsMaximum => "merge-is-maximum",
            Law::NoKnowledgeFromTheFuture => "no-knowledge-from-the-future",
            Law::CausalOrder => "causal-order",
            Law::ReceiveHasSend => "receive-has-send",
            Law::ClockCondition => "clock-condition",
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
                "a receive sets the clock to max(own, carried) + 1, every other event adds 1"
            }
            Law::ClockIncreases => "the clock of a machine is greater after every event",
            Law::OwnComponent => {
                "in a machine's vector its own component grows by 1 with every event"
            }
            Law::VectorMonotonic => "no component of a machine's vector ever falls",
            Law::MergeIsMaximum => {
                "a receive makes every component of a peer the larger of own and carried, and no other event changes one"
            }
            Law::NoKnowledgeFromTheFuture => {
                "no vector knows more of a machine than the machine itself has done by then"
            }
            Law::CausalOrder => "no event happens, through messages, before itself",
            Law::ReceiveHasSend => {
                "every receive has a send that carried what the receive says it took"
            }
            Law::ClockCondition => "the clock after a receive exceeds the clock of its send",
            Law::ReceivedOnce => "no message is received twice",
            Law::SendBeforeReceive => "no message is received before it was sent",
            Law::ChannelOrder => {
                "messages of one sender to one recipient are received in the order they were sent"
            }
            Law::NothingLost => {
                "no message is skipped: when a later one of its channel has been received, so has it, unless it is a timekeeper's"
            }
            Law::QueueRule => {
                "the queue holds no more messages than were sent to the machine and not yet taken; where ticks are logged, a machine rolls only on an empty queue"
            }
            Law::TickTime => {
                "times never decrease within the log of a machine; where due times are known, no tick is early, and in virtual time none late"
            }
            Law::Identity => {
                "the last clock is the number of own events plus what receives inherited from each sender"
            }
        }
    }

    /// What it is demanded of, in the plural: the unit of its counts.
    pub fn unit(self) -> &'static str {
        match self {
            Law::ClockCondition
            | Law::ReceiveHasSend
            | Law::ReceivedOnce
            | Law::SendBeforeReceive
            | Law::ChannelOrder => "receives",
            Law::NothingLost => "messages",
            Law::Identity => "machines",
            _ => "events",
        }
    }

    /// Whether it judges how logical clocks are kept; the others judge messages, queues, ticks and times.
    pub fn is_of_clocks(self) -> bool {
        matches!(
            self,
            Law::ClockRule
                | Law::ClockIncreases
                | Law::OwnComponent
                | Law::VectorMonotonic
                | Law::MergeIsMaximum
                | Law::NoKnowledgeFromTheFuture
                | Law::CausalOrder
                | Law::ClockCondition
        )
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
