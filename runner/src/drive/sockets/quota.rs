//! How much of one kind the journal lists one by one; the rest is counted.
//!
//! Anyone who reaches a listening party, or the way between two, can make the same thing happen as often as it likes.
//! The journal must not grow with it.

use std::sync::atomic::{AtomicU64, Ordering};

/// The most things of one kind that the journal lists one by one.
pub const LISTED_MAX: u64 = 20;

/// What has happened of one kind. Shared by threads.
#[derive(Debug, Default)]
pub struct Quota(AtomicU64);

impl Quota {
    /// Counts one; returns whether the journal lists it.
    pub fn admits(&self) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed) < LISTED_MAX
    }

    /// How many were counted and not listed.
    pub fn unlisted(&self) -> u64 {
        self.0.load(Ordering::Relaxed).saturating_sub(LISTED_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_listed_and_the_rest_is_counted() {
        let quota = Quota::default();
        let listed = (0..LISTED_MAX + 5).filter(|_| quota.admits()).count() as u64;
        assert_eq!((listed, quota.unlisted()), (LISTED_MAX, 5));
    }
}
