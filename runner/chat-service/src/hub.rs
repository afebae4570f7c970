//! Connections of clients, however they come: a wire listener, a gRPC call, a test.
//!
//! Each is a peer of the server process with a number of its own. What is said on it goes to the [`core`](crate::core); what
//! the server says comes back through a queue that is bounded in bytes: a client that does not read loses its connection, and
//! nobody waits for it.
//!
//! [`view_seal`] views that clients cannot make up
//!
//! **Invariant.** A number is never given twice while a server runs. A connection that is dropped is closed.

pub mod view_seal;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chat::answer::Answer;
use chat::field::Malformed;
use chat::identity::RequestId;
use chat::wire::request::ToServer;
use chat::wire::response::{Notice, Response, ToClient};
use chat::wire::status::Status;
use machine::process::units::Peer;
use tokio::sync::{mpsc, oneshot};

use view_seal::ViewSeal;

/// About how many bytes of responses wait for a client to read them; beyond that its connection ends. A whole window of pushes
/// with the longest texts fits, and beside it a long answer to each request that a connection may have under way.
pub const WAITING_BYTES_MAX: usize = 4 << 20;

/// What the core is called for.
#[derive(Debug)]
pub(crate) enum Call {
    /// A client is there.
    Open {
        /// Where its responses go.
        responses: Responses,
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
    /// How is the server?
    Status(oneshot::Sender<Status>),
    /// It is to end in order.
    Stop,
}

/// The way to a server's core. Clones lead to the same.
#[derive(Debug, Clone)]
pub struct Hub {
    calls: mpsc::UnboundedSender<Call>,
    views: Option<Arc<ViewSeal>>,
}

impl Hub {
    pub(crate) fn new() -> (Hub, mpsc::UnboundedReceiver<Call>) {
        let (calls, receiver) = mpsc::unbounded_channel();
        let views = None;
        (Hub { calls, views }, receiver)
    }

    /// Connections from now on are given views that they cannot make up.
    pub fn seal_views(mut self, seal: Arc<ViewSeal>) -> Hub {
        self.views = Some(seal);
        self
    }

    /// A new connection; none if the server has ended.
    pub async fn connect(&self) -> Option<Connection> {
        let (responses, incoming, waiting) = Responses::new();
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
            views: self.views.clone(),
            incoming,
            waiting,
        })
    }

    /// How the server is; none if it has ended.
    pub async fn status(&self) -> Option<Status> {
        let (sender, status) = oneshot::channel();
        self.calls.send(Call::Status(sender)).ok()?;
        status.await.ok()
    }

    /// Asks the server to end in order: it hands over, and its core ends.
    pub fn stop(&self) {
        // One that has ended needs no asking.
        let _ = self.calls.send(Call::Stop);
    }
}

/// Where the core puts what a client is to hear.
#[derive(Debug)]
pub(crate) struct Responses {
    queue: mpsc::UnboundedSender<ToClient>,
    waiting: Arc<AtomicUsize>,
}

impl Responses {
    fn new() -> (
        Responses,
        mpsc::UnboundedReceiver<ToClient>,
        Arc<AtomicUsize>,
    ) {
        let (queue, incoming) = mpsc::unbounded_channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let responses = Responses {
            queue,
            waiting: waiting.clone(),
        };
        (responses, incoming, waiting)
    }

    /// Puts a response behind the others; whether the client reads fast enough, and is there.
    pub(crate) fn put(&self, response: ToClient) -> bool {
        let bytes = about_bytes(&response);
        let before = self.waiting.fetch_add(bytes, Ordering::Relaxed);
        before + bytes <= WAITING_BYTES_MAX && self.queue.send(response).is_ok()
    }
}

/// About how many bytes of memory a response takes: its texts, and something for the rest.
fn about_bytes(response: &ToClient) -> usize {
    let of_message = |message: &chat::answer::Message| 256 + message.text.len();
    let more = match &response.response {
        Response::Noticed(Notice::Message { message }) => of_message(message),
        Response::Answered(Answer::History { messages, .. }) => {
            messages.iter().map(of_message).sum()
        }
        Response::Answered(Answer::Listed { accounts, .. }) => accounts.len() * 64,
        _ => 0,
    };
    256 + more
}

/// One client's connection to the core. Dropped, it is closed.
#[derive(Debug)]
pub struct Connection {
    peer: Peer,
    calls: mpsc::UnboundedSender<Call>,
    views: Option<Arc<ViewSeal>>,
    incoming: mpsc::UnboundedReceiver<ToClient>,
    waiting: Arc<AtomicUsize>,
}

impl Connection {
    /// Its number.
    pub fn peer(&self) -> Peer {
        self.peer
    }

    /// Says something to the server; whether the server still runs. How much may wait is the caller's to bound: it reads no
    /// more from its client while too much of it has no answer.
    pub fn say(&self, mut message: ToServer) -> bool {
        let peer = self.peer;
        if let Some(seal) = &self.views {
            message.view = seal.open(message.view);
        }
        self.calls.send(Call::Say { peer, message }).is_ok()
    }

    /// The client has sent a frame whose body is not what its op code says: the server tells it. Whether the server still runs.
    pub fn malformed(&self, id: RequestId, error: Malformed) -> bool {
        let peer = self.peer;
        self.calls.send(Call::Malformed { peer, id, error }).is_ok()
    }

    /// What the server has said already and nobody heard; none if that is all.
    pub fn hear_now(&mut self) -> Option<ToClient> {
        let response = self.incoming.try_recv().ok()?;
        Some(self.taken(response))
    }

    /// What the server says next; none once it has hung up.
    pub async fn hear(&mut self) -> Option<ToClient> {
        let response = self.incoming.recv().await?;
        Some(self.taken(response))
    }

    fn taken(&self, mut response: ToClient) -> ToClient {
        self.waiting
            .fetch_sub(about_bytes(&response), Ordering::Relaxed);
        if let Some(seal) = &self.views {
            response.view = seal.close(response.view);
        }
        response
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let peer = self.peer;
        // A server that has ended has no connections.
        let _ = self.calls.send(Call::Close { peer });
    }
}
