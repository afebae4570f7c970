//! The links of one party: at most one connection to each peer, and a doorman that lets nobody else in.
//!
//! The same for a machine in a mesh, a machine at a hub, and the hub itself; who the peers are is the matter of
//! [`super::topology`]. Of each pair the one that is greater dials (any machine is greater than the hub). A connection
//! counts only after both ends have proved that they belong to the run ([`super::handshake`]).
//!
//! `door` lets peers in · `dialling` reaches them · `talk` owns the stream of a link until it ends.
//!
//! **Invariant.** For each peer there is at most one link, and one task owns its stream. Frames to a peer leave in the
//! order in which they were handed over. Messages to a peer without a link are counted, never queued: what is not
//! delivered now is lost, as on a network. A link holds what its peer does not read yet without a bound, because a tick
//! may not wait for the network; it is bounded by what the machines' ticks can send. Frames wait as the bytes in which they
//! leave: they are written once, and all that waits goes to the system in one piece.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::BytesMut;
use event_log::{JournalKind, Party};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio_util::codec::{Encoder, Framed};

use super::handshake::{Connection, Identity};
use super::wire::{Frame, FrameCodec};

mod dialling;
mod door;
mod talk;

pub use dialling::CONNECT_TIME_MAX;
pub use door::{STRANGERS_MAX, bind};

/// The first pause after a failure, of the network's or of a peer's.
const BACKOFF_FIRST: Duration = Duration::from_millis(10);

/// What links tell their owner.
#[derive(Debug)]
pub enum LinkEvent {
    /// A message has arrived, in the form in which its sender's topology sends it.
    Message(Party, Frame),
    /// A peer is connected.
    Connected(Party),
    /// A peer's connection has ended.
    Lost(Party),
    /// Something for the journal.
    Told(JournalKind, Option<Party>, String),
    /// A peer could not be reached at the start.
    Unreachable(Party, String),
}

/// Whoever hears the events of links, which come along so that it can answer; called from their own tasks, so it must
/// not block.
pub type Listener = Arc<dyn Fn(&Links, LinkEvent) + Send + Sync>;

/// What was handed to a link and is not on its way yet, in the form in which it leaves.
#[derive(Default)]
struct Outgoing {
    bytes: BytesMut,
    frames: u64,
}

#[derive(Default)]
struct Peer {
    /// None without a link.
    link: Mutex<Option<Outgoing>>,
    /// Wakes who writes, when there is something to write.
    waiting: Notify,
    undelivered: AtomicU64,
}

impl Peer {
    fn link(&self) -> MutexGuard<'_, Option<Outgoing>> {
        // A poisoned lock guards bytes; whoever held it had put in whole frames or none.
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a frame to those that leave next; false if there is no link.
    fn hand_over(&self, frame: Frame) -> bool {
        let mut link = self.link();
        let Some(outgoing) = &mut *link else {
            return false;
        };
        if FrameCodec.encode(frame, &mut outgoing.bytes).is_err() {
            return false;
        }
        outgoing.frames += 1;
        let first = outgoing.frames == 1;
        drop(link);
        if first {
            self.waiting.notify_one();
        }
        true
    }

    /// Takes all that waits into `bytes`, which must be empty and whose room is used again; how many frames that is.
    fn take(&self, bytes: &mut BytesMut) -> u64 {
        match &mut *self.link() {
            Some(outgoing) => {
                std::mem::swap(&mut outgoing.bytes, bytes);
                std::mem::take(&mut outgoing.frames)
            }
            None => 0,
        }
    }
}

struct Shared {
    me: Identity,
    peers: BTreeMap<Party, Peer>,
    redial: bool,
    refusals: AtomicU64,
    hear: Listener,
}

/// The links of one party. Clones share them.
#[derive(Clone)]
pub struct Links {
    shared: Arc<Shared>,
}

impl Links {
    /// A party without links yet. With `redial` it tries to reach lost peers again.
    pub fn new(me: Identity, redial: bool, hear: Listener) -> Links {
        let peers = me.peers.iter().map(|&peer| (peer, Peer::default()));
        Links {
            shared: Arc::new(Shared {
                peers: peers.collect(),
                me,
                redial,
                refusals: AtomicU64::new(0),
                hear,
            }),
        }
    }

    /// Hands a frame to a peer's link; counts it as undelivered when there is none. False if there is no such peer.
    pub fn send(&self, to: Party, frame: Frame) -> bool {
        let Some(peer) = self.shared.peers.get(&to) else {
            return false;
        };
        if !peer.hand_over(frame) {
            peer.undelivered.fetch_add(1, Ordering::Relaxed);
        }
        true
    }

    /// Messages that found no link, by peer, since the start.
    pub fn undelivered(&self) -> Vec<(Party, u64)> {
        let counts = self.shared.peers.iter();
        counts
            .map(|(&party, peer)| (party, peer.undelivered.load(Ordering::Relaxed)))
            .filter(|&(_, count)| count > 0)
            .collect()
    }

    /// Takes the place of a peer's link, if it is free; whether it was. What is handed to the link waits from now on.
    fn claim(&self, peer: Party) -> bool {
        let Some(peer) = self.shared.peers.get(&peer) else {
            return false;
        };
        let mut link = peer.link();
        let free = link.is_none();
        link.get_or_insert_default();
        free
    }

    /// Gives a place free; what still waits there, and the `unsent` taken from it, is lost.
    fn release(&self, peer: Party, unsent: u64) {
        let Some(place) = self.shared.peers.get(&peer) else {
            return;
        };
        let left = place.link().take().map_or(0, |outgoing| outgoing.frames);
        place
            .undelivered
            .fetch_add(unsent + left, Ordering::Relaxed);
    }

    fn hear(&self, event: LinkEvent) {
        (self.shared.hear)(self, event);
    }

    fn tell(&self, kind: JournalKind, peer: Option<Party>, detail: String) {
        self.hear(LinkEvent::Told(kind, peer, detail));
    }
}

fn frames(stream: TcpStream) -> Connection {
    // Messages are small and each matters now; without this they would wait for one another.
    let _ = stream.set_nodelay(true);
    Framed::new(stream, FrameCodec)
}
