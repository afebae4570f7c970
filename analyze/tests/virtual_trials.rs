//! The real machines in virtual time: whatever the rates, delays, odds and seeds, their logs obey every law.
//!
//! Runs the program `runner` and reads what it wrote with the scan, so files, manifests and rows are under test too.

mod programs;

use std::process::Command;

use analyze::check::{Law, Tally, check_trial};
use analyze::scan;
use programs::runner;
use proptest::prelude::*;

/// Runs trials with these options and checks each of them.
fn check(options: &[String]) -> Result<Tally, String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = Command::new(runner())
        .args(["trial", "--virtual", "--name", "law", "--out"])
        .arg(folder.path())
        .args(options)
        .output()
        .expect("the runner starts");
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{}: {said}", output.status));
    }
    let found = scan::find(&[folder.path().to_owned()]).map_err(|error| error.to_string())?;
    let mut tally = Tally::default();
    for place in &found.places {
        let loaded = scan::load(place).map_err(|note| format!("{note:?}"))?;
        if !loaded.notes.is_empty() {
            return Err(format!("{:?}", loaded.notes));
        }
        let verdict = check_trial(&loaded.log);
        if let Some(violation) = verdict.violations.first() {
            return Err(violation.to_string());
        }
        tally.add(&verdict);
    }
    Ok(tally)
}

fn option(name: &str, value: impl ToString) -> Vec<String> {
    vec![format!("--{name}"), value.to_string()]
}

fn rates() -> impl Strategy<Value = Vec<String>> {
    let whole = prop::collection::vec(1u32..8, 2..6).prop_map(|rates| list(&rates));
    let fractional = prop::collection::vec(0.4f64..9.0, 2..5).prop_map(|rates| list(&rates));
    let range = (2u32..6, 1u32..4, 0u32..5).prop_map(|(machines, low, more)| {
        let range = option("rate-range", format!("{low}..{}", low + more));
        [option("machines", machines), range].concat()
    });
    prop_oneof![whole, fractional, range]
}

fn list<T: ToString>(rates: &[T]) -> Vec<String> {
    let rates: Vec<String> = rates.iter().map(T::to_string).collect();
    option("rates", rates.join(","))
}

fn latency() -> impl Strategy<Value = Vec<String>> {
    let micros = prop_oneof![0u64..10, 10u64..1_000, 1_000u64..3_000_000];
    (micros, prop_oneof![Just(0u64), 1u64..2_000_000]).prop_map(|(low, more)| {
        option(
            "latency",
            match more {
                0 => format!("{low}us"),
                more => format!("{low}us..{}us", low + more),
            },
        )
    })
}

fn odds() -> impl Strategy<Value = Vec<String>> {
    let sides = (3u32..15).prop_map(|sides| option("sides", sides));
    let internal = (0.0f64..=1.0).prop_map(|chance| option("internal", chance));
    prop_oneof![sides, internal]
}

fn options() -> impl Strategy<Value = Vec<String>> {
    let drain = prop_oneof![Just("one"), Just("all")].prop_map(|word| option("drain", word));
    let phase = prop_oneof![Just("random"), Just("aligned")].prop_map(|word| option("phase", word));
    // Long enough for the slowest rate to tick: a log without rows is worth a note.
    let duration = (3u32..40).prop_map(|seconds| option("duration", format!("{seconds}s")));
    let seed = (0u64..1 << 53).prop_map(|seed| option("seed", seed));
    let count = Just(option("count", 4));
    (
        rates(),
        latency(),
        odds(),
        drain,
        phase,
        duration,
        seed,
        count,
    )
        .prop_map(
            |(rates, latency, odds, drain, phase, duration, seed, count)| {
                [rates, latency, odds, drain, phase, duration, seed, count].concat()
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn virtual_trials_obey_every_law(options in options()) {
        let tally = check(&options);
        prop_assert!(tally.is_ok(), "{}: {}", options.join(" "), tally.expect_err("just asked"));
        for count in tally.expect("just asked").laws {
            prop_assert_eq!(count.undecided, 0, "{} is undecided: {}", count.law, options.join(" "));
        }
    }
}

#[test]
fn the_default_trials_put_every_law_to_the_test() {
    let options = [
        option("seed", 7),
        option("count", 20),
        option("rates", "1,3,6"),
    ]
    .concat();
    let tally = check(&options).unwrap_or_else(|told| panic!("{told}"));
    assert_eq!(tally.trials, 20);
    assert_eq!(tally.rows, 20 * 60 * (1 + 3 + 6), "one row a tick");
    assert_eq!(tally.unexamined().collect::<Vec<Law>>(), []);
}
