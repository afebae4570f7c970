//! What must go on once all faults are over (L1, L2, L4); without a calm nothing is asked for.
//!
//! **Invariant.** Nothing is asked for of the time before the calm.

use event_log::chat::{ChatCondition, Property};
use machine::process::units::Time;

use super::finding::Finding;

const SECOND_NS: u64 = 1_000_000_000;
/// The suspicion for which the bounds are meant; with a longer one they are longer.
const SUSPICION_NS: u64 = 3 * SECOND_NS;
/// L1: suspicion (3 s), an attempt that fails because another candidate was faster (1.5 s), a second one after its delay (at most
/// 0.85 s), and the wait of somebody who is no member (1.5 s): under 8 s, and some room.
const VIEW_NS: u64 = 10 * SECOND_NS;
/// L2: a client gives up a silent server after 2 s, waits up to 1 s before the next, and may meet two that do not serve; a
/// burst of 70 messages beyond the rate limit takes 3.5 s.
const ANSWER_NS: u64 = 15 * SECOND_NS;
/// L4: longer than suspicion and patience together, so that a view that is to change has changed.
const STEADY_NS: u64 = 5 * SECOND_NS;

/// The bounds of a trial, and what was seen of it since the calm.
#[derive(Debug, Clone)]
pub(crate) struct Liveness {
    /// When all faults are over; none if they last.
    calm: Option<Time>,
    view_ns: u64,
    answer_ns: u64,
    steady_ns: u64,
    /// When somebody served for the first time since the calm.
    served: Option<Time>,
    /// When a view began to serve, last.
    changed: Option<Time>,
}

impl Liveness {
    pub(crate) fn new(condition: &ChatCondition, calm: Option<Time>) -> Liveness {
        let scaled = |bound_ns: u64| {
            let longest_ns = u128::from(condition.suspect_ns.max(SUSPICION_NS));
            let scaled_ns = u128::from(bound_ns) * longest_ns / u128::from(SUSPICION_NS);
            u64::try_from(scaled_ns).unwrap_or(u64::MAX)
        };
        Liveness {
            calm,
            view_ns: scaled(VIEW_NS),
            answer_ns: scaled(ANSWER_NS),
            steady_ns: scaled(STEADY_NS),
            served: None,
            changed: None,
        }
    }

    /// From when on all of it can be judged.
    pub(super) fn due(&self) -> Option<Time> {
        let least_ns = self.view_ns.saturating_add(self.steady_ns);
        self.calm.map(|calm| calm.after_ns(least_ns))
    }

    /// Whether this long after the calm all of it can be judged.
    pub(crate) fn is_due(&self, now: Time) -> bool {
        self.due().is_some_and(|due| now >= due)
    }

    /// Somebody serves.
    pub(crate) fn serves(&mut self, now: Time) {
        if self.served.is_none() && self.calm.is_some_and(|calm| now >= calm) {
            self.served = Some(now);
        }
    }

    /// A view begins to serve.
    pub(crate) fn changes(&mut self, now: Time) {
        self.changed = Some(now);
    }

    /// A view serves in time (L1).
    pub(crate) fn view(&self, now: Time) -> Result<(), Finding> {
        let Some(calm) = self.calm else {
            return Ok(());
        };
        let until = self.served.unwrap_or(now);
        match until > calm.after_ns(self.view_ns) {
            false => Ok(()),
            true => Err(Finding::of(
                Property::L1,
                format!(
                    "nobody serves {} after the last fault",
                    seconds(until.since_ns(calm))
                ),
            )),
        }
    }

    /// A client is answered in time (L2).
    pub(crate) fn answer(&self, now: Time, unanswered: Option<Time>) -> Result<(), Finding> {
        let (Some(calm), Some(since)) = (self.calm, unanswered) else {
            return Ok(());
        };
        let since = since.max(calm.after_ns(self.view_ns));
        match now > since.after_ns(self.answer_ns) {
            false => Ok(()),
            true => Err(Finding::of(
                Property::L2,
                format!(
                    "it waits for an answer, and none has come for {}; the last fault was {} ago",
                    seconds(now.since_ns(since)),
                    seconds(now.since_ns(calm))
                ),
            )),
        }
    }

    /// In the end views do not change (L4).
    pub(crate) fn steady(&self, now: Time) -> Result<(), Finding> {
        let Some(changed) = self.changed.filter(|_| self.is_due(now)) else {
            return Ok(());
        };
        match now.since_ns(changed) < self.steady_ns {
            false => Ok(()),
            true => Err(Finding::of(
                Property::L4,
                format!(
                    "a view begins to serve {} before the end",
                    seconds(now.since_ns(changed))
                ),
            )),
        }
    }
}

pub(crate) fn seconds(nanoseconds: u64) -> String {
    format!("{:.3} s", nanoseconds as f64 / SECOND_NS as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Time {
        Time(seconds * SECOND_NS)
    }

    fn property(found: Result<(), Finding>) -> Option<Property> {
        found.err().map(|finding| finding.property)
    }

    #[test]
    fn a_view_has_ten_seconds_a_client_fifteen_more_and_the_end_is_steady() {
        let mut liveness = Liveness::new(&ChatCondition::default(), Some(at(100)));
        liveness.serves(at(50));
        liveness.changes(at(104));
        assert_eq!(property(liveness.view(at(110))), None);
        assert_eq!(property(liveness.view(at(111))), Some(Property::L1));
        assert_eq!(property(liveness.steady(at(114))), None, "too early to say");
        liveness.serves(at(105));
        assert_eq!(property(liveness.view(at(900))), None);
        assert_eq!(property(liveness.answer(at(125), Some(at(20)))), None);
        assert_eq!(
            property(liveness.answer(at(126), Some(at(20)))),
            Some(Property::L2)
        );
        assert_eq!(property(liveness.answer(at(900), None)), None);
        liveness.changes(at(112));
        assert_eq!(property(liveness.steady(at(116))), Some(Property::L4));
        assert_eq!(property(liveness.steady(at(117))), None);
    }

    #[test]
    fn with_a_longer_suspicion_there_is_more_time_and_without_a_calm_no_question() {
        let condition = ChatCondition {
            suspect_ns: 6 * SECOND_NS,
            ..ChatCondition::default()
        };
        let liveness = Liveness::new(&condition, Some(at(100)));
        assert_eq!(property(liveness.view(at(120))), None);
        assert_eq!(property(liveness.view(at(121))), Some(Property::L1));
        let never = Liveness::new(&condition, None);
        assert_eq!(property(never.view(at(9_000))), None);
        assert_eq!(property(never.answer(at(9_000), Some(at(1)))), None);
    }
}
