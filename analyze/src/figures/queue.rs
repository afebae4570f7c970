//! Length of each network queue: over time, and how often it was how long.

use plots::axes::Axis;
use plots::series::{Curve, Join};

use super::curves::CurveFigure;

/// Over time.
pub(super) fn over_time() -> CurveFigure {
    CurveFigure {
        title: "Does any queue grow without end?",
        reading: "A line that keeps rising: more messages arrive than the machine has ticks to read.",
        x: Axis::time(),
        y: Axis::counts("queue length (messages)"),
        curve: |machine| Curve::new(&machine.queue, Join::Step, 0.0),
        over_time: true,
        nominal: false,
        band: Some(|band| &band.queue),
        regime: true,
        rows: Some(|machine| machine.queue_lengths.values().sum()),
        bounds: (0.0, f64::INFINITY),
    }
}

/// How often it was how long.
pub(super) fn distribution() -> CurveFigure {
    CurveFigure {
        title: "How long is each queue, and how often?",
        reading: "Height: share of events after which at least this many messages waited.",
        x: Axis::counts("queue length (messages)"),
        y: Axis {
            suffix: " %",
            end: Some(100.0),
            ..Axis::linear("share of events with at least this queue (%)")
        },
        curve: |machine| Curve::at_least(&machine.queue_lengths),
        over_time: false,
        nominal: false,
        band: None,
        regime: false,
        rows: Some(|machine| machine.queue_lengths.values().sum()),
        bounds: (0.0, 100.0),
    }
}
