//! Proof that both ends of a connection are servers of one cluster.
//!
//! Both know the cluster's secret; neither sends it. Each proves it by a keyed hash (HMAC-SHA-256) over all that both have
//! said, and its role; hashes are compared in constant time. The nonces keep an old proof from being used again, the role keeps
//! one side's proof from being echoed as the other's. From the same words and two further roles both derive a key for each
//! direction, with which frames are sealed from then on.
//!
//! ```text
//! dialler                                                            listener
//!   hello(magic, version, cluster, settings, from, to, nonce) →
//!                                  ← challenge(magic, version, verdict, settings, nonce, proof)
//!   proof →
//!                                                            ← an empty message, sealed
//! ```
//!
//! All of it has fixed lengths: nothing is kept on the word of somebody who has not proved anything. The verdict is 0, or why
//! the listener will not go on: another version, another cluster, other settings that all servers must have alike, or a number
//! that has no business here. It says so before any proof, because none of it is secret and an operator needs to know.
//!
//! **Invariant.** Whoever is let in knows the secret, and says which server it is.

use std::fmt;
use std::io;

use chat::identity::ServerId;
use hmac::{Hmac, KeyInit, Mac};
use seal::Seal;
use sha2::Sha256;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use uuid::Uuid;

use crate::secret::Secret;
use crate::transport::problem::problem_of;

/// The version of what links speak.
pub const LINK_VERSION: u16 = 1;
/// What a link begins with.
const MAGIC: [u8; 8] = *b"chatlink";

const HELLO_BYTES: usize = 8 + 2 + 16 + 32 + 4 + 4 + 16;
const CHALLENGE_BYTES: usize = 8 + 2 + 1 + 32 + 16 + 32;
const PROOF_BYTES: usize = 32;

/// Which server of which cluster this is.
#[derive(Clone, Debug)]
pub struct Membership {
    /// The cluster.
    pub cluster: Uuid,
    /// A digest of the settings that all its servers must have alike.
    pub common: [u8; 32],
    /// The cluster's secret.
    pub secret: Secret,
    /// The server.
    pub server: ServerId,
    /// How many servers there are.
    pub servers: u32,
}

/// Why a connection is no link.
#[derive(Debug, Error)]
pub enum Refusal {
    /// The connection failed.
    #[error("{}", problem_of(.0))]
    Io(#[from] io::Error),
    /// It took too long.
    #[error("no handshake in time: it is overloaded, stopped, or something else listens there")]
    Late,
    /// It is no link.
    #[error("what listens there is no server of a chat cluster")]
    NoLink,
    /// Both ends speak other versions.
    #[error(
        "it speaks version {theirs} of the links, this server {LINK_VERSION}: run the same program on both"
    )]
    Version {
        /// That of the other end.
        theirs: u16,
    },
    /// The other end is of another cluster.
    #[error(
        "it belongs to another cluster: compare `cluster` in both server.toml, and the addresses"
    )]
    Cluster,
    /// Settings differ.
    #[error(
        "its settings differ: number of servers, heartbeat, suspect and tolerate must be the same on all servers"
    )]
    Settings,
    /// A number that has no business here.
    #[error(
        "it does not expect server {from} as server {to}: compare `server` and the list of servers in both server.toml"
    )]
    Number {
        /// Who dials.
        from: u32,
        /// Whom.
        to: u32,
    },
    /// It does not know the secret.
    #[error(
        "it does not know the cluster's secret: copy the file from another server, and check whom the address belongs to"
    )]
    Unproven,
}

/// Both seals of a link.
pub struct Seals {
    /// Of what this end sends.
    pub outgoing: Seal,
    /// Of what the other end sends.
    pub incoming: Seal,
}

impl fmt::Debug for Seals {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Seals")
    }
}

/// Introduces this end to another server, and proves both. How long that may take is the caller's to bound.
///
/// # Errors
///
/// [`Refusal`] says why there is no link.
pub async fn dial<S>(stream: &mut S, me: &Membership, to: ServerId) -> Result<Seals, Refusal>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let hello = hello(me, to, fresh_nonce()?);
    stream.write_all(&hello).await?;
    stream.flush().await?;
    let mut challenge = [0; CHALLENGE_BYTES];
    stream.read_exact(&mut challenge).await?;
    let mut rest = &challenge[..];
    if take::<8>(&mut rest) != MAGIC {
        return Err(Refusal::NoLink);
    }
    let version = u16::from_be_bytes(take(&mut rest));
    if version != LINK_VERSION {
        return Err(Refusal::Version { theirs: version });
    }
    match take::<1>(&mut rest) {
        [0] => {}
        [2] => return Err(Refusal::Cluster),
        [3] => return Err(Refusal::Settings),
        _ => {
            let (from, to) = (me.server.0, to.0);
            return Err(Refusal::Number { from, to });
        }
    }
    let said = Said {
        hello,
        challenge: challenge_words(&challenge),
    };
    let proof: [u8; PROOF_BYTES] = take(&mut &challenge[CHALLENGE_BYTES - PROOF_BYTES..]);
    if !said.proves(me, Role::Listener, &proof) {
        return Err(Refusal::Unproven);
    }
    let proof = said.hash(me, Role::Dialler).finalize().into_bytes();
    stream.write_all(&proof).await?;
    stream.flush().await?;
    let [outgoing, incoming] = said.seals(me);
    Ok(Seals { outgoing, incoming })
}

