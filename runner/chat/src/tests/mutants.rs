//! Each rule is guarded: without it, the test that the table names fails.
//!
//! A rule that no test misses is a hole in the tests. Scripts show what happens without a rule, properties find it: the
//! number is that of the cases which are tried at most, from one fixed stream of chance.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestCaseResult, TestError, TestRng, TestRunner};

use super::{application, client, conversation, door, golden, network};
use crate::rule::{Rule, Rules};

/// What misses a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guard {
    /// The script of a conversation with the application.
    Conversation(&'static str),
    /// The script of a door.
    Door,
    /// The script of a client.
    Client,
    /// The comparison with the plain model, within this number of cases.
    Model(usize),
    /// Clients, doors and applications together, within this number of cases.
    Network(usize),
}

use Guard::{Client, Conversation, Door, Model, Network};

/// Which guards a rule has.
const GUARDS: &[(Rule, &[Guard])] = &[
    (Rule::OneCreator, &[Conversation("accounts"), Model(20)]),
    (Rule::FreshIdentity, &[Conversation("accounts"), Model(20)]),
    (Rule::OneDevice, &[Conversation("devices"), Model(100)]),
    (
        Rule::OneSessionForOneLogin,
        &[Conversation("devices"), Model(20)],
    ),
    (
        Rule::TokenEndsWithAccount,
        &[Conversation("accounts"), Model(50)],
    ),
    (
        Rule::ListWithoutDeleted,
        &[Conversation("accounts"), Model(50)],
    ),
    (
        Rule::SettleOnce,
        &[Conversation("sends"), Model(20), Network(50)],
    ),
    (
        Rule::FirstAnswer,
        &[Conversation("sends"), Model(20), Network(50)],
    ),
    (Rule::InOrder, &[Conversation("sends"), Model(20)]),
    (
        Rule::SettledInSnapshot,
        &[Conversation("sends"), Model(20), Network(50)],
    ),
    (Rule::OffsetsGoOn, &[Conversation("mailboxes"), Model(500)]),
    (Rule::SayQueued, &[Conversation("sends"), Model(50)]),
    (
        Rule::AcknowledgeForward,
        &[Conversation("mailboxes"), Model(50)],
    ),
    (Rule::RefuseWhenFull, &[Conversation("limits"), Model(50)]),
    (Rule::KeepQueued, &[Conversation("mailboxes"), Model(50)]),
    (
        Rule::RateLimitSettlesNothing,
        &[Conversation("limits"), Model(100)],
    ),
    (Rule::TimeForward, &[Conversation("limits"), Model(100)]),
    (Rule::LoginNeeded, &[Door]),
    (Rule::AnswerAfterCommit, &[Door, Network(100)]),
    (Rule::PushAfterCommit, &[Door, Network(20)]),
    (Rule::AcknowledgedByRecipient, &[Door, Network(20)]),
    (Rule::DeleteByLog, &[Door]),
    (Rule::ServerFence, &[Door]),
    (Rule::ResendInOrder, &[Client]),
    (Rule::KeepSequences, &[Client, Network(100)]),
    (Rule::ShowOnce, &[Client, Network(200)]),
    (Rule::ClientFence, &[Client]),
    (Rule::UnknownIsNotFailed, &[Client, Network(100)]),
    (Rule::AcknowledgeShown, &[Client, Network(20)]),
];

/// The first case that fails, from 1.
fn first_failure<S: Strategy>(
    cases: usize,
    strategy: &S,
    test: impl Fn(S::Value) -> TestCaseResult,
) -> Option<usize> {
    let mut runner = TestRunner::deterministic();
    (1..=cases).find(|_| {
        let case = strategy.new_tree(&mut runner).expect("a case").current();
        // The model panics where the application does what cannot be.
        !matches!(catch_unwind(AssertUnwindSafe(|| test(case))), Ok(Ok(())))
    })
}

/// Whether a guard misses a rule; for properties, the first case that does.
fn misses(guard: Guard, rule: Rule) -> Option<usize> {
    let rules = Rules::without(rule);
    match guard {
        Conversation(script) => {
            let mut conversation = conversation::Conversation::new(rules);
            (!golden::is_same(&mut conversation, script)).then_some(1)
        }
        Door => (!golden::is_same(&mut door::Server::new(rules), "door")).then_some(1),
        Client => (!golden::is_same(&mut client::Device::new(rules), "client")).then_some(1),
        Model(cases) => first_failure(cases, &application::cases(), |(settings, actions)| {
            application::compare(&settings, &actions, rules)
        }),
        Network(cases) => first_failure(cases, &network::cases(), |(is_slow, steps)| {
            network::serve(is_slow, &steps, rules)
        }),
    }
}

#[test]
fn each_guard_misses_its_rule() {
    let mut holes = Vec::new();
    for &(rule, guards) in GUARDS {
        assert!(!guards.is_empty(), "nothing guards {rule:?}");
        for &guard in guards {
            match misses(guard, rule) {
                Some(case) => println!("{rule:?}: {guard:?}, found in case {case}"),
                None => holes.push((rule, guard)),
            }
        }
    }
    assert!(holes.is_empty(), "not missed: {holes:?}");
}

#[test]
fn every_rule_is_in_the_table() {
    let rules: Vec<Rule> = GUARDS.iter().map(|&(rule, _)| rule).collect();
    assert_eq!(rules, Rule::ALL);
}

/// The smallest case that still fails.
fn smallest<S: Strategy>(
    cases: usize,
    strategy: &S,
    test: impl Fn(S::Value) -> TestCaseResult,
) -> Option<S::Value> {
    let config = Config {
        cases: u32::try_from(cases).expect("a number of cases"),
        failure_persistence: None,
        max_shrink_iters: 5000,
        ..Config::default()
    };
    let chance = TestRng::deterministic_rng(config.rng_algorithm);
    match TestRunner::new_with_rng(config, chance).run(strategy, test) {
        Err(TestError::Fail(_, case)) => Some(case),
        _ => None,
    }
}

#[test]
#[ignore = "prints the smallest case of each rule that a property guards: minutes"]
fn smallest_cases() {
    for &(rule, guards) in GUARDS {
        let rules = Rules::without(rule);
        for &guard in guards {
            let shown = match guard {
                Model(cases) => smallest(cases, &application::cases(), |(settings, actions)| {
                    application::compare(&settings, &actions, rules)
                })
                .map(|(_, actions)| format!("{} actions: {actions:?}", actions.len())),
                Network(cases) => smallest(cases, &network::cases(), |(is_slow, steps)| {
                    network::serve(is_slow, &steps, rules)
                })
                .map(|(_, steps)| format!("{} steps: {steps:?}", steps.len())),
                Conversation(_) | Door | Client => continue,
            };
            println!("{rule:?}, {guard:?}: {shown:?}");
        }
    }
}
