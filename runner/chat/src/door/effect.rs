//! What a door wants done.

use crate::application::command::Command;
use crate::door::connection::ConnectionId;
use crate::identity::{Nonce, Password, View};
use crate::wire::response::ToClient;

/// A command on its way through the log, or a password on its way through its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What a door wants done, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Say something on a connection.
    Send {
        /// Which.
        to: ConnectionId,
        /// What.
        message: ToClient,
    },
    /// End a connection, when what was sent before is written.
    HangUp {
        /// Which.
        connection: ConnectionId,
    },
    /// Put a command into the log. [`Door::applied`](crate::door::Door::applied) has its outcome.
    Propose {
        /// What to give back.
        ticket: Ticket,
        /// The command.
        command: Command,
    },
    /// Hash a password, slowly and elsewhere. [`Door::hashed`](crate::door::Door::hashed) has the digest.
    Hash {
        /// What to give back.
        ticket: Ticket,
        /// The password.
        password: Password,
        /// The salt.
        salt: Nonce,
    },
    /// A client has seen a view that is higher than ours: another server may serve. It is a client's word: a server takes no
    /// view from it, but asks the other servers before it serves on.
    StepDown {
        /// That view.
        view: View,
    },
}
