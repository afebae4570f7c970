//! Shrinking of trials whose findings are planted.

use event_log::faults::{Deed, Fault, Target};

use super::*;

fn subject() -> Subject {
    let mut text = "settle = '15s'\n".to_owned();
    for second in 1..40 {
        let server = second % 3;
        text += &format!(
            "[[fault]]\nat = '{second}s'\ndo = 'kill'\ntarget = 'server {server}'\nfor = '1s'\n"
        );
    }
    Subject {
        condition: ChatCondition::default(),
        seed: 7,
        trial: 3,
        plain: toml::from_str(&text).expect("a schedule"),
    }
}

fn has(plain: &Faults, is: impl Fn(&Fault) -> bool) -> bool {
    plain.faults.iter().any(is)
}

/// Needs two of the faults, three clients and sixteen seconds; and whenever there are fewer, it finds something else.
fn planted(subject: &Subject) -> Findings {
    let at = |second: u64| {
        event_log::faults::When::At(Span {
            ns: second * SECOND_NS,
        })
    };
    let plain = &subject.plain;
    let fails = has(plain, |fault| fault.when == at(5))
        && has(plain, |fault| fault.when == at(11))
        && subject.condition.clients >= 3
        && subject.condition.duration_ns >= 15 * SECOND_NS;
    let finding = match fails {
        true => Finding::Violation(Property::S4),
        false => Finding::Violation(Property::L1),
    };
    vec![(finding, format!("{} faults", plain.faults.len()))]
}

#[test]
fn what_is_not_needed_goes_and_what_is_found_stays() {
    let mut lines = Vec::new();
    let found = smaller(
        &subject(),
        |subject| Some(planted(subject)),
        |line| lines.push(line.to_owned()),
    );
    let found = found.expect("it finds something");
    assert_eq!(found.finding, Finding::Violation(Property::S4));
    assert_eq!((found.before, found.after), (39, 2));
    assert_eq!(found.evidence, "2 faults");
    assert_eq!(found.subject.condition.clients, 3);
    assert_eq!(found.subject.condition.duration_ns, 15 * SECOND_NS);
    assert_eq!(found.subject.plain.settle.ns, 3_750_000_000);
    let kept = has(&found.subject.plain, |fault| {
        fault.deed == Deed::Kill && matches!(fault.target, Target::Server(_))
    });
    assert!(kept);
    assert!(
        lines[0].contains("39 faults, 8 clients, 60s: S4"),
        "{lines:?}"
    );
}

#[test]
fn a_trial_that_finds_nothing_has_no_smaller_one() {
    assert_eq!(smaller(&subject(), |_| Some(Findings::new()), |_| ()), None);
}

#[test]
fn whoever_ends_the_search_has_the_smallest_so_far() {
    let mut runs = 0;
    let found = smaller(
        &subject(),
        |subject| {
            runs += 1;
            (runs < 6).then(|| planted(subject))
        },
        |_| (),
    );
    let found = found.expect("it finds something");
    assert!((7..20).contains(&runs), "{runs}: who wants the end has it");
    assert!(planted(&found.subject)[0].0 == Finding::Violation(Property::S4));
}
