//! The laws on anybody's logs, in the dialect that they are written in.
//!
//! ```text
//! History + Matching ─→ reading (which clock and which queue a line shows) ─→ clocks · messages · queues · vectors
//!                                                                               └─→ findings ─→ verdict
//! ```
//!
//! [`law`] names the laws, [`verdict`] is what comes out. Where the dialect leaves a reading open, the one that breaks
//! fewer lines is taken, and the verdict says so. A law that a log cannot decide is not decidable, with the reason; what
//! a cut or ambiguous log leaves open is counted as undecided, and is no violation.
//!
//! **Invariant.** A line is judged by the logged values of the lines before it, so one slip is told once.

mod causality;
mod clocks;
mod findings;
pub mod law;
mod lines;
mod merges;
mod messages;
mod queues;
mod reading;
mod vectors;
pub mod verdict;

pub use law::HistoryLaw;
pub use verdict::{Example, Finding, HistoryVerdict};

use crate::history::matching::Matching;
use crate::history::{Clock, History};

/// Checks a trial, and reads again from its files the few lines that are shown.
pub fn check_history(history: &History, matching: &Matching) -> HistoryVerdict {
    let mut findings = findings::Findings::new(history);
    let reading = reading::Reading::of(history, matching);
    clocks::check(history, matching, &reading, &mut findings);
    messages::check(history, matching, &reading, &mut findings);
    queues::check(history, &reading, &mut findings);
    vectors::check(history, matching, &reading, &mut findings);
    causality::check(history, matching, &mut findings);
    let mut verdict = findings.into_verdict(matching, reading);
    lines::read(&mut verdict);
    verdict
}

/// Whether the trial's clocks are vectors.
fn has_vectors(history: &History) -> bool {
    let mut clocks = history
        .machines
        .iter()
        .flat_map(|machine| &machine.events)
        .filter_map(|event| event.clock.as_ref());
    matches!(clocks.next(), Some(Clock::Vector(_)))
}

#[cfg(test)]
mod tests;
