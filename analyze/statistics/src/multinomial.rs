//! Counts of several outcomes against the chances that they should have: the exact test.
//!
//! p is the chance of all counts of the same sum that are no more likely than the ones observed, those included: the test
//! of `xmulti` and of R's `fisher.test`, with R's tolerance of 10⁻⁷ for counts that are equally likely.
//!
//! Up to three outcomes p is the sum itself, for any number of draws: with the third count fixed the chances of the others
//! have one peak, so that the counts in question are the two ends of a row and a bisection finds where they begin. With more
//! outcomes p is a Monte Carlo one, (b + 1) / (m + 1), which is as exact in what it promises: a p of at most α comes by
//! chance in at most a share α of cases (Phipson and Smyth, "Permutation P-values should never be zero", 2010).

use crate::chance::Chance;

/// Draws of a Monte Carlo p, less the one observed.
const REPLICATES: usize = 19_999;
/// Counts whose chances differ by less, as logarithms, are equally likely.
const TIE: f64 = 1e-7;

/// p of the hypothesis that these are the chances of the outcomes; chances sum to 1. Without draws 1.
pub fn p_value(counts: &[u64], chances: &[f64]) -> f64 {
    let pairs = counts.iter().copied().zip(chances.iter().copied());
    let (impossible, possible): (Vec<_>, Vec<_>) = pairs.partition(|&(_, chance)| chance <= 0.0);
    if impossible.iter().any(|&(count, _)| count > 0) {
        return 0.0;
    }
    match possible.as_slice() {
        [] | [_] => 1.0,
        &[a, b] => exact(a, b, (0, 0.0)),
        &[a, b, c] => exact(a, b, c),
        _ => monte_carlo(&possible),
    }
}

type Outcome = (u64, f64);

fn exact(a: Outcome, b: Outcome, c: Outcome) -> f64 {
    let draws = a.0 + b.0 + c.0;
    let factorials = ln_factorials(draws);
    let row = |third: u64| Row {
        factorials: &factorials,
        rest: draws - third,
        first_ln: a.1.ln(),
        second_ln: b.1.ln(),
        // 0 · ln 0 is 0 here: an outcome that does not exist does not come.
        constant: factorials[draws as usize] - factorials[third as usize]
            + if third == 0 {
                0.0
            } else {
                third as f64 * c.1.ln()
            },
    };
    let limit = row(c.0).ln_chance(a.0) + TIE;
    let thirds = if c.1 > 0.0 { draws } else { 0 };
    let mode = |rest: u64| ((rest + 1) as f64 * a.1 / (a.1 + b.1)) as u64;
    let rows = (0..=thirds).map(|third| row(third).tails(limit, mode(draws - third)));
    rows.sum::<f64>().min(1.0)
}

/// Logarithms of 0! to n!.
fn ln_factorials(n: u64) -> Vec<f64> {
    let mut sum = 0.0;
    let rest = (1..=n).map(|number| {
        sum += (number as f64).ln();
        sum
    });
    std::iter::once(0.0).chain(rest).collect()
}

/// All counts with one third count.
struct Row<'a> {
    factorials: &'a [f64],
    /// Draws that are left to the first two outcomes.
    rest: u64,
    first_ln: f64,
    second_ln: f64,
    constant: f64,
}

impl Row<'_> {
    fn ln_chance(&self, first: u64) -> f64 {
        let second = self.rest - first;
        self.constant - self.factorials[first as usize] - self.factorials[second as usize]
            + first as f64 * self.first_ln
            + second as f64 * self.second_ln
    }

    /// Chance of the counts that are no more likely than the limit.
    fn tails(&self, limit: f64, mode: u64) -> f64 {
        let mode = mode.min(self.rest);
        let likely = |first: u64| self.ln_chance(first) > limit;
        if !likely(mode) {
            // Nothing in the row is likely: both tails meet at the peak.
            return self.sum((0..mode).rev()) + self.sum(mode..=self.rest);
        }
        // The first likely count from below, and the first unlikely one above.
        let from = first_that(0, mode, likely);
        let to = first_that(mode, self.rest + 1, |first| {
            first > self.rest || !likely(first)
        });
        self.sum((0..from).rev()) + self.sum(to..=self.rest)
    }

    /// Sum of chances that fall all the way, up to those that no longer count.
    fn sum(&self, falling: impl Iterator<Item = u64>) -> f64 {
        let mut sum = 0.0;
        for first in falling {
            let chance = self.ln_chance(first).exp();
            sum += chance;
            if chance <= sum * 1e-18 {
                break;
            }
        }
        sum
    }
}

