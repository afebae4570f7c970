//! Values in units of the logical clock: whole numbers mostly, and written as such.

use std::cmp::Ordering;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Up to here a whole `f64` stands for one whole number.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Units of a logical clock. In JSON a whole value is an integer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Units(pub f64);

impl Serialize for Units {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.fract() == 0.0 && self.0.abs() <= EXACT {
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

impl<'a> Deserialize<'a> for Units {
    fn deserialize<D: Deserializer<'a>>(from: D) -> Result<Units, D::Error> {
        f64::deserialize(from).map(Units)
    }
}

impl PartialEq for Units {
    fn eq(&self, other: &Units) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Units {}

impl PartialOrd for Units {
    fn partial_cmp(&self, other: &Units) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Units {
    fn cmp(&self, other: &Units) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// `a − b`, rounded once.
pub(crate) fn difference(a: i64, b: i64) -> f64 {
    match a.checked_sub(b) {
        Some(difference) => difference as f64,
        None => (i128::from(a) - i128::from(b)) as f64,
    }
}

/// What a metric can be: a number.
pub trait Number: Copy {
    /// Its value.
    fn number(self) -> f64;
}

impl Number for u64 {
    fn number(self) -> f64 {
        self as f64
    }
}

impl Number for i64 {
    fn number(self) -> f64 {
        self as f64
    }
}

impl Number for f64 {
    fn number(self) -> f64 {
        self
    }
}

impl Number for Units {
    fn number(self) -> f64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Units;

    #[test]
    fn whole_units_are_integers_in_json() {
        let json = |value| serde_json::to_string(&Units(value)).expect("a number");
        assert_eq!(json(13.0), "13");
        assert_eq!(json(-2.0), "-2");
        assert_eq!(json(2.5), "2.5");
        assert!(Units(-1.0) < Units(0.5));
    }
}
