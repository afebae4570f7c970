//! What the service is asked to do, in the order of its log.
//!
//! Time and chance are arguments: the proposer of an entry draws them, so that all servers that apply it do the same.

use crate::field::{Field, Malformed};
use crate::identity::{Nonce, Offset, PasswordHash, Sequence, SessionId, TimeMs, TokenDigest};
use crate::name::Name;
use crate::record::{fields, variants};

/// A command with the time of its proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When it was proposed. The service takes it for no earlier than the entries before.
    pub time: TimeMs,
    /// What to do.
    pub command: Command,
}

/// One command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Create an account.
    Create {
        /// Its name.
        name: Name,
        /// Its password, if it has one.
        password: Option<PasswordHash>,
        /// The creator's: a repeated command with it is answered as the first time.
        nonce: Nonce,
        /// For its uuid.
        chance: Nonce,
    },
    /// Open a session.
    LogIn {
        /// The account.
        name: Name,
        /// The digest of the password that was given, with the account's salt.
        proof: Option<[u8; 32]>,
        /// The device's: a repeated one goes on with the same session.
        nonce: Nonce,
        /// The digest of the token that the device is given.
        token: TokenDigest,
        /// For the session's uuid.
        chance: Nonce,
    },
    /// Go on with a session.
    Resume {
        /// Of the device's token.
        token: TokenDigest,
    },
    /// End a session.
    LogOut {
        /// Which.
        session: SessionId,
    },
    /// Delete the account of a session.
    Delete {
        /// Which.
        session: SessionId,
        /// Its place in the session.
        sequence: Sequence,
    },
    /// Send a message.
    Send {
        /// The sender's.
        session: SessionId,
        /// Its place in the session.
        sequence: Sequence,
        /// The client has the answers up to this one.
        confirmed: Sequence,
        /// The recipient.
        to: Name,
        /// What it says.
        text: String,
    },
    /// A device has messages, and keeps them.
    Acknowledge {
        /// The device's.
        session: SessionId,
        /// The last of them.
        through: Offset,
    },
    /// List accounts.
    List {
        /// Who asks.
        session: SessionId,
        /// A pattern of names with `*` and `?`.
        pattern: String,
        /// The last name of the page before.
        after: Option<Name>,
        /// How many at most.
        most: u32,
    },
    /// Show messages that were delivered before.
    History {
        /// Who asks.
        session: SessionId,
        /// The first that is not wanted; 0 for the newest.
        before: Offset,
        /// How many at most.
        most: u32,
    },
    /// Drop what is older than the retention, and end what is not used.
    Expire,
}

variants!(Command as "command" {
    1 => Create { name, password, nonce, chance },
    2 => LogIn { name, proof, nonce, token, chance },
    3 => Resume { token },
    4 => LogOut { session },
    5 => Delete { session, sequence },
    6 => Send { session, sequence, confirmed, to, text },
    7 => Acknowledge { session, through },
    8 => List { session, pattern, after, most },
    9 => History { session, before, most },
    10 => Expire {},
});

fields!(Entry { time, command });

impl Command {
    /// Whether it only looks: such a command may be answered without a place in the log, by a server that is known to
    /// serve at that time.
    pub fn is_read(&self) -> bool {
        matches!(self, Command::List { .. } | Command::History { .. })
    }
}

impl Entry {
    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        self.to_bytes()
    }

    /// The entry of exactly these bytes.
    ///
    /// # Errors
    ///
    /// What is wrong with them.
    pub fn decode(bytes: &[u8]) -> Result<Entry, Malformed> {
        Entry::from_bytes(bytes)
    }
}
