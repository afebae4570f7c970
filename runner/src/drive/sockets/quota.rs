//! How much of one kind is told one by one; the rest is counted.
//!
//! Anyone who reaches a listening party, or the way between two, can make the same thing happen as often as it likes.
//! The journal must not grow with it.

use std::sync::atomic::{AtomicU64, Ordering};

/// How many things of one kind are told one by one.
pub const TOLD_MAX: u64 = 20;

/// What has happened of one kind. Shared by threads.
#[derive(Debug, Default)]
pub struct Quota(AtomicU64);

impl Quota {
    /// Counts one; whether it is to be told.
    pub fn tells(&self) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed) < TOLD_MAX
    }

    /// How many have been counted and not told.
    pub fn untold(&self) -> u64 {
        self.0.load(Ordering::Relaxed).saturating_sub(TOLD_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_told_and_the_rest_is_counted() {
        let quota = Quota::default();
        let told = (0..TOLD_MAX + 5).filter(|_| quota.tells()).count() as u64;
        assert_eq!((told, quota.untold()), (TOLD_MAX, 5));
    }
}
