//! The full mesh: one connection for each pair of machines, and the doorman that lets nobody else in.
//!
//! Of each pair the machine with the higher id dials. A connection counts only after both ends have proved that they
//! belong to the run ([`super::handshake`]); until then it can cost a machine no more than a place among
//! [`STRANGERS_MAX`], [`super::handshake::HANDSHAKE_TIME_MAX`] and one frame of memory. When the places are taken the
//! oldest stranger goes, so that a silent crowd cannot keep a peer out.
//!
//! **Invariant.** For each peer there is at most one link, and one task owns its stream. Messages to a peer without a
//! link are counted, never queued: what is not delivered now is lost, as on a network.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use event_log::{JournalKind, MachineId};
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::codec::Framed;

use super::handshake::{self, Connection, Identity, Refusal};
use super::wire::{Frame, FrameCodec, WireError};

/// Connections that may be between accept and proof at one time.
pub const STRANGERS_MAX: usize = 256;
/// How long a peer may take to be reached at the start.
pub const CONNECT_TIME_MAX: Duration = Duration::from_secs(10);
/// Refusals told one by one; further ones are only counted.
const REFUSALS_TOLD: u64 = 20;
/// Frames in one write.
const BATCH_FRAMES_MAX: usize = 256;
const BACKOFF_FIRST: Duration = Duration::from_millis(10);
/// At the start everybody is about to answer, or crowded out for a moment.
const BACKOFF_START_MAX: Duration = Duration::from_millis(100);
const BACKOFF_MAX: Duration = Duration::from_secs(1);

/// What the mesh tells its machine.
#[derive(Debug)]
pub enum MeshEvent {
    /// A message has arrived.
    Message(MachineId, Bytes),
    /// A peer is connected.
    Connected(MachineId),
    /// A peer's connection has ended.
    Lost(MachineId),
    /// Something for the journal.
    Told(JournalKind, Option<MachineId>, String),
    /// A peer could not be reached at the start.
    Unreachable(MachineId, String),
}

/// Whoever hears the mesh's events; called from the mesh's own tasks, so it must not block.
pub type Listener = Arc<dyn Fn(MeshEvent) + Send + Sync>;

struct Peer {
    link: Mutex<Option<mpsc::UnboundedSender<Frame>>>,
    undelivered: AtomicU64,
}

impl Peer {
    fn link(&self) -> MutexGuard<'_, Option<mpsc::UnboundedSender<Frame>>> {
        // A poisoned lock guards a plain handle, which is whole whatever its holder did.
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Shared {
    me: Identity,
    peers: Vec<Peer>,
    redial: bool,
    refusals: AtomicU64,
    hear: Listener,
}

/// One machine's side of the mesh.
#[derive(Clone)]
pub struct Mesh {
    shared: Arc<Shared>,
}

impl Mesh {
    /// A machine without links yet. With `redial` it tries to reach lost peers again.
    pub fn new(me: Identity, redial: bool, hear: Listener) -> Mesh {
        let peers = (0..me.machines)
            .map(|_| Peer {
                link: Mutex::new(None),
                undelivered: AtomicU64::new(0),
            })
            .collect();
        Mesh {
            shared: Arc::new(Shared {
                me,
                peers,
                redial,
                refusals: AtomicU64::new(0),
                hear,
            }),
        }
    }

    /// Hands a message to a peer's link; counts it as undelivered when there is none.
    pub fn send(&self, to: MachineId, message: Bytes) {
        let peer = &self.shared.peers[to.index()];
        let sent = match &*peer.link() {
            Some(link) => link.send(Frame::Message(message)).is_ok(),
            None => false,
        };
        if !sent {
            peer.undelivered.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Messages that found no link, by peer, since the start.
    pub fn undelivered(&self) -> Vec<(MachineId, u64)> {
        let counts = self.shared.peers.iter().zip(0..);
        counts
            .map(|(peer, id)| (MachineId(id), peer.undelivered.load(Ordering::Relaxed)))
            .filter(|&(_, count)| count > 0)
            .collect()
    }

    /// Connections turned away beyond those told one by one.
    pub fn refusals_untold(&self) -> u64 {
        let refusals = self.shared.refusals.load(Ordering::Relaxed);
        refusals.saturating_sub(REFUSALS_TOLD)
    }

    /// Lets peers in and strangers not, until the runtime ends.
    pub async fn accept(self, listener: TcpListener) {
        let mut strangers: VecDeque<AbortHandle> = VecDeque::new();
        loop {
            let (stream, address) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of descriptors, say: the flood will pass, the listener stays.
                    self.refused(
                        None,
                        &format!("a connection could not be accepted: {error}"),
                    );
                    sleep(BACKOFF_FIRST).await;
                    continue;
                }
            };
            strangers.retain(|stranger| !stranger.is_finished());
            if strangers.len() >= STRANGERS_MAX
                && let Some(oldest) = strangers.pop_front()
            {
                oldest.abort();
                self.refused(None, &Refusal::Crowded.to_string());
            }
            let mesh = self.clone();
            let task = tokio::spawn(async move { mesh.meet(stream, address).await });
            strangers.push_back(task.abort_handle());
            // A burst is accepted without a pause; those who came must have a chance to speak before they are old.
            tokio::task::yield_now().await;
        }
    }

