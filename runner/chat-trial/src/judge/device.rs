//! What was seen of one client.
//!
//! **Invariant.** What a device has shown of a mailbox goes back only where the service says that it has lost messages.

use std::collections::BTreeMap;

use chat::client::operation::{OperationId, Settlement};
use chat::identity::{AccountId, Offset, SessionId};

use super::waits::Wait;

/// An operation without an end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    /// Its record, if it is a send.
    pub(super) send: Option<usize>,
    /// Whether the client has heard that nobody knows.
    pub(super) is_unknown: bool,
}

/// What was seen of a client.
#[derive(Debug, Clone, Default)]
pub(crate) struct ClientTrack {
    /// Its last session, and whose it is.
    pub(super) session: Option<(SessionId, AccountId)>,
    /// Whether that session is open, as far as the client knows.
    pub(crate) is_in: bool,
    /// Whether another session took the place of one that was open: its end is reported behind that.
    pub(super) is_replaced: bool,
    pub(super) open: BTreeMap<OperationId, Open>,
    /// How operations of this life have ended, for good.
    pub(super) ended: BTreeMap<OperationId, Settlement>,
    /// The last message of each mailbox that the device has.
    pub(super) shown: BTreeMap<AccountId, Offset>,
    /// The same, as it is on its disk.
    pub(super) kept: BTreeMap<AccountId, Offset>,
    pub(crate) wait: Wait,
}

impl ClientTrack {
    /// Whose mailbox it listens to.
    pub(crate) fn account(&self) -> Option<AccountId> {
        let (_, account) = self.session?;
        self.is_in.then_some(account)
    }

    /// Whose mailbox it had before it left.
    pub(crate) fn away(&self) -> Option<AccountId> {
        let (_, account) = self.session?;
        (!self.is_in).then_some(account)
    }

    /// The last message of a mailbox that it has.
    pub(crate) fn shown(&self, account: AccountId) -> Offset {
        self.shown.get(&account).copied().unwrap_or_default()
    }

    /// Operations whose end its user waits for.
    pub(crate) fn waiting(&self) -> usize {
        self.open.values().filter(|open| !open.is_unknown).count()
    }
}