/// The least number from `low` to `high` for which `holds`, which does from there on and at `high`.
fn first_that(mut low: u64, mut high: u64, holds: impl Fn(u64) -> bool) -> u64 {
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

fn monte_carlo(outcomes: &[Outcome]) -> f64 {
    let draws: u64 = outcomes.iter().map(|&(count, _)| count).sum();
    let factorials = ln_factorials(draws);
    let ln_chance = |counts: &[u64]| -> f64 {
        let terms = counts.iter().zip(outcomes);
        terms
            .map(|(&count, &(_, chance))| count as f64 * chance.ln() - factorials[count as usize])
            .sum()
    };
    let observed: Vec<u64> = outcomes.iter().map(|&(count, _)| count).collect();
    let limit = ln_chance(&observed) + TIE;
    let mut chance = Chance::new(draws);
    let mut counts = vec![0; outcomes.len()];
    let mut unlikely = 0;
    for _ in 0..REPLICATES {
        counts.fill(0);
        for _ in 0..draws {
            counts[draw(&mut chance, outcomes)] += 1;
        }
        unlikely += usize::from(ln_chance(&counts) <= limit);
    }
    (unlikely + 1) as f64 / (REPLICATES + 1) as f64
}

fn draw(chance: &mut Chance, outcomes: &[Outcome]) -> usize {
    let mut left = chance.unit();
    for (at, &(_, share)) in outcomes.iter().enumerate() {
        if left < share {
            return at;
        }
        left -= share;
    }
    outcomes.len() - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, word for word.
    fn brute_force(counts: [u64; 3], chances: [f64; 3]) -> f64 {
        let draws: u64 = counts.iter().sum();
        let factorial = |n: u64| (1..=n).map(|number| number as f64).product::<f64>();
        let chance = |counts: [u64; 3]| {
            let ways = counts
                .iter()
                .fold(factorial(draws), |ways, &count| ways / factorial(count));
            let each = counts
                .iter()
                .zip(chances)
                .map(|(&count, chance)| chance.powi(count as i32));
            ways * each.product::<f64>()
        };
        let observed = chance(counts);
        let all = (0..=draws).flat_map(|a| (0..=draws - a).map(move |b| [a, b, draws - a - b]));
        all.map(chance)
            .filter(|&chance| chance <= observed * (1.0 + 1e-7))
            .sum()
    }

    #[test]
    fn p_is_the_sum_over_all_counts_that_are_no_more_likely() {
        for chances in [
            [0.7, 0.2, 0.1],
            [0.2, 0.1, 0.7],
            [1.0 / 3.0; 3],
            [0.98, 0.01, 0.01],
        ] {
            for draws in [1, 2, 7, 30] {
                for a in 0..=draws {
                    for b in 0..=draws - a {
                        let counts = [a, b, draws - a - b];
                        let (p, expected) =
                            (p_value(&counts, &chances), brute_force(counts, chances));
                        assert!(
                            (p - expected).abs() < 1e-9,
                            "{counts:?} {chances:?}: {p} {expected}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn two_outcomes_are_the_binomial_test_of_r() {
        // binom.test(7, 20, 0.2)$p.value, binom.test(60, 100, 0.5)$p.value
        assert!((p_value(&[7, 13], &[0.2, 0.8]) - 0.098222).abs() < 1e-5);
        assert!((p_value(&[60, 40], &[0.5, 0.5]) - 0.056_888).abs() < 1e-5);
        // Outcomes that cannot come, and none that came.
        assert_eq!(p_value(&[3, 1], &[1.0, 0.0]), 0.0);
        assert_eq!(p_value(&[3, 0], &[1.0, 0.0]), 1.0);
        assert_eq!(p_value(&[0, 0, 0], &[0.7, 0.2, 0.1]), 1.0);
    }

    #[test]
    fn small_p_of_many_draws_keep_their_digits() {
        // One outcome alone, 2000 times at 0.7: 0.7^2000 and as unlikely ones; its logarithm is -713 by hand.
        let p = p_value(&[2000, 0, 0], &[0.7, 0.2, 0.1]);
        assert!(p > 0.0 && (p.ln() + 713.3).abs() < 8.0, "{}", p.ln());
        let fair = p_value(&[70_000, 20_000, 10_000], &[0.7, 0.2, 0.1]);
        assert!((fair - 1.0).abs() < 1e-6, "{fair}");
    }

    #[test]
    fn four_outcomes_agree_with_three_of_which_one_is_split_evenly() {
        // At the expected counts nothing is more likely, whatever the method.
        assert_eq!(p_value(&[10, 10, 10, 10], &[0.25; 4]), 1.0);
        let p = p_value(&[40, 10, 10, 10], &[0.25; 4]);
        assert!(p < 0.001, "{p}");
        assert!(p_value(&[12, 9, 8, 11], &[0.25; 4]) > 0.3);
    }
}
