//! From values to p: how strongly a claim's trials speak against it, and for it.
//!
//! | relation | quantity | test |
//! |---|---|---|
//! | mean | mean over trials | one-sided t, corrected for skewness ([`Contrast`]) |
//! | difference | difference of means | the same, of the differences of pairs or after Welch |
//! | ratio | A / B | the same, of A − c B against 0 at the ratio's bound c (Fieller 1954) |
//! | trend | mean change by a step: Σ (rₖ − r̄) meanₖ / Σ (rₖ − r̄)², rₖ the place of condition k | the same, of that weighted sum |
//! | trend, every step | the differences of neighbours | the same, each |
//! | share | share of blocks in all of whose trials the statement holds | exact binomial ([`Share`]) |
//!
//! A claim of several parts (every step, each condition) holds if all of them do: it is refuted by any part, at the
//! smallest p times their number (Bonferroni), and supported by all of them, at the largest p (intersection-union:
//! Berger, "Multiparameter hypothesis testing and acceptance sampling", Technometrics 24, 1982).
//!
//! **Invariant.** Values in, p out: nothing here knows of logs, so simulated values go the same way as measured ones.

use serde::Serialize;
use statistics::binomial::Share;
use statistics::contrast::Contrast;
use statistics::{CONFIDENCE, student};

use super::bound::{Bound, OneSided};
use super::claim::Relation;
use super::draw::{Part, Samples};

/// What one part of a claim says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Weighed {
    /// What tells this part from the others; empty if there is one only.
    pub label: String,
    /// Sizes of its samples in words: `40`, `40 + 40`, `40 pairs`, `10 × 40`, `8 blocks of 5`.
    pub n: String,
    /// The quantity: a mean, difference, ratio, change by a step or share.
    pub estimate: f64,
    /// Lower end of its 95 % interval, this part alone; null where all values are equal, or it is unbounded.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// p of the hypothesis that the claim is true.
    pub p_refute: f64,
    /// p of the hypothesis that the claim is false.
    pub p_support: f64,
}

/// Weighs the parts of a claim.
///
/// # Errors
///
/// In words, when the values allow no test.
pub fn weigh(relation: &Relation, parts: &[Part]) -> Result<Vec<Weighed>, String> {
    let mut weighed = Vec::new();
    for part in parts {
        weighed.extend(weigh_part(relation, part)?);
    }
    match weighed.is_empty() {
        true => Err("there is nothing to weigh".to_owned()),
        false => Ok(weighed),
    }
}

/// p of the whole claim, to refute and to support it.
pub fn together(parts: &[Weighed]) -> (f64, f64) {
    let least = parts.iter().map(|part| part.p_refute).fold(1.0, f64::min);
    let refute = (least * parts.len() as f64).min(1.0);
    (
        refute,
        parts.iter().map(|part| part.p_support).fold(0.0, f64::max),
    )
}

/// The part that speaks least for the claim.
pub fn weakest(parts: &[Weighed]) -> Option<&Weighed> {
    let by = |part: &Weighed| (part.p_support, 1.0 - part.p_refute);
    parts
        .iter()
        .reduce(|a, b| if by(b) > by(a) { b } else { a })
}

