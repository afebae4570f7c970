//! The listener: it lets peers in and turns strangers away.
//!
//! Until it has proved itself, a connection can cost no more than a place among [`STRANGERS_MAX`], 16 s and one frame of
//! memory. When the places are taken the oldest stranger goes, so that a silent crowd cannot keep a peer out.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;

use event_log::{JournalKind, Party};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use tokio::time::sleep;

use tokio_util::codec::FramedParts;

use super::super::handshake::{self, Connection, Refusal};
use super::super::wire::Frame;
use super::talk::Talk;
use super::{BACKOFF_FIRST, Links, frames};

/// The most connections between accept and proof at one time.
pub const STRANGERS_MAX: usize = 256;

impl Links {
    /// Accepts peers and refuses strangers, until the runtime ends.
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
            let links = self.clone();
            let task = tokio::spawn(async move { links.meet(stream, address).await });
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

    /// Takes the place of a proven peer, with a welcome as its first frame; of two connections of one party only one is
    /// welcome. From here on the link has a task of its own: the task that accepted it may be aborted as a stranger's at any
    /// await.
    fn welcome(&self, peer: Party, connection: Connection) -> Result<(), Refusal> {
        let FramedParts {
            io,
            codec,
            read_buf,
            ..
        } = connection.into_parts();
        let (encoder, codec) = codec.split();
        let place = self.shared.peers.get(&peer);
        let welcome = |received| Frame::Welcome { received };
        if !place.is_some_and(|place| place.claim(encoder, welcome)) {
            return Err(Refusal::Duplicate(peer));
        }
        let talk = Talk {
            stream: io,
            codec,
            bytes: read_buf,
            received: None,
            again: false,
        };
        tokio::spawn(self.clone().converse(peer, talk));
        Ok(())
    }

    fn refused(&self, address: Option<SocketAddr>, why: &str) {
        if self.shared.refusals.admits() {
            let from = address.map_or_else(String::new, |address| format!("{address}: "));
            self.report(JournalKind::Refused, None, format!("{from}{why}"));
        }
    }
}

/// Binds a listener.
///
/// # Errors
///
/// The address, the words of the system, and what to do.
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
