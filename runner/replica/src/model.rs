//! The protocol in atomic steps, explored: every state that small bounds allow, and random walks beyond.
//!
//! A step is what two replicas do together: one asks and the other answers, or the answer is lost. The choice of a log is
//! the function that replicas use, so what is explored is that function. Commands are few, logs are short, nothing is
//! fetched or compacted.
//!
//! With all rules no state is bad; without one, a bad state is found.
//!
//! **Invariant.** Every newly active view has all that was acknowledged, in its order, and two primaries never acknowledge
//! different histories.

mod decision;
mod explore;
mod possible;
mod state;
mod step;

use explore::{exhaust, walk_until_bad};
use state::Bounds;

use crate::rules::{Rule, Rules, Tolerance};

const CRASHES: Bounds = Bounds {
    tolerance: Tolerance::Crashes,
    is_detector_accurate: true,
    crashes: 1,
    pauses: 0,
    wipes: 0,
    rounds: 1,
    commands: 1,
    rules: Rules::ALL,
};

const PARTITIONS: Bounds = Bounds {
    tolerance: Tolerance::Partitions,
    is_detector_accurate: false,
    crashes: 0,
    ..CRASHES
};

/// States that fit into memory.
const STATES_MAX: usize = 10_000_000;

/// No state is bad, and all were seen.
fn is_safe(bounds: Bounds) {
    let found = exhaust(bounds, STATES_MAX);
    assert_eq!(found.bad, None, "{bounds:?}");
    assert!(found.is_exhausted, "{} states: {bounds:?}", found.states);
    println!("{} states, depth {}: {bounds:?}", found.states, found.depth);
}

/// A bad state is found, in the fewest steps.
fn is_bad(bounds: Bounds) {
    let found = exhaust(bounds, STATES_MAX);
    let (reason, steps) = found.bad.expect("a bad state");
    println!("{reason} in {} steps: {steps:?}", steps.len());
}

#[test]
fn two_crashes_lose_nothing() {
    is_safe(Bounds {
        crashes: 2,
        ..CRASHES
    });
}

#[test]
fn a_crash_and_a_stall_lose_nothing() {
    is_safe(Bounds {
        pauses: 1,
        ..CRASHES
    });
}

#[test]
fn a_crash_and_partitions_lose_nothing_if_a_majority_must_answer() {
    is_safe(Bounds {
        crashes: 1,
        ..PARTITIONS
    });
}

#[test]
fn partitions_lose_something_if_silence_is_death() {
    let tolerance = Tolerance::Crashes;
    is_bad(Bounds {
        tolerance,
        ..PARTITIONS
    });
}

#[test]
fn acknowledging_before_all_have_it_loses_it() {
    let rules = Rules::without(Rule::WriteAll);
    let crashes = 2;
    is_bad(Bounds {
        rules,
        crashes,
        ..CRASHES
    });
}

#[test]
fn storing_for_an_earlier_view_than_promised_loses_it() {
    let rules = Rules::without(Rule::Fence);
    is_bad(Bounds {
        rules,
        ..PARTITIONS
    });
}

#[test]
fn an_emptied_disk_that_votes_loses_something() {
    let rules = Rules::without(Rule::RecoverFirst);
    let (crashes, wipes) = (1, 1);
    is_bad(Bounds {
        rules,
        crashes,
        wipes,
        ..PARTITIONS
    });
}

/// Two proposals of each replica instead of one.
const TWO_ROUNDS: Bounds = Bounds {
    rounds: 2,
    ..CRASHES
};

#[test]
#[ignore = "minutes: two rounds, with a crash, with a stall, with both, and with partitions"]
fn larger_bounds_lose_nothing() {
    is_safe(TWO_ROUNDS);
    let (crashes, pauses) = (0, 1);
    is_safe(Bounds {
        crashes,
        pauses,
        ..TWO_ROUNDS
    });
    is_safe(Bounds {
        pauses,
        ..TWO_ROUNDS
    });
    is_safe(Bounds {
        rounds: 2,
        ..PARTITIONS
    });
}

#[test]
#[ignore = "minutes: two hundred thousand walks of 120 steps for each"]
fn walks_beyond_the_bounds_lose_nothing() {
    let crashes = Bounds {
        crashes: 5,
        pauses: 2,
        rounds: 7,
        commands: 2,
        ..CRASHES
    };
    let partitions = Bounds {
        crashes: 3,
        wipes: 1,
        rounds: 6,
        commands: 2,
        ..PARTITIONS
    };
    for bounds in [crashes, partitions] {
        assert_eq!(walk_until_bad(bounds, 200_000), None, "{bounds:?}");
    }
}

#[test]
#[ignore = "minutes: walks without each rule of the choice"]
fn walks_without_a_rule_of_the_choice_lose_something() {
    for rule in [
        Rule::LiveAuthority,
        Rule::LastToFail,
        Rule::NewestView,
        Rule::AuthorityFirst,
        Rule::AllLiveFirst,
        Rule::StallIsCrash,
        Rule::Incarnations,
    ] {
        let bounds = Bounds {
            rules: Rules::without(rule),
            crashes: 4,
            pauses: usize::from(rule == Rule::StallIsCrash),
            rounds: 5,
            commands: 2,
            ..CRASHES
        };
        let (reason, steps) = walk_until_bad(bounds, 5_000_000).expect("a bad state");
        println!("{rule:?}: {reason} in {} steps: {steps:?}", steps.len());
    }
}
