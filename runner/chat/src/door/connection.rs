//! What a server knows of one connection.

use crate::identity::{AccountId, Offset, SessionId};

/// Messages that are pushed on a connection and not acknowledged. More wait, so that a device that reads slowly fills no
/// memory.
pub const PUSH_WINDOW_MAX: u64 = 64;

/// A connection, by a number that its holder gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// Who is at the other end, and what was said.
#[derive(Debug, Clone, Default)]
pub(crate) struct Connection {
    /// Who has logged in.
    pub(crate) session: Option<(SessionId, AccountId)>,
    /// Requests that wait for their outcome.
    pub(crate) pending: usize,
    /// Whether one of them waits for the hash of a password.
    pub(crate) is_hashing: bool,
    /// What was pushed, if the device listens.
    pub(crate) pushes: Option<Pushes>,
}

/// How far the pushes of a connection have come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pushes {
    /// The device has these.
    pub(crate) acknowledged: Offset,
    /// These were pushed.
    pub(crate) through: Offset,
}

impl Pushes {
    /// Pushes of a device that has the messages through this one.
    pub(crate) fn after(offset: Offset) -> Pushes {
        Pushes {
            acknowledged: offset,
            through: offset,
        }
    }

    /// How many messages may be pushed now.
    pub(crate) fn room(&self) -> u64 {
        let under_way = self.through.0.saturating_sub(self.acknowledged.0);
        PUSH_WINDOW_MAX.saturating_sub(under_way)
    }
}
