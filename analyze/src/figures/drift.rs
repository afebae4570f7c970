//! What each clock gained over its machine's own nominal clock.

use plots::axes::Axis;
use plots::series::{Curve, Join};

use super::curves::CurveFigure;

pub(super) fn figure() -> CurveFigure {
    CurveFigure {
        title: "How far does each clock run ahead of its own pace?",
        reading: "Height: the logical clock less rate × time; at 0 nothing but its own ticks moved it.",
        x: Axis::time(),
        y: Axis::linear("drift (clock units gained)"),
        curve: |machine| Curve::new(&machine.drift, Join::Straight, 0.0),
        over_time: true,
        nominal: false,
        band: None,
        regime: false,
        rows: None,
        bounds: (f64::NEG_INFINITY, f64::INFINITY),
    }
}
