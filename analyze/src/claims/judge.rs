//! All claims of a ledger together: corrected and decided.
//!
//! Two families, each corrected by Holm's method on its own: that a claim is true, whose rejection refutes it, and that it
//! is false, whose rejection supports it. So the chance that any true claim is refuted is at most alpha, and so is the
//! chance that any false one is supported, however the claims depend on each other.
//!
//! **Invariant.** Every claim of the ledger counts in both families, also one that cannot be decided: adding trials to one
//! claim does not change what the others had to overcome, and a claim cannot be saved by hiding another.

use std::fmt;

use serde::Serialize;
use statistics::holm::holm;

use crate::table::{REFUTED, SUPPORTED};

/// What the trials say of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// That it is false was rejected.
    Supported,
    /// That it is true was rejected.
    Refuted,
    /// Neither: too few trials, or too close.
    Undecided,
}

impl Verdict {
    /// The verdict of this name.
    pub(super) fn named(name: &str) -> Result<Verdict, String> {
        let all = [Verdict::Supported, Verdict::Refuted, Verdict::Undecided];
        let found = all.into_iter().find(|verdict| verdict.name() == name);
        found.ok_or_else(|| {
            format!("verdict = \"{name}\": expected supported, refuted or undecided")
        })
    }

    /// The word.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Supported => SUPPORTED,
            Verdict::Refuted => REFUTED,
            Verdict::Undecided => "undecided",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What one claim brings before the judge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Case {
    /// p of the hypothesis that the claim is true; 1 where nothing is known.
    pub p_refute: f64,
    /// p of the hypothesis that it is false; 1 where nothing is known.
    pub p_support: f64,
    /// The claim's alpha, not above the ledger's.
    pub alpha: f64,
}

/// What comes of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judgement {
    /// `p_refute` after Holm's correction over the ledger.
    pub p_refute_adjusted: f64,
    /// `p_support` after Holm's correction over the ledger.
    pub p_support_adjusted: f64,
    /// The verdict.
    pub verdict: Verdict,
}

/// Judges all claims of a ledger.
pub fn judge(cases: &[Case]) -> Vec<Judgement> {
    let adjusted = |p: fn(&Case) -> f64| holm(&cases.iter().map(p).collect::<Vec<f64>>());
    let refute = adjusted(|case| case.p_refute);
    let support = adjusted(|case| case.p_support);
    let each = cases.iter().zip(refute).zip(support);
    each.map(|((case, refute), support)| Judgement {
        p_refute_adjusted: refute,
        p_support_adjusted: support,
        verdict: match (refute <= case.alpha, support <= case.alpha) {
            (true, _) => Verdict::Refuted,
            (false, true) => Verdict::Supported,
            (false, false) => Verdict::Undecided,
        },
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(p_refute: f64, p_support: f64) -> Case {
        Case {
            p_refute,
            p_support,
            alpha: 0.05,
        }
    }

    #[test]
    fn the_two_families_are_corrected_apart() {
        let cases = [
            case(0.9, 0.02),
            case(0.001, 1.0),
            case(0.6, 0.04),
            case(1.0, 1.0),
        ];
        let verdicts: Vec<Verdict> = judge(&cases).iter().map(|found| found.verdict).collect();
        // 4 × 0.02 is above alpha, 4 × 0.001 is not.
        assert_eq!(
            verdicts,
            [
                Verdict::Undecided,
                Verdict::Refuted,
                Verdict::Undecided,
                Verdict::Undecided
            ]
        );
        let alone = judge(&cases[..1]);
        assert_eq!(alone[0].verdict, Verdict::Supported);
        assert!((judge(&cases)[0].p_support_adjusted - 0.08).abs() < 1e-12);
    }

    #[test]
    fn a_stricter_claim_needs_more() {
        let mut strict = case(1.0, 0.02);
        strict.alpha = 0.01;
        assert_eq!(judge(&[strict])[0].verdict, Verdict::Undecided);
    }
}
