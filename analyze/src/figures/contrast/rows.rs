//! What conditions are called by that in which they differ.

use std::collections::BTreeSet;

use event_log::{Condition, RateRule};

use crate::report::ConditionReport;

use super::super::captions;
use super::super::choice::{Choice, own};

/// The question that these conditions answer together: what a choice changes, if that and perhaps the machines are all
/// that differs, or if it is the only choice and all the rest was done with each.
pub(super) fn title(conditions: &[&ConditionReport]) -> &'static str {
    let only = |choice: &Choice| {
        let own = own(conditions).unwrap_or_default();
        let mut rests = own.iter().map(|condition| {
            // Of several sizes each may have all designs.
            Condition {
                machines: 0,
                per_process: 1,
                rates: RateRule::Fixed(Vec::new()),
                ..choice.set_aside(condition)
            }
        });
        let first = rests.next();
        choice.differs(conditions) && rests.all(|rest| Some(&rest) == first.as_ref())
    };
    let choice = Choice::ALL.into_iter().find(only);
    let choice = choice.or_else(|| crossed(conditions));
    choice.map_or("How do these conditions differ?", Choice::question)
}

/// The only choice that differs, if whatever else differs is combined with each of its words.
fn crossed(conditions: &[&ConditionReport]) -> Option<Choice> {
    let choices = Choice::ALL.into_iter();
    let differing: Vec<Choice> = choices.filter(|c| c.differs(conditions)).collect();
    let [choice] = differing.as_slice() else {
        return None;
    };
    let mut groups: Vec<(Condition, BTreeSet<&str>)> = Vec::new();
    for condition in own(conditions)? {
        let rest = choice.set_aside(condition);
        let word = choice.word(condition);
        match groups.iter_mut().find(|(other, _)| *other == rest) {
            Some((_, words)) => _ = words.insert(word),
            None => groups.push((rest, BTreeSet::from([word]))),
        }
    }
    let is_crossed = groups.windows(2).all(|pair| pair[0].1 == pair[1].1);
    is_crossed.then_some(*choice)
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
        let condition = report.setting.own();
        let words: Vec<&str> = differing
            .iter()
            .filter_map(|choice| Some(choice.word(condition?)))
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
