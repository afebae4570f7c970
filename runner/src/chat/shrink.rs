//! A smaller trial that still finds what a trial found: fewer faults, then fewer clients, then a shorter time.
//!
//! **Invariant.** What is smaller finds the same as the first: each step is tried before it is kept.

use std::cell::RefCell;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use chat_trial::{Detail, Outcome};
use driver::faults::shrink::shrink;
use event_log::Faults;
use event_log::chat::{ChatCondition, Property, Verdict};
use event_log::faults::Span;

use crate::config::span::span_text;
use crate::numerals::counted;

/// A second, nanoseconds: whole ones read better.
const SECOND_NS: u64 = 1_000_000_000;
/// The most trials that are run to take faults away.
const RUNS_MAX: u32 = 5000;
/// At least this part of a trial is calm in the end, as it is if a file does not say.
const SETTLE_PART: u64 = 4;

/// A trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// What it shares with others.
    pub condition: ChatCondition,
    /// The seed of its run.
    pub seed: u64,
    /// Its number.
    pub trial: u64,
    /// Its faults, with nothing left to chance.
    pub plain: Faults,
}

/// What a trial finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// A property does not hold.
    Violation(Property),
    /// Acknowledged messages are gone, and the servers name them.
    LostAsSaid,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::Violation(property) => write!(f, "{property}, {}", property.statement()),
            Finding::LostAsSaid => f.write_str("lost_as_said, the policy loses messages here"),
        }
    }
}

/// Findings, each with its evidence in a sentence.
pub type Findings = Vec<(Finding, String)>;

impl Subject {
    /// What the trial finds: nothing if its faults cannot be carried out. None if it was stopped.
    pub fn findings(&self, stop: &AtomicBool) -> Option<Findings> {
        let limits = chat_trial::limits(&self.condition);
        if limits.admit(&self.plain).is_err() {
            return Some(Findings::new());
        }
        let (condition, faults) = (&self.condition, &self.plain);
        let run = chat_trial::run(
            condition,
            self.seed,
            self.trial,
            faults,
            Detail::Summary,
            stop,
        );
        let found = run.map_or_else(|_| Findings::new(), |outcome| findings(&outcome));
        (!stop.load(Ordering::Relaxed)).then_some(found)
    }
}

fn findings(outcome: &Outcome) -> Findings {
    let violations = outcome.violations.iter();
    let mut findings: Findings = violations
        .map(|violation| {
            let finding = Finding::Violation(violation.property);
            (finding, violation.finding.clone())
        })
        .collect();
    let discarded = outcome.summary.discarded;
    if outcome.summary.verdict == Verdict::LostAsSaid && discarded > 0 {
        let evidence = format!(
            "acknowledged and gone, as the servers say: {}",
            counted(discarded, "message")
        );
        findings.push((Finding::LostAsSaid, evidence));
    }
    findings
}

/// What came of looking for a smaller trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Smaller {
    /// The smallest that was found.
    pub subject: Subject,
    /// What it finds, as the first one did.
    pub finding: Finding,
    /// Its evidence.
    pub evidence: String,
    /// Faults of the first one.
    pub before: usize,
    /// Faults of the smallest.
    pub after: usize,
    /// Trials that were run.
    pub runs: u64,
}

/// A search under way.
struct Search<F, P> {
    best: Subject,
    evidence: String,
    finding: Finding,
    runs: u64,
    /// What a trial finds.
    run: F,
    progress: P,
    /// Whether the user wants the end.
    is_over: bool,
}

