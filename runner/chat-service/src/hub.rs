//! Connections of clients, however they come: a wire listener, a gRPC call, a test.
//!
//! Each is a peer of the server process with a number of its own. What is said on it goes to the [`core`](crate::core); what
//! the server says comes back through a bounded queue: a client that does not read loses its connection, and nobody waits for
//! it.
//!
//! **Invariant.** A number is never given twice while a server runs. A connection that is dropped is closed.

use chat::field::Malformed;
use chat::identity::RequestId;
use chat::wire::request::ToServer;
use chat::wire::response::ToClient;
use machine::process::units::Peer;
use tokio::sync::{mpsc, oneshot};

/// Responses that wait for a client to read them; one more ends its connection.
pub const RESPONSES_WAITING_MAX: usize = 512;

/// What the core is called for.
#[derive(Debug)]
pub(crate) enum Call {
    /// A client is there.
    Open {
        /// Where its responses go.
        responses: mpsc::Sender<ToClient>,
        /// Where its number goes.
        peer: oneshot::Sender<Peer>,
    },
    /// A client says something.
    Say {
        /// Which.
        peer: Peer,
        /// What.
        message: ToServer,
    },
    /// A client has sent a frame whose body is not what its op code says.
    Malformed {
        /// Which.
        peer: Peer,
        /// The number of the request, as far as it was to be read.
        id: RequestId,
        /// What is wrong.
        error: Malformed,
    },
    /// A client is gone.
    Close {
        /// Which.
        peer: Peer,
    },
}

/// The way to a server's core. Clones lead to the same.
#[derive(Debug, Clone)]
pub struct Hub {
    calls: mpsc::UnboundedSender<Call>,
}

impl Hub {
    pub(crate) fn new() -> (Hub, mpsc::UnboundedReceiver<Call>) {
        let (calls, receiver) = mpsc::unbounded_channel();
        (Hub { calls }, receiver)
    }

    /// A new connection; none if the server has ended.
    pub async fn connect(&self) -> Option<Connection> {
        let (responses, incoming) = mpsc::channel(RESPONSES_WAITING_MAX);
        let (sender, peer) = oneshot::channel();
        let peer_of = Call::Open {
            responses,
            peer: sender,
        };
        self.calls.send(peer_of).ok()?;
        let peer = peer.await.ok()?;
        Some(Connection {
            peer,
            calls: self.calls.clone(),
            incoming,
        })
    }
}

/// One client's connection to the core. Dropped, it is closed.
#[derive(Debug)]
pub struct Connection {
    peer: Peer,
    calls: mpsc::UnboundedSender<Call>,
    incoming: mpsc::Receiver<ToClient>,
}

impl Connection {
    /// Its number.
    pub fn peer(&self) -> Peer {
        self.peer
    }

    /// Says something to the server; whether the server still runs. How much may wait is the caller's to bound: it reads no
    /// more from its client while too much of it has no answer.
    pub fn say(&self, message: ToServer) -> bool {
        let peer = self.peer;
        self.calls.send(Call::Say { peer, message }).is_ok()
    }

    /// The client has sent a frame whose body is not what its op code says: the server tells it. Whether the server still runs.
    pub fn malformed(&self, id: RequestId, error: Malformed) -> bool {
        let peer = self.peer;
        self.calls.send(Call::Malformed { peer, id, error }).is_ok()
    }

    /// What the server has said already and nobody heard; none if that is all.
    pub fn hear_now(&mut self) -> Option<ToClient> {
        self.incoming.try_recv().ok()
    }

    /// What the server says next; none once it has hung up.
    pub async fn hear(&mut self) -> Option<ToClient> {
        self.incoming.recv().await
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let peer = self.peer;
        // A server that has ended has no connections.
        let _ = self.calls.send(Call::Close { peer });
    }
}
