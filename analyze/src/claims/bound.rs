//! Where a number is claimed to lie, and the two questions that a claim asks of an estimate.
//!
//! **Invariant.** Of the two p of a claim the smaller supports or refutes it; they are never both below one half.

use std::fmt;

use serde::Deserialize;

/// A set of numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// More than this.
    Above(f64),
    /// Less than this.
    Below(f64),
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
    /// Between these two, both included.
    Within(f64, f64),
}

/// A bound as a ledger writes it: one key of these.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BoundKeys {
    pub(super) above: Option<f64>,
    pub(super) below: Option<f64>,
    pub(super) at_least: Option<f64>,
    pub(super) at_most: Option<f64>,
    pub(super) within: Option<[f64; 2]>,
}

impl BoundKeys {
    /// The one bound that is given; none without any.
    pub(super) fn bound(&self) -> Result<Option<Bound>, String> {
        let within = self.within.map(|[low, high]| Bound::Within(low, high));
        let given = [
            self.above.map(Bound::Above),
            self.below.map(Bound::Below),
            self.at_least.map(Bound::AtLeast),
            self.at_most.map(Bound::AtMost),
            within,
        ];
        let given: Vec<Bound> = given.into_iter().flatten().collect();
        let bound = match given.as_slice() {
            [] => return Ok(None),
            [one] => *one,
            _ => {
                return Err(
                    "expected one bound, found several: for two ends write within = [LOW, HIGH]"
                        .to_owned(),
                );
            }
        };
        let (low, high) = bound.ends();
        if !low.is_finite() || !high.is_finite() {
            return Err(format!("{bound}: expected a finite number"));
        }
        if low > high {
            return Err(format!(
                "within = [{low}, {high}]: expected the smaller number first"
            ));
        }
        Ok(Some(bound))
    }

    /// The one bound that must be given.
    pub(super) fn required(&self, of: &str) -> Result<Bound, String> {
        self.bound()?.ok_or_else(|| {
            format!("`{of}` says no size: expected above, below, at_least, at_most or within = [LOW, HIGH]")
        })
    }
}

/// What can be asked about a quantity that is known from a sample: p that is small where the quantity lies on that side.
pub(super) trait OneSided {
    /// p of the hypothesis that the quantity is at most `bound`.
    fn p_above(&self, bound: f64) -> f64;
    /// p of the hypothesis that it is at least `bound`.
    fn p_below(&self, bound: f64) -> f64;
}

impl Bound {
    /// Its two ends; twice the same number where it has one.
    pub(super) fn ends(self) -> (f64, f64) {
        match self {
            Bound::Within(low, high) => (low, high),
            Bound::Above(end) | Bound::Below(end) | Bound::AtLeast(end) | Bound::AtMost(end) => {
                (end, end)
            }
        }
    }

    /// Whether one number, known exactly, lies there.
    pub fn contains(self, value: f64) -> bool {
        match self {
            Bound::Above(bound) => value > bound,
            Bound::Below(bound) => value < bound,
            Bound::AtLeast(bound) => value >= bound,
            Bound::AtMost(bound) => value <= bound,
            Bound::Within(low, high) => (low..=high).contains(&value),
        }
    }

    /// p of the hypothesis that the quantity lies here: where it is small, the claim is refuted. Between two ends either
    /// may refute, hence twice the smaller (Bonferroni).
    pub(super) fn p_refute(self, quantity: &impl OneSided) -> f64 {
        match self {
            Bound::Above(bound) | Bound::AtLeast(bound) => quantity.p_below(bound),
            Bound::Below(bound) | Bound::AtMost(bound) => quantity.p_above(bound),
            Bound::Within(low, high) => {
                (2.0 * quantity.p_below(low).min(quantity.p_above(high))).min(1.0)
            }
        }
    }

    /// p of the hypothesis that the quantity lies outside: where it is small, the claim is supported. Between two ends it
    /// must be shown to lie within both, hence the larger of two one-sided tests (Schuirmann, "A comparison of the two
    /// one-sided tests procedure and the power approach", Journal of Pharmacokinetics and Biopharmaceutics 15, 1987).
    pub(super) fn p_support(self, quantity: &impl OneSided) -> f64 {
        match self {
            Bound::Above(bound) | Bound::AtLeast(bound) => quantity.p_above(bound),
            Bound::Below(bound) | Bound::AtMost(bound) => quantity.p_below(bound),
            Bound::Within(low, high) => quantity.p_above(low).max(quantity.p_below(high)),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Bound::Above(bound) => write!(f, "above {bound}"),
            Bound::Below(bound) => write!(f, "below {bound}"),
            Bound::AtLeast(bound) => write!(f, "at least {bound}"),
            Bound::AtMost(bound) => write!(f, "at most {bound}"),
            Bound::Within(low, high) => write!(f, "{low} to {high}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use statistics::contrast::Contrast;

    #[test]
    fn a_bound_is_one_key() {
        let keys = |above, below, within| BoundKeys {
            above,
            below,
            within,
            ..BoundKeys::default()
        };
        assert_eq!(
            keys(Some(3.0), None, None).bound(),
            Ok(Some(Bound::Above(3.0)))
        );
        assert_eq!(keys(None, None, None).bound(), Ok(None));
        assert!(keys(Some(3.0), Some(4.0), None).bound().is_err());
        assert!(keys(None, None, Some([2.0, 1.0])).bound().is_err());
        for endless in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(keys(Some(endless), None, None).bound().is_err());
            assert!(keys(None, None, Some([0.0, endless])).bound().is_err());
        }
        assert!(keys(None, None, None).required("mean").is_err());
    }

    #[test]
    fn no_sample_both_supports_and_refutes() {
        let samples: [&[f64]; 4] = [
            &[1.0, 2.0, 3.0, 4.0],
            &[2.0; 5],
            &[0.0, 0.0, 0.0, 9.0],
            &[-5.0, 5.0],
        ];
        let bounds = [
            Bound::Above(2.0),
            Bound::AtLeast(2.2),
            Bound::Below(2.5),
            Bound::AtMost(0.1),
            Bound::Within(1.0, 3.0),
            Bound::Within(2.0, 2.0),
        ];
        for sample in samples {
            let mean = Contrast::mean(sample).expect("two values and more");
            for bound in bounds {
                let (refute, support) = (bound.p_refute(&mean), bound.p_support(&mean));
                assert!(refute.max(support) >= 0.5, "{sample:?} {bound}");
            }
        }
    }
}
