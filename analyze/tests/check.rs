//! The laws on whole trials: correct ones raise nothing, spoiled ones are always caught.
//!
//! The trials come from a simulator written for this test, which shares no code with the machines; the mutations and
//! the rules for what must be caught are in `common/mutate.rs`.

mod common;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use analyze::check::{InWords, Law, Tally, Verdict, check_trial};
use common::chance::Chance;
use common::log::TrialLog;
use common::mutate::{self, Outcome};
use common::simulate;
use event_log::Status;
use proptest::prelude::*;

/// What a verdict says, for a failing test.
fn told(log: &TrialLog) -> String {
    let mut text = format!("{:?}\n", log.manifest.condition);
    for violation in check_trial(&log.table()).violations() {
        writeln!(text, "{}", InWords(violation)).expect("a string takes any text");
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_correct_trial_raises_nothing(seed: u64) {
        let log = simulate::trial(seed);
        let verdict = check_trial(&log.table());
        prop_assert!(verdict.holds(), "{}", told(&log));
        for count in verdict.laws.iter().map(|finding| finding.count) {
            prop_assert_eq!(count.undecided, 0, "{} is undecided on whole logs", count.law);
        }
    }

    #[test]
    fn logs_cut_off_anywhere_raise_nothing(seed: u64, status in 0usize..3) {
        let mut log = simulate::trial(seed);
        log.manifest.status = [Status::Running, Status::Aborted, Status::Degraded][status];
        let mut chance = Chance::new(seed ^ 1);
        for machine in 0..log.machines.len() {
            let rows = &mut log.machines[machine].rows;
            cut(rows, chance.below(rows.len() as u64 + 1) as usize);
        }
        prop_assert!(check_trial(&log.table()).holds(), "{}", told(&log));
    }

    #[test]
    fn unreadable_lines_raise_nothing(seed: u64) {
        let mut log = simulate::trial(seed);
        let mut chance = Chance::new(seed ^ 2);
        for machine in 0..log.machines.len() {
            let rows = &mut log.machines[machine].rows;
            // The last row stays: without it a complete trial is not complete.
            for _ in 0..chance.below(4) {
                if rows.len() > 1 {
                    remove(rows, chance.below(rows.len() as u64 - 1) as usize);
                }
            }
        }
        prop_assert!(check_trial(&log.table()).holds(), "{}", told(&log));
    }
}

fn cut(rows: &mut common::log::ClockRows, len: usize) {
    while rows.len() > len {
        remove(rows, rows.len() - 1);
    }
}

/// Takes a row away and leaves the line numbers of the others as they are.
fn remove(rows: &mut common::log::ClockRows, row: usize) {
    rows.line.remove(row);
    rows.tick.remove(row);
    rows.time_ns.remove(row);
    rows.event.remove(row);
    rows.clock.remove(row);
    rows.queue.remove(row);
    rows.peer.remove(row);
    rows.sent_tick.remove(row);
    rows.sent_clock.remove(row);
}

#[test]
fn simulated_trials_put_every_law_to_the_test() {
    let mut tally = Tally::default();
    let mut designs = BTreeSet::new();
    for seed in 0..50 {
        let log = simulate::trial(seed);
        designs.insert(log.manifest.condition.design.name());
        tally.add(&check_trial(&log.table()));
    }
    assert_eq!(designs.len(), 3, "{designs:?}");
    assert_eq!(tally.unexamined().collect::<Vec<Law>>(), []);
    assert_eq!((tally.trials, tally.trials_violating), (50, 0));
}

/// Trials that are spoiled, and places tried in each for each kind of mutation.
const TRIALS: u64 = 60;
const PLACES: u64 = 4;

/// Laws without which some mutation would pass. The others follow from these on whole logs: they say more plainly what is
/// wrong, and hold logs of which parts are missing.
const INDISPENSABLE: [Law; 10] = [
    Law::Manifest,
    Law::OneEventPerTick,
    Law::ClockRule,
    Law::ReceiveHasSend,
    Law::ReceivedOnce,
    Law::SendBeforeReceive,
    Law::ChannelOrder,
    Law::NothingLost,
    Law::QueueRule,
    Law::TickTime,
];

#[test]
fn every_mutation_is_caught() {
    let mut report = String::from("mutation                         caught  excluded  first law\n");
    let mut escaped = String::new();
    let mut alone = [0u32; Law::ALL.len()];
    let originals: Vec<TrialLog> = (0..TRIALS).map(simulate::trial).collect();
    for (kind, mutation) in mutate::all().into_iter().enumerate() {
        let (mut caught, mut excluded) = (0u32, 0u32);
        let mut laws = [0u32; Law::ALL.len()];
        for (seed, original) in (0u64..).zip(&originals) {
            let mut chance = Chance::new(seed * 1_000 + kind as u64);
            for _ in 0..PLACES {
                let Some((log, place)) = spoil(original, &mut chance, &mutation, &mut excluded)
                else {
                    continue;
                };
                let verdict = check_trial(&log.table());
                match verdict.violations().next() {
                    Some(first) => {
                        caught += 1;
                        laws[first.law as usize] += 1;
                        if let [law] = broken(&verdict)[..] {
                            alone[law as usize] += 1;
                        }
                    }
                    None => {
                        let condition = &log.manifest.condition;
                        writeln!(
                            escaped,
                            "{}: trial {seed}, {place}: {condition:?}",
                            mutation.name
                        )
                        .expect("a string takes any text");
                    }
                }
            }
        }
        let most = Law::ALL.into_iter().max_by_key(|&law| laws[law as usize]);
        let most = most.map_or("", Law::name);
        writeln!(
            report,
            "{:<32} {caught:>6}  {excluded:>8}  {most}",
            mutation.name
        )
        .expect("a string takes any text");
        assert!(
            caught >= 50,
            "{} was tried {caught} times only",
            mutation.name
        );
    }
    report.push_str("\ncaught by one law alone\n");
    for law in Law::ALL {
        writeln!(report, "{:<32} {:>6}", law.name(), alone[law as usize])
            .expect("a string takes any text");
    }
    println!("{report}");
    assert!(escaped.is_empty(), "not caught:\n{escaped}");
    for law in INDISPENSABLE {
        assert!(
            alone[law as usize] > 0,
            "nothing shows that {law} is needed"
        );
    }
}

/// The laws that a trial breaks.
fn broken(verdict: &Verdict) -> Vec<Law> {
    let counts = verdict.laws.iter().map(|finding| finding.count);
    let broken = counts.filter(|count| count.violated > 0);
    broken.map(|count| count.law).collect()
}

/// A spoiled copy of a trial; places where the mutation does not apply are passed over, excluded ones are counted.
fn spoil(
    original: &TrialLog,
    chance: &mut Chance,
    mutation: &mutate::Mutation,
    excluded: &mut u32,
) -> Option<(TrialLog, String)> {
    for _ in 0..30 {
        let machine = chance.below(original.machines.len() as u64) as usize;
        let rows = &original.machines[machine].rows;
        if rows.is_empty() {
            continue;
        }
        let row = chance.below(rows.len() as u64) as usize;
        let mut log = original.clone();
        match (mutation.spoil)(&mut log, chance, machine, row) {
            Outcome::Spoiled => {
                return Some((log, format!("machine {machine}, line {}", rows.line[row])));
            }
            Outcome::MayBeCorrect => *excluded += 1,
            Outcome::NotHere => {}
        }
    }
    None
}
