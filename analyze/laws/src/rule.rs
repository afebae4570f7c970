//! What a rule is, and what several rules need: to whom they apply, and why a row is not decidable.

use events::{Clock, ClockKind};

use crate::case::Case;
use crate::findings::Findings;
use crate::law::Law;

/// Whether a law applies to a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Applies {
    /// It does.
    Yes,
    /// It would, but the log cannot decide it, and why.
    NotDecidable(&'static str),
    /// The trial has nothing that it speaks of.
    No,
}

/// A law and how it is checked.
pub(crate) struct Rule {
    /// The law.
    pub(crate) law: Law,
    /// Whether it applies to a trial.
    pub(crate) applies: fn(&Case<'_>) -> Applies,
    /// Puts it to a trial that it applies to.
    pub(crate) check: fn(&Case<'_>, &mut Findings),
}

pub(crate) const NOT_MATCHED: &str = "several sends may be its send";
pub(crate) const BY_ORDER: &str = "matched by the order of the channel itself";
pub(crate) const ONE_SEND: &str =
    "two lines of sends of one clock may be one send, with a line for each recipient";
pub(crate) const GAP: &str = "a line before is missing, damaged or not understood, or a fault ended the machine and it began again";

/// Every trial.
pub(crate) fn always(_: &Case<'_>) -> Applies {
    Applies::Yes
}

/// Trials whose manifest says what was to happen.
pub(crate) fn with_manifest(case: &Case<'_>) -> Applies {
    if case.trial.is_own() {
        Applies::Yes
    } else {
        Applies::No
    }
}

/// Trials whose clocks are one number, or that have none.
pub(crate) fn of_scalars(case: &Case<'_>) -> Applies {
    match of_clocks(case) {
        Applies::Yes if case.reading.vectors => Applies::No,
        applies => applies,
    }
}

/// Trials whose clocks are clocks, or that have none: a number with a fraction that events advance by ever another step may
/// be a time, or a sum.
pub(crate) fn of_clocks(case: &Case<'_>) -> Applies {
    let is_fractional = case.reading.dialect.clock == Some(ClockKind::Fractional);
    if is_fractional && case.reading.step.is_none() {
        Applies::NotDecidable(
            "events advance the number by no usual step: it may be no logical clock",
        )
    } else {
        Applies::Yes
    }
}

/// Trials whose clocks are vectors.
pub(crate) fn of_vectors(case: &Case<'_>) -> Applies {
    if case.reading.vectors {
        Applies::Yes
    } else {
        Applies::No
    }
}

/// Trials whose clocks are vectors of which it is known whose events each component counts.
pub(crate) fn of_known_components(case: &Case<'_>) -> Applies {
    match case.trial.info.without_log {
        Some(_) => of_vectors(case),
        None if case.reading.vectors => {
            Applies::NotDecidable("which component of the vectors counts whose events is not known")
        }
        None => Applies::No,
    }
}

/// A clock as a line says it.
pub(crate) fn in_words(clock: &Clock) -> String {
    match clock {
        Clock::Lamport(value) => value.to_string(),
        Clock::Fractional(value) => value.to_string(),
        Clock::Vector(components) => format!("{components:?}"),
    }
}
