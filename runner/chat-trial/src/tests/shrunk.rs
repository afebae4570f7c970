//! How little it takes to miss a rule: the smallest schedule in which a trial without it still finds the same property broken.

use std::ops::ControlFlow;

use driver::faults::shrink::shrink;
use event_log::faults::Faults;

use super::mutants::{Guard, all, first_found, name_of};
use super::{SEED, faults, quick, trial};

/// Trials that a search may run.
const RUNS_MAX: u32 = 500;

#[test]
#[ignore = "half a minute in release: cargo test --release -p chat-trial shrunk -- --ignored --nocapture"]
fn a_schedule_that_misses_a_rule_is_shrunk_to_one_that_still_does() {
    for (rule, rules, guard) in all() {
        let Guard::Campaign(tolerate, schedule, trials) = guard else {
            continue;
        };
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
        assert!(fails(&shrunk.faults), "{rule}");
        println!(
            "\n# {rule}: {property}, seed {SEED}, trial {number} of {tolerate} {}: {} faults -> {} in {} runs{}",
            name_of(schedule),
            shrunk.before,
            shrunk.after,
            shrunk.runs,
            if shrunk.is_minimal { "" } else { ", cut short" },
        );
        println!("{}", toml::to_string(&shrunk.faults).expect("a file"));
    }
}
