//! Clients, doors and applications together, on lines that hold, break and repeat, with servers that take over.
//!
//! How the log is replicated is left out: a command that the primary has proposed is committed, or lost when another server
//! takes over. What is checked is what users see: each message once and in order, nothing lost that was accepted, and
//! nothing called failed that was done.

mod judge;
mod party;
mod step;
mod trial;
mod world;

pub(crate) use step::cases;

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestCaseError, TestRunner};

use self::step::Step;
use self::trial::World;
use super::cases_at_least;
use crate::rule::Rules;

/// What has to happen somewhere in a campaign: otherwise it has shown nothing of it.
const MUST_HAPPEN: [&str; 14] = [
    "a message is accepted",
    "a message is shown",
    "a repeated send is answered as the first time",
    "an outcome is unknown",
    "an unknown outcome is answered after all",
    "a message is not done",
    "a message is pushed again",
    "a session goes on elsewhere",
    "a server is of a lower view",
    "a client is of a higher view",
    "a sender is too fast",
    "a sequence comes too early",
    "a session is evicted",
    "a client logs out",
];

/// Says what a user would complain of, if anything.
pub(crate) fn serve(is_slow: bool, steps: &[Step], rules: Rules) -> Result<(), TestCaseError> {
    let (complaint, _) = campaign(is_slow, steps, rules);
    complaint.map_or(Ok(()), |complaint| Err(TestCaseError::fail(complaint)))
}

/// What a user would complain of, and what has happened.
fn campaign(
    is_slow: bool,
    steps: &[Step],
    rules: Rules,
) -> (Option<String>, BTreeMap<&'static str, u64>) {
    let mut world = World::new(is_slow, rules);
    for step in steps {
        world.step(step);
        if world.fault.is_some() {
            break;
        }
    }
    if world.fault.is_none() {
        world.settle();
    }
    let complaint = world.fault.take().or_else(|| world.check().err());
    (complaint, world.happened)
}

proptest! {
    #![proptest_config(cases_at_least(200))]

    #[test]
    fn each_message_is_shown_once_and_in_order((is_slow, steps) in cases()) {
        serve(is_slow, &steps, Rules::default())?;
    }
}

#[test]
fn what_must_happen_happens() {
    let mut runner = TestRunner::deterministic();
    let mut happened = BTreeMap::new();
    for _ in 0..250 {
        let case = cases().new_tree(&mut runner).expect("a case");
        let (is_slow, steps) = case.current();
        let (complaint, counts) = campaign(is_slow, &steps, Rules::default());
        assert_eq!(complaint, None);
        for (what, count) in counts {
            *happened.entry(what).or_insert(0) += count;
        }
    }
    println!("{happened:#?}");
    for what in MUST_HAPPEN {
        assert!(happened.contains_key(what), "it never happens that {what}");
    }
}
