//! A relay on the way between two parties, as somebody in the network between them would run it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::codec::{FramedRead, FramedWrite, LengthDelimitedCodec};

use super::PATIENCE;

/// What becomes of a frame, without its length; made anew for each connection, and called for what the dialler sends.
pub(crate) type Tamper = Box<dyn FnMut(Bytes) -> Vec<Bytes> + Send>;

/// Passes everything on.
pub(crate) fn honest() -> Tamper {
    Box::new(|frame| vec![frame])
}

/// Whether a frame carries a message: its second byte is the kind.
pub(crate) fn carries_message(frame: &[u8]) -> bool {
    matches!(frame.get(1), Some(5..=7))
}

/// What all connections of a relay share.
struct Post {
    delay: Duration,
    /// Connections up to this number are no longer passed on.
    swallowed: AtomicU64,
    /// Frames with messages that were not passed on.
    messages: watch::Sender<u64>,
    /// Connections up to this number are ended.
    cut: watch::Sender<u64>,
    /// Connections there have been.
    connections: AtomicU64,
}

pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    post: Arc<Post>,
}

impl Relay {
    /// Listens on loopback for those who dial `to`, and lets all it passes on wait for `delay` on each way.
    pub(crate) async fn start(
        to: SocketAddr,
        delay: Duration,
        tamper: impl Fn() -> Tamper + Send + 'static,
    ) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let post = Arc::new(Post {
            delay,
            swallowed: AtomicU64::new(0),
            messages: watch::Sender::new(0),
            cut: watch::Sender::new(0),
            connections: AtomicU64::new(0),
        });
        let shared = Arc::clone(&post);
        tokio::spawn(async move {
            while let Ok((dialler, _)) = listener.accept().await {
                let number = shared.connections.fetch_add(1, Ordering::SeqCst) + 1;
                let (post, tamper) = (Arc::clone(&shared), tamper());
                tokio::spawn(async move {
                    if let Ok(listener) = TcpStream::connect(to).await {
                        post.pass(number, dialler, listener, tamper).await;
                    }
                });
            }
        });
        Relay { address, post }
    }

    /// Connections there have been.
    pub(crate) fn connections(&self) -> u64 {
        self.post.connections.load(Ordering::SeqCst)
    }

    /// From now on nothing passes on the connections that there are, though they stand.
    pub(crate) fn swallow(&self) {
        let all = self.connections();
        self.post.swallowed.store(all, Ordering::SeqCst);
    }

    /// Ends the connections that there are.
    pub(crate) fn cut(&self) {
        self.post.cut.send_replace(self.connections());
    }

    /// Waits until this number of frames with messages have been swallowed.
    pub(crate) async fn has_swallowed(&self, messages: u64) {
        let mut swallowed = self.post.messages.subscribe();
        let enough = timeout(PATIENCE, swallowed.wait_for(|count| *count >= messages));
        let enough = enough.await.expect("enough is swallowed");
        enough.expect("the relay lives");
    }
}

impl Post {
    /// Both directions of a connection, until one ends or all are cut.
    async fn pass(
        self: Arc<Post>,
        number: u64,
        dialler: TcpStream,
        listener: TcpStream,
        tamper: Tamper,
    ) {
        for stream in [&dialler, &listener] {
            stream.set_nodelay(true).expect("a stream");
        }
        let (from_dialler, to_dialler) = dialler.into_split();
        let (from_listener, to_listener) = listener.into_split();
        let mut cut = self.cut.subscribe();
        tokio::select! {
            () = self.one_way(number, from_dialler, to_listener, tamper) => {}
            () = self.one_way(number, from_listener, to_dialler, honest()) => {}
            _ = cut.wait_for(|cut| *cut >= number) => {}
        }
    }

    async fn one_way(
        &self,
        number: u64,
        from: OwnedReadHalf,
        to: OwnedWriteHalf,
        mut tamper: Tamper,
    ) {
        let mut frames = FramedRead::new(from, LengthDelimitedCodec::new());
        let mut to = FramedWrite::new(to, LengthDelimitedCodec::new());
        let (late, mut due) = mpsc::unbounded_channel::<(Instant, Bytes)>();
        let reading = async move {
            while let Some(Ok(frame)) = frames.next().await {
                let frame = frame.freeze();
                if self.swallowed.load(Ordering::SeqCst) >= number {
                    let message = u64::from(carries_message(&frame));
                    self.messages.send_modify(|count| *count += message);
                    continue;
                }
                for frame in tamper(frame) {
                    let _ = late.send((Instant::now() + self.delay, frame));
                }
            }
        };
        let writing = async {
            while let Some((at, frame)) = due.recv().await {
                sleep_until(at).await;
                // Once it is gone nothing reaches it; its own end is seen on the other way.
                let _ = to.send(frame).await;
            }
        };
        tokio::join!(reading, writing);
    }
}
