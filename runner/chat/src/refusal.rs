//! What the service does not do, and why.
//!
//! A refusal is *definite* if nothing was done and nothing will be: the caller may say "failed". One is not: after
//! [`Refusal::Unsettled`] nobody knows, and the client asks again with the same sequence.
//!
//! A refusal is *final* if it is the answer to its sequence for ever: a mailbox that is full refuses this message, and the
//! next one of the session goes on. The others leave the sequence free, so that the same message can be sent again in
//! its place.

use thiserror::Error;

use crate::identity::{Sequence, ServerId};
use crate::limits::{PASSWORD_BYTES_MAX, PATTERN_CHARACTERS_MAX, TEXT_BYTES_MAX, WINDOW_MAX};
use crate::record::variants;

/// Why a session has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionEnd {
    /// Its device logged out.
    LoggedOut,
    /// The account was deleted.
    Deleted,
    /// A further device logged in, and this one was used least recently.
    Evicted,
    /// It was not used for too long.
    Idle,
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The request's bytes are not what its op code says.
    #[error("the request is malformed: {why}")]
    Malformed {
        /// What is wrong.
        why: String,
    },
    /// Nobody is logged in on this connection.
    #[error("log in first")]
    LoginNeeded,
    /// Somebody is logged in on this connection.
    #[error("this connection is logged in already: log out first")]
    LoggedIn,
    /// This server does not serve clients now.
    #[error("this server does not serve now: try another")]
    NotPrimary {
        /// The server that may.
        hint: Option<ServerId>,
    },
    /// Whether the request was carried out is not known.
    #[error(
        "the server stopped serving before the outcome was known: ask again with the same sequence"
    )]
    Unsettled,
    /// The name has an owner.
    #[error("the name is taken: choose another")]
    NameTaken,
    /// No account has this name.
    #[error("no account has this name")]
    NoAccount,
    /// The password is missing or wrong.
    #[error("the password is missing or wrong")]
    WrongPassword,
    /// Another device of the account is logged in, and the service allows one.
    #[error(
        "the account is logged in on another device, and this service allows one: log out there first"
    )]
    AnotherDevice,
    /// There are as many accounts as the service allows.
    #[error("the service has no room for another account")]
    AccountsFull,
    /// No session has this token, or it ended long ago.
    #[error("no session has this token: log in again")]
    NoSession,
    /// The session has ended.
    #[error("the session has ended ({}): log in again", .end.why())]
    SessionEnded {
        /// Why.
        end: SessionEnd,
        /// The last sequence that was settled in it.
        settled: Sequence,
    },
    /// A sequence comes too early: those before it are missing.
    #[error("sequence {} is due: send it first", expected.0)]
    OutOfOrder {
        /// The sequence that is due.
        expected: Sequence,
    },
    /// Too many answers are not confirmed.
    #[error("more than {WINDOW_MAX} operations are under way: confirm answers first")]
    WindowFull,
    /// Too much at once.
    #[error("too many requests: try again in {retry_after_ms} ms")]
    RateLimited {
        /// When it can succeed, in milliseconds.
        retry_after_ms: u32,
    },
    /// The text of a message is too long.
    #[error("the text has {bytes} bytes, at most {TEXT_BYTES_MAX} are allowed")]
    TextTooLong {
        /// Its length in bytes.
        bytes: u64,
    },
    /// The recipient's mailbox is full.
    #[error("the recipient's mailbox is full: the message was not sent")]
    MailboxFull,
    /// The recipient's mailbox has as many messages of this sender as it queues.
    #[error(
        "the recipient has not read your earlier messages, and no more are queued: the message was not sent"
    )]
    SenderQuota,
    /// An acknowledgement is of messages that the mailbox does not have.
    #[error("the mailbox ends at {end}: nothing beyond can be acknowledged or asked for")]
    BeyondMailbox {
        /// The last offset that there is.
        end: u64,
    },
    /// A pattern is too long.
    #[error("a pattern has at most {PATTERN_CHARACTERS_MAX} characters")]
    PatternTooLong,
    /// Too many things are asked for at once.
    #[error("at most {allowed} can be asked for at once")]
    TooMany {
        /// How many can.
        allowed: u32,
    },
    /// A password is too long.
    #[error("a password has at most {PASSWORD_BYTES_MAX} bytes")]
    PasswordTooLong,
    /// The service gives no account without a password.
    #[error("this service needs a password for each account: choose one")]
    PasswordNeeded,
    /// The service keeps no passwords.
    #[error("this service has no passwords: leave it out")]
    PasswordsOff,
    /// Client and server have no version of the protocol in common.
    #[error("the server speaks version {version} of the protocol alone")]
    Version {
        /// The server's.
        version: u16,
    },
}

impl SessionEnd {
    /// A phrase for it.
    pub fn why(self) -> &'static str {
        match self {
            SessionEnd::LoggedOut => "logged out",
            SessionEnd::Deleted => "the account was deleted",
            SessionEnd::Evicted => "too many devices are logged in",
            SessionEnd::Idle => "it was not used for too long",
        }
    }
}

impl Refusal {
    /// Whether nothing was done and nothing will be.
    pub fn is_definite(&self) -> bool {
        *self != Refusal::Unsettled
    }

    /// Whether it settles the sequence that it answers.
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            Refusal::NoAccount
                | Refusal::TextTooLong { .. }
                | Refusal::MailboxFull
                | Refusal::SenderQuota
        )
    }

    /// When the same request can succeed, in milliseconds; 0 if waiting does not help.
    pub fn retry_after_ms(&self) -> u32 {
        match self {
            Refusal::RateLimited { retry_after_ms } => *retry_after_ms,
            _ => 0,
        }
    }
}

variants!(SessionEnd as "reason for the end of a session" {
    1 => LoggedOut {},
    2 => Deleted {},
    3 => Evicted {},
    4 => Idle {},
});

variants!(Refusal as "refusal" {
    1 => Malformed { why },
    2 => LoginNeeded {},
    3 => LoggedIn {},
    4 => NotPrimary { hint },
    5 => Unsettled {},
    6 => NameTaken {},
    7 => NoAccount {},
    8 => WrongPassword {},
    9 => AnotherDevice {},
    10 => AccountsFull {},
    11 => NoSession {},
    12 => SessionEnded { end, settled },
    13 => OutOfOrder { expected },
    14 => WindowFull {},
    15 => RateLimited { retry_after_ms },
    16 => TextTooLong { bytes },
    17 => MailboxFull {},
    18 => SenderQuota {},
    19 => BeyondMailbox { end },
    20 => PatternTooLong {},
    21 => TooMany { allowed },
    22 => Version { version },
    23 => PasswordTooLong {},
    24 => PasswordNeeded {},
    25 => PasswordsOff {},
});