fn weigh_part(relation: &Relation, part: &Part) -> Result<Vec<Weighed>, String> {
    let label = part.label.clone();
    let one = match (relation, &part.samples) {
        (Relation::Mean(bound), Samples::One(values)) => {
            let n = values.len().to_string();
            Found::of(*bound, n, &contrast(&[(1.0, values)])?, |it| it.interval())
        }
        (Relation::Difference(bound), Samples::Two { a, b, paired }) => {
            let difference = match paired {
                true => contrast(&[(1.0, &differences(a, b, 1.0))])?,
                false => contrast(&[(1.0, a), (-1.0, b)])?,
            };
            Found::of(*bound, size_of_two(a, b, *paired), &difference, |it| {
                it.interval()
            })
        }
        (Relation::Ratio(bound), Samples::Two { a, b, paired }) => {
            let ratio = Ratio::of(a, b, *paired)?;
            Found::of(*bound, size_of_two(a, b, *paired), &ratio, Ratio::interval)
        }
        (
            Relation::Trend {
                per_step,
                every_step: false,
                ..
            },
            Samples::Sweep(samples),
        ) => {
            let n = format!(
                "{} × {}",
                samples.len(),
                samples.first().map_or(0, Vec::len)
            );
            Found::of(*per_step, n, &slope(samples)?, |it| it.interval())
        }
        (
            Relation::Trend {
                per_step,
                every_step: true,
                ..
            },
            Samples::Sweep(samples),
        ) => {
            return steps(*per_step, samples);
        }
        (Relation::Share { holds, block, size }, samples) => {
            let values = match samples {
                Samples::One(values) => values.clone(),
                Samples::Two { a, b, paired: true } => differences(a, b, 1.0),
                _ => return Err("a share of trials needs values that belong to one trial; these conditions are not paired".to_owned()),
            };
            let share = share(*holds, *block, &values)?;
            let n = match block {
                1 => share.of.to_string(),
                block => format!("{} blocks of {block}", share.of),
            };
            Found::of(*size, n, &share, |it| Some(it.interval()))
        }
        (relation, samples) => return Err(format!("{relation:?} does not go with {samples:?}")),
    };
    Ok(vec![one.labelled(label)])
}

/// What was found, not labelled yet.
struct Found(Weighed);

impl Found {
    fn of<Q: OneSided + Estimated>(
        bound: Bound,
        n: String,
        quantity: &Q,
        interval: impl Fn(&Q) -> Option<(f64, f64)>,
    ) -> Found {
        let interval = interval(quantity);
        Found(Weighed {
            label: String::new(),
            n,
            estimate: quantity.estimate(),
            low: interval.map(|(low, _)| low).filter(|end| end.is_finite()),
            high: interval.map(|(_, high)| high).filter(|end| end.is_finite()),
            p_refute: bound.p_refute(quantity),
            p_support: bound.p_support(quantity),
        })
    }

    fn labelled(self, label: String) -> Weighed {
        Weighed { label, ..self.0 }
    }
}

/// What has an estimate.
trait Estimated {
    fn estimate(&self) -> f64;
}

impl Estimated for Contrast {
    fn estimate(&self) -> f64 {
        self.estimate
    }
}

impl OneSided for Contrast {
    fn p_above(&self, bound: f64) -> f64 {
        Contrast::p_above(self, bound)
    }

    fn p_below(&self, bound: f64) -> f64 {
        Contrast::p_below(self, bound)
    }
}

impl Estimated for Share {
    fn estimate(&self) -> f64 {
        Share::estimate(*self)
    }
}

impl OneSided for Share {
    fn p_above(&self, bound: f64) -> f64 {
        Share::p_above(*self, bound)
    }

    fn p_below(&self, bound: f64) -> f64 {
        Share::p_below(*self, bound)
    }
}

fn contrast(samples: &[(f64, &[f64])]) -> Result<Contrast, String> {
    Contrast::of(samples).ok_or_else(|| "fewer than two values: no test".to_owned())
}

fn differences(a: &[f64], b: &[f64], factor: f64) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - factor * b).collect()
}

fn size_of_two(a: &[f64], b: &[f64], paired: bool) -> String {
    match paired {
        true => format!("{} pairs", a.len().min(b.len())),
        false => format!("{} + {}", a.len(), b.len()),
    }
}

/// The least-squares line through the conditions' means over their places in the sweep.
fn slope(samples: &[Vec<f64>]) -> Result<Contrast, String> {
    let middle = (samples.len() as f64 - 1.0) / 2.0;
    let from_middle = |place: usize| place as f64 - middle;
    let squares: f64 = (0..samples.len())
        .map(|place| from_middle(place).powi(2))
        .sum();
    let weighted: Vec<(f64, &[f64])> = samples
        .iter()
        .enumerate()
        .map(|(place, values)| (from_middle(place) / squares, values.as_slice()))
        .collect();
    contrast(&weighted)
}

