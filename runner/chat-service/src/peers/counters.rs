//! What has happened on links, for status and metrics.
//!
//! **Invariant.** Numbers only grow while a server runs. A problem is the last one, and gone once the link is there.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use chat::identity::ServerId;

use crate::counter::{Counter, Figure};

/// What has happened on the links to one other server.
#[derive(Debug, Default)]
pub struct PeerCounter {
    is_up: AtomicBool,
    problem: Mutex<Option<String>>,
    /// Links that were made.
    pub links: Counter,
    /// Messages that were handed to a link.
    pub messages_sent: Counter,
    /// Messages that have come.
    pub messages_received: Counter,
    /// Bytes that were written.
    pub bytes_sent: Counter,
    /// Bytes that were read.
    pub bytes_received: Counter,
    /// Messages that were lost because there was no link, or no room.
    pub messages_lost: Counter,
    /// Frames that were not sealed as was due, or said nothing that is known. Each has ended its link.
    pub bad_frames: Counter,
}

impl PeerCounter {
    /// Whether there is a link.
    pub fn is_up(&self) -> bool {
        self.is_up.load(Ordering::Relaxed)
    }

    /// Why there is no link, as far as this server knows.
    pub fn problem(&self) -> Option<String> {
        let problem = self.problem.lock();
        problem.ok().and_then(|problem| problem.clone())
    }

    pub(super) fn rise(&self) {
        self.links.increase();
        self.is_up.store(true, Ordering::Relaxed);
        if let Ok(mut last) = self.problem.lock() {
            *last = None;
        }
    }

    /// The link is gone, or was not made; whether the reason is another one than before.
    pub(super) fn fall(&self, problem: &str) -> bool {
        self.is_up.store(false, Ordering::Relaxed);
        let Ok(mut last) = self.problem.lock() else {
            return false;
        };
        if last.as_deref() == Some(problem) {
            return false;
        }
        *last = Some(problem.to_owned());
        true
    }
}

/// What has happened on all links.
#[derive(Debug, Default)]
pub struct PeerCounters {
    /// For each other server.
    pub servers: BTreeMap<ServerId, PeerCounter>,
    /// Connections that were accepted.
    pub accepted: Counter,
    /// Connections that were refused: they did not prove that they know the secret, or spoke another language.
    pub refused: Counter,
    /// Connections that were refused because newer ones needed their places.
    pub crowded_out: Counter,
    /// Times when the system gave no connection.
    pub accept_errors: Counter,
}

impl PeerCounters {
    /// The counters of a server with this number in a cluster of so many.
    pub fn new(own: ServerId, servers: u32) -> PeerCounters {
        let others = (0..servers).map(ServerId).filter(|&server| server != own);
        PeerCounters {
            servers: others
                .map(|server| (server, PeerCounter::default()))
                .collect(),
            ..PeerCounters::default()
        }
    }

    /// All of them, by the names that metrics show; those of all servers together.
    pub fn figures(&self) -> Vec<Figure> {
        let sum = |of: fn(&PeerCounter) -> u64| self.servers.values().map(of).sum();
        vec![
            ("links", sum(|one| u64::from(one.is_up()))),
            ("links_made_total", sum(|one| one.links.get())),
            (
                "link_messages_sent_total",
                sum(|one| one.messages_sent.get()),
            ),
            (
                "link_messages_received_total",
                sum(|one| one.messages_received.get()),
            ),
            (
                "link_messages_lost_total",
                sum(|one| one.messages_lost.get()),
            ),
            ("link_sent_bytes_total", sum(|one| one.bytes_sent.get())),
            (
                "link_received_bytes_total",
                sum(|one| one.bytes_received.get()),
            ),
            ("link_bad_frames_total", sum(|one| one.bad_frames.get())),
            ("link_accepted_total", self.accepted.get()),
            ("link_refused_total", self.refused.get()),
            ("link_crowded_out_total", self.crowded_out.get()),
            ("link_accept_errors_total", self.accept_errors.get()),
        ]
    }
}
