//! The real machines in virtual time: whatever the rates, delays, odds and seeds, their logs obey every law.
//!
//! Runs the program `runner` and reads what it wrote with the scan, so files, manifests and rows are under test too.

mod programs;

use std::process::Command;

use analyze::check::{InWords, Law, Tally, check_trial};
use analyze::metrics;
use events::{At, Kind, Trial};
use logs::scan;
use programs::runner;
use proptest::prelude::*;

/// Runs trials with these options and checks each of them: the first violation is an error.
fn check(options: &[String]) -> Result<Tally, String> {
    let mut tally = Tally::default();
    for log in run(options)? {
        let verdict = check_trial(&log);
        if let Some(violation) = verdict.violations().next() {
            return Err(InWords(violation).to_string());
        }
        tally.add(&verdict);
    }
    Ok(tally)
}

/// Runs trials with these options and reads their logs, about which there must be nothing to note.
fn run(options: &[String]) -> Result<Vec<Trial>, String> {
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
    let mut logs = Vec::new();
    for place in &found.places {
        let loaded = scan::load(place).map_err(|note| format!("{note:?}"))?;
        if !loaded.notes.is_empty() {
            return Err(format!("{:?}", loaded.notes));
        }
        logs.push(loaded.trial);
    }
    Ok(logs)
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
    let designs = prop_oneof![Just("mesh"), Just("timekeeper"), Just("hub")];
    let delay = prop_oneof![Just(0u64), 1u64..2_000_000];
    let fault = (designs, delay).prop_map(|(design, micros)| {
        let delay = option("tick-delay", format!("{micros}us"));
        [option("design", design), delay].concat()
    });
    (
        rates(),
        latency(),
        odds(),
        drain,
        phase,
        duration,
        (seed, count),
        fault,
    )
        .prop_map(
            |(rates, latency, odds, drain, phase, duration, (seed, count), fault)| {
                [
                    rates, latency, odds, drain, phase, duration, seed, count, fault,
                ]
                .concat()
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

/// Options of a few trials of three machines in a design.
fn three_machines(design: &str) -> Vec<String> {
    [
        option("seed", 11),
        option("count", 6),
        option("rates", "2,3,6"),
        option("design", design),
    ]
    .concat()
}

#[test]
fn a_timekeeper_brings_others_its_time_in_rows_that_cost_no_tick() {
    let logs = run(&three_machines("timekeeper")).unwrap_or_else(|told| panic!("{told}"));
    for log in &logs {
        assert_eq!(
            log.info
                .manifest
                .as_ref()
                .and_then(|of| of.timekeeper)
                .map(|id| id.0),
            Some(2),
            "the fastest"
        );
        let measured = metrics::measure(log).machines;
        for (machine, measured) in measured.iter().enumerate() {
            let rows = &log.machines[machine].rows;
            let taken = (0..rows.len())
                .filter(|&row| log.takes_time(log.timekeeper(), At { machine, row }));
            let taken = taken.count() as u64;
            let ticks = 60 * [2, 3, 6][machine];
            assert_eq!(
                measured.ticks.ticks,
                Some(ticks),
                "every tick, and none twice"
            );
            assert_eq!(measured.events.events, Some(ticks + taken));
            let broadcasts = log.machines[2].rows.kinds();
            let broadcasts = broadcasts.filter(|&kind| kind == Kind::Broadcast);
            match measured.messages.superseded {
                None => assert_eq!((machine, taken), (2, 0)),
                Some(superseded) => {
                    assert!(taken > 0 && superseded > 0, "machine {machine}");
                    assert!(taken + superseded <= broadcasts.count() as u64);
                }
            }
        }
    }
}

#[test]
fn a_delay_of_every_tick_is_found_to_the_nanosecond() {
    let options = [three_machines("mesh"), option("tick-delay", "20ms")].concat();
    for log in run(&options).unwrap_or_else(|told| panic!("{told}")) {
        for machine in metrics::measure(&log).machines {
            let late = (machine.ticks.lateness_p50_ms, machine.ticks.lateness_max_ms);
            assert_eq!(late, (Some(20.0), Some(20.0)));
        }
    }
}

#[test]
fn a_stamp_before_the_increment_breaks_the_clock_condition_and_nothing_else() {
    for design in ["mesh", "timekeeper", "hub"] {
        let options = [three_machines(design), option("stamp", "before")].concat();
        for log in run(&options).unwrap_or_else(|told| panic!("{told}")) {
            let verdict = check_trial(&log);
            let condition = verdict.of(Law::ClockCondition);
            assert!(condition.violated > 0, "{design}");
            assert_eq!(verdict.violated(), condition.violated, "{design}");
            let first = verdict.violations().next();
            let cause = &first.expect("a violation is kept").cause;
            assert!(cause.contains("before the increment"), "{cause}");
            // The same count by another road: receives that match no send are none here.
            let measured = metrics::measure(&log);
            let broken: f64 = measured
                .machines
                .iter()
                .map(|machine| {
                    let receives = machine.events.receive.expect("the log has rows") as f64;
                    machine.messages.clock_condition_broken.unwrap_or(0.0) * receives
                })
                .sum();
            let violated = condition.violated as f64;
            assert!((broken - violated).abs() < 1e-6, "{design}: {broken}");
            let share = measured.whole.trial_clock_condition_broken;
            let share = share.expect("messages were received");
            assert!((share - violated / condition.examined as f64).abs() < 1e-9);
        }
    }
}

#[test]
fn the_dice_of_a_seed_are_the_same_whatever_the_stamp() {
    let [after, before] = ["after", "before"].map(|stamp| {
        let options = [three_machines("mesh"), option("stamp", stamp)].concat();
        run(&options).unwrap_or_else(|told| panic!("{told}"))
    });
    for (after, before) in after.iter().zip(&before) {
        for (after, before) in after.machines.iter().zip(&before.machines) {
            assert!(after.rows.kinds().eq(before.rows.kinds()));
            assert_eq!(after.rows.queue, before.rows.queue);
        }
        assert_ne!(after.machines[0].rows.clock, before.machines[0].rows.clock);
    }
}

/// Machines that are killed, lose their power and pause, a link that breaks and one that holds, and messages that are lost.
const FAULTS: &str = r#"
settle = "10s"

[[fault]]
at = "12s"
do = "power"
target = "machine 2"
for = "5s"

[[fault]]
at = "20s"
do = "kill"
target = "machine 1"
for = "8s"

[[fault]]
at = "30s"
do = "pause"
target = "machine 0"
for = "2s"

[[fault]]
at = "35s"
do = "break"
target = "link 0-2"
for = "3s"

[[fault]]
at = "35s"
do = "hold"
target = "link 1->2"
for = "4s"

[[fault]]
at = "40s"
do = "lose"
target = "link 2->0"
chance = 0.5
for = "8s"
"#;

#[test]
fn what_a_fault_did_is_no_violation_and_what_it_did_not_is() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let faults = folder.path().join("faults.toml");
    std::fs::write(&faults, FAULTS).expect("a file");
    let output = Command::new(runner())
        .args([
            "trial",
            "--virtual",
            "--count",
            "20",
            "--seed",
            "7",
            "--faults",
        ])
        .arg(&faults)
        .arg("--out")
        .arg(folder.path())
        .output()
        .expect("the runner starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let found = scan::find(&[folder.path().to_owned()]).expect("a run");
    assert_eq!(found.places.len(), 20);
    let verdict_of = |place| check_trial(&scan::load(place).expect("a trial").trial);
    let (mut examined, mut undecided) = (0, 0);
    for place in &found.places {
        let verdict = verdict_of(place);
        let violations: Vec<String> = verdict
            .violations()
            .map(|of| InWords(of).to_string())
            .collect();
        assert_eq!(violations, Vec::<String>::new());
        let rule = verdict.of(Law::ClockRule);
        examined += rule.examined;
        undecided += rule.undecided;
    }
    // Each of the two begins again once in a trial; all other rows are judged.
    assert!(
        undecided <= 40 && examined > 100 * undecided,
        "{undecided} of {examined}"
    );
    // Without the journal nobody knows of the restarts.
    let journal = found.places[0].dir.join(event_log::layout::JOURNAL_FILE);
    std::fs::remove_file(journal).expect("a journal");
    assert!(verdict_of(&found.places[0]).of(Law::ClockRule).violated > 0);
}
