//! How little it takes to miss a rule: the smallest schedule in which a trial without it still finds the same property broken.
//!
//! **Invariant.** What `MUTANTS.md` says is what these tests find.

use std::ops::ControlFlow;

use driver::faults::shrink::{Shrunk, shrink};
use event_log::chat::Property;
use event_log::faults::Faults;

use super::mutants::{Guard, Mutant, all, first_found};
use super::page::{page, page_path};
use super::{faults, quick, trial};

/// Trials that a search may run.
const RUNS_MAX: u32 = 500;
/// The variable that has the page written.
const WRITE: &str = "WRITE_MUTANTS";

/// What a campaign has found without a rule.
pub(super) struct Found {
    /// Number of the trial.
    pub(super) trial: u64,
    pub(super) property: Property,
    pub(super) shrunk: Shrunk,
}

/// What the campaign that guards a rule finds without it; none if no campaign does.
fn find(mutant: &Mutant) -> Option<Found> {
    let Guard::Campaign(tolerate, schedule, trials) = mutant.guard else {
        return None;
    };
    let rules = mutant.rules;
    let (number, property, _) =
        first_found(tolerate, schedule, trials, rules).expect("its campaign finds it");
    let condition = quick(tolerate);
    let fails = |schedule: &Faults| {
        let outcome = trial(&condition, schedule, number, rules);
        outcome.violations.first().map(|first| first.property) == Some(property)
    };
    let plain = trial(&condition, &faults(schedule), number, rules).plain;
    let shrunk = shrink(&plain, RUNS_MAX, fails, |_| ControlFlow::Continue(()))
        .expect("a plain schedule that fails");
    assert!(fails(&shrunk.faults), "{}", mutant.name);
    Some(Found {
        trial: number,
        property,
        shrunk,
    })
}

#[test]
#[ignore = "some fifteen seconds in release: cargo test --release -p chat-trial shrunk -- --ignored"]
fn the_page_shows_for_each_rule_the_smallest_schedule_that_misses_it() {
    let mutants = all().map(|mutant| {
        let found = find(&mutant);
        (mutant, found)
    });
    let text = page(&mutants.collect::<Vec<_>>());
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(page_path(), &text).expect("the page");
    }
    let written = std::fs::read_to_string(page_path()).unwrap_or_default();
    let lines = written.lines().zip(text.lines());
    let first = lines.zip(1..).find(|((old, new), _)| old != new);
    assert!(
        written == text,
        "MUTANTS.md is not what is found now, first at {first:?}. If that is meant: {WRITE}=1 cargo test --release -p chat-trial shrunk -- --ignored"
    );
}