/// Looks for a smaller trial. `run` says what one finds, or none when the user wants the end: then the smallest so far is
/// returned. `progress` hears a line for each step that was kept. None if the trial finds nothing.
pub fn smaller(
    subject: &Subject,
    mut run: impl FnMut(&Subject) -> Option<Findings>,
    progress: impl FnMut(&str),
) -> Option<Smaller> {
    let (finding, evidence) = run(subject)?.into_iter().next()?;
    let mut search = Search {
        best: subject.clone(),
        finding,
        evidence,
        runs: 1,
        run,
        progress,
        is_over: false,
    };
    let condition = &subject.condition;
    let before = subject.plain.faults.len();
    (search.progress)(&format!(
        "run 1: {}, {}, {}: {finding}: {}",
        faults(before),
        clients(condition),
        span_text(condition.duration_ns),
        search.evidence
    ));
    search.shrink_faults();
    let (clients, duration) = (search.shrink_clients(), search.shrink_duration());
    if clients || duration {
        // A fault that was needed because of others may not be now.
        search.shrink_faults();
    }
    Some(Smaller {
        finding,
        evidence: search.evidence,
        before,
        after: search.best.plain.faults.len(),
        runs: search.runs,
        subject: search.best,
    })
}

fn faults(count: usize) -> String {
    counted(count as u64, "fault")
}

fn clients(condition: &ChatCondition) -> String {
    counted(condition.clients.into(), "client")
}

impl<F: FnMut(&Subject) -> Option<Findings>, P: FnMut(&str)> Search<F, P> {
    /// Keeps a trial if it finds what the first one did; returns whether it does.
    fn keeps(&mut self, subject: Subject, what: impl FnOnce(&Subject) -> String) -> bool {
        self.runs += 1;
        let found = (self.run)(&subject);
        self.is_over |= found.is_none();
        let mut found = found.into_iter().flatten();
        let Some((_, evidence)) = found.find(|(finding, _)| *finding == self.finding) else {
            return false;
        };
        (self.progress)(&format!("run {}: {}", self.runs, what(&subject)));
        self.evidence = evidence;
        self.best = subject;
        true
    }

    fn shrink_faults(&mut self) {
        let plain = self.best.plain.clone();
        let search = RefCell::new(self);
        let fails = |plain: &Faults| {
            let mut search = search.borrow_mut();
            let subject = Subject {
                plain: plain.clone(),
                ..search.best.clone()
            };
            let fewest = search.best.plain.faults.len();
            search.keeps(subject, |subject| match subject.plain.faults.len() {
                count if count < fewest => faults(count),
                count => format!("{}, shorter or at rounder times", faults(count)),
            })
        };
        let progress = |_| match search.borrow().is_over {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        };
        // What it returns is kept already; it fails where nothing fails, and then there is nothing to keep.
        let _ = shrink(&plain, RUNS_MAX, fails, progress);
    }

    /// Halves the number of clients, then takes one away at a time; returns whether there are fewer.
    fn shrink_clients(&mut self) -> bool {
        let before = self.best.condition.clients;
        for step in [|clients: u32| clients / 2, |clients: u32| clients - 1] {
            loop {
                let mut fewer = self.best.clone();
                fewer.condition.clients = step(fewer.condition.clients);
                let words = |subject: &Subject| clients(&subject.condition);
                if fewer.condition.clients == 0 || !self.keeps(fewer, words) {
                    break;
                }
            }
        }
        self.best.condition.clients < before
    }

    /// Halves the time as long as the trial finds the same; returns whether it is shorter.
    fn shrink_duration(&mut self) -> bool {
        let before = self.best.condition.duration_ns;
        loop {
            let mut shorter = self.best.clone();
            let duration_ns = shorter.condition.duration_ns / 2 / SECOND_NS * SECOND_NS;
            shorter.condition.duration_ns = duration_ns;
            let settle_ns = shorter.plain.settle.ns.min(duration_ns / SETTLE_PART);
            shorter.plain.settle = Span { ns: settle_ns };
            let words = |subject: &Subject| span_text(subject.condition.duration_ns);
            if duration_ns == 0 || !self.keeps(shorter, words) {
                break;
            }
        }
        self.best.condition.duration_ns < before
    }
}

#[cfg(test)]
mod tests;
