//! A ledger put to the test: from its logs to a verdict for every claim.
//!
//! The documentation of the types below is the manual of `analyze claims --json`. A number that the logs cannot give is
//! `null`.

use std::path::Path;

use serde::Serialize;

use super::claim::{Claim, Ledger};
use super::draw::{self, DrawError, Drawn};
use super::judge::{Case, Verdict, judge};
use super::weigh::{Weighed, together, weakest, weigh};
use super::{ClaimsError, words};
use crate::sources::SourceError;
use crate::sources::reports::Reports;

/// Version of this object; grows when a field changes its meaning or goes.
pub const CLAIMS_VERSION: u32 = 1;

/// A ledger's claims with their verdicts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assessment {
    /// [`CLAIMS_VERSION`].
    pub format_version: u32,
    /// The ledger's alpha.
    pub alpha: f64,
    /// How many claims are supported.
    pub supported: usize,
    /// How many are refuted.
    pub refuted: usize,
    /// How many are undecided.
    pub undecided: usize,
    /// The claims, in the order of the ledger.
    pub claims: Vec<ClaimReport>,
}

/// A claim with its verdict.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClaimReport {
    /// Its id.
    pub id: String,
    /// Its line in the ledger, from 1.
    pub line: usize,
    /// The sentence.
    pub sentence: String,
    /// Who wrote it, and where.
    pub source: String,
    /// How the sentence is read; null if the ledger does not say.
    pub reading: Option<String>,
    /// The page that argues about it; null if there is none.
    pub page: Option<String>,
    /// Folder of its logs, relative to the ledger.
    pub logs: String,
    /// Labels of the conditions that were looked at.
    pub conditions: Vec<String>,
    /// What is measured, in words.
    pub statement: String,
    /// What is expected of it, in words: `above 8`.
    pub expected: String,
    /// Unit of the estimate; empty for a plain number.
    pub unit: &'static str,
    /// How many trials of each condition decide.
    pub trials: u64,
    /// What entered, in words: `40`, `40 + 40`, `40 pairs`, `10 × 40`; null where something is lacking.
    pub n: Option<String>,
    /// The quantity; of a claim of several parts that of the part which speaks least for it.
    pub estimate: Option<f64>,
    /// Lower end of its 95 % interval, of this quantity alone: not adjusted for the number of claims. Null where all values
    /// are equal or the end is unbounded.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// The parts, if there are several: each condition, or every step.
    pub parts: Vec<Weighed>,
    /// p of the hypothesis that the claim is true; 1 where something is lacking.
    pub p_refute: f64,
    /// The same after Holm's correction over the ledger.
    pub p_refute_adjusted: f64,
    /// p of the hypothesis that the claim is false; 1 where something is lacking.
    pub p_support: f64,
    /// The same after Holm's correction over the ledger.
    pub p_support_adjusted: f64,
    /// Its alpha.
    pub alpha: f64,
    /// `supported`, `refuted` or `undecided`.
    pub verdict: Verdict,
    /// Why its trials decide nothing at all, such as `12 of 40 trials`; null otherwise.
    pub lacking: Option<String>,
    /// The verdict that the ledger records; null if it records none.
    pub recorded: Option<Verdict>,
}

impl ClaimReport {
    /// The adjusted p that the verdict rests on; of an undecided claim the smaller.
    pub fn p_adjusted(&self) -> f64 {
        match self.verdict {
            Verdict::Supported => self.p_support_adjusted,
            Verdict::Refuted => self.p_refute_adjusted,
            Verdict::Undecided => self.p_support_adjusted.min(self.p_refute_adjusted),
        }
    }

    /// What is wrong with the recorded verdict, if anything.
    pub fn disagreement(&self) -> Option<String> {
        match self.recorded {
            Some(recorded) if recorded == self.verdict => None,
            Some(recorded) => Some(format!(
                "claim `{}`: the ledger records {recorded}, its logs say {}: if they are right, record it with \
                 analyze claims --record",
                self.id, self.verdict
            )),
            None => Some(format!(
                "claim `{}`: no verdict is recorded, its logs say {}: record it with analyze claims --record",
                self.id, self.verdict
            )),
        }
    }
}

