//! The laws that the log of a trial obeys, and the rows that prove it when one does not.
//!
//! ```text
//! Trial ─→ facts (what each log can be trusted with) ─┐
//!      ├─→ channels (sends by pair of machines) ──────┼─→ rules (a law each) ─→ findings ─→ Verdict ─→ Tally
//!      └─→ reading (what a line shows) ───────────────┘
//! ```
//!
//! # Map
//!
//! [`Law`] the laws by name · `rules` the table of them and a file for each · `case` a trial with what is derived from it
//! once: `facts`, `channels`, `reading` and `merges`; `settled_reading` settles what a dialect leaves open, by
//! `expected_clock` and `queue_bounds`, by which rules judge, too, `arrivals` with it · `findings` where laws put what they find · [`Verdict`] what comes
//! out, [`Tally`] the sum over trials.
//!
//! A long trial comes in windows: [`Checker`] puts them to the same rules one after another, `memory` is what these remember from
//! one to the next, and [`Questions`] find the rows far away that a few receives are about. A whole trial is one window.
//!
//! A law applies where a log records what it speaks of. What a cut, damaged or ambiguous log leaves open is undecided, with
//! the reason, and is no violation. Logs with a manifest prove more: there the same law has stricter bounds.
//!
//! **Invariant.** Pure: a trial in, a verdict out. A row is judged by the logged values before it, so one slip is one violation.

mod arrivals;
mod case;
mod channels;
mod checker;
mod expected_clock;
mod facts;
mod findings;
mod law;
mod memory;
mod merges;
mod messages;
mod questions;
mod queue_bounds;
mod reading;
mod rule;
mod rules;
mod settled_reading;
mod tally;
mod verdict;

#[cfg(any(test, feature = "fixtures"))]
pub mod fixtures;
#[cfg(test)]
mod tests;

use events::Trial;

pub use checker::{Checker, Undecided};
pub use law::Law;
pub use questions::Questions;
pub use tally::Tally;
pub use verdict::{Conditions, Finding, LawCount, LogLine, Verdict, Violation};

/// Checks a trial against every law. The text of the lines that prove a violation is left to who prints them.
pub fn check(trial: &Trial) -> Verdict {
    let case = case::Case::new(trial);
    let mut findings = findings::Findings::new(trial.machines.len());
    rules::judge(&case, &mut findings);
    findings.into_verdict(trial, &case.reading, true)
}
