//! What conditions are called by that in which they differ.

use std::collections::BTreeSet;

use event_log::{Condition, Design, Drain, Driver, PhaseRule, RateRule, Stamp};

use crate::condition::driver_name;
use crate::report::ConditionReport;

use super::super::captions;

/// An option that is a choice, not a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    Design,
    Drain,
    Stamp,
    Phase,
    Driver,
}

impl Choice {
    const ALL: [Choice; 5] = [
        Choice::Design,
        Choice::Drain,
        Choice::Stamp,
        Choice::Phase,
        Choice::Driver,
    ];

    /// Whether conditions differ in it.
    fn differs(self, conditions: &[&ConditionReport]) -> bool {
        let mut words = conditions.iter().map(|c| self.word(&c.condition));
        let first = words.next();
        words.any(|word| Some(word) != first)
    }

    /// What a condition chose: the word in its label, or what goes without saying there.
    fn word(self, condition: &Condition) -> &'static str {
        match self {
            Choice::Design => condition.design.name(),
            Choice::Drain => match condition.drain {
                Drain::One => "drain one",
                Drain::All => "drain all",
            },
            Choice::Stamp => match condition.stamp {
                Stamp::After => "stamped after the increment",
                Stamp::Before => "stamped before the increment",
            },
            Choice::Phase => match condition.phase {
                PhaseRule::Random => "random phase",
                PhaseRule::Aligned => "aligned phase",
            },
            Choice::Driver => driver_name(condition.driver),
        }
    }

    /// The condition with the same choice for all.
    fn set_aside(self, condition: &Condition) -> Condition {
        let mut rest = condition.clone();
        match self {
            Choice::Design => rest.design = Design::Mesh,
            Choice::Drain => rest.drain = Drain::One,
            Choice::Stamp => rest.stamp = Stamp::After,
            Choice::Phase => rest.phase = PhaseRule::Random,
            Choice::Driver => {
                rest.driver = Driver::Virtual;
                // What only one of the two drivers knows.
                (rest.latency, rest.on_disconnect) = (None, None);
            }
        }
        // Of several sizes each may have all designs.
        rest.machines = 0;
        rest.rates = RateRule::Fixed(Vec::new());
        rest
    }

    fn question(self) -> &'static str {
        match self {
            Choice::Design => "What does the design change?",
            Choice::Drain => "What does reading every waiting message at once change?",
            Choice::Stamp => "What does a message stamped too early change?",
            Choice::Phase => "Does it matter when machines tick?",
            Choice::Driver => "Do sockets and virtual time differ?",
        }
    }
}

/// The question that these conditions answer together: what a choice changes, if that and perhaps the machines are all
/// that differs.
pub(super) fn title(conditions: &[&ConditionReport]) -> &'static str {
    let only = |choice: &Choice| {
        let mut rests = conditions.iter().map(|c| choice.set_aside(&c.condition));
        let first = rests.next();
        choice.differs(conditions) && rests.all(|rest| Some(&rest) == first.as_ref())
    };
    let choice = Choice::ALL.into_iter().find(only);
    choice.map_or("How do these conditions differ?", Choice::question)
}

/// A name for each condition: what it chose where choices differ, and what else is not in all labels.
pub(super) fn names(conditions: &[&ConditionReport]) -> Vec<String> {
    let all = names_of(conditions, &|_| true);
    // Ten rates are many words; where the number of machines tells as much, it is enough.
    let short = names_of(conditions, &|part| !part.starts_with("rates "));
    let distinct: BTreeSet<&String> = short.iter().collect();
    let is_told = distinct.len() == conditions.len();
    if is_told { short } else { all }
}

fn names_of(conditions: &[&ConditionReport], wanted: &dyn Fn(&str) -> bool) -> Vec<String> {
    let labels: Vec<String> = conditions
        .iter()
        .map(|c| captions::brief(&c.label))
        .collect();
    let shared = captions::shared(&labels);
    let choices = Choice::ALL.into_iter();
    let differing: Vec<Choice> = choices.filter(|c| c.differs(conditions)).collect();
    let name = |(label, report): (&String, &&ConditionReport)| {
        let words: Vec<&str> = differing
            .iter()
            .map(|choice| choice.word(&report.condition))
            .collect();
        let own = label
            .split(" · ")
            .filter(|part| !shared.contains(part) && !words.contains(part) && wanted(part));
        let parts: Vec<&str> = words.iter().copied().chain(own).collect();
        parts.join(" · ")
    };
    let named = labels.iter().zip(conditions).map(name);
    named
        .map(|name| match name.is_empty() {
            true => "otherwise as usual".to_owned(),
            false => name,
        })
        .collect()
}
