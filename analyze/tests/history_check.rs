//! The laws of any log, on our own: correct trials raise nothing, and what breaks clocks or messages is caught.

mod common;

use std::fmt::Write as _;

use analyze::check::{InWords, Law, Verdict, check_trial};
use common::chance::Chance;
use common::log::TrialLog;
use common::mutate::{self, Outcome};
use common::simulate;
use event_log::Design;
use proptest::prelude::*;

fn check(log: &TrialLog) -> Verdict {
    check_trial(&log.table())
}

/// A timekeeper's messages are passed over, which the laws of the assignment call lost.
fn usual(seed: u64) -> Option<TrialLog> {
    let log = simulate::trial(seed);
    (log.manifest.condition.design != Design::Timekeeper).then_some(log)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_correct_trial_raises_nothing(seed: u64) {
        if let Some(log) = usual(seed) {
            let verdict = check(&log);
            prop_assert!(verdict.holds(), "{}", InWords(&verdict));
            // Nor does it where nobody says how it was meant to be.
            let mut plain = log.table();
            plain.info.manifest = None;
            let verdict = check_trial(&plain);
            prop_assert!(verdict.holds(), "{}", InWords(&verdict));
        }
    }
}

/// Trials that are spoiled, and places tried in each for each kind of mutation.
const TRIALS: u64 = 20;
const PLACES: u64 = 4;

/// What the rows of any log decide: mutations of these kinds are always caught.
const DECIDED: [&str; 15] = [
    "clock + 1",
    "clock - 1",
    "clock + k",
    "clock - k",
    "sent_clock + 1",
    "sent_clock - 1",
    "sent_clock ± k",
    "time before the row before",
    "time after the row after",
    "any other → receive",
    "row logged twice",
    "row repeated at the end",
    "rows swapped",
    "events of two ticks swapped",
    "messages of two receives exchanged",
];

#[test]
fn mutations_of_clocks_and_messages_are_caught() {
    let mut report = String::from("mutation                          tried  caught  law\n");
    let originals: Vec<TrialLog> = (0..TRIALS).filter_map(usual).collect();
    for (kind, mutation) in mutate::all().into_iter().enumerate() {
        let (mut tried, mut caught) = (0u32, 0u32);
        let mut laws = vec![0u32; Law::ALL.len()];
        for (seed, original) in (0u64..).zip(&originals) {
            let mut chance = Chance::new(seed * 1_000 + kind as u64);
            for _ in 0..PLACES {
                let Some(log) = spoil(original, &mut chance, &mutation) else {
                    continue;
                };
                tried += 1;
                let verdict = check(&log);
                let mut counts = verdict.laws.iter().map(|finding| finding.count);
                let first = counts.find(|count| count.violated > 0);
                caught += u32::from(first.is_some());
                if let Some(first) = first {
                    laws[first.law as usize] += 1;
                }
            }
        }
        let most = Law::ALL.into_iter().max_by_key(|&law| laws[law as usize]);
        let most = most.filter(|_| caught > 0).map_or("", Law::name);
        writeln!(
            report,
            "{:<32} {tried:>6}  {caught:>6}  {most}",
            mutation.name
        )
        .expect("a string takes any text");
        if DECIDED.contains(&mutation.name) {
            assert_eq!(tried, caught, "{} escapes", mutation.name);
        }
    }
    println!("{report}");
}

fn spoil(
    original: &TrialLog,
    chance: &mut Chance,
    mutation: &mutate::Mutation,
) -> Option<TrialLog> {
    for _ in 0..30 {
        let machine = chance.below(original.machines.len() as u64) as usize;
        let rows = original.machines[machine].rows.len() as u64;
        if rows == 0 {
            continue;
        }
        let row = chance.below(rows) as usize;
        let mut log = original.clone();
        if (mutation.spoil)(&mut log, chance, machine, row) == Outcome::Spoiled {
            return Some(log);
        }
    }
    None
}
