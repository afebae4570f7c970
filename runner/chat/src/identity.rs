//! What things are called: accounts, sessions, messages, views, and the numbers that order them.

use std::fmt;

use sha2::{Digest as _, Sha256};
use uuid::{Builder, Uuid};

use crate::record::fields;

/// 128 bits of chance that a caller draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nonce(pub [u8; 16]);

/// An account, for ever: a later account of the same name has another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(pub Uuid);

/// A session: what one device does between its log-in and its log-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub Uuid);

/// The uuid (version 8) with this ordinal in front and chance behind: the ordinal makes it unique, chance makes it hard to
/// guess.
pub(crate) fn uuid_of(ordinal: u64, chance: Nonce) -> Uuid {
    let mut bytes = chance.0;
    bytes[..6].copy_from_slice(&ordinal.to_be_bytes()[2..]);
    Builder::from_custom_bytes(bytes).into_uuid()
}

/// What proves that a connection belongs to a session: 256 bits. Only its owner keeps it; the service keeps its digest.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Token(pub [u8; 32]);

impl Token {
    /// What the service keeps of it.
    pub fn digest(&self) -> TokenDigest {
        TokenDigest(Sha256::digest(self.0).into())
    }
}

impl fmt::Debug for Token {
    /// A token in a log would let its readers in.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(hidden)")
    }
}

/// SHA-256 of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TokenDigest(pub [u8; 32]);

/// A password as a person types it.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(pub String);

impl fmt::Debug for Password {
    /// A password in a log would be read there.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(hidden)")
    }
}

/// A password as the service keeps it: the proposer of a log-in computes the digest, the service only compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordHash {
    /// Chance that makes equal passwords differ.
    pub salt: Nonce,
    /// Digest of salt and password, by a slow function of the caller's choice.
    pub digest: [u8; 32],
}

/// The place of an operation in its session, from 1, without gaps. With the session it names a message for ever.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(pub u64);

/// The place of a message in its mailbox, from 1, without gaps; 0 is before the first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset(pub u64);

impl Sequence {
    /// The one after it.
    pub fn next(self) -> Sequence {
        Sequence(self.0.saturating_add(1))
    }
}

impl Offset {
    /// The one after it.
    pub fn next(self) -> Offset {
        Offset(self.0.saturating_add(1))
    }
}

/// A number that grows with each change of the servers that serve together. What it stands for is the servers' matter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct View(pub u64);

/// A server, by its place in the list of all servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerId(pub u32);

/// What ties an answer to its request within a connection; 0 where nothing was asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u32);

/// A time in milliseconds: in entries of the service since the Unix epoch, in a client since its start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeMs(pub u64);

impl TimeMs {
    /// The time this many milliseconds later.
    pub fn plus(self, duration_ms: u64) -> TimeMs {
        TimeMs(self.0.saturating_add(duration_ms))
    }

    /// Milliseconds since an earlier time; 0 since a later one.
    pub fn since(self, earlier: TimeMs) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

fields!(Nonce { 0 });
fields!(AccountId { 0 });
fields!(SessionId { 0 });
fields!(Token { 0 });
fields!(TokenDigest { 0 });
fields!(Password { 0 });
fields!(PasswordHash { salt, digest });
fields!(Sequence { 0 });
fields!(Offset { 0 });
fields!(View { 0 });
fields!(ServerId { 0 });
fields!(RequestId { 0 });
fields!(TimeMs { 0 });
