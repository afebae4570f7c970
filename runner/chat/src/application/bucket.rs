//! A rate limit: a bucket that fills with time, from which each use takes one.

use crate::identity::TimeMs;
use crate::record::fields;

/// How fast a bucket fills, and how much it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    /// Milliseconds for one use, in the long run.
    pub(crate) period_ms: u64,
    /// Uses at once.
    pub(crate) burst: u64,
}

/// A bucket. It is full at first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Bucket {
    /// When it is full again, if nothing more is taken.
    full: TimeMs,
}

fields!(Bucket { full });

impl Bucket {
    /// Takes one use.
    ///
    /// # Errors
    ///
    /// Milliseconds until there is one.
    pub(crate) fn take(&mut self, now: TimeMs, rate: Rate) -> Result<(), u64> {
        self.look(now, rate)?;
        self.full = TimeMs(self.full.0.max(now.0)).plus(rate.period_ms);
        Ok(())
    }

    /// Whether there is a use.
    ///
    /// # Errors
    ///
    /// Milliseconds until there is one.
    pub(crate) fn look(&self, now: TimeMs, rate: Rate) -> Result<(), u64> {
        let missing_ms = self.full.since(now);
        let allowed_ms = rate.period_ms.saturating_mul(rate.burst.saturating_sub(1));
        match missing_ms.saturating_sub(allowed_ms) {
            0 => Ok(()),
            wait_ms => Err(wait_ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_and_then_one_each_period() {
        let rate = Rate {
            period_ms: 50,
            burst: 3,
        };
        let mut bucket = Bucket::default();
        let now = TimeMs(1000);
        for _ in 0..3 {
            assert_eq!(bucket.take(now, rate), Ok(()));
        }
        assert_eq!(bucket.take(now, rate), Err(50));
        assert_eq!(bucket.take(TimeMs(1049), rate), Err(1));
        assert_eq!(bucket.take(TimeMs(1050), rate), Ok(()));
        assert_eq!(bucket.take(TimeMs(1050), rate), Err(50));
        assert_eq!(bucket.take(TimeMs(9000), rate), Ok(()));
    }

    #[test]
    fn the_wait_that_it_says_is_enough() {
        let rate = Rate {
            period_ms: 7,
            burst: 1,
        };
        let mut bucket = Bucket::default();
        let mut now = TimeMs(3);
        for _ in 0..20 {
            if let Err(wait_ms) = bucket.take(now, rate) {
                now = now.plus(wait_ms);
                assert_eq!(bucket.take(now, rate), Ok(()));
            }
        }
    }
}
