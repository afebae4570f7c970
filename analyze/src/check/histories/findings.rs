//! Where laws put what they find: all is counted, by cause; a few violations of each cause are kept.
//!
//! **Invariant.** Evidence is kept by position; its text is read once, at the end, for what is shown.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::has_vectors;
use super::law::HistoryLaw;
use super::reading::Reading;
use super::verdict::{Conditions, Example, Finding, HistoryVerdict};
use crate::check::LogLine;
use crate::history::History;
use crate::history::Kind;
use crate::history::matching::{Match, Matching};

/// Violations of one cause that are kept.
const KEPT: usize = 3;
/// Share of the violations that must have one cause before it explains them.
const EXPLAINS: f64 = 0.9;

/// An event by position: machine and event.
pub(super) type Place = (usize, usize);

/// Findings of one trial.
pub(super) struct Findings<'a> {
    history: &'a History,
    laws: Vec<Counts>,
    conditions: Vec<Conditions>,
}

#[derive(Default)]
struct Counts {
    examined: u64,
    undecided: BTreeMap<&'static str, u64>,
    idle: Option<&'static str>,
    causes: BTreeMap<&'static str, Cause>,
}

#[derive(Default)]
struct Cause {
    violated: u64,
    kept: Vec<Kept>,
}

struct Kept {
    evidence: Vec<Place>,
    expected: String,
    found: String,
}

impl<'a> Findings<'a> {
    pub(super) fn new(history: &'a History) -> Findings<'a> {
        Findings {
            history,
            laws: HistoryLaw::ALL.map(|_| Counts::default()).into(),
            conditions: vec![Conditions::default(); history.machines.len()],
        }
    }

    /// The clock condition was decided for a receive of this machine.
    pub(super) fn condition(&mut self, machine: usize, broken: bool) {
        self.examine(HistoryLaw::ClockCondition);
        self.conditions[machine].examined += 1;
        self.conditions[machine].broken += u64::from(broken);
    }

    /// A law was decided for one more.
    pub(super) fn examine(&mut self, law: HistoryLaw) {
        self.laws[law as usize].examined += 1;
    }

    /// A law cannot be decided for one.
    pub(super) fn undecided(&mut self, law: HistoryLaw, why: &'static str) {
        *self.laws[law as usize].undecided.entry(why).or_default() += 1;
    }

    /// Nothing in the log can decide a law.
    pub(super) fn idle(&mut self, law: HistoryLaw, why: &'static str) {
        self.laws[law as usize].idle.get_or_insert(why);
    }

    /// A law is broken; the offending event stands first in the evidence.
    pub(super) fn violate(
        &mut self,
        law: HistoryLaw,
        evidence: &[Place],
        cause: &'static str,
        tell: impl FnOnce() -> (String, String),
    ) {
        let cause = self.laws[law as usize].causes.entry(cause).or_default();
        cause.violated += 1;
        if cause.kept.len() < KEPT {
            let mut places: Vec<Place> = Vec::with_capacity(evidence.len());
            for &place in evidence {
                if !places.contains(&place) {
                    places.push(place);
                }
            }
            let (expected, found) = tell();
            cause.kept.push(Kept {
                evidence: places,
                expected,
                found,
            });
        }
    }

    /// Closes the findings.
    pub(super) fn into_verdict(self, matching: &Matching, reading: Reading) -> HistoryVerdict {
        let history = self.history;
        let vectors = has_vectors(history);
        let laws = HistoryLaw::ALL.into_iter().zip(self.laws);
        let applies = |law: HistoryLaw| {
            law.of_vectors()
                .is_none_or(|of_vectors| of_vectors == vectors)
        };
        let laws = laws.filter(|(law, _)| applies(*law));
        let count = |wanted: fn(&Match) -> bool| {
            let matches = matching.receives.iter().flatten();
            matches.filter(|found| wanted(found)).count() as u64
        };
        let events = || history.machines.iter().flat_map(|machine| &machine.events);
        HistoryVerdict {
            group: history.group.clone(),
            trial: history.trial.clone(),
            dir: history.dir.clone(),
            format: history.format.clone(),
            machines: history.machines.len(),
            events: events().count() as u64,
            receives: events().filter(|event| event.kind == Kind::Receive).count() as u64,
            matched: count(|found| matches!(found, Match::Sent { .. })),
            ambiguous: count(|found| matches!(found, Match::Ambiguous { .. })),
            inferred: matching.inferred.clone(),
            conditions: self.conditions,
            laws: laws
                .map(|(law, counts)| finding(history, law, counts))
                .collect(),
            readings: reading.words,
            dialect: reading.dialect,
        }
    }
}

fn finding(history: &History, law: HistoryLaw, counts: Counts) -> Finding {
    let mut causes: Vec<(&str, Cause)> = counts.causes.into_iter().collect();
    causes.sort_by_key(|(_, cause)| std::cmp::Reverse(cause.violated));
    let violated: u64 = causes.iter().map(|(_, cause)| cause.violated).sum();
    let top = causes.first();
    let explanation =
        top.filter(|(_, top)| violated > 1 && top.violated as f64 >= EXPLAINS * violated as f64);
    let explanation =
        explanation.map(|(why, top)| format!("in {} of {violated}: {why}", top.violated));
    let undecided = counts.undecided.values().sum();
    let often = counts.undecided.iter().max_by_key(|&(_, count)| *count);
    let why = often.map(|(why, _)| *why).or(counts.idle);
    let idle = format!("the log has no {} to examine", law.unit());
    Finding {
        law,
        rule: law.rule(),
        unit: law.unit(),
        examined: counts.examined,
        violated,
        share: (counts.examined > 0).then(|| violated as f64 / counts.examined as f64),
        undecided,
        not_decidable: match why {
            Some(why) => Some(why.to_owned()),
            None if counts.examined == 0 => Some(idle),
            None => None,
        },
        explanation,
        examples: causes
            .iter()
            .flat_map(|(why, cause)| examples(history, why, cause))
            .collect(),
        causes: causes
            .iter()
            .map(|(why, cause)| ((*why).to_owned(), cause.violated))
            .collect(),
    }
}

/// The examples of one cause: those that need fewest lines first.
fn examples(history: &History, why: &str, cause: &Cause) -> Vec<Example> {
    let mut kept: Vec<&Kept> = cause.kept.iter().collect();
    kept.sort_by_key(|kept| kept.evidence.len());
    let example = |kept: &Kept| Example {
        machine: history.machines[kept.evidence[0].0].name.clone(),
        evidence: kept
            .evidence
            .iter()
            .map(|&place| line(history, place))
            .collect(),
        expected: kept.expected.clone(),
        found: kept.found.clone(),
        cause: why.to_owned(),
    };
    kept.into_iter().map(example).collect()
}

fn line(history: &History, (machine, event): Place) -> LogLine {
    let machine = &history.machines[machine];
    let event = &machine.events[event];
    LogLine {
        file: machine
            .files
            .get(event.file as usize)
            .cloned()
            .unwrap_or_else(PathBuf::new),
        line: Some(event.line),
        text: String::new(),
    }
}
