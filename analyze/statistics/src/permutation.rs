//! Permutation tests across trials.
//!
//! Under the hypothesis that the condition makes no difference, every way to hand out the labels to the trials was as
//! likely as the one that happened. p is the share of labelings at least as extreme as it. Where there are few labelings
//! all are tried; otherwise a random sample of them, with the observed one counted among them: p = (b + 1) / (N + 1),
//! which is never 0 and never too small (Phipson and Smyth, "Permutation p-values should never be zero", Statistical
//! Applications in Genetics and Molecular Biology 9, 2010).
//!
//! Independent samples are compared by the size of Welch's t. For samples of one size this orders labelings as the
//! difference of means does; for samples of different sizes it keeps the level also where variances differ (Janssen,
//! "Studentized permutation tests for non-i.i.d. hypotheses", Statistics and Probability Letters 36, 1997). Pairs are
//! compared by the size of the mean difference, its signs flipped (Fisher, "The Design of Experiments", 1935, § 21).

use crate::chance::Chance;

/// Statistics this close, relative to their size, are a tie: they differ by rounding alone.
const TIE: f64 = 1e-9;

/// The outcome of a test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Permuted {
    /// Share of labelings at least as extreme as the one observed, both directions.
    pub p: f64,
    /// Whether every labeling was tried.
    pub exact: bool,
    /// No data of these sizes can give a smaller p.
    pub smallest_p: f64,
}

/// How labelings are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// All labelings are tried where there are no more of them than this; otherwise this many at random.
    pub labelings: u64,
    /// Seed of the random ones.
    pub seed: u64,
}

impl Effort {
    /// What comparisons use.
    pub const STANDARD: Effort = Effort {
        labelings: 20_000,
        seed: 0x6472_6966_746c_6162,
    };
}

/// Tests whether two independent samples differ; none with fewer than two values in either, or if all are equal.
pub fn independent(first: &[f64], second: &[f64], effort: Effort) -> Option<Permuted> {
    let chosen = first.len().min(second.len());
    let pooled = centred(&[first, second].concat())?;
    if chosen < 2 {
        return None;
    }
    // Which of the samples is the smaller does not matter to the size of t.
    let mut values = pooled;
    if second.len() < first.len() {
        values.rotate_left(first.len());
    }
    let split = Split::new(&values, chosen);
    let observed = split.statistic(&values[..chosen]) * (1.0 - TIE);
    let extreme = |labels: &[f64]| split.statistic(labels) >= observed;
    let Some(count) = combinations(values.len(), chosen, effort.labelings) else {
        let mut chance = Chance::new(effort.seed);
        return Some(sampled(effort.labelings, || {
            for place in 0..chosen {
                let other = place + chance.below(values.len() - place);
                values.swap(place, other);
            }
            extreme(&values[..chosen])
        }));
    };
    let mut hits = 0u64;
    for_each_choice(&values, chosen, |labels| hits += u64::from(extreme(labels)));
    let mirrored = first.len() == second.len();
    Some(Permuted {
        p: hits as f64 / count as f64,
        exact: true,
        smallest_p: if mirrored { 2.0 } else { 1.0 } / count as f64,
    })
}

/// Tests whether the differences of pairs are symmetric about 0; none with fewer than two, or if all are 0.
pub fn paired(differences: &[f64], effort: Effort) -> Option<Permuted> {
    let size = |value: f64| value.abs();
    let largest = differences.iter().copied().map(size).fold(0.0, f64::max);
    if differences.len() < 2 || largest == 0.0 {
        return None;
    }
    // Exact zeros of the statistic are ties with what rounding leaves of zero.
    let total = differences.iter().sum::<f64>().abs();
    let observed = total - TIE * largest * differences.len() as f64;
    let flipped = |sign: &mut dyn FnMut() -> bool| -> bool {
        let signed = differences
            .iter()
            .map(|value| if sign() { -value } else { *value });
        signed.sum::<f64>().abs() >= observed
    };
    let all = u32::try_from(differences.len())
        .ok()
        .and_then(|pairs| 1u64.checked_shl(pairs))
        .filter(|&all| all <= effort.labelings);
    let Some(all) = all else {
        let mut chance = Chance::new(effort.seed);
        return Some(sampled(effort.labelings, || {
            let mut bits = 0;
            let mut left = 0;
            flipped(&mut || {
                if left == 0 {
                    (bits, left) = (chance.bits(), u64::BITS);
                }
                left -= 1;
                bits >> left & 1 == 1
            })
        }));
    };
    let hit = |mut signs: u64| {
        flipped(&mut || {
            let sign = signs & 1 == 1;
            signs >>= 1;
            sign
        })
    };
    let hits = (0..all).filter(|&signs| hit(signs)).count();
    Some(Permuted {
        p: hits as f64 / all as f64,
        exact: true,
        smallest_p: 2.0 / all as f64,
    })
}

