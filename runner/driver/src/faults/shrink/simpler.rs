//! What may stand in place of a fault, and is easier to read.
//!
//! **Invariant.** What is simpler is never later, longer or more, so that no search for it goes on for ever.

use event_log::faults::{Fault, Offset, OffsetRange, Point, Span, SpanRange, When};

/// Shorter than this no fault is made, nanoseconds.
const SHORTEST_NS: u64 = 1_000_000;

/// The units to which times are rounded, nanoseconds, the coarsest first.
const UNITS_NS: [u64; 5] = [
    10_000_000_000,
    1_000_000_000,
    100_000_000,
    10_000_000,
    1_000_000,
];

/// The fault for half as long.
pub(super) fn shorter(fault: &Fault) -> Option<Fault> {
    let lasts = fault.lasts?;
    let half = Span {
        ns: lasts.min.ns / 2,
    };
    (half.ns >= SHORTEST_NS).then(|| Fault {
        lasts: Some(SpanRange::exactly(half)),
        ..fault.clone()
    })
}

/// The fault with one of its times rounded down.
pub(super) fn rounder(fault: &Fault) -> Vec<Fault> {
    let mut rounder = Vec::new();
    let time_ns = match &fault.when {
        When::At(at) => at.ns,
        When::On(point) => point.from.ns,
    };
    for ns in floors(time_ns) {
        let time = Span { ns };
        let when = match &fault.when {
            When::At(_) => When::At(time),
            When::On(point) => When::On(Point {
                from: time,
                ..point.clone()
            }),
        };
        rounder.push(Fault {
            when,
            ..fault.clone()
        });
    }
    let lasts_ns = fault.lasts.map_or(0, |lasts| lasts.min.ns);
    for ns in floors(lasts_ns).filter(|&ns| ns > 0) {
        rounder.push(Fault {
            lasts: Some(SpanRange::exactly(Span { ns })),
            ..fault.clone()
        });
    }
    let by_ns = fault.severity.by.min.ns;
    for ns in floors(by_ns.unsigned_abs()).filter(|&ns| ns > 0) {
        let mut fault = fault.clone();
        fault.severity.by = OffsetRange::exactly(Offset {
            ns: by_ns.signum() * ns.cast_signed(),
        });
        rounder.push(fault);
    }
    rounder
}

/// What is below a time and rounder.
fn floors(ns: u64) -> impl Iterator<Item = u64> {
    let floors = UNITS_NS.into_iter().map(move |unit_ns| ns - ns % unit_ns);
    floors.filter(move |&floor| floor < ns)
}
