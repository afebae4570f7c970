//! Links to clients as connections: each has a number of its own, also when the same client comes back.
//!
//! **Invariant.** A client has at most one connection, and no number is given twice in a life.

use std::collections::BTreeMap;

use chat::door::ConnectionId;
use machine::process::units::Peer;

/// The connections of a server.
#[derive(Debug, Default)]
pub(super) struct Connections {
    by_peer: BTreeMap<Peer, ConnectionId>,
    peers: BTreeMap<ConnectionId, Peer>,
    opened: u64,
}

impl Connections {
    /// A link has come up: the number of its connection.
    pub(super) fn open(&mut self, peer: Peer) -> ConnectionId {
        self.opened += 1;
        let connection = ConnectionId(self.opened);
        self.by_peer.insert(peer, connection);
        self.peers.insert(connection, peer);
        connection
    }

    /// A link has gone: the connection that it was.
    pub(super) fn close(&mut self, peer: Peer) -> Option<ConnectionId> {
        let connection = self.by_peer.remove(&peer)?;
        self.peers.remove(&connection);
        Some(connection)
    }

    /// The connection of a client.
    pub(super) fn of(&self, peer: Peer) -> Option<ConnectionId> {
        self.by_peer.get(&peer).copied()
    }

    /// The client of a connection; none if it has ended.
    pub(super) fn peer(&self, connection: ConnectionId) -> Option<Peer> {
        self.peers.get(&connection).copied()
    }
}
