//! A ledger that makes sense: every name known, every size given, nothing said twice.
//!
//! **Invariant.** Whether the logs have what a claim names is not known here; all else that can be wrong with a ledger is
//! found here, with the line of its claim.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::bound::Bound;
use super::file::{ClaimFile, LedgerFile, ShareFile, ThanFile, TrendFile};
use super::judge::Verdict;
use super::measure::Measure;
use super::options::Options;
use super::{ClaimsError, LINE_FIRST};
use files::input;

/// A ledger.
#[derive(Debug, Clone)]
pub struct Ledger {
    /// Its file.
    pub file: PathBuf,
    /// Its text.
    pub text: String,
    /// The chance, at most, that any true claim is refuted; and again that any false one is supported.
    pub alpha: f64,
    /// The claims, in the order of the file.
    pub claims: Vec<Claim>,
}

/// A sentence, and how it is put to the test.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Its name.
    pub id: String,
    /// Its line in the ledger, from 1.
    pub line: usize,
    /// Where its id and its recorded verdict stand in the text, quotes included.
    pub(super) places: (Range<usize>, Option<Range<usize>>),
    /// The sentence, as its author wrote it.
    pub sentence: String,
    /// Who wrote it, and where.
    pub source: String,
    /// How the sentence is read here.
    pub reading: Option<String>,
    /// The page that argues about it, without `.md`.
    pub page: Option<String>,
    /// What is measured.
    pub quantity: Quantity,
    /// What it is compared with.
    pub than: Option<Quantity>,
    /// Whether the claim is about each of the conditions that match; otherwise exactly one must.
    pub each: bool,
    /// What is claimed of it.
    pub relation: Relation,
    /// How many trials of each condition decide.
    pub trials: u64,
    /// Its own, stricter alpha, or the ledger's.
    pub alpha: f64,
    /// The verdict that the ledger records.
    pub recorded: Option<Verdict>,
}

/// One number of each trial of some conditions.
#[derive(Debug, Clone)]
pub struct Quantity {
    /// Folder of logs, relative to the ledger.
    pub logs: String,
    /// Which conditions.
    pub conditions: Options,
    /// Which number.
    pub measure: Measure,
}

/// What is claimed.
#[derive(Debug, Clone, PartialEq)]
pub enum Relation {
    /// Of the mean across trials.
    Mean(Bound),
    /// Of the difference of means, this less `than`.
    Difference(Bound),
    /// Of the ratio of means, this by `than`.
    Ratio(Bound),
    /// Of the change from one condition of a sweep to the next.
    Trend {
        /// The option that is swept.
        over: String,
        /// The mean change by a step.
        per_step: Bound,
        /// Whether every single step is to change so, not the line through all of them.
        every_step: bool,
    },
    /// Of the share of blocks in which a statement holds for all trials.
    Share {
        /// The statement about a trial.
        holds: Bound,
        /// How many trials make a block.
        block: u64,
        /// The share of blocks.
        size: Bound,
    },
}

impl Ledger {
    /// Reads a ledger.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`] with the line and what to do.
    pub fn read(file: &Path) -> Result<Ledger, ClaimsError> {
        let text = input::text(file).map_err(|cause| ClaimsError::File {
            file: file.to_owned(),
            cause,
        })?;
        Ledger::parse(file, text)
    }

    /// The folders that its claims argue from, relative to the ledger; some more than once.
    pub fn logs(&self) -> impl Iterator<Item = &str> {
        let quantities = self.claims.iter().flat_map(|claim| {
            let other = claim.than.as_ref();
            [Some(&claim.quantity), other].into_iter().flatten()
        });
        quantities.map(|quantity| quantity.logs.as_str())
    }

