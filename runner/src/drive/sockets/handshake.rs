//! Proof that both ends of a connection belong to the run.
//!
//! Both know the run's secret, which the coordinator handed them; neither sends it. Each proves it by a keyed hash
//! (HMAC-SHA-256) over trial, both parties, both nonces, the round trip and its role, compared in constant time. The nonces
//! keep an old proof from being used again, the role keeps one side's proof from being echoed as the other's. From the same
//! words and two further roles both derive a key for each direction, and from the welcome on every frame is sealed
//! ([`seal`]).
//!
//! ```text
//! dialler                                      listener
//!   hello(trial, from, to, nonce, round trip) →
//!                                              ← challenge(nonce, proof)
//!   proof(proof)                              →
//!                                              ← welcome(received), sealed
//! ```
//!
//! The distance of the other end decides how long an end waits. The dialler measures the round trip: the time until it is
//! connected, and the time until the challenge. Its hello carries the longest so far, and each end waits for
//! [`STEP_TIME_MIN`] and two round trips. If the listener is farther than expected, behind a relay say, the dialler is late
//! once and knows better the next time. A listener believes no more than [`ROUND_TRIP_MAX`]; a silent connection has named
//! no distance and ends after [`STEP_TIME_MIN`].

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::time::Duration;

use event_log::Party;
use futures_util::{SinkExt, Stream, StreamExt};
use hmac::{Hmac, KeyInit, Mac};
use seal::Seal;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_util::codec::Framed;

use super::wire::{Frame, FrameCodec, Nonce, Proof, WireError, party_number};

/// How long a connection may take to say hello, and how long any step may take beyond two round trips.
pub const STEP_TIME_MIN: Duration = Duration::from_secs(3);
/// The longest round trip that a listener believes in: 2 s each way, and some.
pub const ROUND_TRIP_MAX: Duration = Duration::from_secs(5);

/// How long a step may take between ends at this distance.
fn step_time(round_trip: Duration) -> Duration {
    STEP_TIME_MIN + 2 * round_trip.min(ROUND_TRIP_MAX)
}

/// A connection that speaks frames.
pub type Connection = Framed<TcpStream, FrameCodec>;

/// The secret that all parties of a run share.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret([u8; 32]);

impl Secret {
    /// A fresh secret from the operating system.
    ///
    /// # Errors
    ///
    /// When the operating system has no random numbers.
    pub fn fresh() -> io::Result<Secret> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(io::Error::other)?;
        Ok(Secret(secret))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Who this end is.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The run's secret.
    pub secret: Secret,
    /// Number of the trial.
    pub trial: u64,
    /// Who it is.
    pub party: Party,
    /// The parties that it has links with.
    pub peers: BTreeSet<Party>,
}

