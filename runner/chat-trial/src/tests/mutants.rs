//! Each rule is missed: without it, a campaign of a stated size finds something, or a golden script of its crate does.

use chat::rule::{Rule as ServiceRule, Rules as ServiceRules};
use event_log::chat::{Property, Tolerate, Verdict};
use event_log::faults::Faults;
use replica::rules::{Rule, Rules};

use super::{faults, quick, schedules, trial};
use crate::setups::AllRules;

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

/// The first trial in which something is found, and what.
fn first_found(
    tolerate: Tolerate,
    faults: &Faults,
    trials: u64,
    rules: AllRules,
) -> Option<(u64, Property, String)> {
    (0..trials).find_map(|number| {
        let outcome = trial(&quick(tolerate), faults, number, rules);
        let violation = outcome.violations.into_iter().next()?;
        assert_eq!(outcome.summary.verdict, Verdict::Violated);
        Some((number, violation.property, violation.finding))
    })
}

#[test]
#[ignore = "looks for each rule in each schedule: cargo test --release -p chat-trial explore -- --ignored --nocapture"]
fn explore() {
    let trials: u64 = std::env::var("TRIALS").map_or(20, |text| text.parse().expect("a number"));
    let only = std::env::var("ONLY").unwrap_or_default();
    let replicas = Rule::ALL
        .into_iter()
        .map(|rule| (format!("{rule:?}"), without(rule)));
    let services = ServiceRule::ALL
        .iter()
        .map(|&rule| (format!("{rule:?}"), without_service(rule)));
    let none = [("none".to_owned(), AllRules::default())];
    for (name, rules) in none.into_iter().chain(replicas).chain(services) {
        if !only.is_empty() && !only.split(',').any(|one| one == name) {
            continue;
        }
        for tolerate in [Tolerate::Crashes, Tolerate::Partitions] {
            for (schedule, text) in schedules::ALL {
                let found = std::panic::catch_unwind(|| {
                    first_found(tolerate, &faults(text), trials, rules)
                });
                match found {
                    Ok(Some((number, property, finding))) => {
                        let finding: String = finding.chars().take(120).collect();
                        println!("{name} {tolerate} {schedule}: {number} {property} {finding}");
                    }
                    Ok(None) => {}
                    Err(_) => println!("{name} {tolerate} {schedule}: panics"),
                }
            }
        }
    }
}
