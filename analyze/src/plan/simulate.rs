//! Experiments resampled from a pilot: does the number of trials hold for values that are not normal?
//!
//! The bootstrap: each simulated trial is one of the pilot's, drawn with replacement (Efron and Tibshirani, "An
//! Introduction to the Bootstrap", 1993, chapter 25). Distances from the pilot's mean are stretched by √(n / (n − 1)), so
//! that the resampled population has the pilot's variance s² and not (n − 1) / n of it (Davison and Hinkley, "Bootstrap
//! Methods and their Application", 1997, section 3.2).

use serde::Serialize;
use statistics::chance::Chance;
use statistics::difference::Moments;
use statistics::student;

/// Simulated experiments, unless they are very large.
const EXPERIMENTS: u64 = 4_000;
/// The fewest.
const EXPERIMENTS_MIN: u64 = 200;
/// Simulated trials in all, about; more would take long.
const DRAWS: u64 = 8_000_000;
const SEED: u64 = 0x706c_616e;

/// What simulated experiments saw.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Simulation {
    /// Experiments simulated.
    pub experiments: u64,
    /// Those in which Welch's t test at the plan's alpha saw a difference.
    pub seen: u64,
    /// Their share: the power achieved.
    pub power: f64,
    /// Standard error of that share.
    pub standard_error: f64,
}

/// Simulates experiments of `trials` trials each of the pilot's condition and of one that differs by `effect`. The pilot
/// has at least two values; chance is the same every time.
pub fn simulate(pilot: &[f64], effect: f64, trials: u64, alpha: f64) -> Simulation {
    let experiments = (DRAWS / (2 * trials).max(1)).clamp(EXPERIMENTS_MIN, EXPERIMENTS);
    let population = stretched(pilot);
    let mut chance = Chance::new(SEED);
    let critical = Critical::new(alpha, trials);
    let mut seen = 0;
    for _ in 0..experiments {
        let mut sample = |shift: f64| -> Vec<f64> {
            let draw = |_| population[chance.below(population.len())] + shift;
            (0..trials).map(draw).collect()
        };
        let (first, second) = (sample(0.0), sample(effect));
        seen += u64::from(critical.is_significant(&first, &second));
    }
    let power = seen as f64 / experiments as f64;
    Simulation {
        experiments,
        seen,
        power,
        standard_error: (power * (1.0 - power) / experiments as f64).sqrt(),
    }
}

/// The pilot as a population of its own sample variance.
fn stretched(pilot: &[f64]) -> Vec<f64> {
    let Some(moments) = Moments::of(pilot) else {
        return Vec::new();
    };
    let stretch = (moments.count / (moments.count - 1.0).max(1.0)).sqrt();
    let values = pilot.iter();
    values
        .map(|value| moments.mean + (value - moments.mean) * stretch)
        .collect()
}

/// Welch's test, sparing a quantile where the largest and the smallest there can be decide already.
struct Critical {
    alpha: f64,
    /// Critical values at the most and at the fewest degrees of freedom.
    least: f64,
    most: f64,
}

impl Critical {
    fn new(alpha: f64, trials: u64) -> Critical {
        let each = trials as f64 - 1.0;
        let at = |freedom| student::quantile(1.0 - alpha / 2.0, freedom).unwrap_or(f64::INFINITY);
        Critical {
            alpha,
            least: at(2.0 * each),
            most: at(each),
        }
    }

    fn is_significant(&self, first: &[f64], second: &[f64]) -> bool {
        let (Some(one), Some(two)) = (Moments::of(first), Moments::of(second)) else {
            return false;
        };
        let error = |moments: Moments| moments.variance.unwrap_or_default() / moments.count;
        let (e1, e2) = (error(one), error(two));
        let gap = (two.mean - one.mean).abs();
        if e1 + e2 == 0.0 {
            return gap > 0.0;
        }
        let t = gap / (e1 + e2).sqrt();
        if t <= self.least || t > self.most {
            return t > self.most;
        }
        let freedom =
            (e1 + e2).powi(2) / (e1 * e1 / (one.count - 1.0) + e2 * e2 / (two.count - 1.0));
        student::quantile(1.0 - self.alpha / 2.0, freedom).is_some_and(|critical| t > critical)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_population_has_the_variance_of_the_sample() {
        let pilot = [1.0, 2.0, 6.0, 7.0];
        let population = stretched(&pilot);
        let mean = population.iter().sum::<f64>() / 4.0;
        let variance = population
            .iter()
            .map(|value| (value - mean).powi(2))
            .sum::<f64>()
            / 4.0;
        // Mean 4; squares 9 + 4 + 4 + 9 = 26, over 3.
        assert!((mean - 4.0).abs() < 1e-12 && (variance - 26.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn without_an_effect_alpha_is_what_is_seen() {
        // An even pilot; 4000 experiments, four standard errors.
        let pilot: Vec<f64> = (0..20).map(f64::from).collect();
        let found = simulate(&pilot, 0.0, 30, 0.05);
        assert_eq!(
            found,
            simulate(&pilot, 0.0, 30, 0.05),
            "chance is not fixed"
        );
        assert_eq!(found.experiments, 4_000);
        assert!((found.power - 0.05).abs() < 4.0 * 0.003_45, "{found:?}");
    }

    #[test]
    fn a_normal_pilot_gives_the_power_of_the_t_test() {
        use statrs::distribution::{ContinuousCDF as _, Normal};
        let normal = Normal::standard();
        let pilot: Vec<f64> = (1..200)
            .map(|k| normal.inverse_cdf(f64::from(k) / 200.0))
            .collect();
        let spread = Moments::of(&pilot)
            .and_then(|m| m.variance)
            .expect("a spread")
            .sqrt();
        // 23 on each side see one standard deviation with a power of 0.912 (power.t.test(n = 23, delta = 1)).
        let found = simulate(&pilot, spread, 23, 0.05);
        assert!(
            (found.power - 0.912).abs() < 4.0 * found.standard_error,
            "{found:?}"
        );
    }
}
