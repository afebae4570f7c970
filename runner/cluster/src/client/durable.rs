//! What a device keeps over the ends of its process: its session, and what it has shown.
//!
//! **Invariant.** A message is on the disk before anything that the device says after it.

use std::collections::BTreeMap;

use chat::client::Saved;
use chat::identity::{AccountId, Offset, Token, View};

/// What was shown of a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shelf {
    /// The last message of it that was shown, or passed over.
    pub last: Offset,
    /// How many messages were shown.
    pub count: u64,
    /// A hash of all that was shown, in order: each text's hash after the one before.
    pub hash: u64,
}

impl Shelf {
    fn show(&mut self, offset: Offset, text_hash: u64) {
        self.last = self.last.max(offset);
        self.count += 1;
        // FNV-1a, a number at a time.
        self.hash = (self.hash ^ text_hash).wrapping_mul(0x100_0000_01b3);
    }
}

/// A session that goes on after a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptSession {
    /// Its account.
    pub account: AccountId,
    /// Proof of it.
    pub token: Token,
    /// The highest view that was seen.
    pub view: View,
}

/// The disk of a client.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClientDisk {
    /// Lives that have begun.
    pub lives: u32,
    /// The session, while somebody is logged in.
    pub session: Option<KeptSession>,
    /// The account of the last session.
    pub owner: Option<AccountId>,
    /// What was shown of each mailbox.
    pub shelves: BTreeMap<AccountId, Shelf>,
}

/// A change to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientChange {
    /// A life begins.
    Begin(u32),
    /// A session is open, or none is any more.
    Session(Option<KeptSession>),
    /// A message is shown.
    Show {
        /// Whose mailbox it is in.
        account: AccountId,
        /// Its place there.
        offset: Offset,
        /// The hash of its text.
        text_hash: u64,
    },
    /// The mailbox goes on after this one: those before are not kept, or were lost.
    Move {
        /// Whose mailbox it is.
        account: AccountId,
        /// The place.
        last: Offset,
    },
}

impl ClientDisk {
    /// Makes a change.
    pub(crate) fn change(&mut self, change: ClientChange) {
        match change {
            ClientChange::Begin(life) => self.lives = life,
            ClientChange::Session(session) => {
                self.session = session;
                self.owner = session.map(|session| session.account).or(self.owner);
            }
            ClientChange::Show {
                account,
                offset,
                text_hash,
            } => self
                .shelves
                .entry(account)
                .or_default()
                .show(offset, text_hash),
            ClientChange::Move { account, last } => {
                self.shelves.entry(account).or_default().last = last;
            }
        }
    }

    /// What the core of a client goes on with.
    pub(crate) fn saved(&self) -> Option<Saved> {
        let session = self.session?;
        let shown = self.shown();
        Some(Saved {
            token: session.token,
            seen: shown.map_or(Offset(0), |(_, last)| last),
            view: session.view,
        })
    }

    /// The account of the last session, and how far its mailbox was shown.
    pub(crate) fn shown(&self) -> Option<(AccountId, Offset)> {
        let owner = self.owner?;
        let shelf = self.shelves.get(&owner);
        Some((owner, shelf.map_or(Offset(0), |shelf| shelf.last)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shelf_knows_what_was_shown_and_in_which_order() {
        let shelf = |shown: &[(u64, u64)]| {
            let mut shelf = Shelf::default();
            shown
                .iter()
                .for_each(|&(offset, text)| shelf.show(Offset(offset), text));
            shelf
        };
        let both = shelf(&[(1, 10), (2, 20)]);
        assert_eq!((both.last, both.count), (Offset(2), 2));
        assert_ne!(both.hash, shelf(&[(1, 20), (2, 10)]).hash);
        assert_ne!(both.hash, shelf(&[(1, 10)]).hash);
        // What comes again is counted, so that it is noticed, and moves nothing back.
        assert_eq!(shelf(&[(1, 10), (2, 20), (1, 10)]).last, Offset(2));
    }
}
