//! Sizes of the jumps of each clock.

use plots::axes::{Axis, Kind};
use plots::series::Curve;

use super::curves::CurveFigure;

pub(super) fn figure() -> CurveFigure {
    CurveFigure {
        title: "How large are the jumps of each clock?",
        reading: "Height: share of events that moved the clock at least this far; 1 is an ordinary tick.",
        x: Axis::counts("jump of the clock from one event to the next (units)"),
        y: Axis {
            kind: Kind::Log,
            floor: 0.001,
            suffix: " %",
            end: Some(100.0),
            ..Axis::linear("share of events with at least this jump (%, logarithmic)")
        },
        curve: |machine| Curve::at_least(&machine.jumps),
        over_time: false,
        nominal: false,
        band: None,
        regime: false,
        rows: None,
        bounds: (0.0, 100.0),
    }
}
