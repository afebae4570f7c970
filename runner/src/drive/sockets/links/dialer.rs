//! Reaching peers: at the start within a deadline, after a loss for as long as it takes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use event_log::Party;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::codec::FramedParts;

use super::super::handshake;
use super::super::wire::Frame;
use super::talk::Talk;
use super::{BACKOFF_FIRST, LinkEvent, Links, frames};

/// How long a peer may fail to be reached at the start before it is given up, and how long one attempt may wait for a
/// connection. An attempt that has found the peer there has the time that a handshake takes between ends so far apart.
pub const CONNECT_TIME_MAX: Duration = Duration::from_secs(10);
/// Peers dialled at one time at the start: if all machines dialled all at once, most would hang up on handshakes that
/// nobody has come to answer yet, and begin anew.
const DIALS_MAX: usize = 8;
/// At the start everybody is about to answer, or crowded out for a moment.
const BACKOFF_START_MAX: Duration = Duration::from_millis(100);
const BACKOFF_MAX: Duration = Duration::from_secs(1);

/// A peer to be dialled.
struct Target {
    peer: Party,
    address: SocketAddr,
    /// The longest round trip that has been measured.
    round_trip: Duration,
}

impl Links {
    /// Reaches every peer that is smaller than this party, and again when lost if these links redial.
    pub fn dial_all(&self, addresses: &[(Party, SocketAddr)]) {
        let me = &self.shared.me;
        let turns = Arc::new(Semaphore::new(DIALS_MAX));
        for &(peer, address) in addresses {
            if peer < me.party && me.peers.contains(&peer) {
                let target = Target {
                    peer,
                    address,
                    round_trip: Duration::ZERO,
                };
                tokio::spawn(self.clone().keep_linked(target, Arc::clone(&turns)));
            }
        }
    }

    async fn keep_linked(self, mut target: Target, turns: Arc<Semaphore>) {
        let Some(mut talk) = self.first_dial(&mut target, &turns).await else {
            return;
        };
        let mut pause = BACKOFF_FIRST;
        loop {
            let begun = Instant::now();
            let over = self.clone().converse(target.peer, talk).await;
            if over || !self.shared.redial {
                return;
            }
            // Somebody on the way who ends every connection at once must not keep this process busy.
            if begun.elapsed() < BACKOFF_MAX {
                sleep(pause).await;
                pause = (pause * 2).min(BACKOFF_MAX);
            } else {
                pause = BACKOFF_FIRST;
            }
            talk = match self.dial(&mut target, None).await {
                Ok(talk) => Talk {
                    again: true,
                    ..talk
                },
                Err(_) => return,
            };
        }
    }

    /// Waits for its turn, then reaches a peer or says that it cannot be reached.
    async fn first_dial(&self, target: &mut Target, turns: &Semaphore) -> Option<Talk> {
        let _turn = turns.acquire().await.ok()?;
        let begun = Instant::now();
        match self.dial(target, Some(begun + CONNECT_TIME_MAX)).await {
            Ok(talk) => Some(talk),
            Err(problem) => {
                let Target { peer, address, .. } = *target;
                let seconds = begun.elapsed().as_secs();
                let problem =
                    format!("{peer} at {address} did not answer within {seconds} s: {problem}");
                self.hear(LinkEvent::Unreachable(peer, problem));
                None
            }
        }
    }

    /// Tries until the peer answers, waiting longer after each failure; after a deadline it tries no more and reports the
    /// last failure.
    async fn dial(&self, target: &mut Target, deadline: Option<Instant>) -> Result<Talk, String> {
        let mut backoff = BACKOFF_FIRST;
        loop {
            let problem = match self.attempt(target).await {
                Ok(talk) => return Ok(talk),
                Err(problem) => problem,
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

    /// Dials once, and takes the peer's place.
    async fn attempt(&self, target: &mut Target) -> Result<Talk, String> {
        let begun = Instant::now();
        let stream = timeout(CONNECT_TIME_MAX, TcpStream::connect(target.address)).await;
        let stream = stream
            .map_err(|_| "no answer".to_owned())?
            .map_err(|error| error.to_string())?;
        target.round_trip = begun.elapsed().max(target.round_trip);
        let mut connection = frames(stream);
        let (me, peer) = (&self.shared.me, target.peer);
        let received = handshake::dial(&mut connection, me, peer, &mut target.round_trip).await;
        let received = received.map_err(|refusal| refusal.to_string())?;
        let FramedParts {
            io,
            codec,
            read_buf,
            ..
        } = connection.into_parts();
        let (encoder, codec) = codec.split();
        let tally = |received| Frame::Tally { received };
        let place = self.shared.peers.get(&peer);
        if !place.is_some_and(|place| place.claim(encoder, tally)) {
            return Err("it is connected already".to_owned());
        }
        Ok(Talk {
            stream: io,
            codec,
            bytes: read_buf,
            received: Some(received),
            again: false,
        })
    }
}
