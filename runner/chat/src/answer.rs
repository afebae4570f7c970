//! What the service answers when it does what it was asked for.

use crate::identity::{AccountId, Offset, Sequence, SessionId, TimeMs, Token};
use crate::name::Name;
use crate::record::{fields, variants};

/// A message in a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its place in the mailbox.
    pub offset: Offset,
    /// The session that sent it.
    pub session: SessionId,
    /// Its sequence there: with the session, its name.
    pub sequence: Sequence,
    /// The account that sent it.
    pub author: AccountId,
    /// The name of that account.
    pub from: Name,
    /// When the service accepted it.
    pub accepted: TimeMs,
    /// What it says.
    pub text: String,
}

/// An account in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: Name,
    /// Its uuid.
    pub account: AccountId,
    /// Whether a device is logged in.
    pub is_logged_in: bool,
}

/// When a message reaches its recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// At once: a device of the recipient is logged in.
    AtOnce,
    /// It is queued: no device is logged in.
    Queued,
}

/// Where a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement {
    /// The recipient.
    pub to: AccountId,
    /// Its place in the recipient's mailbox.
    pub offset: Offset,
    /// When it reaches the recipient.
    pub delivery: Delivery,
}

/// What a device knows of its session when it has logged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    /// The account.
    pub account: AccountId,
    /// The session.
    pub session: SessionId,
    /// The sequence of the next operation.
    pub next: Sequence,
    /// The last message that this device has acknowledged.
    pub acknowledged: Offset,
    /// The last message of the mailbox.
    pub end: Offset,
}

/// An answer. A repeated request gets the same as the first, but for `is_repeated`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Accounts in the order of their names.
    Listed {
        /// The accounts of the page.
        accounts: Vec<Listed>,
        /// Whether others follow.
        more: bool,
    },
    /// The account exists.
    Created {
        /// Its uuid.
        account: AccountId,
    },
    /// The session is open, or open again.
    LoggedIn {
        /// What the device knows of it.
        opened: Opened,
        /// Proof of the session, given when it is new: the service keeps no copy.
        token: Option<Token>,
    },
    /// The session has ended.
    LoggedOut,
    /// The account is gone.
    Deleted {
        /// Messages that it had not acknowledged, which are gone with it.
        dropped: u64,
    },
    /// The message is accepted.
    Sent {
        /// Which.
        sequence: Sequence,
        /// Whether an earlier request did it.
        is_repeated: bool,
        /// Where it is; none if the client has confirmed the answer before and asks again.
        placement: Option<Placement>,
    },
    /// Messages come from now on.
    Delivering {
        /// The last one at this time.
        end: Offset,
        /// The first one that is still kept; those before it are beyond the retention.
        first: Offset,
    },
    /// The device has these messages.
    Acknowledged {
        /// The last of them.
        through: Offset,
    },
    /// Messages in the order of the mailbox.
    History {
        /// The messages of the page.
        messages: Vec<Message>,
        /// Whether earlier ones are kept.
        more: bool,
    },
    /// What was too old is gone. Servers ask for it of their own, so it is on no wire.
    Expired,
}

variants!(Delivery as "delivery" {
    0 => AtOnce {},
    1 => Queued {},
});

fields!(Message {
    offset,
    session,
    sequence,
    author,
    from,
    accepted,
    text,
});
fields!(Listed {
    name,
    account,
    is_logged_in,
});
fields!(Placement {
    to,
    offset,
    delivery,
});
fields!(Opened {
    account,
    session,
    next,
    acknowledged,
    end,
});

// The op codes of the replies: that of the request, plus 128.
variants!(Answer as "answer" {
    128 => Listed { accounts, more },
    129 => Created { account },
    130 => LoggedIn { opened, token },
    131 => LoggedOut {},
    132 => Deleted { dropped },
    133 => Sent { sequence, is_repeated, placement },
    134 => Delivering { end, first },
    135 => Acknowledged { through },
    136 => History { messages, more },
    255 => Expired {},
});
