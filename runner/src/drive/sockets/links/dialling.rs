//! Reaching peers: at the start within a deadline, later, when one was lost, for as long as it takes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use event_log::{JournalKind, Party};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout_at};

use super::super::handshake::{self, Connection};
use super::{BACKOFF_FIRST, LinkEvent, Links, frames};

/// How long a peer may take to be reached at the start.
pub const CONNECT_TIME_MAX: Duration = Duration::from_secs(10);
/// Peers dialled at one time at the start: if all machines dialled all at once, most would hang up on handshakes that
/// nobody has come to answer yet, and begin anew.
const DIALS_MAX: usize = 8;
/// At the start everybody is about to answer, or crowded out for a moment.
const BACKOFF_START_MAX: Duration = Duration::from_millis(100);
const BACKOFF_MAX: Duration = Duration::from_secs(1);

impl Links {
    /// Reaches every peer that is smaller than this party, and again when lost if these links redial.
    pub fn dial_all(&self, addresses: &[(Party, SocketAddr)]) {
        let me = &self.shared.me;
        let turns = Arc::new(Semaphore::new(DIALS_MAX));
        for &(peer, address) in addresses {
            if peer < me.party && me.peers.contains(&peer) {
                tokio::spawn(self.clone().keep_linked(peer, address, Arc::clone(&turns)));
            }
        }
    }

    async fn keep_linked(self, peer: Party, address: SocketAddr, turns: Arc<Semaphore>) {
        let Some(mut connection) = self.first_dial(peer, address, &turns).await else {
            return;
        };
        let mut first = true;
        loop {
            if self.claim(peer) {
                if !first {
                    self.tell(JournalKind::Reconnected, Some(peer), address.to_string());
                }
                first = false;
                self.clone().converse(peer, connection).await;
            }
            if !self.shared.redial {
                return;
            }
            connection = match self.dial(peer, address, None).await {
                Ok(connection) => connection,
                Err(_) => return,
            };
        }
    }

    /// Waits for its turn, then reaches a peer or says that it cannot be reached.
    async fn first_dial(
        &self,
        peer: Party,
        address: SocketAddr,
        turns: &Semaphore,
    ) -> Option<Connection> {
        let _turn = turns.acquire().await.ok()?;
        let deadline = Instant::now() + CONNECT_TIME_MAX;
        match timeout_at(deadline, self.dial(peer, address, Some(deadline))).await {
            Ok(Ok(connection)) => return Some(connection),
            Ok(Err(problem)) => self.unreachable(peer, address, &problem),
            Err(_) => self.unreachable(peer, address, "no answer"),
        }
        None
    }

    fn unreachable(&self, peer: Party, address: SocketAddr, problem: &str) {
        let problem = format!(
            "{peer} at {address} did not answer within {} s: {problem}",
            CONNECT_TIME_MAX.as_secs()
        );
        self.hear(LinkEvent::Unreachable(peer, problem));
    }

    /// Tries until the peer answers, waiting longer after each failure; with a deadline it reports the last failure.
    async fn dial(
        &self,
        peer: Party,
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
}
