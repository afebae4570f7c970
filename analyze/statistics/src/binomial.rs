//! The share of trials in which something holds: exact tests and intervals.
//!
//! Source: Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial",
//! Biometrika 26, 1934. Exact means that the error is at most what is said, for any number of trials; it is often less.

use statrs::function::beta::beta_reg;

use crate::CONFIDENCE;

/// How often something held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Number of trials in which it held.
    pub held: u64,
    /// Number of trials; at least 1.
    pub of: u64,
}

impl Share {
    /// The share itself.
    pub fn estimate(self) -> f64 {
        self.held as f64 / self.of as f64
    }

    /// p of the hypothesis that the true share is at most `bound`: P(X ≥ held) there.
    pub fn p_above(self, bound: f64) -> f64 {
        if self.held == 0 {
            return 1.0;
        }
        self.at_least(self.held, bound)
    }

    /// p of the hypothesis that the true share is at least `bound`: P(X ≤ held) there.
    pub fn p_below(self, bound: f64) -> f64 {
        if self.held == self.of {
            return 1.0;
        }
        // The tail of those that did not hold: a difference from 1 would lose the digits of a small p.
        let others = Share {
            held: self.of - self.held,
            of: self.of,
        };
        others.at_least(others.held, 1.0 - bound)
    }

    /// P(X ≥ count) for a true share: the regularised incomplete beta function I(share; count, of − count + 1), for a
    /// count from 1 to `of`.
    fn at_least(self, count: u64, share: f64) -> f64 {
        if share <= 0.0 {
            return 0.0;
        }
        if share >= 1.0 {
            return 1.0;
        }
        beta_reg(count as f64, (self.of - count) as f64 + 1.0, share)
    }

    /// Ends of the 95 % interval: the shares that neither one-sided test refutes at half of 5 %.
    pub fn interval(self) -> (f64, f64) {
        let half = (1.0 - CONFIDENCE) / 2.0;
        let low = match self.held {
            0 => 0.0,
            _ => boundary(|share| self.p_above(share) > half),
        };
        let high = match self.of - self.held {
            0 => 1.0,
            _ => boundary(|share| self.p_below(share) < half),
        };
        (low, high)
    }
}

/// The share from which a condition holds that does not hold at 0.
fn boundary(holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    // Halved until nothing is left that a double could tell apart.
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if holds(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_r() {
        // binom.test(7, 20): 0.1539092 .. 0.5921885; binom.test(40, 40): 0.9119042 .. 1.
        let (low, high) = Share { held: 7, of: 20 }.interval();
        assert!((low - 0.153_909_2).abs() < 1e-6, "{low}");
        assert!((high - 0.592_188_5).abs() < 1e-6, "{high}");
        let (low, high) = Share { held: 40, of: 40 }.interval();
        assert!((low - 0.911_904_2).abs() < 1e-4, "{low}");
        assert_eq!(high, 1.0);
        assert_eq!(Share { held: 0, of: 3 }.interval().0, 0.0);
    }

    #[test]
    fn p_are_sums_of_the_binomial() {
        // 3 of 4 at one half: P(X >= 3) = 5/16, P(X <= 3) = 15/16.
        let share = Share { held: 3, of: 4 };
        assert!((share.p_above(0.5) - 0.3125).abs() < 1e-12);
        assert!((share.p_below(0.5) - 0.9375).abs() < 1e-12);
        // Small p keep their digits: 40 trials and none holds, at nine tenths: 10⁻⁴⁰.
        let none_of_forty = Share { held: 0, of: 40 };
        assert!((none_of_forty.p_below(0.9) * 1e40 - 1.0).abs() < 1e-9);
        let all = Share { held: 4, of: 4 };
        assert_eq!((all.p_below(0.9), all.p_above(1.0)), (1.0, 1.0));
        assert!((all.p_above(0.5) - 0.0625).abs() < 1e-12);
        let none = Share { held: 0, of: 4 };
        assert_eq!((none.p_above(0.5), none.p_below(0.0)), (1.0, 1.0));
    }
}
