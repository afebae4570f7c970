//! Events by kind.

use events::{Kind, Trial};
use serde::{Deserialize, Serialize};

use super::series::of_kind;

/// How many events a machine had.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct EventMetrics {
    /// Rows: events of any kind; 0 of a log that is known to be whole and has none.
    pub events: Option<u64>,
    /// Events that nobody else can see.
    pub internal: Option<u64>,
    /// Events that sent one message.
    pub send: Option<u64>,
    /// Events that sent one message to every peer.
    pub broadcast: Option<u64>,
    /// Events that took one message, from the queue or from the timekeeper.
    pub receive: Option<u64>,
    /// Share of the events, from 0 to 1, that sent a message, to one peer or to all.
    pub send_share: Option<f64>,
    /// Share of the events, from 0 to 1, that took a message from the queue.
    pub receive_share: Option<f64>,
}

/// Counts a machine's events.
pub fn measure(trial: &Trial, machine: usize) -> EventMetrics {
    let rows = &trial.machines[machine].rows;
    if rows.is_empty() && !trial.is_silent(machine) {
        return EventMetrics::default();
    }
    let counts = Kind::ALL.map(|kind| of_kind(trial, machine, kind).sum().map_or(0, u64::from));
    of_counts(counts)
}

/// The metrics by how many events there are of each kind, by its code.
pub(super) fn of_counts(counts: [u64; 4]) -> EventMetrics {
    let count = |kind: Kind| counts[usize::from(kind.code())];
    let all: u64 = counts.iter().sum();
    let share = |events: u64| (all > 0).then(|| events as f64 / all as f64);
    EventMetrics {
        events: Some(all),
        internal: Some(count(Kind::Internal)),
        send: Some(count(Kind::Send)),
        broadcast: Some(count(Kind::Broadcast)),
        receive: Some(count(Kind::Receive)),
        send_share: share(count(Kind::Send) + count(Kind::Broadcast)),
        receive_share: share(count(Kind::Receive)),
    }
}