/// Why a connection is refused.
#[derive(Debug, Error)]
pub enum Refusal {
    /// It did not speak the wire format.
    #[error("not our wire format: {0}")]
    Wire(#[from] WireError),
    /// It said nothing, or too slowly.
    #[error("silent or too slow: no {expected} within {:.1} s", within.as_secs_f64())]
    Silent {
        /// The expected frame.
        expected: &'static str,
        /// The time that it had.
        within: Duration,
    },
    /// It closed the connection before the handshake was over.
    #[error("closed before the handshake was complete")]
    Closed,
    /// It sent another frame than the expected one.
    #[error("expected a {expected} frame")]
    OutOfTurn {
        /// The expected frame.
        expected: &'static str,
    },
    /// It wants another trial or another party.
    #[error("wants {to} of trial {trial}")]
    WrongAddressee {
        /// The trial it named.
        trial: u64,
        /// The party it named.
        to: Party,
    },
    /// It claims to be a party that is no peer, or that does not dial here.
    #[error("claims to be {0}, which has no business here")]
    NoSuchPeer(Party),
    /// It does not know the secret.
    #[error("claims to be {0} and cannot prove it")]
    Unproven(Party),
    /// It proved to be a peer that is connected already.
    #[error("a second connection as {0}, which is connected already")]
    Duplicate(Party),
    /// Too many strangers at once; the oldest had to go.
    #[error("crowded out by newer connections")]
    Crowded,
}

/// Introduces this end as the dialler; on success the listener is `to`, and says how many messages it has received from
/// here before. `round_trip` is the longest measured so far; a longer one replaces it, on failure too.
///
/// # Errors
///
/// [`Refusal`] when the other end does not prove itself in time.
pub async fn dial(
    connection: &mut Connection,
    me: &Identity,
    to: Party,
    round_trip: &mut Duration,
) -> Result<u64, Refusal> {
    let nonce = fresh_nonce()?;
    let mut claim = Claim {
        from: me.party,
        to,
        nonces: [nonce; 2],
        round_trip_ms: u32::try_from(round_trip.as_millis()).unwrap_or(u32::MAX),
    };
    let hello = Frame::Hello {
        trial: me.trial,
        from: claim.from,
        to,
        nonce,
        round_trip_ms: claim.round_trip_ms,
    };
    connection.send(hello).await?;
    let asked = Instant::now();
    // Whom to wait for was this end's own choice, and how far it is nobody has measured yet.
    let answered = next(connection, "challenge", step_time(ROUND_TRIP_MAX)).await;
    *round_trip = asked.elapsed().max(*round_trip);
    let Frame::Challenge {
        nonce: theirs,
        proof,
    } = answered?
    else {
        return Err(Refusal::OutOfTurn {
            expected: "challenge",
        });
    };
    claim.nonces[1] = theirs;
    if !claim.proves(me, Role::Listener, &proof) {
        return Err(Refusal::Unproven(to));
    }
    let proof = claim.proof(me, Role::Dialler);
    connection.send(Frame::Proof(proof)).await?;
    let [outgoing, incoming] = claim.seals(me);
    connection.codec_mut().seal(outgoing, incoming);
    match next(connection, "welcome", step_time(*round_trip)).await? {
        Frame::Welcome { received } => Ok(received),
        _ => Err(Refusal::OutOfTurn {
            expected: "welcome",
        }),
    }
}

/// Takes the handshake of a dialler up to its proof; the caller then sends [`Frame::Welcome`] or closes. From then on frames
/// are sealed.
///
/// # Errors
///
/// [`Refusal`] says why the dialler is not a peer.
pub async fn listen(connection: &mut Connection, me: &Identity) -> Result<Party, Refusal> {
    let Frame::Hello {
        trial,
        from,
        to,
        nonce,
        round_trip_ms,
    } = next(connection, "hello", STEP_TIME_MIN).await?
    else {
        return Err(Refusal::OutOfTurn { expected: "hello" });
    };
    if trial != me.trial || to != me.party {
        return Err(Refusal::WrongAddressee { trial, to });
    }
    // Of each pair the greater dials.
    if from <= me.party || !me.peers.contains(&from) {
        return Err(Refusal::NoSuchPeer(from));
    }
    let ours = fresh_nonce()?;
    let claim = Claim {
        from,
        to,
        nonces: [nonce, ours],
        round_trip_ms,
    };
    let proof = claim.proof(me, Role::Listener);
    connection
        .send(Frame::Challenge { nonce: ours, proof })
        .await?;
    let round_trip = Duration::from_millis(round_trip_ms.into());
    let Frame::Proof(proof) = next(connection, "proof", step_time(round_trip)).await? else {
        return Err(Refusal::OutOfTurn { expected: "proof" });
    };
    if !claim.proves(me, Role::Dialler, &proof) {
        return Err(Refusal::Unproven(from));
    }
    let [incoming, outgoing] = claim.seals(me);
    connection.codec_mut().seal(outgoing, incoming);
    Ok(from)
}

/// The next frame, if it comes in time.
async fn next<S>(frames: &mut S, expected: &'static str, within: Duration) -> Result<Frame, Refusal>
where
    S: Stream<Item = Result<Frame, WireError>> + Unpin,
{
    let next = timeout(within, frames.next()).await;
    let next = next.map_err(|_| Refusal::Silent { expected, within })?;
    Ok(next.ok_or(Refusal::Closed)??)
}

fn fresh_nonce() -> Result<Nonce, WireError> {
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce).map_err(io::Error::other)?;
    Ok(nonce)
}

/// The purpose of a keyed hash: a hash for one purpose is worth nothing for another.
#[derive(Clone, Copy)]
enum Role {
    Dialler,
    Listener,
    /// The key of the frames that the dialler sends.
    Outward,
    /// The key of the frames that the listener sends.
    Homeward,
}

impl Role {
    fn name(self) -> &'static [u8] {
        match self {
            Role::Dialler => b"driftlab dialler",
            Role::Listener => b"driftlab listener",
            Role::Outward => b"driftlab dialler's frames",
            Role::Homeward => b"driftlab listener's frames",
        }
    }
}

/// The words that proofs and keys are made from.
struct Claim {
    from: Party,
    to: Party,
    nonces: [Nonce; 2],
    round_trip_ms: u32,
}

impl Claim {
    fn hash(&self, me: &Identity, role: Role) -> Hmac<Sha256> {
        let mut hash = Hmac::<Sha256>::new_from_slice(&me.secret.0)
            .expect("a key of any length will do for HMAC");
        hash.update(role.name());
        hash.update(&me.trial.to_be_bytes());
        hash.update(&party_number(self.from).to_be_bytes());
        hash.update(&party_number(self.to).to_be_bytes());
        hash.update(&self.nonces[0]);
        hash.update(&self.nonces[1]);
        hash.update(&self.round_trip_ms.to_be_bytes());
        hash
    }

    fn proof(&self, me: &Identity, role: Role) -> Proof {
        self.hash(me, role).finalize().into_bytes().into()
    }

    /// Compares in constant time.
    fn proves(&self, me: &Identity, role: Role, proof: &Proof) -> bool {
        self.hash(me, role).verify_slice(proof).is_ok()
    }

    /// The seals of the dialler's frames, and of the listener's.
    fn seals(&self, me: &Identity) -> [Seal; 2] {
        [Role::Outward, Role::Homeward].map(|role| {
            let hash = self.proof(me, role);
            let (key, _) = hash
                .split_first_chunk()
                .expect("a hash is longer than a key");
            Seal::new(key)
        })
    }
}
