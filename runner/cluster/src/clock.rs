//! Times of processes in milliseconds, as the chat service counts them.
//!
//! **Invariant.** A time in milliseconds is the beginning of its millisecond.

use chat::identity::TimeMs;
use machine::process::units::Time;

/// Nanoseconds of a millisecond.
pub(crate) const MILLISECOND_NS: u64 = 1_000_000;

/// The millisecond of a time.
pub(crate) fn milliseconds(time: Time) -> TimeMs {
    TimeMs(time.0 / MILLISECOND_NS)
}

/// When a millisecond begins.
pub(crate) fn beginning(time: TimeMs) -> Time {
    Time(time.0.saturating_mul(MILLISECOND_NS))
}
