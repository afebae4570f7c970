//! When a process is woken, and by whom.
//!
//! **Invariant.** Nothing here is a date: a process compares times and never reads a calendar.

use std::fmt;

/// A time on a driver's clock, nanoseconds. It never runs back during a life.
///
/// Where the clock starts means nothing, but that a process with a schedule needs the clock of its schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(pub u64);

impl Time {
    /// The time this many nanoseconds later; the end of all time if there is none so late.
    #[inline]
    pub fn after_ns(self, nanoseconds: u64) -> Time {
        Time(self.0.saturating_add(nanoseconds))
    }

    /// Nanoseconds since an earlier time; 0 if that time is later.
    #[inline]
    pub fn since_ns(self, earlier: Time) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// The other end of a link. Who that is, the setup of a process says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Peer(pub u32);

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
