//! How long messages take, where that is known.

use event_log::{Design, Driver, Latency};

use crate::case::Case;

/// The shortest and the longest delay of messages in nanoseconds.
pub(super) struct Delay {
    pub(super) min_ns: i64,
    pub(super) max_ns: i64,
}

/// The delay of messages, where it is known and nothing was lost; through a relay that of two hops.
pub(super) fn delay(case: &Case<'_>) -> Option<Delay> {
    let condition = &case.trial.info.manifest.as_ref()?.condition;
    let known = condition.driver == Driver::Virtual
        && condition.speed == 1.0
        && case.facts.accounted == 0
        && !case.facts.lossy;
    let hops = match condition.design {
        Design::Mesh | Design::Timekeeper => 1,
        Design::Hub => 2,
    };
    let Latency { min_ns, max_ns } = condition.latency.filter(|_| known)?;
    let over = |ns: u64| i64::try_from(ns.saturating_mul(hops)).unwrap_or(i64::MAX);
    Some(Delay {
        min_ns: over(min_ns),
        max_ns: over(max_ns),
    })
}
