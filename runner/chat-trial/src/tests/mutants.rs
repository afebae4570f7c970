//! Each rule is missed: without it a campaign of a stated size finds something, or a script or test of its own crate does.
//!
//! A campaign is trials from 0 on, of the seed of these tests, with the quick detector. What only a script finds needs some forty
//! steps in one order, which chance does not meet; its crate keeps it.

use std::path::Path;

use chat::rule::{Rule as ServiceRule, Rules as ServiceRules};
use event_log::chat::{Property, Tolerate, Verdict};
use replica::rules::{Rule, Rules};

use super::schedules::{self, CALM, CLIENTS, CUTS, ONE_WAY, POINTS, POWER, STALLS, WIPES};
use super::{faults, quick, trial};
use crate::setups::AllRules;

use Tolerate::{Crashes, Partitions};

/// What misses a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guard {
    /// A campaign of this policy and schedule, within this number of trials.
    Campaign(Tolerate, &'static str, u64),
    /// A golden script of the crate `replica`.
    Script(&'static str),
    /// The tests of the crate `chat`: `each_guard_misses_its_rule` has it in its table.
    OwnTests,
}

use Guard::{Campaign, OwnTests, Script};

/// Which guard a rule of the replicas has.
const REPLICA: &[(Rule, Guard)] = &[
    (Rule::Fence, Campaign(Partitions, CUTS, 20)),
    (Rule::LiveAuthority, Script("r02_authority")),
    (Rule::LastToFail, Campaign(Crashes, POWER, 10)),
    (Rule::Majority, Campaign(Partitions, CUTS, 3)),
    (Rule::NewestView, Campaign(Partitions, CUTS, 10)),
    (Rule::AuthorityFirst, Script("r06_authority_first")),
    (Rule::AllLiveFirst, Script("r06_all_live_first")),
    (Rule::WriteAll, Campaign(Crashes, CALM, 1)),
    (Rule::WriteToDisk, Campaign(Crashes, CALM, 1)),
    (Rule::StallIsCrash, Campaign(Partitions, STALLS, 40)),
    (Rule::CatchUpFirst, Script("r09_joining")),
    (Rule::Rejoin, Campaign(Partitions, ONE_WAY, 1)),
    (Rule::RecoverFirst, Campaign(Crashes, WIPES, 20)),
    (Rule::ClientFence, Script("r11_client_fence")),
    (Rule::ExcludedIsDead, Campaign(Partitions, ONE_WAY, 1)),
    (Rule::Incarnations, Campaign(Crashes, POINTS, 1)),
];

/// Which guard a rule of the service has.
const SERVICE: &[(ServiceRule, Guard)] = &[
    (ServiceRule::OneCreator, Campaign(Crashes, CALM, 1)),
    (ServiceRule::FreshIdentity, OwnTests),
    (ServiceRule::OneDevice, OwnTests),
    (ServiceRule::OneSessionForOneLogin, OwnTests),
    (
        ServiceRule::TokenEndsWithAccount,
        Campaign(Crashes, STALLS, 5),
    ),
    (ServiceRule::ListWithoutDeleted, Campaign(Crashes, CALM, 1)),
    (ServiceRule::SettleOnce, Campaign(Crashes, CLIENTS, 1)),
    (ServiceRule::FirstAnswer, Campaign(Crashes, STALLS, 3)),
    (ServiceRule::InOrder, Campaign(Crashes, POINTS, 5)),
    (ServiceRule::SettledInSnapshot, OwnTests),
    (ServiceRule::OffsetsGoOn, OwnTests),
    (ServiceRule::SayQueued, OwnTests),
    (ServiceRule::AcknowledgeForward, OwnTests),
    (ServiceRule::RefuseWhenFull, OwnTests),
    (ServiceRule::KeepQueued, OwnTests),
    (
        ServiceRule::RateLimitSettlesNothing,
        Campaign(Crashes, CALM, 1),
    ),
    (ServiceRule::TimeForward, OwnTests),
    (ServiceRule::LoginNeeded, Campaign(Crashes, CALM, 1)),
    (
        ServiceRule::AnswerAfterCommit,
        Campaign(Crashes, CLIENTS, 1),
    ),
    (ServiceRule::PushAfterCommit, Campaign(Crashes, CALM, 1)),
    (
        ServiceRule::AcknowledgedByRecipient,
        Campaign(Crashes, CALM, 1),
    ),
    (ServiceRule::DeleteByLog, Campaign(Crashes, CALM, 1)),
    (ServiceRule::ServerFence, OwnTests),
    (ServiceRule::ResendInOrder, OwnTests),
    (ServiceRule::KeepSequences, Campaign(Crashes, CLIENTS, 1)),
    (ServiceRule::ShowOnce, OwnTests),
    (ServiceRule::ClientFence, OwnTests),
    (
        ServiceRule::UnknownIsNotFailed,
        Campaign(Crashes, POINTS, 1),
    ),
    (ServiceRule::AcknowledgeShown, Campaign(Crashes, CALM, 1)),
];

fn without(rule: Rule) -> AllRules {
    AllRules {
        replica: Rules::without(rule),
        ..AllRules::default()
    }
}

fn without_service(rule: ServiceRule) -> AllRules {
    AllRules {
        service: ServiceRules::without(rule),
        ..AllRules::default()
    }
}

/// A rule that is switched off.
pub(super) struct Mutant {
    /// The name of the rule.
    pub(super) name: String,
    pub(super) is_of_replica: bool,
    /// The rules that are left.
    pub(super) rules: AllRules,
    pub(super) guard: Guard,
}

/// All of them.
pub(super) fn all() -> impl Iterator<Item = Mutant> {
    let replica = REPLICA.iter().map(|&(rule, guard)| Mutant {
        name: format!("{rule:?}"),
        is_of_replica: true,
        rules: without(rule),
        guard,
    });
    let service = SERVICE.iter().map(|&(rule, guard)| Mutant {
        name: format!("{rule:?}"),
        is_of_replica: false,
        rules: without_service(rule),
        guard,
    });
    replica.chain(service)
}

/// The first trial in which something is found, and what.
pub(super) fn first_found(
    tolerate: Tolerate,
    schedule: &str,
    trials: u64,
    rules: AllRules,
) -> Option<(u64, Property, String)> {
    let faults = faults(schedule);
    (0..trials).find_map(|number| {
        let outcome = trial(&quick(tolerate), &faults, number, rules);
        let violation = outcome.violations.into_iter().next()?;
        assert_eq!(outcome.summary.verdict, Verdict::Violated);
        Some((number, violation.property, violation.finding))
    })
}

pub(super) fn name_of(schedule: &str) -> &'static str {
    let mut all = schedules::ALL.iter();
    all.find(|(_, text)| *text == schedule)
        .map_or("?", |(name, _)| name)
}

