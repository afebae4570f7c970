//! The links of one party: at most one connection to each peer, and a listener that lets nobody else in.
//!
//! They are the same for a machine in a mesh, a machine at a hub, and the hub itself; [`super::topology`] knows the peers.
//! Of each pair the greater one dials (any machine is greater than the hub). A connection counts only after both ends have
//! proved that they belong to the run ([`super::handshake`]).
//!
//! [`listener`] lets peers in · [`dialer`] reaches them · `talk` owns the stream of a link until it ends · `peer` holds the
//! frames that wait for one of them · `account` counts messages by their fate · [`pulse`] shows that links live ·
//! [`settling`] ends them in order.
//!
//! **Invariant.** For each peer there is at most one link, and one task owns its stream. Frames to a peer leave in the
//! order in which they were handed over. Messages to a peer without a link are counted, never queued: a message
//! that cannot leave now is lost, as on a network. So is one that a link had taken before it ended, if the peer comes back
//! and has not received it. A link holds unread frames without a bound, because a tick may not wait for the network; the
//! ticks of the machines bound them. Frames wait as the bytes in which they leave: they are encoded once, and all that
//! waits goes to the system in one piece. The journal lists things of one peer, or of
//! strangers, up to a bound; the rest is counted.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use event_log::{JournalEntry, JournalKind, Party};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio_util::codec::Framed;

use super::handshake::{Connection, Identity};
use super::pace::system_time_ns;
use super::quota::Quota;
use super::wire::{Frame, FrameCodec};
use peer::Peer;
use pulse::Pulse;

mod account;
pub mod dialer;
pub mod listener;
mod peer;
pub mod pulse;
pub mod settling;
mod talk;

/// The first pause after a failure of the network or of a peer.
const BACKOFF_FIRST: Duration = Duration::from_millis(10);

/// What links say to their owner.
#[derive(Debug)]
pub enum LinkEvent {
    /// A message has arrived, in the form in which its sender's topology sends it.
    Message(Party, Frame),
    /// A peer is connected.
    Connected(Party),
    /// A peer's connection has ended before its farewell; what the peer, or a program on the way, did, if this end ended it.
    Lost(Party, Option<String>),
    /// An entry for the journal.
    Journal(JournalEntry),
    /// A peer could not be reached at the start.
    Unreachable(Party, String),
}

/// A callback that hears the events of links, and gets the links so that it can answer. Their own tasks call it, so it
/// must not block.
pub type Listener = Arc<dyn Fn(&Links, LinkEvent) + Send + Sync>;

struct Shared {
    me: Identity,
    peers: BTreeMap<Party, Peer>,
    redial: bool,
    pulse: Pulse,
    refusals: Quota,
    hear: Listener,
    /// Wakes the task that waits for the end of all links.
    changed: Notify,
}

/// The links of one party. Clones share them.
#[derive(Clone)]
pub struct Links {
    shared: Arc<Shared>,
}

impl Links {
    /// A party without links yet. With `redial` it tries to reach lost peers again.
    pub fn new(me: Identity, redial: bool, pulse: Pulse, hear: Listener) -> Links {
        let peers = me.peers.iter().map(|&peer| (peer, Peer::default()));
        Links {
            shared: Arc::new(Shared {
                peers: peers.collect(),
                me,
                redial,
                pulse,
                refusals: Quota::default(),
                hear,
                changed: Notify::new(),
            }),
        }
    }

    /// Hands a message to a peer's link, or counts it as undelivered without a link. Returns false if there is no such peer.
    pub fn send(&self, to: Party, message: Frame) -> bool {
        let peer = self.shared.peers.get(&to);
        if let Some(peer) = peer {
            peer.send(message);
        }
        peer.is_some()
    }

    /// Messages since the start that will never reach their peer, by peer.
    pub fn undelivered(&self) -> Vec<(Party, u64)> {
        let peers = self.shared.peers.iter();
        let counts = peers.map(|(&party, peer)| (party, peer.undelivered()));
        counts.filter(|&(_, count)| count > 0).collect()
    }

    fn hear(&self, event: LinkEvent) {
        (self.shared.hear)(self, event);
    }

    /// A line for the journal.
    fn entry(
        &self,
        kind: JournalKind,
        peer: Option<Party>,
        detail: impl Into<String>,
    ) -> JournalEntry {
        let entry = JournalEntry::of_party(system_time_ns(), self.shared.me.party, kind, detail);
        JournalEntry { peer, ..entry }
    }

    fn report(&self, kind: JournalKind, peer: Option<Party>, detail: impl Into<String>) {
        self.hear(LinkEvent::Journal(self.entry(kind, peer, detail)));
    }

    fn report_count(&self, kind: JournalKind, peer: Option<Party>, detail: &str, count: u64) {
        let entry = self.entry(kind, peer, detail);
        self.hear(LinkEvent::Journal(entry.with_count(count)));
    }
}

fn frames(stream: TcpStream) -> Connection {
    // Messages are small and each matters now; without this they would wait for one another.
    let _ = stream.set_nodelay(true);
    Framed::new(stream, FrameCodec::default())
}
