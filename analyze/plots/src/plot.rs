//! Where the values of one panel lie on the picture.

use crate::axes::Scale;
use crate::canvas::Pixel;

/// A panel's plot in pixels, with its scales.
pub(crate) struct Plot {
    pub(crate) left: i32,
    pub(crate) top: i32,
    pub(crate) right: i32,
    pub(crate) bottom: i32,
    pub(crate) x: Scale,
    pub(crate) y: Scale,
}

impl Plot {
    /// Where a pair of values lies, in pixels and fractions of them.
    pub(crate) fn exact(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (
            f64::from(self.left) + self.x.share(x) * f64::from(self.right - self.left),
            f64::from(self.bottom) - self.y.share(y) * f64::from(self.bottom - self.top),
        )
    }

    /// Where a pair of values lies.
    pub(crate) fn pixel(&self, values: (f64, f64)) -> Pixel {
        let (x, y) = self.exact(values);
        (x.round() as i32, y.round() as i32)
    }
}