/// Takes the introduction of a dialler, and proves both; on success it is this server. How long that may take is the caller's
/// to bound.
///
/// # Errors
///
/// [`Refusal`] says why there is no link.
pub async fn listen<S>(stream: &mut S, me: &Membership) -> Result<(ServerId, Seals), Refusal>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut hello = [0; HELLO_BYTES];
    stream.read_exact(&mut hello[..MAGIC.len()]).await?;
    // Something else is told nothing.
    if hello[..MAGIC.len()] != MAGIC {
        return Err(Refusal::NoLink);
    }
    stream.read_exact(&mut hello[MAGIC.len()..]).await?;
    let (from, verdict) = judge(&hello, me);
    let mut challenge = [0; CHALLENGE_BYTES];
    let (words, proof) = challenge.split_at_mut(CHALLENGE_BYTES - PROOF_BYTES);
    let verdict_code = [match &verdict {
        Ok(()) => 0,
        Err(Refusal::Version { .. }) => 1,
        Err(Refusal::Cluster) => 2,
        Err(Refusal::Settings) => 3,
        Err(_) => 4,
    }];
    let nonce = fresh_nonce()?;
    let parts: [&[u8]; 5] = [
        &MAGIC,
        &LINK_VERSION.to_be_bytes(),
        &verdict_code,
        &me.common,
        &nonce,
    ];
    words.copy_from_slice(&parts.concat());
    let said = Said {
        hello,
        challenge: words.try_into().expect("the length of the words"),
    };
    if verdict.is_ok() {
        proof.copy_from_slice(&said.hash(me, Role::Listener).finalize().into_bytes());
    }
    stream.write_all(&challenge).await?;
    stream.flush().await?;
    verdict?;
    let mut proof = [0; PROOF_BYTES];
    stream.read_exact(&mut proof).await?;
    if !said.proves(me, Role::Dialler, &proof) {
        return Err(Refusal::Unproven);
    }
    let [incoming, outgoing] = said.seals(me);
    Ok((from, Seals { outgoing, incoming }))
}

fn hello(me: &Membership, to: ServerId, nonce: [u8; 16]) -> [u8; HELLO_BYTES] {
    let parts: [&[u8]; 7] = [
        &MAGIC,
        &LINK_VERSION.to_be_bytes(),
        me.cluster.as_bytes(),
        &me.common,
        &me.server.0.to_be_bytes(),
        &to.0.to_be_bytes(),
        &nonce,
    ];
    let bytes = parts.concat();
    bytes.try_into().expect("the length of a hello")
}

/// Who says hello, and whether the listener goes on.
fn judge(hello: &[u8; HELLO_BYTES], me: &Membership) -> (ServerId, Result<(), Refusal>) {
    let mut rest = &hello[MAGIC.len()..];
    let version = u16::from_be_bytes(take(&mut rest));
    let (cluster, common) = (take::<16>(&mut rest), take::<32>(&mut rest));
    let [from, to] = [(); 2].map(|()| u32::from_be_bytes(take(&mut rest)));
    let verdict = if version != LINK_VERSION {
        Err(Refusal::Version { theirs: version })
    } else if cluster != *me.cluster.as_bytes() {
        Err(Refusal::Cluster)
    } else if common != me.common {
        Err(Refusal::Settings)
    } else if to != me.server.0 || from <= to || from >= me.servers {
        Err(Refusal::Number { from, to })
    } else {
        Ok(())
    };
    (ServerId(from), verdict)
}

/// The next bytes, which are there: all lengths are fixed.
fn take<const COUNT: usize>(rest: &mut &[u8]) -> [u8; COUNT] {
    let (first, others) = rest.split_first_chunk().expect("lengths are fixed");
    *rest = others;
    *first
}

fn challenge_words(challenge: &[u8; CHALLENGE_BYTES]) -> [u8; CHALLENGE_BYTES - PROOF_BYTES] {
    take(&mut &challenge[..])
}

fn fresh_nonce() -> io::Result<[u8; 16]> {
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
            Role::Dialler => b"chat link, dialler",
            Role::Listener => b"chat link, listener",
            Role::Outward => b"chat link, dialler's frames",
            Role::Homeward => b"chat link, listener's frames",
        }
    }
}

/// The words that proofs and keys are made from.
struct Said {
    hello: [u8; HELLO_BYTES],
    challenge: [u8; CHALLENGE_BYTES - PROOF_BYTES],
}

impl Said {
    fn hash(&self, me: &Membership, role: Role) -> Hmac<Sha256> {
        let hash = Hmac::<Sha256>::new_from_slice(&me.secret.0);
        let mut hash = hash.expect("a key of any length will do for HMAC");
        hash.update(role.name());
        hash.update(&self.hello);
        hash.update(&self.challenge);
        hash
    }

    /// Compares in constant time.
    fn proves(&self, me: &Membership, role: Role, proof: &[u8]) -> bool {
        self.hash(me, role).verify_slice(proof).is_ok()
    }

    /// The seals of the dialler's frames, and of the listener's.
    fn seals(&self, me: &Membership) -> [Seal; 2] {
        [Role::Outward, Role::Homeward].map(|role| {
            let hash = self.hash(me, role).finalize().into_bytes();
            let (key, _) = hash
                .split_first_chunk()
                .expect("a hash is longer than a key");
            Seal::new(key)
        })
    }
}
