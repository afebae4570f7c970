//! How a link shows that it lives, and what follows when it does not.
//!
//! An end that has been quiet for a beat says how many messages it has received; so a link that works carries a frame in
//! every beat or two. An end that hears nothing for [`SILENT_BEATS`] whole beats says so, and says so again when it hears
//! something; after [`DEAD_BEATS`] it ends the link. A link that has not been heard yet may be far away, and is not called
//! silent. An end that is itself stopped or starved counts only the beats for which it was awake.
//!
//! Beats are of real time, whatever the speed of a trial.

use std::time::Duration;

/// How often a quiet end shows that it lives.
pub const BEAT: Duration = Duration::from_secs(1);
/// A link without a frame for this number of beats is silent.
pub const SILENT_BEATS: u32 = 3;
/// A link without a frame for this number of beats ends.
pub const DEAD_BEATS: u32 = 10;
/// The most signs of life of all links of a trial together, per second. With more links each end shows one less often: a
/// host that is busy with nothing but beats has no time for ticks.
const BEATS_PER_SECOND_MAX: u64 = 4000;

/// How often the links of a trial show that they live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pulse {
    /// Time from one beat to the next.
    pub beat: Duration,
}

impl Pulse {
    /// The pulse of a trial with this number of connections: a [`BEAT`], longer in proportion beyond 2,000 connections.
    pub fn of(connections: u64) -> Pulse {
        let ends = connections.saturating_mul(2);
        let fair = Duration::from_millis(ends.saturating_mul(1000) / BEATS_PER_SECOND_MAX);
        Pulse {
            beat: BEAT.max(fair),
        }
    }

    /// How long a link may be silent before it is ended.
    pub fn dead_time(self) -> Duration {
        self.beat * DEAD_BEATS
    }
}

/// What a beat has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// Nothing to report.
    None,
    /// The link is silent, since it was last heard.
    Silent {
        /// System time, nanoseconds since the Unix epoch.
        since_ns: u64,
    },
    /// It has been silent for too long.
    Dead,
}

/// What an end has heard of late.
#[derive(Debug)]
pub(super) struct Ear {
    /// When it heard something last; none before the first word.
    heard_ns: Option<u64>,
    /// Whether that was in this beat.
    lately: bool,
    /// Whole beats without a frame.
    quiet: u32,
}

impl Ear {
    /// The ear of a link that begins.
    pub(super) fn new() -> Ear {
        Ear {
            heard_ns: None,
            lately: true,
            quiet: 0,
        }
    }

    /// Something is heard; if the link was silent, since when.
    pub(super) fn hear(&mut self, now_ns: u64) -> Option<u64> {
        let since_ns = self.heard_ns.filter(|_| self.quiet >= SILENT_BEATS);
        *self = Ear {
            heard_ns: Some(now_ns),
            lately: true,
            quiet: 0,
        };
        since_ns
    }

    /// A beat is over.
    pub(super) fn beat(&mut self) -> Sign {
        if std::mem::take(&mut self.lately) {
            return Sign::None;
        }
        self.quiet += 1;
        match (self.quiet, self.heard_ns) {
            (SILENT_BEATS, Some(since_ns)) => Sign::Silent { since_ns },
            (DEAD_BEATS.., _) => Sign::Dead,
            _ => Sign::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_told_once_and_its_end_too() {
        let mut ear = Ear::new();
        assert_eq!(ear.hear(7), None);
        let signs: Vec<Sign> = (0..6).map(|_| ear.beat()).collect();
        let mut expected = [Sign::None; 6];
        // The first beat began before the last word.
        expected[SILENT_BEATS as usize] = Sign::Silent { since_ns: 7 };
        assert_eq!(signs, expected);
        assert_eq!(ear.hear(20), Some(7));
        assert_eq!(ear.hear(21), None);
        assert_eq!(ear.beat(), Sign::None);
    }

    #[test]
    fn a_link_that_stays_silent_is_dead() {
        for heard in [false, true] {
            let mut ear = Ear::new();
            if heard {
                ear.hear(3);
            }
            let signs: Vec<Sign> = (0..=DEAD_BEATS).map(|_| ear.beat()).collect();
            let (last, before) = signs.split_last().expect("some");
            assert_eq!(*last, Sign::Dead);
            let silent = before.contains(&Sign::Silent { since_ns: 3 });
            assert_eq!(silent, heard, "one not heard yet may be far away");
        }
    }

    #[test]
    fn many_links_beat_less_often() {
        assert_eq!(Pulse::of(3).beat, BEAT);
        // A thousand machines, sixteen to a process.
        assert_eq!(Pulse::of(63 * 62 / 2).beat, BEAT);
        for connections in [4950, 499_500] {
            let ends = 2.0 * connections as f64;
            let per_second = ends / Pulse::of(connections).beat.as_secs_f64();
            assert!(
                per_second <= BEATS_PER_SECOND_MAX as f64 * 1.01,
                "{per_second}"
            );
        }
    }
}
