//! Whole trials: what holds with and without faults, and what is noticed where a rule is broken.

mod membership;
mod mutants;
mod page;
mod parted;
mod schedules;
mod shrunk;
mod trials;

use std::sync::atomic::AtomicBool;

use event_log::chat::{ChatCondition, Tolerate};
use event_log::faults::Faults;

use crate::logs::Detail;
use crate::setups::AllRules;
use crate::trial::{Outcome, run_with};

const SEED: u64 = 7;

const SECOND_NS: u64 = 1_000_000_000;

/// A short trial with a quick detector: views change often.
fn quick(tolerate: Tolerate) -> ChatCondition {
    ChatCondition {
        clients: 5,
        duration_ns: 40 * SECOND_NS,
        heartbeat_ns: SECOND_NS / 10,
        suspect_ns: SECOND_NS / 2,
        tolerate,
        ..ChatCondition::default()
    }
}

fn trial(condition: &ChatCondition, faults: &Faults, trial: u64, rules: AllRules) -> Outcome {
    let stop = AtomicBool::new(false);
    let detail = Detail::Summary;
    run_with(condition, (SEED, trial), faults, detail, &stop, rules).expect("a timing that holds")
}

fn faults(text: &str) -> Faults {
    toml::from_str(text).expect("a schedule")
}
