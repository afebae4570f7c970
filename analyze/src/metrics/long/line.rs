//! The line of least squares through points that come one after another.
//!
//! **Invariant.** Sums are of distances from the first point, and carry what rounding takes from them: of ever more points the
//! slope keeps its digits.

/// A sum of fractions that keeps what rounding takes (Neumaier 1974).
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    sum: f64,
    lost: f64,
}

impl Sum {
    #[inline]
    fn add(&mut self, value: f64) {
        let sum = self.sum + value;
        self.lost += match self.sum.abs() >= value.abs() {
            true => (self.sum - sum) + value,
            false => (value - sum) + self.sum,
        };
        self.sum = sum;
    }

    fn value(self) -> f64 {
        self.sum + self.lost
    }
}

/// Sums over the points so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Line {
    /// A point near the middle of all in x, and the first in y.
    about: Option<(f64, f64)>,
    number: f64,
    x: Sum,
    y: Sum,
    xx: Sum,
    xy: Sum,
}

impl Line {
    /// Adds a point; `middle` is about the middle of all x.
    #[inline]
    pub(super) fn add(&mut self, (x, y): (f64, f64), middle: f64) {
        let (about_x, about_y) = *self.about.get_or_insert((middle, y));
        let (x, y) = (x - about_x, y - about_y);
        self.number += 1.0;
        self.x.add(x);
        self.y.add(y);
        self.xx.add(x * x);
        self.xy.add(x * y);
    }

    /// Whether there is one point and no other.
    pub(super) fn is_one_point(&self) -> bool {
        self.number == 1.0
    }

    /// The slope; none where all x are equal.
    pub(super) fn slope(&self) -> Option<f64> {
        let (x, y) = (self.x.value(), self.y.value());
        let below = self.xx.value() - x * x / self.number;
        let above = self.xy.value() - x * y / self.number;
        (below > 0.0).then(|| above / below)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Line;
    use statistics::slope;

    proptest! {
        #[test]
        fn the_slope_is_that_of_all_points(points in prop::collection::vec((0.0..1e6f64, 0.0..1e6f64), 2..200), middle in 0.0..1e6f64) {
            let mut line = Line::default();
            for &point in &points {
                line.add(point, middle);
            }
            let (found, expected) = (line.slope().expect("a line"), slope(points.iter().copied()).expect("a line"));
            prop_assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1e-3), "{found} and {expected}");
        }
    }
}