fn sampled(labelings: u64, mut extreme: impl FnMut() -> bool) -> Permuted {
    let hits = (0..labelings).filter(|_| extreme()).count() as f64;
    let all = labelings as f64 + 1.0;
    Permuted {
        p: (hits + 1.0) / all,
        exact: false,
        smallest_p: 1.0 / all,
    }
}

/// The values less their mean, so that sums of squares lose no digits; none if all are equal.
fn centred(values: &[f64]) -> Option<Vec<f64>> {
    let origin = *values.first()?;
    if values.iter().all(|value| *value == origin) {
        return None;
    }
    let shifted = values.iter().map(|value| value - origin);
    let mean = shifted.clone().sum::<f64>() / values.len() as f64;
    Some(shifted.map(|value| value - mean).collect())
}

/// What all ways to choose some of the values have in common.
struct Split {
    sum: f64,
    squares: f64,
    chosen: f64,
    rest: f64,
}

impl Split {
    fn new(values: &[f64], chosen: usize) -> Split {
        Split {
            sum: values.iter().sum(),
            squares: values.iter().map(|value| value * value).sum(),
            chosen: chosen as f64,
            rest: (values.len() - chosen) as f64,
        }
    }

    /// The square of Welch's t between the chosen values and the rest.
    fn statistic(&self, chosen: &[f64]) -> f64 {
        let (sum, squares) = chosen.iter().fold((0.0, 0.0), |(sum, squares), value| {
            (sum + value, squares + value * value)
        });
        let error = |count: f64, sum: f64, squares: f64| {
            let within = squares - sum * sum / count;
            // What cancellation leaves of no spread at all is none.
            let within = if within < TIE * self.squares {
                0.0
            } else {
                within
            };
            within / (count - 1.0) / count
        };
        let rest = self.sum - sum;
        let gap = (sum / self.chosen - rest / self.rest).powi(2);
        let error =
            error(self.chosen, sum, squares) + error(self.rest, rest, self.squares - squares);
        match (gap > 0.0, error > 0.0) {
            (_, true) => gap / error,
            (true, false) => f64::INFINITY,
            (false, false) => 0.0,
        }
    }
}

/// In how many ways `chosen` of `of` can be chosen; none above the limit.
fn combinations(of: usize, chosen: usize, limit: u64) -> Option<u64> {
    let mut count = 1u128;
    for step in 1..=chosen {
        // Whole at every step: it is the number of ways to choose `step` of `of - chosen + step`.
        count = count * (of - chosen + step) as u128 / step as u128;
        if count > u128::from(limit) {
            return None;
        }
    }
    u64::try_from(count).ok()
}

/// Calls `visit` with every choice of `chosen` of the values, in lexicographic order of their places.
fn for_each_choice(values: &[f64], chosen: usize, mut visit: impl FnMut(&[f64])) {
    let mut places: Vec<usize> = (0..chosen).collect();
    let mut labels = values[..chosen].to_vec();
    loop {
        visit(&labels);
        let last = |place: usize| values.len() - chosen + place;
        let Some(moved) = (0..chosen).rev().find(|&place| places[place] < last(place)) else {
            return;
        };
        places[moved] += 1;
        labels[moved] = values[places[moved]];
        for place in moved + 1..chosen {
            places[place] = places[place - 1] + 1;
            labels[place] = values[places[place]];
        }
    }
}

#[cfg(test)]
mod tests;
