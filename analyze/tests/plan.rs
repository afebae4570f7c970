//! How many trials: the number, its check by simulation, and what cannot be planned.

use std::path::{Path, PathBuf};

use analyze::analysis::{Wanted, analyse};
use analyze::metrics::units::Units;
use analyze::plan::{Effect, PlanError, Question, plan};
use analyze::report::Report;
use assert_cmd::Command;
use statistics::Estimate;

/// The sample run.
fn two_machines() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs/two-machines")
}

/// A report whose trials have these final spreads.
fn report(spreads: &[u64]) -> Report {
    let mut report = analyse(&[two_machines()], Wanted::default())
        .expect("there are trials")
        .report;
    let trial = report.trials[0].clone();
    report.trials = spreads
        .iter()
        .map(|&spread| {
            let mut trial = trial.clone();
            trial.whole.final_spread = Some(Units(spread as f64));
            trial
        })
        .collect();
    report
}

fn question(effect: Effect) -> Question {
    Question {
        metric: "final_spread".to_owned(),
        effect,
        power: 0.9,
        alpha: 0.05,
        machine: "slowest".parse().expect("a rank"),
        condition: None,
    }
}

/// Mean 100; squares 2 · (15² + 10² + 5²) = 700, over 6: s = 10.801.
const PILOT: [u64; 7] = [85, 90, 95, 100, 105, 110, 115];

#[test]
fn a_difference_of_one_standard_deviation_takes_23_trials() {
    // power.t.test(power = .90, delta = 1): n = 22.02.
    let spread = (700.0f64 / 6.0).sqrt();
    let plan = plan(&report(&PILOT), &question(Effect::Absolute(-spread))).expect("a plan");
    assert_eq!(plan.trials, 23);
    assert!((plan.standardised_effect + 1.0).abs() < 1e-12);
    assert!(
        (plan.power_at_trials - 0.912).abs() < 1e-3,
        "{}",
        plan.power_at_trials
    );
    assert_eq!(plan.pilot, Estimate::of(&PILOT.map(|value| value as f64)));
    // χ²(0.975, 6) = 14.449 and χ²(0.025, 6) = 1.2373: s between 0.6444 and 2.2021 times what was found. Guenther's
    // approximation, 2 (1.960 + 1.282)² / d² + 1.960² / 4, gives 9.7 and 102.9 (The American Statistician 35, 1981).
    assert_eq!((plan.trials_low, plan.trials_high), (Some(10), Some(103)));
    let simulation = plan.simulation;
    assert_eq!(simulation.experiments, 4_000);
    assert!(
        (simulation.power - plan.power_at_trials).abs() < 0.02,
        "{simulation:?}"
    );
}

#[test]
fn metrics_of_whole_trials_and_of_ranks_can_be_planned() {
    // The pilot's unreceived messages are 1 and 0.
    let report = analyse(&[two_machines()], Wanted::default())
        .expect("there are trials")
        .report;
    for (metric, machine) in [
        ("trial_unreceived", "trial"),
        ("slowest_unreceived", "slowest"),
    ] {
        let asked = Question {
            metric: metric.to_owned(),
            ..question(Effect::Absolute(2.0))
        };
        let plan = plan(&report, &asked).expect("a plan");
        assert_eq!(
            (plan.machine.as_str(), plan.unit, plan.pilot.mean),
            (machine, "messages", Some(0.5))
        );
    }
}

#[test]
fn a_relative_effect_is_a_share_of_the_pilots_mean() {
    let relative = plan(&report(&PILOT), &question(Effect::Relative(0.2))).expect("a plan");
    let absolute = plan(&report(&PILOT), &question(Effect::Absolute(20.0))).expect("a plan");
    assert_eq!(relative.effect, 20.0);
    assert_eq!(
        (relative.trials, relative.simulation),
        (absolute.trials, absolute.simulation)
    );
    let sentence = relative.sentence;
    for part in [
        "20 % (20 units)",
        "final_spread of the trial",
        "8 trials of each condition",
        "100.0 ± 10.0",
    ] {
        assert!(sentence.contains(part), "no `{part}`: {sentence}");
    }
}

#[test]
fn what_cannot_be_planned_is_refused() {
    let of = |spreads: &[u64], effect| plan(&report(spreads), &question(effect));
    let small = of(&[100], Effect::Absolute(1.0));
    assert!(
        matches!(small, Err(PlanError::TooSmall { found: 1, .. })),
        "{small:?}"
    );
    let constant = of(&[7, 7, 7], Effect::Absolute(1.0));
    assert!(
        matches!(constant, Err(PlanError::NoSpread { trials: 3, .. })),
        "{constant:?}"
    );
    let tiny = of(&PILOT, Effect::Absolute(1e-6));
    assert!(
        matches!(tiny, Err(PlanError::OutOfReach { .. })),
        "{tiny:?}"
    );
    for (power, alpha) in [(1.0, 0.05), (0.9, 0.0), (f64::NAN, 0.05), (0.04, 0.05)] {
        let question = Question {
            power,
            alpha,
            ..question(Effect::Absolute(1.0))
        };
        let refused = plan(&report(&PILOT), &question);
        assert!(
            matches!(refused, Err(PlanError::Probability { .. })),
            "{refused:?}"
        );
    }
    let question = Question {
        metric: "queue_min".to_owned(),
        ..question(Effect::Absolute(1.0))
    };
    let refused = plan(&report(&PILOT), &question).expect_err("no such metric");
    assert!(refused.to_string().contains("queue_max"), "{refused}");
}

#[test]
fn the_program_says_it_in_a_sentence_or_in_json() {
    let run = |options: &[&str]| {
        let mut command = Command::cargo_bin("analyze").expect("the program is built");
        command.arg("plan").arg(two_machines()).args(options);
        let output = command.output().expect("it runs");
        let text = String::from_utf8(output.stdout).expect("text");
        (
            output.status.code(),
            text,
            String::from_utf8(output.stderr).expect("text"),
        )
    };
    // One message is unreceived in trial 0 of machine 0, none in trial 1: s = √½.
    let asked = ["--metric", "unreceived", "--effect", "-1"];
    let (code, sentence, _) = run(&asked);
    assert_eq!((code, sentence.lines().count()), (Some(0), 1));
    assert!(
        sentence.starts_with("To see a change of -1 messages in unreceived of the slowest machine"),
        "{sentence}"
    );
    let (_, json, _) = run(&[&asked[..], &["--machine", "0", "--json", "-"]].concat());
    let json: serde_json::Value = serde_json::from_str(&json).expect("one object");
    assert_eq!(
        (&json["format_version"], &json["machine"]),
        (&1.into(), &"M0".into())
    );
    // d = √2: power.t.test(power = .9, delta = sqrt(2)) needs n = 11.5.
    assert_eq!(json["trials"], 12);
    assert_eq!(
        json["sentence"]
            .as_str()
            .map(|s| s.contains("of machine M0")),
        Some(true)
    );
    let (code, _, error) = run(&["--metric", "events", "--effect", "20%"]);
    assert_eq!(code, Some(2));
    assert!(error.contains("events is 4 in all 2 trials"), "{error}");
    assert_eq!(run(&["--metric", "events", "--effect", "much"]).0, Some(2));
    assert_eq!(run(&["--metric", "events"]).0, Some(2), "no effect");
}
