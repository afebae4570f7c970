//! How fast a connection may send.
//!
//! A bucket of tokens, kept as the time at which it would be full: each frame takes one, and one more comes with each interval.
//!
//! **Invariant.** In any span of time no more frames are taken than a burst and those of the rate.

use std::time::Duration;

use tokio::time::Instant;

/// Tokens for frames.
#[derive(Debug)]
pub(super) struct Bucket {
    interval: Duration,
    burst: u32,
    /// When it is full again.
    full: Instant,
}

impl Bucket {
    /// A full one.
    pub(super) fn new(frames_per_second: u32, burst: u32, now: Instant) -> Bucket {
        Bucket {
            interval: Duration::from_secs(1) / frames_per_second.max(1),
            burst: burst.max(1),
            full: now,
        }
    }

    /// Takes a token.
    ///
    /// # Errors
    ///
    /// There is none; with the time at which there is one.
    pub(super) fn take(&mut self, now: Instant) -> Result<(), Instant> {
        let lacking = self.full.saturating_duration_since(now);
        let lacking_max = self.interval * (self.burst - 1);
        if lacking > lacking_max {
            return Err(self.full - lacking_max);
        }
        self.full = self.full.max(now) + self.interval;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_span_has_more_than_a_burst_and_its_rate(
            rate in 1..500_u32, burst in 1..50_u32, pauses_us in proptest::collection::vec(0..20_000_u64, 1..300),
        ) {
            let begin = Instant::now();
            let mut bucket = Bucket::new(rate, burst, begin);
            let (mut now, mut taken) = (begin, 0_u32);
            for pause in pauses_us {
                now += Duration::from_micros(pause);
                match bucket.take(now) {
                    Ok(()) => taken += 1,
                    Err(due) => {
                        prop_assert!(due > now);
                        now = due;
                        prop_assert!(bucket.take(now).is_ok());
                        taken += 1;
                    }
                }
                let allowed = f64::from(burst) + (now - begin).as_secs_f64() * f64::from(rate);
                prop_assert!(f64::from(taken) <= allowed + 1e-3);
            }
        }
    }

    #[test]
    fn a_burst_is_taken_at_once_and_no_frame_more() {
        let now = Instant::now();
        let mut bucket = Bucket::new(10, 3, now);
        assert!((0..3).all(|_| bucket.take(now).is_ok()));
        assert_eq!(bucket.take(now), Err(now + Duration::from_millis(100)));
    }
}
