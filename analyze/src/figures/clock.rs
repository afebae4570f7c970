//! Logical clocks against system time.

use plots::axes::Axis;
use plots::series::{Curve, Join};

use super::curves::CurveFigure;

pub(super) fn figure() -> CurveFigure {
    CurveFigure {
        title: "Does each logical clock keep its own pace?",
        reading: "Solid: the logical clock.",
        x: Axis::time(),
        y: Axis::linear("logical clock (units)"),
        curve: |machine| Curve::new(&machine.clock, Join::Step, 0.0),
        over_time: true,
        nominal: true,
        band: Some(|band| &band.clock),
        regime: false,
        rows: None,
        bounds: (0.0, f64::INFINITY),
    }
}
