//! The laws that any log of such a system obeys, by name. Those that our own logs obey too have the same names there.
//!
//! **Invariant.** The order of [`HistoryLaw::ALL`] is the order of reports.

use std::fmt;

use serde::Serialize;

use crate::check::Law;

/// A law of logs in any format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HistoryLaw {
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
    /// The queue holds no more than was sent and not yet taken.
    QueueRule,
    /// Times of a machine do not fall.
    TickTime,
}

impl HistoryLaw {
    /// All laws, in the order of reports.
    pub const ALL: [HistoryLaw; 15] = [
        HistoryLaw::ClockRule,
        HistoryLaw::ClockIncreases,
        HistoryLaw::OwnComponent,
        HistoryLaw::VectorMonotonic,
        HistoryLaw::MergeIsMaximum,
        HistoryLaw::NoKnowledgeFromTheFuture,
        HistoryLaw::CausalOrder,
        HistoryLaw::ReceiveHasSend,
        HistoryLaw::ClockCondition,
        HistoryLaw::ReceivedOnce,
        HistoryLaw::SendBeforeReceive,
        HistoryLaw::ChannelOrder,
        HistoryLaw::NothingLost,
        HistoryLaw::QueueRule,
        HistoryLaw::TickTime,
    ];

    /// Its stable name, the one in JSON.
    pub fn name(self) -> &'static str {
        match self {
            HistoryLaw::ClockRule => Law::ClockRule.name(),
            HistoryLaw::ClockIncreases => Law::ClockIncreases.name(),
            HistoryLaw::OwnComponent => "own-component",
            HistoryLaw::VectorMonotonic => "vector-monotonic",
            HistoryLaw::MergeIsMaximum => "merge-is-maximum",
            HistoryLaw::NoKnowledgeFromTheFuture => "no-knowledge-from-the-future",
            HistoryLaw::CausalOrder => "causal-order",
            HistoryLaw::ReceiveHasSend => Law::ReceiveHasSend.name(),
            HistoryLaw::ClockCondition => Law::ClockCondition.name(),
            HistoryLaw::ReceivedOnce => Law::ReceivedOnce.name(),
            HistoryLaw::SendBeforeReceive => Law::SendBeforeReceive.name(),
            HistoryLaw::ChannelOrder => Law::ChannelOrder.name(),
            HistoryLaw::NothingLost => Law::NothingLost.name(),
            HistoryLaw::QueueRule => Law::QueueRule.name(),
            HistoryLaw::TickTime => Law::TickTime.name(),
        }
    }

    /// What it demands, in one sentence.
    pub fn rule(self) -> &'static str {
        match self {
            HistoryLaw::ClockRule => {
                "a receive sets the clock to max(own, carried) + 1, every other event adds 1"
            }
            HistoryLaw::ClockIncreases => "the clock of a machine is greater after every event",
            HistoryLaw::OwnComponent => {
                "in a machine's vector its own component grows by 1 with every event"
            }
            HistoryLaw::VectorMonotonic => "no component of a machine's vector ever falls",
            HistoryLaw::MergeIsMaximum => {
                "a receive makes every component of a peer the larger of own and carried, and no other event changes one"
            }
            HistoryLaw::NoKnowledgeFromTheFuture => {
                "no vector knows more of a machine than the machine itself has done by then"
            }
            HistoryLaw::CausalOrder => "no event happens, through messages, before itself",
            HistoryLaw::ReceiveHasSend => {
                "every receive has a send that carried what the receive says it took"
            }
            HistoryLaw::ClockCondition => Law::ClockCondition.rule(),
            HistoryLaw::ReceivedOnce => Law::ReceivedOnce.rule(),
            HistoryLaw::SendBeforeReceive => Law::SendBeforeReceive.rule(),
            HistoryLaw::ChannelOrder => Law::ChannelOrder.rule(),
            HistoryLaw::NothingLost => {
                "no message is skipped: when a later one of its channel has been received, so has it"
            }
            HistoryLaw::QueueRule => {
                "the queue holds no more messages than were sent to the machine and not yet taken"
            }
            HistoryLaw::TickTime => "times never decrease within the log of a machine",
        }
    }

    /// What it is demanded of, in the plural: the unit of its counts.
    pub fn unit(self) -> &'static str {
        match self {
            HistoryLaw::ClockRule
            | HistoryLaw::ClockIncreases
            | HistoryLaw::OwnComponent
            | HistoryLaw::VectorMonotonic
            | HistoryLaw::MergeIsMaximum
            | HistoryLaw::NoKnowledgeFromTheFuture
            | HistoryLaw::CausalOrder
            | HistoryLaw::TickTime => "events",
            HistoryLaw::ReceiveHasSend
            | HistoryLaw::ClockCondition
            | HistoryLaw::ReceivedOnce
            | HistoryLaw::SendBeforeReceive
            | HistoryLaw::ChannelOrder
            | HistoryLaw::QueueRule => "receives",
            HistoryLaw::NothingLost => "messages",
        }
    }

    /// Whether it judges clocks; the others judge messages, queues and times.
    pub fn is_of_clocks(self) -> bool {
        matches!(self, HistoryLaw::CausalOrder | HistoryLaw::ClockCondition)
            || self.of_vectors().is_some()
    }

    /// Whether it is a law of vector clocks, or of clocks that are one number; both, if neither.
    pub(super) fn of_vectors(self) -> Option<bool> {
        match self {
            HistoryLaw::OwnComponent
            | HistoryLaw::VectorMonotonic
            | HistoryLaw::MergeIsMaximum
            | HistoryLaw::NoKnowledgeFromTheFuture => Some(true),
            HistoryLaw::ClockRule | HistoryLaw::ClockIncreases => Some(false),
            _ => None,
        }
    }
}

impl fmt::Display for HistoryLaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_json_are_the_names_in_words() {
        for (position, law) in HistoryLaw::ALL.into_iter().enumerate() {
            let json = serde_json::to_string(&law).expect("a unit variant serialises");
            assert_eq!(json, format!("\"{}\"", law.name()));
            assert_eq!(position, law as usize);
        }
    }
}
