//! How often a two-sample t test sees a difference that is there, and how many trials that takes.

use statrs::distribution::{ContinuousCDF, Normal};
use statrs::function::gamma::ln_gamma;

use crate::student;

/// Steps of Simpson's rule; even. They are a twentieth of a standard deviation of S long, which leaves an error below
/// 1e-6, and below 2e-6 for one degree of freedom.
const STEPS: u32 = 400;
/// Trials of one condition above which a plan is given up.
pub const TRIALS_MAX: u64 = 10_000_000;

/// An effect above which nothing is looked for, in standard deviations.
const EFFECT_MAX: f64 = 1e6;

/// Power of the two-sided two-sample t test at level `alpha` with `trials` on each side, where the true difference is
/// `effect` standard deviations between trials; none for fewer than two trials or an alpha outside (0, 1).
///
/// The statistic is T = (Z + δ) / √(V / ν), noncentral t with ν = 2 n − 2 and δ = effect · √(n / 2), Z standard normal and
/// V chi-square of ν degrees of freedom (Johnson, Kotz and Balakrishnan, "Continuous Univariate Distributions" 2, 1995,
/// chapter 31). With S = √(V / ν) and t the critical value, power = E[Φ(δ − t S) + Φ(−δ − t S)], integrated over the
/// density of S by Simpson's rule.
pub fn power(trials: u64, effect: f64, alpha: f64) -> Option<f64> {
    if trials < 2 {
        return None;
    }
    let trials = trials as f64;
    of_t(2.0 * trials - 2.0, effect * (trials / 2.0).sqrt(), alpha)
}

/// Power of the two-sided t test of this number of pairs, where the true mean of the differences is `effect` of their standard
/// deviations; none for fewer than two pairs or an alpha outside (0, 1).
pub fn power_of_pairs(pairs: u64, effect: f64, alpha: f64) -> Option<f64> {
    if pairs < 2 {
        return None;
    }
    let pairs = pairs as f64;
    of_t(pairs - 1.0, effect * pairs.sqrt(), alpha)
}