/// Puts a ledger to the test.
///
/// # Errors
///
/// [`ClaimsError`] when claims name what their logs do not have (all such claims are named), or runs cannot be repeated.
pub fn assess(ledger: &Ledger, reports: &mut Reports) -> Result<Assessment, ClaimsError> {
    let base = match ledger.file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut problems = Vec::new();
    let mut all_drawn = Vec::new();
    for claim in &ledger.claims {
        let mut wrong = |problem: String| {
            problems.push((claim.line, format!("claim `{}`: {problem}", claim.id)))
        };
        match draw::draw(claim, base, reports) {
            Ok(drawn) => all_drawn.push(drawn),
            Err(DrawError::Ledger(problem)) => wrong(problem),
            Err(DrawError::Logs(error @ SourceError::Rerun { .. })) => {
                return Err(ClaimsError::Logs(error));
            }
            Err(DrawError::Logs(error)) => wrong(format!("logs: {error}")),
        }
    }
    if !problems.is_empty() {
        return Err(ClaimsError::Ledger {
            file: ledger.file.clone(),
            problems,
        });
    }
    Ok(decide(ledger, all_drawn))
}

/// What a claim's trials say, before the other claims are looked at.
struct Evidence {
    conditions: Vec<String>,
    parts: Vec<Weighed>,
    lacking: Option<String>,
}

impl Evidence {
    fn of(claim: &Claim, drawn: Drawn) -> Evidence {
        let (parts, lacking) = match drawn.lacking {
            Some(lacking) => (Vec::new(), Some(lacking)),
            None => match weigh(&claim.relation, &drawn.parts) {
                Ok(parts) => (parts, None),
                Err(problem) => (Vec::new(), Some(problem)),
            },
        };
        Evidence {
            conditions: drawn.conditions,
            parts,
            lacking,
        }
    }

    fn case(&self, alpha: f64) -> Case {
        let (p_refute, p_support) = match self.parts.is_empty() {
            true => (1.0, 1.0),
            false => together(&self.parts),
        };
        Case {
            p_refute,
            p_support,
            alpha,
        }
    }
}

/// Decides a ledger from the values that were drawn for its claims, in their order; where the values come from does not
/// matter.
pub fn decide(ledger: &Ledger, drawn: Vec<Drawn>) -> Assessment {
    let each = ledger.claims.iter().zip(drawn);
    let evidence: Vec<Evidence> = each
        .map(|(claim, drawn)| Evidence::of(claim, drawn))
        .collect();
    let with_claims = || ledger.claims.iter().zip(&evidence);
    let cases: Vec<Case> = with_claims()
        .map(|(claim, found)| found.case(claim.alpha))
        .collect();
    let judgements = judge(&cases);
    let mut claims = Vec::new();
    for (((claim, found), case), judgement) in with_claims().zip(&cases).zip(&judgements) {
        let shown = weakest(&found.parts);
        let several = found.parts.len() > 1;
        claims.push(ClaimReport {
            id: claim.id.clone(),
            line: claim.line,
            sentence: claim.sentence.clone(),
            source: claim.source.clone(),
            reading: claim.reading.clone(),
            page: claim.page.clone(),
            logs: claim.quantity.logs.clone(),
            conditions: found.conditions.clone(),
            statement: words::statement(claim),
            expected: words::expected(claim),
            unit: words::unit(claim),
            trials: claim.trials,
            n: shown.map(|part| match several {
                true => format!("{} × ({})", found.parts.len(), part.n),
                false => part.n.clone(),
            }),
            estimate: shown.map(|part| part.estimate),
            low: shown.and_then(|part| part.low),
            high: shown.and_then(|part| part.high),
            parts: if several {
                found.parts.clone()
            } else {
                Vec::new()
            },
            p_refute: case.p_refute,
            p_refute_adjusted: judgement.p_refute_adjusted,
            p_support: case.p_support,
            p_support_adjusted: judgement.p_support_adjusted,
            alpha: claim.alpha,
            verdict: judgement.verdict,
            lacking: found.lacking.clone(),
            recorded: claim.recorded,
        });
    }
    let count = |verdict: Verdict| {
        claims
            .iter()
            .filter(|claim| claim.verdict == verdict)
            .count()
    };
    Assessment {
        format_version: CLAIMS_VERSION,
        alpha: ledger.alpha,
        supported: count(Verdict::Supported),
        refuted: count(Verdict::Refuted),
        undecided: count(Verdict::Undecided),
        claims,
    }
}
