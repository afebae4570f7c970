//! The clock of a server process: nanoseconds since it began, with those in which the host was suspended.
//!
//! A server that sleeps for longer than a suspicion may be left out of the view meanwhile, and must find out when it goes on.
//! The usual monotonic clock of Linux stands still in a suspended host, so another one is asked there; elsewhere the usual one
//! is the best there is.
//!
//! **Invariant.** It never goes back.

use std::time::Duration;

use machine::process::units::Time;
use tokio::time::Instant;

/// A clock that began with its process.
#[derive(Debug)]
pub(crate) struct Clock {
    began: Reading,
}

impl Clock {
    pub(crate) fn start() -> Clock {
        Clock { began: read() }
    }

    /// The time of the process.
    pub(crate) fn now(&self) -> Time {
        let elapsed = read().saturating_sub(self.began).as_nanos();
        Time(u64::try_from(elapsed).unwrap_or(u64::MAX))
    }

    /// When a timer of the runtime is due for this time, if the host is not suspended before.
    pub(crate) fn instant(&self, time: Time) -> Instant {
        Instant::now() + Duration::from_nanos(time.since_ns(self.now()))
    }
}

/// Time since some moment before this process.
type Reading = Duration;

#[cfg(target_os = "linux")]
fn read() -> Reading {
    use rustix::time::{ClockId, clock_gettime};
    let now = clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
    let nanoseconds = u64::try_from(now.tv_nsec).unwrap_or(0);
    Duration::from_secs(seconds) + Duration::from_nanos(nanoseconds)
}

#[cfg(not(target_os = "linux"))]
fn read() -> Reading {
    use std::sync::LazyLock;
    static FIRST: LazyLock<std::time::Instant> = LazyLock::new(std::time::Instant::now);
    FIRST.elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_timer_for_a_time_is_never_due_before_it() {
        let clock = Clock::start();
        let mut before = clock.now();
        for step_ns in [0, 1, 1_000_000, 3_000_000] {
            let due = clock.now().after_ns(step_ns);
            tokio::time::sleep_until(clock.instant(due)).await;
            let now = clock.now();
            assert!(now >= due && now >= before, "{now:?} {due:?} {before:?}");
            before = now;
        }
    }
}
