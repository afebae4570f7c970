//! The time of the service: what commands say of when they were proposed.
//!
//! It is that of the server's calendar. Where the calendar is behind what the service has seen already, because it was put back
//! or because the primary before had another one, the time of the service goes on at half its pace until the calendar has caught
//! up. If it stood still as long as the calendar is behind, a client that has used up its rate would wait all that time.
//!
//! **Invariant.** The time of the service never goes back, and never stands still.

use chat::identity::TimeMs;
use machine::process::units::Time;

use crate::clock::MILLISECOND_NS;

/// The calendar of a server.
#[derive(Debug)]
pub(super) struct Calendar {
    /// What it says at the time 0 of the process, milliseconds since 1970.
    epoch_ms: u64,
    /// How far it is off, nanoseconds.
    shift_ns: i64,
    /// When the time of the service was last asked for, and what it was, nanoseconds since 1970.
    last: (Time, i128),
}

impl Calendar {
    pub(super) fn new(epoch_ms: u64) -> Calendar {
        Calendar {
            epoch_ms,
            shift_ns: 0,
            last: (Time(0), 0),
        }
    }

    /// Moves it, forward or back.
    pub(super) fn shift(&mut self, by_ns: i64) {
        self.shift_ns = self.shift_ns.saturating_add(by_ns);
    }

    /// The time of the service now; `seen` is the latest time in its log.
    pub(super) fn time(&mut self, now: Time, seen: TimeMs) -> TimeMs {
        let millisecond_ns = i128::from(MILLISECOND_NS);
        let epoch_ns = i128::from(self.epoch_ms) * millisecond_ns;
        let shown_ns = epoch_ns + i128::from(now.0) + i128::from(self.shift_ns);
        let (before, last_ns) = self.last;
        let slow_ns = last_ns + i128::from(now.since_ns(before) / 2);
        let seen_ns = i128::from(seen.0) * millisecond_ns;
        let time_ns = shown_ns.max(slow_ns).max(seen_ns);
        self.last = (now, time_ns);
        TimeMs(u64::try_from(time_ns / millisecond_ns).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND_NS: u64 = 1_000_000_000;

    #[test]
    fn a_calendar_that_is_put_back_is_waited_for_at_half_the_pace() {
        let mut calendar = Calendar::new(1_000_000);
        let second = |number: u64| Time(number * SECOND_NS);
        let mut seen = TimeMs(0);
        let mut ask = |calendar: &mut Calendar, at| {
            seen = calendar.time(second(at), seen);
            seen.0 - 1_000_000
        };
        assert_eq!(ask(&mut calendar, 10), 10_000);
        calendar.shift(30_000_000_000);
        assert_eq!(ask(&mut calendar, 11), 41_000);
        calendar.shift(-30_000_000_000);
        assert_eq!(ask(&mut calendar, 12), 41_500);
        assert_eq!(ask(&mut calendar, 32), 51_500);
        // A minute for thirty seconds.
        assert_eq!(ask(&mut calendar, 71), 71_000);
        assert_eq!(ask(&mut calendar, 80), 80_000);
    }

    #[test]
    fn what_the_primary_before_has_said_is_gone_on_from() {
        let mut calendar = Calendar::new(0);
        let seen = TimeMs(100_000);
        assert_eq!(calendar.time(Time(SECOND_NS), seen), seen);
        assert_eq!(calendar.time(Time(3 * SECOND_NS), seen), TimeMs(101_000));
    }

    proptest! {
        #[test]
        fn time_never_goes_back_and_never_stands_still(
            steps in proptest::collection::vec((0..2 * SECOND_NS, -60..60i64), 1..40)
        ) {
            let mut calendar = Calendar::new(1_000_000_000);
            let (mut now, mut before) = (Time(0), calendar.time(Time(0), TimeMs(0)));
            for (wait_ns, by_s) in steps {
                now = now.after_ns(wait_ns);
                calendar.shift(by_s * SECOND_NS as i64);
                let time = calendar.time(now, before);
                // Rounded down, it may be a millisecond less.
                prop_assert!(time.0 + 1 >= before.0 + wait_ns / 2 / MILLISECOND_NS);
                prop_assert!(time >= before);
                before = time;
            }
        }
    }
}