/// Looks for the rules whose campaigns have at most this number of trials; returns those that nothing misses.
fn holes(trials_max: u64) -> Vec<String> {
    let mut holes = Vec::new();
    for mutant in all() {
        let (rule, rules) = (mutant.name, mutant.rules);
        match mutant.guard {
            Campaign(tolerate, schedule, trials) if trials <= trials_max => {
                let name = name_of(schedule);
                match first_found(tolerate, schedule, trials, rules) {
                    Some((number, property, _)) => println!(
                        "{rule}: {property}, trial {number} of {trials} of {tolerate} {name}"
                    ),
                    None => holes.push(format!("{rule}: not in {trials} of {tolerate} {name}")),
                }
            }
            Campaign(..) => {}
            Script(script) => println!("{rule}: script {script} of replica"),
            OwnTests => println!("{rule}: tests of chat"),
        }
    }
    holes
}

#[test]
fn rules_that_every_trial_needs_are_missed_at_once() {
    assert_eq!(holes(1), [""; 0]);
}

#[test]
#[ignore = "seconds in release, minutes without: cargo test --release -p chat-trial each_rule -- --ignored --nocapture"]
fn each_rule_is_missed_within_the_size_of_its_campaign() {
    assert_eq!(holes(u64::MAX), [""; 0]);
}

#[test]
fn every_rule_is_in_a_table_and_its_guard_is_there() {
    let replica: Vec<Rule> = REPLICA.iter().map(|&(rule, _)| rule).collect();
    assert_eq!(replica, Rule::ALL);
    let service: Vec<ServiceRule> = SERVICE.iter().map(|&(rule, _)| rule).collect();
    assert_eq!(service, ServiceRule::ALL);
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../replica/tests/scripts");
    let chat = Path::new(env!("CARGO_MANIFEST_DIR")).join("../chat/src/tests/mutants.rs");
    let text = std::fs::read_to_string(chat).expect("the guards of chat");
    let (_, guards) = text.split_once("const GUARDS:").expect("their table");
    let (guards, tests) = guards.split_once("];").expect("its end");
    assert!(tests.contains("fn each_guard_misses_its_rule()"));
    for &(rule, guard) in SERVICE {
        let is_there = guards.contains(&format!("Rule::{rule:?},"));
        assert!(
            guard != OwnTests || is_there,
            "{rule:?}: not in the table of chat"
        );
    }
    for &(rule, guard) in REPLICA {
        assert_ne!(
            guard, OwnTests,
            "{rule:?}: a rule of the replicas has no test of chat"
        );
        if let Script(script) = guard {
            let text = std::fs::read_to_string(scripts.join(script)).expect(script);
            assert!(
                text.contains(&format!("without={rule:?}")),
                "{script}: {rule:?}"
            );
        }
    }
}

#[test]
#[ignore = "looks for each rule in each schedule: cargo test --release -p chat-trial explore -- --ignored --nocapture"]
fn explore() {
    let trials: u64 = std::env::var("TRIALS").map_or(20, |text| text.parse().expect("a number"));
    let only = std::env::var("ONLY").unwrap_or_default();
    let none = ("none".to_owned(), AllRules::default());
    let all = all().map(|mutant| (mutant.name, mutant.rules));
    for (name, rules) in std::iter::once(none).chain(all) {
        if !only.is_empty() && !only.split(',').any(|one| one == name) {
            continue;
        }
        for tolerate in [Crashes, Partitions] {
            for (schedule, text) in schedules::ALL {
                if let Some((number, property, finding)) =
                    first_found(tolerate, text, trials, rules)
                {
                    let finding: String = finding.chars().take(120).collect();
                    println!("{name} {tolerate} {schedule}: {number} {property} {finding}");
                }
            }
        }
    }
}
