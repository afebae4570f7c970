//! What the log of a client says.
//!
//! **Invariant.** Every operation is invoked once, and settled before the end of its life or never; what a device shows is
//! delivered once.

use chat::answer::{Message, Opened};
use chat::client::operation::{Operation, OperationId, Settlement};
use chat::identity::{AccountId, Offset, Sequence, ServerId, View};
use chat::refusal::{Refusal, SessionEnd};

/// An event of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientEvent {
    /// A life begins. Operations of the life before that were not settled never will be: nobody knows what came of them.
    Begun {
        /// Which, from 1.
        life: u32,
    },
    /// Something is asked for.
    Invoked {
        /// Its number in this life.
        operation: OperationId,
        /// What.
        asked: Operation,
    },
    /// A request leaves for a server. An operation may need several.
    Attempted {
        /// For which operation, where it is known: none for what a client does by itself.
        operation: Option<OperationId>,
        /// The word for the kind of request.
        kind: &'static str,
        /// The place of the operation in the session, where it has one.
        sequence: Option<Sequence>,
        /// To which server.
        server: ServerId,
        /// The highest view that the client has seen.
        view: View,
    },
    /// An operation has ended. An unknown one may end once more.
    Settled {
        /// Its number in this life.
        operation: OperationId,
        /// The word for its kind.
        kind: &'static str,
        /// Its place in the session, if it ever left and has one.
        sequence: Option<Sequence>,
        /// How it ended.
        settlement: Settlement,
        /// The server from which the client heard last.
        server: ServerId,
        /// The highest view that the client has seen.
        view: View,
    },
    /// A message is shown.
    Delivered {
        /// Whose mailbox it is.
        account: AccountId,
        /// The message.
        message: Message,
        /// From which server it came.
        server: ServerId,
        /// In which view.
        view: View,
    },
    /// The service has an acknowledgement of this device.
    Acknowledged {
        /// The last message of it.
        through: Offset,
    },
    /// A session is open, or open again.
    LoggedIn {
        /// What the service says of it.
        opened: Opened,
        /// The server.
        server: ServerId,
        /// Its view.
        view: View,
    },
    /// A session has ended.
    SessionEnded {
        /// Why, if the service says so.
        end: Option<SessionEnd>,
    },
    /// Messages were acknowledged by another device, and are no longer kept.
    Skipped {
        /// The first of them.
        first: Offset,
        /// The last.
        last: Offset,
    },
    /// The service has lost messages that it had delivered.
    Rewound {
        /// The last message that was shown.
        seen: Offset,
        /// The last one that the service has.
        end: Offset,
    },
    /// A server serves this client.
    Connected {
        /// Which.
        server: ServerId,
        /// The view that the client has seen.
        view: View,
    },
    /// A server does not serve.
    Redirected {
        /// Which.
        server: ServerId,
        /// Who may.
        hint: Option<ServerId>,
    },
    /// A server does not speak with this client.
    TurnedAway {
        /// Which.
        server: ServerId,
        /// Why.
        refusal: Refusal,
    },
    /// A server was left, or lost.
    Lost {
        /// Which.
        server: ServerId,
        /// The highest view that the client has seen.
        view: View,
    },
}

/// What a user is to make of a settlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It is done.
    Done,
    /// It is not done, and will not be.
    Failed,
    /// Nobody knows.
    Unknown,
}

/// What a user is to make of a settlement.
pub fn verdict(settlement: &Settlement) -> Verdict {
    match settlement {
        Settlement::Done(_) | Settlement::Noticed(_) | Settlement::Gone => Verdict::Done,
        Settlement::Refused(refusal) if !refusal.is_definite() => Verdict::Unknown,
        Settlement::Refused(_) | Settlement::NotDone => Verdict::Failed,
        Settlement::Unknown => Verdict::Unknown,
    }
}

/// The word for the kind of an operation.
pub fn operation_kind(operation: &Operation) -> &'static str {
    match operation {
        Operation::Create { .. } => "create",
        Operation::LogIn { .. } => "log-in",
        Operation::LogOut => "log-out",
        Operation::Delete => "delete",
        Operation::Send { .. } => "send",
        Operation::List { .. } => "list",
        Operation::History { .. } => "history",
        Operation::Who { .. } => "who",
        Operation::Status => "status",
    }
}

impl ClientEvent {
    /// The word for its kind, as in `record:KIND`.
    pub fn kind(&self) -> &'static str {
        match self {
            ClientEvent::Begun { .. } => "begin",
            ClientEvent::Invoked { .. } => "invoke",
            ClientEvent::Attempted { .. } => "attempt",
            ClientEvent::Settled { settlement, .. } => match verdict(settlement) {
                Verdict::Done => "ok",
                Verdict::Failed => "fail",
                Verdict::Unknown => "unknown",
            },
            ClientEvent::Delivered { .. } => "deliver",
            ClientEvent::Acknowledged { .. } => "acknowledge",
            ClientEvent::LoggedIn { .. } => "log-in",
            ClientEvent::SessionEnded { .. } => "session-end",
            ClientEvent::Skipped { .. } => "skip",
            ClientEvent::Rewound { .. } => "rewind",
            ClientEvent::Connected { .. } => "connected",
            ClientEvent::Redirected { .. } => "redirect",
            ClientEvent::TurnedAway { .. } => "turned-away",
            ClientEvent::Lost { .. } => "lost",
        }
    }
}