fn steps(bound: Bound, samples: &[Vec<f64>]) -> Result<Vec<Weighed>, String> {
    let pairs = samples.windows(2).enumerate();
    let step = |(place, pair): (usize, &[Vec<f64>])| {
        let difference = contrast(&[(1.0, &pair[1]), (-1.0, &pair[0])])?;
        let n = size_of_two(&pair[1], &pair[0], false);
        let found = Found::of(bound, n, &difference, |it| it.interval());
        Ok(found.labelled(format!("step {}", place + 1)))
    };
    pairs.map(step).collect()
}

fn share(holds: Bound, block: u64, values: &[f64]) -> Result<Share, String> {
    let block = usize::try_from(block).unwrap_or(usize::MAX).max(1);
    let blocks = values.chunks_exact(block);
    let of = blocks.len() as u64;
    let held = blocks
        .filter(|block| block.iter().all(|&value| holds.contains(value)))
        .count() as u64;
    match of {
        0 => Err(format!("{} trials make no block of {block}", values.len())),
        of => Ok(Share { held, of }),
    }
}

/// A ratio of means. It lies above c exactly where A − c B lies above 0, if B does (Fieller, "Some problems in interval
/// estimation", Journal of the Royal Statistical Society B 16, 1954).
struct Ratio<'a> {
    a: &'a [f64],
    b: &'a [f64],
    paired: bool,
    estimate: f64,
}

impl Ratio<'_> {
    fn of<'a>(a: &'a [f64], b: &'a [f64], paired: bool) -> Result<Ratio<'a>, String> {
        let (above, below) = (Contrast::mean(a), Contrast::mean(b));
        let (Some(above), Some(below)) = (above, below) else {
            return Err("fewer than two values: no test".to_owned());
        };
        // Not a test but a sign: metrics with values below 0 have no ratio to speak of.
        if b.iter().any(|&value| value < 0.0) || below.estimate <= 0.0 {
            return Err(
                "a ratio needs values of `than` that are above 0; claim a difference instead"
                    .to_owned(),
            );
        }
        Ok(Ratio {
            a,
            b,
            paired,
            estimate: above.estimate / below.estimate,
        })
    }

    /// A − c B.
    fn against(&self, c: f64) -> Option<Contrast> {
        match self.paired {
            true => {
                let size = |values: &[f64]| statistics::mean(values).unwrap_or_default().abs();
                let size = size(self.a) + c.abs() * size(self.b);
                Contrast::mean(&differences(self.a, self.b, c))
                    .map(|contrast| contrast.from_numbers_of(size))
            }
            false => Contrast::of(&[(1.0, self.a), (-c, self.b)]),
        }
    }

    /// The ratios that Student's test of A − c B does not reject; an end that does not exist is infinite.
    fn interval(&self) -> Option<(f64, f64)> {
        // Without any spread at the estimate there is none.
        self.against(self.estimate)?.t()?;
        Some((self.end(-1.0), self.end(1.0)))
    }

    /// The end on one side: stepped over by doubling, then closed in on by halves.
    fn end(&self, side: f64) -> f64 {
        let half = (1.0 - CONFIDENCE) / 2.0;
        let inside = |c: f64| {
            let t = self.against(c).and_then(|contrast| contrast.t());
            t.is_some_and(|(t, freedom)| student::upper_tail(t.abs(), freedom) >= half)
        };
        let mut near = self.estimate;
        let mut step = 1e-6 * self.estimate.abs().max(1e-6);
        let mut far = near + side * step;
        while inside(far) {
            (near, step) = (far, step * 2.0);
            far = near + side * step;
            if step > 1e12 {
                return side * f64::INFINITY;
            }
        }
        for _ in 0..60 {
            let middle = f64::midpoint(near, far);
            if inside(middle) {
                near = middle;
            } else {
                far = middle;
            }
        }
        near
    }
}

impl Estimated for Ratio<'_> {
    fn estimate(&self) -> f64 {
        self.estimate
    }
}

impl OneSided for Ratio<'_> {
    fn p_above(&self, bound: f64) -> f64 {
        self.against(bound).map_or(1.0, |it| it.p_above(0.0))
    }

    fn p_below(&self, bound: f64) -> f64 {
        self.against(bound).map_or(1.0, |it| it.p_below(0.0))
    }
}

#[cfg(test)]
mod tests;