    /// Makes sense of a ledger's text; `file` is for errors, and for where logs are.
    ///
    /// # Errors
    ///
    /// [`ClaimsError::Ledger`] with the line and what to do.
    pub fn parse(file: &Path, text: String) -> Result<Ledger, ClaimsError> {
        let wrong = |line: usize, problem: String| ClaimsError::Ledger {
            file: file.to_owned(),
            problems: vec![(line, problem)],
        };
        let words: LedgerFile = toml::from_str(&text).map_err(|error| {
            let line = error
                .span()
                .map_or(LINE_FIRST, |span| line_of(&text, span.start));
            wrong(line, error.message().to_owned())
        })?;
        if words.alpha.is_nan() || words.alpha <= 0.0 || words.alpha >= 0.5 {
            let problem = format!(
                "alpha = {}: expected a probability above 0 and below 0.5, such as 0.05",
                words.alpha
            );
            return Err(wrong(LINE_FIRST, problem));
        }
        let mut ids = BTreeSet::new();
        let mut claims = Vec::new();
        for claim in &words.claims {
            let line = line_of(&text, claim.id.span().start);
            let id = claim.id.get_ref();
            let problem = |problem: String| wrong(line, format!("claim `{id}`: {problem}"));
            if !ids.insert(id.clone()) {
                return Err(problem(
                    "a second claim of this id; ids are unique".to_owned(),
                ));
            }
            claims.push(sense(claim, &words, line).map_err(problem)?);
        }
        Ok(Ledger {
            file: file.to_owned(),
            alpha: words.alpha,
            claims,
            text,
        })
    }
}

/// The line of a place in a text, from 1.
fn line_of(text: &str, place: usize) -> usize {
    LINE_FIRST + text.get(..place).unwrap_or(text).matches('\n').count()
}

fn sense(claim: &ClaimFile, ledger: &LedgerFile, line: usize) -> Result<Claim, String> {
    let id = claim.id.get_ref().clone();
    if id.is_empty()
        || !id
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    {
        return Err("an id is of lower-case letters, digits and dashes: blocks name it".to_owned());
    }
    let source = ledger.sources.get(&claim.source).ok_or_else(|| {
        let known: Vec<&str> = ledger.sources.keys().map(String::as_str).collect();
        format!(
            "source = \"{}\" is not in [sources]; expected one of {}, or add it there",
            claim.source,
            known.join(", ")
        )
    })?;
    let trials = claim.trials.or(ledger.trials).ok_or(
        "nothing says how many trials decide: add `trials` here or at the head of the ledger",
    )?;
    if trials < 2 {
        return Err(format!("trials = {trials}: expected 2 or more"));
    }
    let alpha = claim.alpha.unwrap_or(ledger.alpha);
    if alpha.is_nan() || alpha <= 0.0 || alpha > ledger.alpha {
        return Err(format!(
            "alpha = {alpha}: a claim may only be stricter than the ledger's {}",
            ledger.alpha
        ));
    }
    let measure = Measure::named(
        &claim.metric,
        claim.machine.as_ref(),
        claim.combine.as_deref(),
    )?;
    let quantity = Quantity {
        logs: claim.logs.clone(),
        conditions: claim.conditions.clone(),
        measure,
    };
    let than = claim
        .than
        .as_ref()
        .map(|than| other_side(than, claim))
        .transpose()
        .map_err(|problem| format!("than: {problem}"))?;
    let relation = relation(claim, than.is_some(), trials)?;
    let verdict = |word: &toml::Spanned<String>| Verdict::named(word.get_ref());
    Ok(Claim {
        id,
        line,
        places: (
            claim.id.span(),
            claim.verdict.as_ref().map(toml::Spanned::span),
        ),
        sentence: one_line(&claim.sentence),
        source: source.clone(),
        reading: claim.reading.as_deref().map(one_line),
        page: claim
            .page
            .as_deref()
            .map(|page| page.trim_end_matches(".md").to_owned()),
        quantity,
        than,
        each: claim.each,
        relation,
        trials,
        alpha,
        recorded: claim.verdict.as_ref().map(verdict).transpose()?,
    })
}

/// Text of several lines as one.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<&str>>().join(" ")
}

fn other_side(than: &ThanFile, claim: &ClaimFile) -> Result<Quantity, String> {
    let mut conditions = claim.conditions.clone();
    conditions.extend(than.conditions.clone());
    let metric = than.metric.as_ref().unwrap_or(&claim.metric);
    let machine: Option<&Value> = than.machine.as_ref().or(claim.machine.as_ref());
    // How all machines become one is said beside the machine.
    let combine = match than.machine {
        Some(_) => than.combine.as_deref(),
        None => than.combine.as_deref().or(claim.combine.as_deref()),
    };
    Ok(Quantity {
        logs: than.logs.as_ref().unwrap_or(&claim.logs).clone(),
        conditions,
        measure: Measure::named(metric, machine, combine)?,
    })
}

