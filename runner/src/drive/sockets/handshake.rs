//! Proof that both ends of a connection belong to the run.
//!
//! Both know the run's secret, which the coordinator handed them; neither sends it. Each proves it by a keyed hash
//! (HMAC-SHA-256) over trial, both parties, both nonces and its role, compared in constant time. The nonces keep an old
//! proof from being used again, the role keeps one side's proof from being echoed as the other's.
//!
//! ```text
//! dialler                          listener
//!   hello(trial, from, to, nonce) →
//!                                  ← challenge(nonce, proof)
//!   proof(proof)                  →
//!                                  ← welcome
//! ```

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::time::Duration;

use event_log::Party;
use futures_util::{SinkExt, Stream, StreamExt};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::codec::Framed;

use super::wire::{Frame, FrameCodec, Nonce, Proof, WireError, party_number};

/// How long a stranger, or a peer, has for the whole handshake.
pub const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(2);

/// A connection that speaks frames.
pub type Connection = Framed<TcpStream, FrameCodec>;

/// What all parties of a run know and nobody else does.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret([u8; 32]);

impl Secret {
    /// A fresh secret from the operating system.
    ///
    /// # Errors
    ///
    /// When the operating system has no chance to give.
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
    /// Whom it has links with.
    pub peers: BTreeSet<Party>,
}

/// Why a connection was turned away.
#[derive(Debug, Error)]
pub enum Refusal {
    /// It did not speak the wire format.
    #[error("not our wire format: {0}")]
    Wire(#[from] WireError),
    /// It said nothing, or too slowly.
    #[error("silent or too slow: no complete handshake within {} s", HANDSHAKE_TIME_MAX.as_secs())]
    Silent,
    /// It closed the connection before the handshake was over.
    #[error("closed before the handshake was complete")]
    Closed,
    /// It spoke out of turn.
    #[error("expected a {expected} frame")]
    OutOfTurn {
        /// What should have come.
        expected: &'static str,
    },
    /// It wants another trial or another party.
    #[error("wants {to} of trial {trial}")]
    WrongDoor {
        /// The trial it named.
        trial: u64,
        /// The party it named.
        to: Party,
    },
    /// It claims to be one who is no peer, or does not dial here.
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

/// Introduces this end as the dialler; on success the listener is `to`.
///
/// # Errors
///
/// [`Refusal`] when the other end does not prove itself in time.
pub async fn dial(connection: &mut Connection, me: &Identity, to: Party) -> Result<(), Refusal> {
    let exchange = async {
        let nonce = fresh_nonce()?;
        let from = me.party;
        let trial = me.trial;
        connection
            .send(Frame::Hello {
                trial,
                from,
                to,
                nonce,
            })
            .await?;
        let Frame::Challenge {
            nonce: theirs,
            proof,
        } = next(connection).await?
        else {
            return Err(Refusal::OutOfTurn {
                expected: "challenge",
            });
        };
        let claim = Claim {
            from,
            to,
            nonces: [nonce, theirs],
        };
        if !claim.proves(me, Role::Listener, &proof) {
            return Err(Refusal::Unproven(to));
        }
        connection
            .send(Frame::Proof(claim.proof(me, Role::Dialler)))
            .await?;
        match next(connection).await? {
            Frame::Welcome => Ok(()),
            _ => Err(Refusal::OutOfTurn {
                expected: "welcome",
            }),
        }
    };
    timeout(HANDSHAKE_TIME_MAX, exchange)
        .await
        .unwrap_or(Err(Refusal::Silent))
}

/// Hears out a dialler up to its proof; the caller then sends [`Frame::Welcome`] or closes.
///
/// # Errors
///
/// [`Refusal`] says why the dialler is not a peer.
pub async fn listen(connection: &mut Connection, me: &Identity) -> Result<Party, Refusal> {
    let exchange = async {
        let Frame::Hello {
            trial,
            from,
            to,
            nonce,
        } = next(connection).await?
        else {
            return Err(Refusal::OutOfTurn { expected: "hello" });
        };
        if trial != me.trial || to != me.party {
            return Err(Refusal::WrongDoor { trial, to });
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
        };
        let proof = claim.proof(me, Role::Listener);
        connection
            .send(Frame::Challenge { nonce: ours, proof })
            .await?;
        let Frame::Proof(proof) = next(connection).await? else {
            return Err(Refusal::OutOfTurn { expected: "proof" });
        };
        if claim.proves(me, Role::Dialler, &proof) {
            Ok(from)
        } else {
            Err(Refusal::Unproven(from))
        }
    };
    timeout(HANDSHAKE_TIME_MAX, exchange)
        .await
        .unwrap_or(Err(Refusal::Silent))
}

async fn next<S>(frames: &mut S) -> Result<Frame, Refusal>
where
    S: Stream<Item = Result<Frame, WireError>> + Unpin,
{
    Ok(frames.next().await.ok_or(Refusal::Closed)??)
}

fn fresh_nonce() -> Result<Nonce, WireError> {
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce).map_err(io::Error::other)?;
    Ok(nonce)
}

#[derive(Clone, Copy)]
enum Role {
    Dialler,
    Listener,
}

/// What a proof is about.
struct Claim {
    from: Party,
    to: Party,
    nonces: [Nonce; 2],
}

impl Claim {
    fn hash(&self, me: &Identity, role: Role) -> Hmac<Sha256> {
        let mut hash = Hmac::<Sha256>::new_from_slice(&me.secret.0)
            .expect("a key of any length will do for HMAC");
        let role: &[u8] = match role {
            Role::Dialler => b"driftlab dialler",
            Role::Listener => b"driftlab listener",
        };
        hash.update(role);
        hash.update(&me.trial.to_be_bytes());
        hash.update(&party_number(self.from).to_be_bytes());
        hash.update(&party_number(self.to).to_be_bytes());
        hash.update(&self.nonces[0]);
        hash.update(&self.nonces[1]);
        hash
    }

    fn proof(&self, me: &Identity, role: Role) -> Proof {
        self.hash(me, role).finalize().into_bytes().into()
    }

    /// Compares in constant time.
    fn proves(&self, me: &Identity, role: Role, proof: &Proof) -> bool {
        self.hash(me, role).verify_slice(proof).is_ok()
    }
}
