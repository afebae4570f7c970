//! What became of a criterion, and of a submission.
//!
//! **Invariant.** Points are given out of what could be judged: "cannot tell" adds to neither side.

use std::path::PathBuf;

use serde::Serialize;

use super::criterion::Criterion;
use super::rubric::Rubric;
use formats::line_stats::UnreadLog;

/// A verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As the assignment asks.
    Met,
    /// In part, or in some trials.
    Partly,
    /// Not as the assignment asks.
    NotMet,
    /// The logs do not answer.
    CannotTell,
}

impl Verdict {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Verdict::Met => "met",
            Verdict::Partly => "partly",
            Verdict::NotMet => "not met",
            Verdict::CannotTell => "cannot tell",
        }
    }

    /// Whether it says that something is wrong.
    pub fn is_finding(self) -> bool {
        matches!(self, Verdict::Partly | Verdict::NotMet)
    }
}

/// A number that a verdict rests on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Number {
    /// What was measured, with its unit.
    pub what: String,
    /// The measurement.
    pub found: String,
    /// What the rubric asks for; empty where the number only informs.
    pub expected: String,
}

/// A line that a verdict rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: u32,
    /// What stands there, cut to a readable length.
    pub text: String,
    /// What it shows.
    pub shows: String,
}

/// What a criterion's own module says of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outcome {
    pub(super) verdict: Verdict,
    /// Share of the points, 0 to 1; of no meaning where nobody can tell.
    pub(super) share: f64,
    /// A few words for a table; empty when met.
    pub(super) short: String,
    /// What was found, in whole sentences.
    pub(super) summary: String,
    /// What to look at; empty when met.
    pub(super) advice: String,
    pub(super) numbers: Vec<Number>,
    pub(super) lines: Vec<Line>,
}

impl Outcome {
    fn new(verdict: Verdict, share: f64, summary: String) -> Outcome {
        Outcome {
            verdict,
            share,
            short: String::new(),
            summary,
            advice: String::new(),
            numbers: Vec::new(),
            lines: Vec::new(),
        }
    }

    pub(super) fn met(summary: impl Into<String>) -> Outcome {
        Outcome::new(Verdict::Met, 1.0, summary.into())
    }

    pub(super) fn cannot_tell(summary: impl Into<String>) -> Outcome {
        Outcome::new(Verdict::CannotTell, 0.0, summary.into())
    }

    /// A finding: nothing of the points, or a share of them.
    pub(super) fn finding(
        share: f64,
        short: impl Into<String>,
        summary: impl Into<String>,
    ) -> Outcome {
        let verdict = match share > 0.0 {
            true => Verdict::Partly,
            false => Verdict::NotMet,
        };
        let mut outcome = Outcome::new(verdict, share.clamp(0.0, 1.0), summary.into());
        outcome.short = short.into();
        outcome
    }

    pub(super) fn advise(mut self, advice: impl Into<String>) -> Outcome {
        self.advice = advice.into();
        self
    }

    pub(super) fn number(
        mut self,
        what: impl Into<String>,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Outcome {
        self.numbers.push(Number {
            what: what.into(),
            found: found.into(),
            expected: expected.into(),
        });
        self
    }

    pub(super) fn proven_by(mut self, lines: impl IntoIterator<Item = Line>) -> Outcome {
        self.lines.extend(lines);
        self
    }
}

/// What became of a criterion.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judgement {
    /// What was judged.
    pub criterion: Criterion,
    /// What the rubric calls it.
    pub name: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Points given; none when nobody can tell.
    pub points: Option<f64>,
    /// Points that the rubric gives for it.
    pub points_possible: f64,
    /// A finding in a few words; empty otherwise.
    pub short: String,
    /// What was found, in whole sentences.
    pub summary: String,
    /// What to look at; empty when met.
    pub advice: String,
    /// The numbers that it rests on.
    pub numbers: Vec<Number>,
    /// The lines that it rests on: a few of them.
    pub lines: Vec<Line>,
}

impl Judgement {
    pub(super) fn new(criterion: Criterion, rubric: &Rubric, outcome: Outcome) -> Judgement {
        let possible = rubric.points(criterion);
        let told = outcome.verdict != Verdict::CannotTell;
        Judgement {
            criterion,
            name: rubric.name_of(criterion).to_owned(),
            verdict: outcome.verdict,
            // To a tenth: nobody grades finer.
            points: told.then(|| (possible * outcome.share * 10.0).round() / 10.0),
            points_possible: possible,
            short: outcome.short,
            summary: outcome.summary,
            advice: outcome.advice,
            numbers: outcome.numbers,
            lines: outcome.lines,
        }
    }
}

/// What became of a submission.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Grade {
    /// Its name in the class.
    pub submission: String,
    /// Its folder.
    pub folder: PathBuf,
    /// The format of its logs; `driftlab` for our own.
    pub format: String,
    /// How many trials were judged.
    pub trials: u64,
    /// Trials set aside as aborted starts.
    pub aborted: Vec<String>,
    /// What is to be known of how it was read.
    pub notes: Vec<String>,
    /// Files that were not read and may be logs: what is judged may be wrong for want of them.
    pub unread_logs: Vec<UnreadLog>,
    /// One for each criterion that is on, in the order of reports.
    pub judgements: Vec<Judgement>,
}

impl Grade {
    /// Points given.
    pub fn points(&self) -> f64 {
        self.judgements.iter().filter_map(|one| one.points).sum()
    }

    /// Points of what could be judged.
    pub fn points_judged(&self) -> f64 {
        let told = self.judgements.iter().filter(|one| one.points.is_some());
        told.map(|one| one.points_possible).sum()
    }

    /// Points given as a share of what could be judged, 0 to 1; none when nothing could.
    pub fn share(&self) -> Option<f64> {
        let judged = self.points_judged();
        (judged > 0.0).then(|| self.points() / judged)
    }

    /// How many criteria have this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        let same = self.judgements.iter().filter(|one| one.verdict == verdict);
        same.count()
    }

    /// What is wrong, the costliest first.
    pub fn findings(&self) -> Vec<&Judgement> {
        let wrong = self
            .judgements
            .iter()
            .filter(|one| one.verdict.is_finding());
        let mut findings: Vec<&Judgement> = wrong.collect();
        let lost = |one: &Judgement| one.points_possible - one.points.unwrap_or_default();
        findings.sort_by(|a, b| lost(b).total_cmp(&lost(a)));
        findings
    }
}
