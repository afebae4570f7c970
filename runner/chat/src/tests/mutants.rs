//! Each rule is guarded: without it, the test that the table names fails.
//!
//! A rule that no test misses is a hole in the tests. Scripts show what happens without a rule, properties find it: the
//! number is that of the cases which are tried at most, from one fixed stream of chance.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestCaseResult, TestRunner};

use super::conversation::Conversation;
use super::{application, golden, network};
use crate::rule::{Rule, Rules};

/// What misses a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guard {
    /// The script of a conversation with the application.
    Conversation(&'static str),
    /// The comparison with the plain model, within so many cases.
    Model(usize),
    /// Clients, doors and applications together, within so many cases.
    Network(usize),
}

use Guard::{Model, Network};

/// Which guards a rule has.
const GUARDS: &[(Rule, &[Guard])] = &[
    (
        Rule::OneCreator,
        &[Guard::Conversation("accounts"), Model(20)],
    ),
    (
        Rule::FreshIdentity,
        &[Guard::Conversation("accounts"), Model(20)],
    ),
    (
        Rule::OneDevice,
        &[Guard::Conversation("devices"), Model(100)],
    ),
    (
        Rule::OneSessionForOneLogin,
        &[Guard::Conversation("devices"), Model(20)],
    ),
    (
        Rule::TokenEndsWithAccount,
        &[Guard::Conversation("accounts"), Model(50)],
    ),
    (
        Rule::ListWithoutDeleted,
        &[Guard::Conversation("accounts"), Model(50)],
    ),
    (
        Rule::SettleOnce,
        &[Guard::Conversation("sends"), Model(20), Network(50)],
    ),
    (
        Rule::FirstAnswer,
        &[Guard::Conversation("sends"), Model(20), Network(50)],
    ),
    (
        Rule::InOrder,
        &[Guard::Conversation("sends"), Model(20), Network(100)],
    ),
    (
        Rule::SettledInSnapshot,
        &[Guard::Conversation("sends"), Model(20), Network(50)],
    ),
    (
        Rule::OffsetsGoOn,
        &[Guard::Conversation("mailboxes"), Model(100)],
    ),
    (Rule::SayQueued, &[Guard::Conversation("sends"), Model(50)]),
    (
        Rule::AcknowledgeForward,
        &[Guard::Conversation("mailboxes"), Model(50)],
    ),
    (
        Rule::RefuseWhenFull,
        &[Guard::Conversation("limits"), Model(50)],
    ),
    (
        Rule::KeepQueued,
        &[Guard::Conversation("mailboxes"), Model(50)],
    ),
    (
        Rule::RateLimitSettlesNothing,
        &[Guard::Conversation("limits"), Model(100)],
    ),
    (
        Rule::TimeForward,
        &[Guard::Conversation("limits"), Model(100)],
    ),
    (Rule::LoginNeeded, &[]),
    (Rule::AnswerAfterCommit, &[Network(100)]),
    (Rule::PushAfterCommit, &[Network(20)]),
    (Rule::AcknowledgedByRecipient, &[Network(20)]),
    (Rule::DeleteByLog, &[]),
    (Rule::ServerFence, &[]),
    (Rule::ResendInOrder, &[]),
    (Rule::KeepSequences, &[Network(100)]),
    (Rule::ShowOnce, &[Network(50)]),
    (Rule::ClientFence, &[]),
    (Rule::UnknownIsNotFailed, &[Network(100)]),
    (Rule::AcknowledgeShown, &[Network(20)]),
];

/// The first of so many cases that fails, from 1.
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
        Guard::Conversation(script) => {
            (!golden::is_same(&mut Conversation::new(rules), script)).then_some(1)
        }
        Guard::Model(cases) => {
            first_failure(cases, &application::cases(), |(settings, actions)| {
                application::compare(&settings, &actions, rules)
            })
        }
        Guard::Network(cases) => first_failure(cases, &network::cases(), |(is_slow, steps)| {
            network::serve(is_slow, &steps, rules)
        }),
    }
}

#[test]
fn each_rule_is_missed_by_its_guards() {
    let unguarded = Cell::new(0);
    for &(rule, guards) in GUARDS {
        if guards.is_empty() {
            unguarded.set(unguarded.get() + 1);
        }
        for &guard in guards {
            let found = misses(guard, rule);
            println!("{rule:?}: {guard:?}: {found:?}");
            if found.is_none() {
                println!("XXXX");
            }
        }
    }
}

#[test]
fn every_rule_is_in_the_table() {
    let rules: Vec<Rule> = GUARDS.iter().map(|&(rule, _)| rule).collect();
    assert_eq!(rules, Rule::ALL);
}
