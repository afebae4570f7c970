//! Views that clients cannot make up.
//!
//! A client tells each server the highest view that it has seen, and a server that serves in a lower one steps down: it may have
//! been left behind. Whoever could name any view could so stop any server, again and again, before any log-in. So the views that
//! clients are given bear a keyed hash of 32 bits in their lower half, which any server of the cluster can check: clients compare
//! views and give them back, and need not know. A claim that does not bear it counts as none.
//!
//! A guess is right once in 2^32 frames; at the rate that is allowed, from all connections that one address may have, that takes
//! about a day, and then one server steps down once.
//!
//! **Invariant.** A later view stays a higher number, and none stays none.

use std::hash::Hasher as _;

use chat::identity::View;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use siphasher::sip::SipHasher24;

use crate::counter::Counter;
use crate::secret::Secret;

/// What seals the views of a cluster.
#[derive(Debug)]
pub struct ViewSeal {
    key: SipHasher24,
    /// Claims that were made up.
    pub forged: Counter,
}

impl ViewSeal {
    /// That of the cluster with this secret.
    pub fn new(secret: &Secret) -> ViewSeal {
        let hash = Hmac::<Sha256>::new_from_slice(&secret.0);
        let mut hash = hash.expect("a key of any length will do for HMAC");
        hash.update(b"chat, views");
        let hash = hash.finalize().into_bytes();
        let (key, _) = hash
            .split_first_chunk()
            .expect("a hash is longer than a key");
        ViewSeal {
            key: SipHasher24::new_with_key(key),
            forged: Counter::default(),
        }
    }

    /// A view as a client is given it.
    pub(super) fn close(&self, view: View) -> View {
        // Views are counted by failovers: they do not come that far.
        match u32::try_from(view.0).unwrap_or(u32::MAX) {
            0 => View(0),
            view => View(u64::from(view) << 32 | u64::from(self.tag(view))),
        }
    }

    /// The view that a client claims to have seen; none if it made it up.
    pub(super) fn open(&self, view: View) -> View {
        if view == View(0) {
            return view;
        }
        let opened = View(view.0 >> 32);
        if self.close(opened) == view {
            return opened;
        }
        self.forged.increase();
        View(0)
    }

    fn tag(&self, view: u32) -> u32 {
        let mut hash = self.key;
        hash.write(&view.to_be_bytes());
        // Any half of it will do.
        (hash.finish() >> 32) as u32
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_view_comes_back_and_keeps_its_order(low in any::<u32>(), high in any::<u32>(), bit in 0..64_u32) {
            let seal = ViewSeal::new(&Secret([5; 32]));
            let [low, high] = [low.min(high), low.max(high)].map(|view| View(view.into()));
            let closed = [seal.close(low), seal.close(high)];
            prop_assert_eq!(closed.map(|view| seal.open(view)), [low, high]);
            prop_assert_eq!(closed[0] < closed[1], low < high);
            prop_assert_eq!(seal.forged.get(), 0);
            // Another one is nobody's.
            let other = View(closed[1].0 ^ (1_u64 << bit));
            prop_assert_eq!(seal.open(other), View(0));
            prop_assert_eq!(seal.open(ViewSeal::new(&Secret([6; 32])).close(View(7))), View(0));
            prop_assert_eq!(seal.forged.get(), 1 + u64::from(other != View(0)));
        }
    }
}
