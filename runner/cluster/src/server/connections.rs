//! Links to clients as connections: each has a number of its own, also when the same client comes back.
//!
//! A client may hear late that its connection has ended, and another begun: what it still says on the old one comes on the new
//! one. So a hello always begins a connection.
//!
//! **Invariant.** A client has at most one connection, and no number is given twice in a life.

use std::collections::BTreeMap;

use chat::door::ConnectionId;
use machine::process::units::Peer;

/// The connections of a server.
#[derive(Debug, Default)]
pub(super) struct Connections {
    by_peer: BTreeMap<Peer, Connection>,
    peers: BTreeMap<ConnectionId, Peer>,
    opened: u64,
}

#[derive(Debug, Clone, Copy)]
struct Connection {
    id: ConnectionId,
    /// Whether something was said on it.
    is_used: bool,
}

impl Connections {
    /// A link has come up: the number of its connection.
    pub(super) fn open(&mut self, peer: Peer) -> ConnectionId {
        self.opened += 1;
        let id = ConnectionId(self.opened);
        let is_used = false;
        self.by_peer.insert(peer, Connection { id, is_used });
        self.peers.insert(id, peer);
        id
    }

    /// A link has gone: the connection that it was.
    pub(super) fn close(&mut self, peer: Peer) -> Option<ConnectionId> {
        let connection = self.by_peer.remove(&peer)?;
        self.peers.remove(&connection.id);
        Some(connection.id)
    }

    /// The connection of a client that says something; whether something was said on it before.
    pub(super) fn take_up(&mut self, peer: Peer) -> Option<(ConnectionId, bool)> {
        let connection = self.by_peer.get_mut(&peer)?;
        let was_used = std::mem::replace(&mut connection.is_used, true);
        Some((connection.id, was_used))
    }

    /// The client of a connection; none if it has ended.
    pub(super) fn peer(&self, connection: ConnectionId) -> Option<Peer> {
        self.peers.get(&connection).copied()
    }
}
