//! Events by kind.

use serde::{Deserialize, Serialize};

use crate::recording::{EventKind, Track};

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
pub fn measure(machine: &Track) -> EventMetrics {
    let rows = &machine.rows;
    if rows.is_empty() && !machine.silent {
        return EventMetrics::default();
    }
    let mut counts = [0u64; 4];
    for &kind in &rows.event {
        counts[kind as usize] += 1;
    }
    let count = |kind: EventKind| Some(counts[kind as usize]);
    let share = |kinds: &[EventKind]| {
        let of_these: u64 = kinds.iter().map(|&kind| counts[kind as usize]).sum();
        (!rows.is_empty()).then(|| of_these as f64 / rows.len() as f64)
    };
    EventMetrics {
        events: Some(rows.len() as u64),
        internal: count(EventKind::Internal),
        send: count(EventKind::Send),
        broadcast: count(EventKind::Broadcast),
        receive: count(EventKind::Receive),
        send_share: share(&[EventKind::Send, EventKind::Broadcast]),
        receive_share: share(&[EventKind::Receive]),
    }
}
