//! Quantiles and tails of Student's t.
//!
//! By bisection of the distribution function, which always ends: the inverse that statrs 0.19 offers iterates without
//! end for some degrees of freedom, and Welch's are any number.

use std::cell::Cell;

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// Degrees of freedom from which t is taken as normal; its quantiles then differ by less than a millionth.
const NORMAL_FROM: f64 = 1e7;

/// The value below which Student's t of `freedom` degrees of freedom lies with this probability; none for a probability
/// outside [½, 1) or freedom not above 0.
pub fn quantile(probability: f64, freedom: f64) -> Option<f64> {
    if !(0.5..1.0).contains(&probability) || freedom.is_nan() || freedom <= 0.0 {
        return None;
    }
    if probability == 0.5 {
        return Some(0.0);
    }
    if freedom >= NORMAL_FROM {
        return Some(Normal::standard().inverse_cdf(probability));
    }
    // Estimates of all metrics of as many trials ask for the same.
    let asked = (probability, freedom);
    if let Some((_, found)) = LAST.get().filter(|(before, _)| *before == asked) {
        return Some(found);
    }
    let found = bisected(probability, freedom)?;
    LAST.set(Some((asked, found)));
    Some(found)
}

thread_local! {
    /// The last quantile that was found, beside its probability and its degrees of freedom.
    static LAST: Cell<Option<((f64, f64), f64)>> = const { Cell::new(None) };
}

fn bisected(probability: f64, freedom: f64) -> Option<f64> {
    let student = StudentsT::new(0.0, 1.0, freedom).ok()?;
    let (mut low, mut high) = (0.0, 1.0);
    while student.cdf(high) < probability {
        (low, high) = (high, high * 2.0);
        if !f64::is_finite(high) {
            return None;
        }
    }
    // Until no number lies between the two.
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            return Some(high);
        }
        if student.cdf(middle) < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
}

/// The probability that Student's t of `freedom` degrees of freedom is at least `t`; 1 where that is not defined, so that
/// nothing is ever shown by it.
pub fn upper_tail(t: f64, freedom: f64) -> f64 {
    if t.is_nan() || freedom.is_nan() || freedom <= 0.0 {
        return 1.0;
    }
    if freedom >= NORMAL_FROM {
        return Normal::standard().sf(t);
    }
    StudentsT::new(0.0, 1.0, freedom).map_or(1.0, |student| student.sf(t))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_those_of_tables() {
        for (t, freedom, expected) in [
            (2.776_445, 4.0, 0.025),
            (-1.812_461, 10.0, 0.95),
            (1.959_964, 1e9, 0.025),
        ] {
            let found = upper_tail(t, freedom);
            assert!((found - expected).abs() < 1e-6, "{t}, {freedom}: {found}");
        }
        assert_eq!(upper_tail(f64::NAN, 3.0), 1.0);
        assert!(upper_tail(1e300, 3.0) < 1e-12);
    }

    #[test]
    fn quantiles_are_those_of_tables() {
        // Any table; the last is the normal quantile, 1.959964.
        for (probability, freedom, expected) in [
            (0.975, 1.0, 12.706_204_74),
            (0.975, 4.0, 2.776_445_105),
            (0.95, 10.0, 1.812_461_123),
            (0.995, 30.0, 2.749_995_654),
            (0.975, 1_999_998.0, 1.959_965),
            (0.975, 1e9, 1.959_964),
        ] {
            let found = quantile(probability, freedom).expect("a quantile");
            assert!((found - expected).abs() < 2e-6, "{freedom}: {found}");
        }
        assert_eq!(quantile(0.5, 3.0), Some(0.0));
        assert_eq!((quantile(1.0, 3.0), quantile(0.9, f64::NAN)), (None, None));
    }

    #[test]
    fn fractions_of_a_degree_lie_between_their_neighbours() {
        for tenths in 10..3_000 {
            let at = |tenths: i32| quantile(0.975, f64::from(tenths) / 10.0).expect("a quantile");
            assert!(at(tenths) > at(tenths + 1), "{tenths}");
        }
    }
}