    async fn meet(self, stream: TcpStream, address: SocketAddr) {
        let mut connection = frames(stream);
        let met = handshake::listen(&mut connection, &self.shared.me).await;
        let welcomed = met.and_then(|peer| self.welcome(peer, connection));
        if let Err(refusal) = welcomed {
            self.refused(Some(address), &refusal.to_string());
        }
    }

    /// Takes the place of a proven peer, then tells it so; of two connections with one id only one is welcome. From here
    /// on the link has a task of its own: the one that met it may be ended as a stranger's at any await.
    fn welcome(&self, peer: MachineId, mut connection: Connection) -> Result<(), Refusal> {
        let frames = self.claim(peer).ok_or(Refusal::Duplicate(peer))?;
        let mesh = self.clone();
        tokio::spawn(async move {
            match connection.send(Frame::Welcome).await {
                Ok(()) => mesh.converse(peer, connection, frames).await,
                Err(_) => mesh.release(peer, frames, 0),
            }
        });
        Ok(())
    }

    fn claim(&self, peer: MachineId) -> Option<mpsc::UnboundedReceiver<Frame>> {
        let mut link = self.shared.peers[peer.index()].link();
        if link.is_some() {
            return None;
        }
        let (sender, frames) = mpsc::unbounded_channel();
        *link = Some(sender);
        Some(frames)
    }

    /// Gives a place free; what is left in its channel, and the `unsent` taken from it, is lost.
    fn release(&self, peer: MachineId, mut frames: mpsc::UnboundedReceiver<Frame>, unsent: u64) {
        let place = &self.shared.peers[peer.index()];
        *place.link() = None;
        let mut left = unsent;
        while frames.try_recv().is_ok() {
            left += 1;
        }
        place.undelivered.fetch_add(left, Ordering::Relaxed);
    }

    fn refused(&self, address: Option<SocketAddr>, why: &str) {
        if self.shared.refusals.fetch_add(1, Ordering::Relaxed) < REFUSALS_TOLD {
            let from = address.map_or_else(String::new, |address| format!("{address}: "));
            self.tell(JournalKind::Refused, None, format!("{from}{why}"));
        }
    }

    fn tell(&self, kind: JournalKind, peer: Option<MachineId>, detail: String) {
        (self.shared.hear)(MeshEvent::Told(kind, peer, detail));
    }

    /// Reaches every peer with a lower id, and again when lost if this mesh redials.
    pub fn dial_all(&self, addresses: &[SocketAddr]) {
        for (id, &address) in (0..self.shared.me.machine.0).zip(addresses) {
            tokio::spawn(self.clone().keep_linked(MachineId(id), address));
        }
    }

    async fn keep_linked(self, peer: MachineId, address: SocketAddr) {
        let deadline = Instant::now() + CONNECT_TIME_MAX;
        let mut first = true;
        loop {
            let connection = if first {
                match timeout_at(deadline, self.dial(peer, address, Some(deadline))).await {
                    Ok(Ok(connection)) => connection,
                    Ok(Err(problem)) => return self.unreachable(peer, address, &problem),
                    Err(_) => return self.unreachable(peer, address, "no answer"),
                }
            } else {
                match self.dial(peer, address, None).await {
                    Ok(connection) => connection,
                    Err(_) => return,
                }
            };
            if let Some(frames) = self.claim(peer) {
                if !first {
                    self.tell(JournalKind::Reconnected, Some(peer), address.to_string());
                }
                first = false;
                self.clone().converse(peer, connection, frames).await;
            }
            if !self.shared.redial {
                return;
            }
        }
    }