/// The smallest effect, in standard deviations, that a test of this power function sees with probability `wanted`; none
/// where the function gives nothing, or no effect is large enough.
pub fn smallest_effect(power: impl Fn(f64) -> Option<f64>, wanted: f64) -> Option<f64> {
    let enough = |effect: f64| power(effect).map(|power| power >= wanted);
    let (mut low, mut high) = (0.0, 1.0);
    while !enough(high)? {
        (low, high) = (high, high * 2.0);
        if high > EFFECT_MAX {
            return None;
        }
    }
    // A thousandth of the effect is closer than anybody plans.
    while high - low > high / 1_000.0 {
        let middle = f64::midpoint(low, high);
        if enough(middle)? {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high)
}

/// Probability that |T| exceeds its critical value, T noncentral t of these degrees of freedom around `shift`.
fn of_t(freedom: f64, shift: f64, alpha: f64) -> Option<f64> {
    if !(alpha > 0.0 && alpha < 1.0 && shift.is_finite()) {
        return None;
    }
    let normal = Normal::standard();
    let critical = student::quantile(1.0 - alpha / 2.0, freedom)?;
    let seen =
        |scale: f64| normal.cdf(shift - critical * scale) + normal.cdf(-shift - critical * scale);
    // S has mean about 1 and standard deviation about 1 / √(2 ν); ten of them hold all but 1e-20 of it.
    let reach = 10.0 / (2.0 * freedom).sqrt();
    let low = (1.0 - reach).max(0.0);
    let width = (1.0 + reach - low) / f64::from(STEPS);
    let sum: f64 = (0..=STEPS)
        .map(|step| {
            let scale = low + width * f64::from(step);
            let weight = match step {
                0 | STEPS => 1.0,
                step if step % 2 == 1 => 4.0,
                _ => 2.0,
            };
            weight * chi_density(scale, freedom) * seen(scale)
        })
        .sum();
    Some((sum * width / 3.0).clamp(0.0, 1.0))
}

/// Density of S = √(V / ν) at `scale`: 2 (ν / 2)^(ν / 2) / Γ(ν / 2) · s^(ν − 1) · e^(−ν s² / 2).
fn chi_density(scale: f64, freedom: f64) -> f64 {
    // At 0 only one degree of freedom has a density.
    if scale <= 0.0 && freedom > 1.0 {
        return 0.0;
    }
    let half = freedom / 2.0;
    let power_of_scale = if freedom > 1.0 {
        (freedom - 1.0) * scale.ln()
    } else {
        0.0
    };
    let logarithm = half * half.ln() - ln_gamma(half) + power_of_scale - half * scale * scale;
    2.0 * logarithm.exp()
}

/// The fewest trials on each side with which the power is at least `wanted`; none if not even [`TRIALS_MAX`] reach it.
pub fn trials_needed(effect: f64, alpha: f64, wanted: f64) -> Option<u64> {
    let enough = |trials: u64| power(trials, effect, alpha).is_some_and(|power| power >= wanted);
    let mut high = 2;
    while !enough(high) {
        high *= 2;
        if high > TRIALS_MAX {
            return None;
        }
    }
    // Too few at `low`, enough at `high`.
    let mut low = high / 2;
    while high - low > 1 {
        let middle = u64::midpoint(low, high);
        if enough(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_is_that_of_r() {
        // power.t.test(n, delta, sd = 1, strict = TRUE), the first two from R's manual page and Cohen (1988):
        for (trials, effect, alpha, expected) in
            [(20, 1.0, 0.05, 0.868_952_8), (64, 0.5, 0.05, 0.801_459_6)]
        {
            let found = power(trials, effect, alpha).expect("a power");
            assert!((found - expected).abs() < 1e-6, "{trials}: {found}");
        }
    }

    #[test]
    fn without_effect_power_is_alpha() {
        for trials in [2, 3, 10, 1000, 1_000_000] {
            let found = power(trials, 0.0, 0.05).expect("a power");
            assert!((found - 0.05).abs() < 1e-6, "{trials}: {found}");
        }
    }

    #[test]
    fn pairs_have_the_power_that_r_gives_them() {
        // power.t.test(n = 20, delta = 1, type = "paired", strict = TRUE): 0.9886; one-sample n = 10, delta = 1: 0.8031.
        for (pairs, expected) in [(20, 0.9886), (10, 0.8031)] {
            let found = power_of_pairs(pairs, 1.0, 0.05).expect("a power");
            assert!((found - expected).abs() < 1e-3, "{pairs}: {found}");
        }
        assert_eq!(power_of_pairs(1, 1.0, 0.05), None);
        // One degree of freedom, where the density of S does not begin at 0.
        let found = power_of_pairs(2, 0.0, 0.05).expect("a power");
        assert!((found - 0.05).abs() < 2e-6, "{found}");
    }

    #[test]
    fn the_smallest_effect_has_just_the_power_wanted() {
        // Cohen's table: 64 on each side see 0.5 with 80 %.
        let found = smallest_effect(|effect| power(64, effect, 0.05), 0.8).expect("an effect");
        assert!((found - 0.5).abs() < 2e-3, "{found}");
        assert_eq!(smallest_effect(|effect| power(1, effect, 0.05), 0.8), None);
    }

    #[test]
    fn the_fewest_trials_are_those_of_r() {
        // R's manual page: power.t.test(power = .90, delta = 1) needs n = 22.02; Cohen's table: 64 for d = 0.5, 80 %.
        assert_eq!(trials_needed(1.0, 0.05, 0.9), Some(23));
        assert_eq!(trials_needed(-0.5, 0.05, 0.8), Some(64));
        assert_eq!(trials_needed(50.0, 0.05, 0.9), Some(2));
        assert_eq!(trials_needed(0.0, 0.05, 0.9), None);
        assert_eq!(power(1, 1.0, 0.05), None);
        assert_eq!(power(10, 1.0, 0.0), None);
    }
}
