//! When a replica speaks, and when it takes silence for death.
//!
//! No rule of safety depends on these numbers but two: with [`crate::rules::Tolerance::Crashes`] a replica that runs must
//! answer within the suspicion, and a stall must be noticed before the suspicion of others ends.
//!
//! **Invariant.** heartbeat < stall < suspicion.

/// Spans of time, all in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// Between two heartbeats.
    pub heartbeat_ns: u64,
    /// A peer that is silent for longer is suspected dead.
    pub suspicion_ns: u64,
    /// A replica that does not run for longer takes itself for dead.
    pub stall_ns: u64,
    /// How long a candidate waits at least for the answers of all before it decides with fewer.
    pub gathering_ns: u64,
    /// How long at most, where it has learned that answers take long.
    pub gathering_max_ns: u64,
    /// How long a candidate tries before it gives up, unless it has learned that answers take longer.
    pub attempt_ns: u64,
    /// Until what was not answered is sent again.
    pub repetition_ns: u64,
    /// How long a replica waits at least before it becomes a candidate.
    pub patience_ns: u64,
    /// How much longer it waits for each replica with a lower id: so the usual case has one candidate.
    pub rank_delay_ns: u64,
    /// Up to how much longer still, drawn anew each time: so a duel ends.
    pub jitter_ns: u64,
}

/// Spans that cannot go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a heartbeat of {heartbeat_ns} ns and a suspicion of {suspicion_ns} ns: expected a suspicion of at least 3 heartbeats, \
     and heartbeats of at least 1 ms; lower the heartbeat or raise the suspicion"
)]
pub struct TimingError {
    heartbeat_ns: u64,
    suspicion_ns: u64,
}

const MILLISECOND_NS: u64 = 1_000_000;

impl Timing {
    /// The timing of a group with this heartbeat and suspicion; a stall is half a suspicion.
    ///
    /// # Errors
    ///
    /// [`TimingError`] where the suspicion is not at least three heartbeats, or a heartbeat is less than a millisecond.
    pub fn new(heartbeat_ns: u64, suspicion_ns: u64) -> Result<Timing, TimingError> {
        if heartbeat_ns < MILLISECOND_NS || suspicion_ns / 3 < heartbeat_ns {
            return Err(TimingError {
                heartbeat_ns,
                suspicion_ns,
            });
        }
        Ok(Timing {
            heartbeat_ns,
            suspicion_ns,
            stall_ns: suspicion_ns / 2,
            gathering_ns: 200 * MILLISECOND_NS,
            gathering_max_ns: suspicion_ns.max(200 * MILLISECOND_NS),
            attempt_ns: 1_500 * MILLISECOND_NS,
            repetition_ns: 250 * MILLISECOND_NS,
            patience_ns: 0,
            rank_delay_ns: 150 * MILLISECOND_NS,
            jitter_ns: 400 * MILLISECOND_NS,
        })
    }

    /// How long a replica that is in no view waits for a primary before it becomes a candidate: heartbeats come sooner.
    pub(crate) fn orphan_ns(&self) -> u64 {
        self.attempt_ns.max(self.stall_ns)
    }
}

impl Default for Timing {
    /// A heartbeat a second, suspicion after three.
    fn default() -> Timing {
        match Timing::new(1_000 * MILLISECOND_NS, 3_000 * MILLISECOND_NS) {
            Ok(timing) => timing,
            Err(error) => unreachable!("{error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_that_cannot_go_together_are_refused_with_the_reason() {
        for (heartbeat_ns, suspicion_ns) in [(1, 3), (1_000_000_000, 2_999_999_999), (0, 0)] {
            let error = Timing::new(heartbeat_ns, suspicion_ns).expect_err("no such timing");
            assert!(error.to_string().contains(&format!("{suspicion_ns} ns")));
        }
        let fast = Timing::new(100_000_000, 500_000_000).expect("the fast profile");
        assert!(fast.heartbeat_ns < fast.stall_ns && fast.stall_ns < fast.suspicion_ns);
        let slow = Timing::default();
        assert!(slow.heartbeat_ns < slow.stall_ns && slow.stall_ns < slow.suspicion_ns);
    }
}