    fn unreachable(&self, peer: MachineId, address: SocketAddr, problem: &str) {
        let problem = format!(
            "machine {peer} at {address} did not answer within {} s: {problem}",
            CONNECT_TIME_MAX.as_secs()
        );
        (self.shared.hear)(MeshEvent::Unreachable(peer, problem));
    }

    /// Tries until the peer answers, waiting longer after each failure; with a deadline it reports the last failure.
    async fn dial(
        &self,
        peer: MachineId,
        address: SocketAddr,
        deadline: Option<Instant>,
    ) -> Result<Connection, String> {
        let mut backoff = BACKOFF_FIRST;
        loop {
            let problem = match TcpStream::connect(address).await {
                Err(error) => error.to_string(),
                Ok(stream) => {
                    let mut connection = frames(stream);
                    match handshake::dial(&mut connection, &self.shared.me, peer).await {
                        Ok(()) => return Ok(connection),
                        Err(refusal) => refusal.to_string(),
                    }
                }
            };
            if deadline.is_some_and(|deadline| Instant::now() + backoff >= deadline) {
                return Err(problem);
            }
            sleep(backoff).await;
            let longest = if deadline.is_some() {
                BACKOFF_START_MAX
            } else {
                BACKOFF_MAX
            };
            backoff = (backoff * 2).min(longest);
        }
    }

    /// Owns the stream of a link until it ends.
    async fn converse(
        self,
        peer: MachineId,
        connection: Connection,
        mut frames: mpsc::UnboundedReceiver<Frame>,
    ) {
        let hear = &self.shared.hear;
        hear(MeshEvent::Connected(peer));
        let (mut sink, mut stream) = connection.split();
        let reading = async {
            loop {
                match stream.next().await {
                    Some(Ok(Frame::Message(message))) => hear(MeshEvent::Message(peer, message)),
                    Some(Ok(_)) => break "it spoke out of turn".to_owned(),
                    Some(Err(error)) => break error.to_string(),
                    None => break "it closed the connection".to_owned(),
                }
            }
        };
        let unsent = AtomicU64::new(0);
        // Both at once: two ends that write to each other without reading would wait for ever.
        let ended = tokio::select! {
            ended = reading => ended,
            error = write_all(&mut sink, &mut frames, &unsent) => error.to_string(),
        };
        self.release(peer, frames, unsent.into_inner());
        self.tell(JournalKind::Lost, Some(peer), ended);
        hear(MeshEvent::Lost(peer));
    }
}

/// Sends frames until the connection fails, all that wait in one write; `unsent` counts those taken but not flushed.
async fn write_all<S>(
    sink: &mut S,
    frames: &mut mpsc::UnboundedReceiver<Frame>,
    unsent: &AtomicU64,
) -> WireError
where
    S: futures_util::Sink<Frame, Error = WireError> + Unpin,
{
    let mut batch = Vec::new();
    loop {
        let count = frames.recv_many(&mut batch, BATCH_FRAMES_MAX).await;
        unsent.store(count as u64, Ordering::Relaxed);
        for frame in batch.drain(..) {
            if let Err(error) = sink.feed(frame).await {
                return error;
            }
        }
        if let Err(error) = sink.flush().await {
            return error;
        }
        unsent.store(0, Ordering::Relaxed);
    }
}

fn frames(stream: TcpStream) -> Connection {
    // Messages are small and each matters now; without this they would wait for one another.
    let _ = stream.set_nodelay(true);
    Framed::new(stream, FrameCodec::default())
}

/// Binds a machine's listener.
///
/// # Errors
///
/// Says which address, what the system said, and what to do.
pub async fn bind(host: &str, port: u16) -> Result<TcpListener, String> {
    TcpListener::bind((host, port)).await.map_err(|error| {
        let advice = match error.kind() {
            io::ErrorKind::AddrInUse => {
                "another program listens there: choose another port, or port 0 to let the system choose"
            }
            io::ErrorKind::AddrNotAvailable => {
                "this host has no such address: machines run on this host, so name one of its own"
            }
            io::ErrorKind::PermissionDenied => "ports below 1024 are reserved: choose a higher one",
            _ => "check host and port in the configuration",
        };
        format!("cannot listen on {host}:{port}: {error}; {advice}")
    })
}
