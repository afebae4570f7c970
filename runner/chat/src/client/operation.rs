//! What a client is asked for, what it wants done, and what it reports.

use crate::answer::{Answer, Message};
use crate::identity::{Offset, Password, ServerId, TimeMs, View};
use crate::name::Name;
use crate::refusal::{Refusal, SessionEnd};
use crate::wire::request::ToServer;
use crate::wire::response::{Notice, Standing};

/// Something that a client is asked for, in the order of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationId(pub u64);

/// What a client is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Create an account.
    Create {
        /// Its name.
        name: Name,
        /// Its password, if it is to have one.
        password: Option<Password>,
    },
    /// Log in, and stay logged in on whatever server serves.
    LogIn {
        /// The account.
        name: Name,
        /// Its password, if it has one.
        password: Option<Password>,
    },
    /// Log out, when everything else has its answer.
    LogOut,
    /// Delete the account, after what was sent before.
    Delete,
    /// Send a message.
    Send {
        /// The recipient.
        to: Name,
        /// What it says.
        text: String,
    },
    /// List accounts whose names match a pattern.
    List {
        /// The pattern, with `*` and `?`.
        pattern: String,
        /// The last name of the page before.
        after: Option<Name>,
        /// How many at most.
        most: u32,
    },
    /// Show messages that were delivered before.
    History {
        /// The first that is not wanted; 0 for the newest.
        before: Offset,
        /// How many at most.
        most: u32,
    },
    /// Who is there.
    Who {
        /// Whose presence is asked for.
        names: Vec<Name>,
    },
    /// How the server is.
    Status,
}

/// How an operation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// It is done.
    Done(Answer),
    /// The server itself answers, for what is no part of the service's state.
    Noticed(Notice),
    /// It is refused: nothing was done.
    Refused(Refusal),
    /// The account is gone, by this operation or by another device. How many messages went with it is not known.
    Gone,
    /// It never left this client, or only asked, and has no answer: nothing was done.
    NotDone,
    /// Nobody knows: it may have been done, or may still be. If the answer comes after all, it is reported too.
    Unknown,
}

/// What a client reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// An operation has ended.
    Settled {
        /// Which.
        operation: OperationId,
        /// How.
        settlement: Settlement,
    },
    /// A message, once, in the order of the mailbox. It is to be kept before the effects that follow are
    /// performed: they may acknowledge it.
    Delivered(Message),
    /// Messages were acknowledged by another device, and are beyond the retention.
    Skipped {
        /// The first of them.
        first: Offset,
        /// The last.
        last: Offset,
    },
    /// The service has lost messages that it had delivered: its mailbox ends before what was shown. Offsets go on from there.
    Rewound {
        /// The last message that was shown.
        seen: Offset,
        /// The last one that the service has.
        end: Offset,
    },
    /// The session has ended: who goes on has to log in anew.
    SessionEnded(Option<SessionEnd>),
    /// A server has said how it is.
    Connected(Standing),
    /// A server does not speak with this client at all, and another is sought.
    TurnedAway(Refusal),
    /// The connection has ended, and another is sought.
    Lost {
        /// The server that was left.
        server: ServerId,
        /// The highest view that was seen.
        view: View,
    },
}

/// What a client wants done, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Connect to a server; any other connection has ended.
    Connect(ServerId),
    /// End the connection, if there is one. Nothing that comes on it counts any more.
    HangUp,
    /// Say something on the connection.
    Send(ToServer),
    /// Call [`wake`](super::Client::wake) then, once. It replaces what was asked for before.
    WakeAt(TimeMs),
    /// Pass on a report.
    Report(Report),
}

/// How a client does things. Durations are in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSettings {
    /// How many servers there are.
    pub servers: u32,
    /// A server is given up when it owes an answer and is silent for this time.
    pub silence_ms: u64,
    /// A connection is tried when it is quiet for this time.
    pub quiet_ms: u64,
    /// The longest wait before a second attempt to connect; it doubles with each further one.
    pub retry_first_ms: u64,
    /// The longest wait before any attempt.
    pub retry_last_ms: u64,
    /// Messages that are acknowledged together.
    pub acknowledge_messages: u64,
    /// A message is acknowledged this long after it came, at the latest.
    pub acknowledge_ms: u64,
    /// Whether messages are asked for as soon as the client is logged in.
    pub listens: bool,
}

impl Default for ClientSettings {
    fn default() -> ClientSettings {
        ClientSettings {
            servers: 1,
            silence_ms: 10_000,
            quiet_ms: 15_000,
            retry_first_ms: 50,
            retry_last_ms: 1000,
            acknowledge_messages: 32,
            acknowledge_ms: 200,
            listens: true,
        }
    }
}
