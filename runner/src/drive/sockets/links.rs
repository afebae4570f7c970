//! The links of one party: at most one connection to each peer, and a listener that lets nobody else in.
//!
//! The same for a machine in a mesh, a machine at a hub, and the hub itself; who the peers are is the matter of
//! [`super::topology`]. Of each pair the one that is greater dials (any machine is greater than the hub). A connection
//! counts only after both ends have proved that they belong to the run ([`super::handshake`]).
//!
//! [`listener`] lets peers in · [`dialer`] reaches them · `talk` owns the stream of a link until it ends · `peer` holds what waits
//! for one of them · `account` counts what became of messages · [`pulse`] shows that links live · [`settling`] ends them in
//! order.
//!
//! **Invariant.** For each peer there is at most one link, and one task owns its stream. Frames to a peer leave in the
//! order in which they were handed over. Messages to a peer without a link are counted, never queued: what is not
//! delivered now is lost, as on a network; and so are those that a link had taken when it ended, once the peer is back and
//! says what it has received. A link holds what its peer does not read yet without a bound, because a tick may not wait for
//! the network; it is bounded by what the machines' ticks can send. Frames wait as the bytes in which they leave: they are
//! written once, and all that waits goes to the system in one piece. What the journal is told of one peer, or of
//! strangers, has a bound; the rest is counted.

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

/// The first pause after a failure, of the network's or of a peer's.
const BACKOFF_FIRST: Duration = Duration::from_millis(10);

/// What links tell their owner.
#[derive(Debug)]
pub enum LinkEvent {
    /// A message has arrived, in the form in which its sender's topology sends it.
    Message(Party, Frame),
    /// A peer is connected.
    Connected(Party),
    /// A peer's connection has ended before its farewell; what the peer, or who is on the way, did, if this end ended it.
    Lost(Party, Option<String>),
    /// Something for the journal.
    Told(JournalEntry),
    /// A peer could not be reached at the start.
    Unreachable(Party, String),
}

/// Whoever hears the events of links, which come along so that it can answer; called from their own tasks, so it must
/// not block.
pub type Listener = Arc<dyn Fn(&Links, LinkEvent) + Send + Sync>;

struct Shared {
    me: Identity,
    peers: BTreeMap<Party, Peer>,
    redial: bool,
    pulse: Pulse,
    refusals: Quota,
    hear: Listener,
    /// Wakes who waits for the end of all links.
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

    /// Hands a message to a peer's link; counts it as undelivered when there is none. False if there is no such peer.
    pub fn send(&self, to: Party, message: Frame) -> bool {
        let peer = self.shared.peers.get(&to);
        if let Some(peer) = peer {
            peer.send(message);
        }
        peer.is_some()
    }

    /// Messages that have not reached a peer and never will, by peer, since the start.
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

    fn tell(&self, kind: JournalKind, peer: Option<Party>, detail: impl Into<String>) {
        self.hear(LinkEvent::Told(self.entry(kind, peer, detail)));
    }

    fn tell_count(&self, kind: JournalKind, peer: Option<Party>, detail: &str, count: u64) {
        let entry = self.entry(kind, peer, detail);
        self.hear(LinkEvent::Told(entry.with_count(count)));
    }
}

fn frames(stream: TcpStream) -> Connection {
    // Messages are small and each matters now; without this they would wait for one another.
    let _ = stream.set_nodelay(true);
    Framed::new(stream, FrameCodec::default())
}