fn relation(claim: &ClaimFile, compared: bool, trials: u64) -> Result<Relation, String> {
    let mut found = Vec::new();
    let mut add = |name: &'static str, relation: Result<Relation, String>| -> Result<(), String> {
        found.push((
            name,
            relation.map_err(|problem| format!("{name}: {problem}"))?,
        ));
        Ok(())
    };
    if let Some(bound) = &claim.mean {
        add("mean", bound.required("mean").map(Relation::Mean))?;
    }
    if let Some(bound) = &claim.difference {
        add(
            "difference",
            bound.required("difference").map(Relation::Difference),
        )?;
    }
    if let Some(bound) = &claim.ratio {
        add("ratio", bound.required("ratio").map(Relation::Ratio))?;
    }
    if let Some(words) = &claim.trend {
        add("trend", trend(words))?;
    }
    if let Some(words) = &claim.share {
        add("share", share(words, trials))?;
    }
    let expected = "expected one of mean, difference, ratio, trend, share";
    let [(name, relation)] = found.as_slice() else {
        let names: Vec<&str> = found.iter().map(|(name, _)| *name).collect();
        return Err(match names.as_slice() {
            [] => format!("says nothing of its metric: {expected}"),
            several => format!(
                "says {}: {expected}; two things are two claims",
                several.join(" and ")
            ),
        });
    };
    let needs = matches!(relation, Relation::Difference(_) | Relation::Ratio(_));
    let may = needs || matches!(relation, Relation::Share { .. });
    if needs && !compared {
        return Err(format!(
            "`{name}` needs `than`: what the metric is compared with"
        ));
    }
    if compared && !may {
        return Err(format!(
            "`than` goes with difference, ratio or share, not with {name}"
        ));
    }
    if claim.each && matches!(relation, Relation::Trend { .. }) {
        return Err(
            "`each` does not go with trend, which takes all conditions that match".to_owned(),
        );
    }
    Ok(relation.clone())
}

fn trend(words: &TrendFile) -> Result<Relation, String> {
    let bound = words
        .per_step
        .as_ref()
        .map(|keys| keys.required("per_step"));
    let per_step = match (words.goes.as_deref(), bound.transpose()?) {
        (Some("up"), None) => Bound::Above(0.0),
        (Some("down"), None) => Bound::Below(0.0),
        (None, Some(bound)) => bound,
        (Some(_), Some(_)) => return Err("give `goes` or `per_step`, not both".to_owned()),
        (goes, None) => {
            let found = goes.map_or("nothing".to_owned(), |goes| format!("goes = \"{goes}\""));
            return Err(format!(
                "expected goes = \"up\", goes = \"down\" or a size `per_step`, found {found}"
            ));
        }
    };
    Ok(Relation::Trend {
        over: words.over.clone(),
        per_step,
        every_step: words.every_step,
    })
}

fn share(words: &ShareFile, trials: u64) -> Result<Relation, String> {
    let holds = words.holds.required("holds")?;
    let size = words.size().required("share")?;
    let (low, high) = size.ends();
    if !(0.0..=1.0).contains(&low) || !(0.0..=1.0).contains(&high) {
        return Err(format!("{size}: a share is a number from 0 to 1"));
    }
    // No share lies beyond 0 or 1, and no trials could show that it does not: such an end is none.
    let size = match size {
        Bound::Within(low, high) if low == 0.0 && high == 1.0 => {
            return Err(format!("{size}: every share lies there"));
        }
        Bound::Within(low, 1.0) => Bound::AtLeast(low),
        Bound::Within(0.0, high) => Bound::AtMost(high),
        size => size,
    };
    let block = words.blocks_of.unwrap_or(1);
    if block == 0 || !trials.is_multiple_of(block) {
        return Err(format!(
            "blocks_of = {block}: {trials} trials are no whole number of such blocks"
        ));
    }
    Ok(Relation::Share { holds, block, size })
}
