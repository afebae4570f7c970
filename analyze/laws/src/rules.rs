//! The table of the laws, a file for each.
//!
//! **Invariant.** A rule counts what it decides, and what it cannot decide with the reason; it judges nothing else.

mod causal_order;
mod channel_order;
mod clock_condition;
mod clock_increases;
pub(crate) mod clock_rule;
mod identity;
mod manifest;
mod merge_is_maximum;
mod no_knowledge_from_the_future;
mod nothing_lost;
mod one_event_per_tick;
mod own_component;
pub(crate) mod queue_rule;
mod receive_has_send;
mod received_once;
mod send_before_receive;
mod tick_time;
mod vector_monotonic;

use events::Clock;

use crate::Law;
use crate::case::Case;
use crate::findings::Findings;

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
    pub(crate) check: fn(&Case<'_>, &mut Findings<'_>),
}

/// Every law.
pub(crate) const RULES: &[Rule] = &[
    manifest::RULE,
    one_event_per_tick::RULE,
    clock_rule::RULE,
    clock_increases::RULE,
    own_component::RULE,
    vector_monotonic::RULE,
    merge_is_maximum::RULE,
    no_knowledge_from_the_future::RULE,
    causal_order::RULE,
    receive_has_send::RULE,
    clock_condition::RULE,
    received_once::RULE,
    send_before_receive::RULE,
    channel_order::RULE,
    nothing_lost::RULE,
    queue_rule::RULE,
    tick_time::RULE,
    identity::RULE,
];

const NOT_MATCHED: &str = "several sends may be its send";
const BY_ORDER: &str = "matched by the order of the channel itself";
const NO_CLOCK: &str = "lines without a clock";
const GAP: &str = "a line before is missing, damaged or not understood";

/// Every trial.
fn always(_: &Case<'_>) -> Applies {
    Applies::Yes
}

/// Trials whose manifest says what was to happen.
fn with_manifest(case: &Case<'_>) -> Applies {
    if case.trial.is_own() {
        Applies::Yes
    } else {
        Applies::No
    }
}

/// Trials whose clocks are one number, or that have none.
fn of_scalars(case: &Case<'_>) -> Applies {
    if case.reading.vectors {
        Applies::No
    } else {
        Applies::Yes
    }
}

/// Trials whose clocks are vectors.
fn of_vectors(case: &Case<'_>) -> Applies {
    if case.reading.vectors {
        Applies::Yes
    } else {
        Applies::No
    }
}

/// Trials whose clocks are vectors of which it is known whose events each component counts.
fn of_known_components(case: &Case<'_>) -> Applies {
    match case.trial.info.without_log {
        Some(_) => of_vectors(case),
        None if case.reading.vectors => {
            Applies::NotDecidable("which component of the vectors counts whose events is not known")
        }
        None => Applies::No,
    }
}

/// A clock as a line says it.
fn in_words(clock: &Clock) -> String {
    match clock {
        Clock::Lamport(value) => value.to_string(),
        Clock::Fractional(value) => value.to_string(),
        Clock::Vector(components) => format!("{components:?}"),
    }
}
