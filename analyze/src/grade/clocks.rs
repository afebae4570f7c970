//! The logical clock, as the check judges it: Lamport's rule, or that of vectors, in the log's dialect.

use std::collections::BTreeMap;

use super::facts::{Facts, Trial, percent};
use super::judgement::{Line, Outcome};
use super::rubric::Tolerance;
use crate::check::{Law, Verdict, Violation};
use events::Kind;

/// Cases of a finding that are shown.
const SHOWN: usize = 3;
/// The longest cause that stands in a table, in characters.
const SHORT_MAX: usize = 40;
/// A clock that breaks the rule no more often than this keeps to it by and large.
const SLIPS: f64 = 0.01;

/// A law over all trials.
struct Sum {
    law: Law,
    examined: u64,
    violated: u64,
}

/// Does the logical clock keep to the rule?
pub(super) fn judge(facts: &Facts<'_>, limits: &Tolerance) -> Outcome {
    let verdicts: Vec<&Verdict> = facts.trials.iter().map(Trial::verdict).collect();
    let sums: Vec<Sum> = Law::ALL
        .into_iter()
        .filter(|law| law.is_of_clocks())
        .map(|law| sum(&verdicts, law))
        .filter(|sum| sum.examined > 0)
        .collect();
    if sums.is_empty() {
        return Outcome::cannot_tell("The logs have no logical clocks that could be judged.");
    }
    let kinds = facts
        .machines()
        .flat_map(|(_, machine, _)| machine.rows.kinds());
    let receives = kinds.filter(|&kind| kind == Kind::Receive).count() as u64;
    let share = |sum: &Sum| sum.violated as f64 / sum.examined as f64;
    let numbers = |mut outcome: Outcome| {
        for sum in &sums {
            let found = format!(
                "{} of {}, {}",
                sum.violated,
                sum.examined,
                percent(share(sum))
            );
            outcome = outcome.number(
                sum.law.rule(),
                found,
                format!("at most {}", percent(limits.tolerance)),
            );
        }
        outcome
    };
    let broken: Vec<&Sum> = sums
        .iter()
        .filter(|sum| sum.violated > 0 && share(sum) > limits.tolerance)
        .collect();
    // Few receives that could be matched are no fair sample of all: the match itself may have chosen them.
    let (broken, unsure): (Vec<&Sum>, Vec<&Sum>) = broken
        .into_iter()
        .partition(|sum| sum.law != Law::ClockCondition || 2 * sum.examined >= receives);
    if let ([], [sum, ..]) = (broken.as_slice(), unsure.as_slice()) {
        return numbers(Outcome::cannot_tell(format!(
            "Only {} of {receives} receives can be matched with a send, too few to judge how messages are merged; {} of these do not exceed the clock of the send. Nothing else is broken.",
            sum.examined, sum.violated
        )));
    }
    let Some(worst) = broken.iter().max_by(|a, b| share(a).total_cmp(&share(b))) else {
        return numbers(Outcome::met(
            "The clock keeps to the rule wherever that can be judged.",
        ));
    };
    let causes = causes(&verdicts, &broken);
    let likely = causes
        .first()
        .map_or(String::new(), |(cause, _)| cause.clone());
    let points = if share(worst) <= SLIPS { 0.5 } else { 0.0 };
    let summary = format!(
        "Broken in {} of {} cases ({}): {}.",
        worst.violated,
        worst.examined,
        percent(share(worst)),
        worst.law.rule()
    );
    numbers(Outcome::finding(points, shortened(&likely), summary))
        .advise(match causes.as_slice() {
            [] => String::new(),
            [(cause, _)] => format!("Likely cause: {cause}."),
            [first, rest @ ..] => {
                let others: Vec<String> = rest
                    .iter()
                    .take(2)
                    .map(|(cause, count)| format!("{cause} ({count} times)"))
                    .collect();
                format!(
                    "Likely cause: {} ({} times); also {}.",
                    first.0,
                    first.1,
                    others.join("; ")
                )
            }
        })
        .proven_by(
            broken
                .iter()
                .flat_map(|sum| examples(&verdicts, sum.law))
                .take(SHOWN)
                .flat_map(lines),
        )
}

fn sum(verdicts: &[&Verdict], law: Law) -> Sum {
    let counts = verdicts.iter().map(|verdict| verdict.of(law));
    let (examined, violated) = counts.fold((0, 0), |(examined, violated), count| {
        (examined + count.examined, violated + count.violated)
    });
    Sum {
        law,
        examined,
        violated,
    }
}

/// Causes over all trials, the most frequent first.
fn causes(verdicts: &[&Verdict], broken: &[&Sum]) -> Vec<(String, u64)> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for sum in broken {
        for finding in verdicts
            .iter()
            .filter_map(|verdict| verdict.finding(sum.law))
        {
            for (cause, count) in &finding.causes {
                *counts.entry(cause).or_default() += count;
            }
        }
    }
    let mut causes: Vec<(String, u64)> = counts
        .into_iter()
        .map(|(cause, count)| (cause.to_owned(), count))
        .collect();
    causes.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    causes
}

fn examples<'v>(verdicts: &[&'v Verdict], law: Law) -> impl Iterator<Item = &'v Violation> {
    let findings = verdicts
        .iter()
        .filter_map(move |verdict| verdict.finding(law));
    findings.flat_map(|finding| &finding.examples)
}

/// The lines of an example; the first says what it should have been.
fn lines(example: &Violation) -> Vec<Line> {
    let shows = format!("expected {}, found {}", example.expected, example.found);
    let evidence = example.evidence.iter().enumerate();
    evidence
        .map(|(at, line)| Line {
            file: line.file.clone(),
            line: line.line.unwrap_or_default(),
            text: line.text.clone(),
            shows: if at == 0 {
                shows.clone()
            } else {
                "the line that it follows from".to_owned()
            },
        })
        .collect()
}

/// A cause in a few words.
fn shortened(cause: &str) -> String {
    match cause.char_indices().nth(SHORT_MAX) {
        _ if cause.is_empty() => "clock rule".to_owned(),
        Some((end, _)) => {
            let cut = &cause[..end];
            let words = cut.rfind(' ').map_or(cut, |space| &cut[..space]);
            format!("{words}…")
        }
        None => cause.to_owned(),
    }
}
