//! Conditions compared: false findings, true findings, names, pairs, and the object and table they become.

mod fixtures;

use analyze::analysis::{Wanted, analyse};
use analyze::compare::family::Family;
use analyze::compare::metric::{MetricComparison, Verdict, independent};
use analyze::compare::{ALPHA, CompareError, compare};
use analyze::notebook::verify::verify;
use analyze::notebook::write::write;
use analyze::report::Report;
use analyze::runner_process::EventBudget;
use analyze::table;
use assert_cmd::Command;
use fixtures::{Copy, two_machines};
use statistics::chance::Chance;
use statistics::permutation::Effort;

/// A value near 0 with a long tail to the right, so not normal.
fn draw(chance: &mut Chance) -> f64 {
    let unit = (chance.below(1 << 20) as f64 + 0.5) / f64::from(1 << 20);
    -unit.ln() - 1.0
}

/// A family of three independent metrics over samples of five; each of B is shifted by its share.
fn family(chance: &mut Chance, shifts: [f64; 3]) -> Vec<MetricComparison> {
    let found = shifts.map(|shift| {
        let mut sample = |shift: f64| -> Vec<Option<f64>> {
            (0..5).map(|_| Some(draw(chance) + shift)).collect()
        };
        let (a, b) = (sample(0.0), sample(shift));
        independent("units", &a, &b, Effort::STANDARD)
    });
    Family::of(found.into()).found
}

fn is_shown(found: &MetricComparison) -> bool {
    found.verdict != Some(Verdict::NoDifferenceShown)
}

#[test]
fn without_a_difference_a_family_shows_one_no_more_often_than_alpha() {
    let mut chance = Chance::new(2026);
    let replications = 1_000;
    let false_alarms = (0..replications)
        .filter(|_| family(&mut chance, [0.0; 3]).iter().any(is_shown))
        .count();
    let rate = false_alarms as f64 / f64::from(replications);
    let error = (ALPHA * (1.0 - ALPHA) / f64::from(replications)).sqrt();
    assert!(
        rate <= ALPHA + 3.0 * error,
        "{false_alarms} of {replications}"
    );
    // Nor far below it: of the 252 labelings 4 are below alpha / 3, and 1 − (1 − 4/252)³ = 0.047.
    assert!(
        rate >= ALPHA - 3.0 * error,
        "{false_alarms} of {replications}"
    );
}

#[test]
fn a_difference_is_found_where_it_is_and_not_elsewhere() {
    let mut chance = Chance::new(7);
    let (mut found, mut elsewhere, mut backwards) = (0, 0, 0);
    for _ in 0..100 {
        let family = family(&mut chance, [6.0, 0.0, -6.0]);
        found += usize::from(family[0].verdict == Some(Verdict::Larger));
        found += usize::from(family[2].verdict == Some(Verdict::Smaller));
        backwards += usize::from(family[0].verdict == Some(Verdict::Smaller));
        elsewhere += usize::from(is_shown(&family[1]));
    }
    assert!(
        found > 175,
        "{found} of 200 differences of six standard deviations"
    );
    assert_eq!(backwards, 0);
    assert!(elsewhere <= 12, "{elsewhere} of 100 families");
}

#[test]
fn what_cannot_be_tested_is_not_in_the_family() {
    let some = |values: &[f64]| -> Vec<Option<f64>> { values.iter().copied().map(Some).collect() };
    let of = |a: &[Option<f64>], b: &[Option<f64>]| independent("s", a, b, Effort::STANDARD);
    let family = Family::of(vec![
        of(&some(&[1.0; 5]), &some(&[1.0; 5])),
        of(&[None; 5], &some(&[1.0, 2.0])),
        of(&some(&[1.0]), &some(&[1.0, 2.0])),
        of(
            &some(&[1.0, 2.0, 3.0, 4.0, 5.0]),
            &some(&[6.0, 7.0, 8.0, 9.0, 10.0]),
        ),
    ]);
    assert_eq!((family.tests, family.exact), (1, true));
    for found in &family.found[..3] {
        let known = (found.p, found.p_adjusted, found.verdict, found.hedges_g);
        assert_eq!(known, (None, None, None, None));
        let json = serde_json::to_string(found).expect("it serialises");
        assert!(
            json.contains("\"verdict\":null") && !json.contains("NaN"),
            "{json}"
        );
    }
    assert_eq!(family.found[0].difference.mean, Some(0.0));
    assert_eq!(family.found[1].difference.mean, None);
    // Alone in its family: 2 of the C(10, 5) = 252 labelings.
    assert_eq!(family.found[3].p_adjusted, Some(2.0 / 252.0));
    assert_eq!(family.smallest_p_adjusted, Some(2.0 / 252.0));
}

/// The sample logs, and the same again under another latency, which changes no dice.
fn two_conditions() -> (Copy, Vec<std::path::PathBuf>) {
    let copy = Copy::new();
    for trial in 0..2 {
        let manifest = format!("trial-00{trial}/trial.json");
        copy.replace(&manifest, "\"max_ns\": 100000", "\"max_ns\": 100001");
    }
    let paths = vec![two_machines(), copy.run.clone()];
    (copy, paths)
}

fn report(paths: &[std::path::PathBuf]) -> Report {
    let analysis = analyse(paths, Wanted::default());
    analysis.expect("there are trials").report
}

#[test]
fn conditions_go_by_number_or_by_a_part_of_their_label() {
    let (_copy, paths) = two_conditions();
    let report = report(&paths);
    let by = |a: &str, b: &str| compare(&report, a, b, &[]);
    let numbers = by("1", "2").expect("numbers");
    assert_eq!((numbers.a.condition, numbers.b.condition), (0, 1));
    let label = report.conditions[0].label.clone();
    assert_eq!(by(&label, "Latency 0.1").expect("labels"), numbers);
    let refused = |a: &str, b: &str| by(a, b).expect_err("a bad name").to_string();
    assert!(refused("1", "machines").contains("`machines` is part of 2 labels"));
    let unknown = refused("virtual", "2");
    assert!(unknown.contains("is part of no label"), "{unknown}");
    for condition in &report.conditions {
        assert!(unknown.contains(&condition.label), "{unknown}");
    }
    assert!(refused("0", "1").contains("is no condition's number"));
    assert!(refused("3", "1").contains("is no condition's number"));
    assert!(refused("2", "latency").contains("the same condition"));
    let metric = compare(&report, "1", "2", &["jumpiness".to_owned()]);
    assert!(
        matches!(metric, Err(CompareError::Metric { names, .. }) if names.contains("jump_max"))
    );
}

#[test]
fn the_same_dice_are_paired_and_other_dice_are_not() {
    let (copy, paths) = two_conditions();
    let paired = compare(&report(&paths), "1", "2", &[]).expect("a comparison");
    assert!(paired.paired, "{}", paired.pairing);
    // The logs are the same: every difference is 0, and there is nothing to test.
    assert_eq!((paired.tests, paired.smallest_p_adjusted), (0, None));
    let final_spread = paired.trial.get("final_spread").expect("it is usual");
    assert_eq!(final_spread.difference.mean, Some(0.0));

    copy.replace("trial-001/trial.json", "\"seed\": 1", "\"seed\": 9");
    let other = compare(&report(&paths), "1", "2", &[]).expect("a comparison");
    assert!(!other.paired);
    assert!(
        other
            .pairing
            .contains("match for 1 trials only, of 2 and 2"),
        "{}",
        other.pairing
    );

    for trial in ["trial-000/trial.json", "trial-001/trial.json"] {
        copy.replace(trial, "\"sides\": 10", "\"sides\": 8");
    }
    let dice = compare(&report(&paths), "1", "2", &[]).expect("a comparison");
    assert!(
        dice.pairing.contains("differ in what decides the dice"),
        "{}",
        dice.pairing
    );
}

#[test]
fn a_trial_that_stands_twice_is_not_two() {
    let (copy, mut paths) = two_conditions();
    let again = Copy::new();
    paths.push(again.file(""));
    let comparison = compare(&report(&paths), "1", "2", &[]).expect("a comparison");
    assert_eq!((comparison.a.trials, comparison.b.trials), (2, 2));
    assert!(comparison.paired, "{}", comparison.pairing);
    drop(copy);
}

#[test]
fn drawn_rates_are_compared_by_rank() {
    let (copy, paths) = two_conditions();
    for trial in ["trial-000/trial.json", "trial-001/trial.json"] {
        let text = copy.read(trial);
        let from = text.find("\"rates\":").expect("a condition has rates");
        let to = from + text[from..].find('}').expect("the object ends") + 1;
        copy.write(
            trial,
            text.replace(&text[from..to], "\"rates\": {\"range\": [1, 6]}")
                .as_bytes(),
        );
    }
    let metrics = ["events", "final_spread", "events", "slowest_events"].map(str::to_owned);
    let comparison = compare(&report(&paths), "1", "2", &metrics).expect("a comparison");
    assert_eq!(
        comparison.metrics,
        ["events", "final_spread", "slowest_events"]
    );
    let slowest = &comparison.trial["slowest_events"];
    assert_eq!((slowest.unit, slowest.a.mean), ("events", Some(4.0)));
    let ranks: Vec<_> = comparison
        .groups
        .iter()
        .map(|group| group.rank.map(|rank| rank.name()))
        .collect();
    assert_eq!(ranks, [Some("slowest"), Some("fastest")]);
    let means: Vec<_> = comparison
        .groups
        .iter()
        .map(|group| group.metrics["events"].a.mean)
        .collect();
    assert_eq!(means, [Some(4.0), Some(8.0)]);
    assert!(!comparison.paired);
}

#[test]
fn the_program_shows_a_table_and_one_object() {
    let (_copy, paths) = two_conditions();
    let run = |options: &[&str]| {
        let mut command = Command::cargo_bin("analyze").expect("the program is built");
        let output = command
            .args(&paths)
            .args(options)
            .output()
            .expect("it runs");
        let text = String::from_utf8(output.stdout).expect("text");
        (
            output.status.code(),
            text,
            String::from_utf8(output.stderr).expect("text"),
        )
    };
    let asked = ["--compare", "1", "2", "--metric", "events"];
    let (code, text, _) = run(&asked);
    assert_eq!(code, Some(0));
    assert!(
        text.starts_with("Conditions\n") && text.contains("\nComparison\n"),
        "{text}"
    );
    assert!(
        !text.contains("Events, across trials") && !text.contains("NaN"),
        "{text}"
    );
    let (_, markdown, _) = run(&[&asked[..], &["--markdown", "-"]].concat());
    assert!(
        markdown.contains("| M0 · 1 Hz | events, events | 4 | 4 | 0 | – | – | – | – |"),
        "{markdown}"
    );
    let (_, json, _) = run(&[&asked[..], &["--json", "-"]].concat());
    let json: serde_json::Value = serde_json::from_str(&json).expect("one object");
    let comparison = &json["comparison"];
    assert_eq!(comparison["format_version"], 2);
    assert_eq!(
        comparison["groups"][1]["metrics"]["events"]["a"]["mean"],
        8.0
    );
    let keys: Vec<&String> = comparison.as_object().expect("an object").keys().collect();
    assert_eq!(
        keys,
        [
            "a",
            "alpha",
            "b",
            "exact",
            "format_version",
            "groups",
            "metrics",
            "paired",
            "pairing",
            "smallest_p_adjusted",
            "tests",
            "trial"
        ]
    );
    let (code, text, error) = run(&["--compare", "1", "nothing"]);
    assert_eq!((code, text.as_str()), (Some(2), ""));
    assert!(error.contains("is part of no label"), "{error}");
    assert_eq!(run(&["--metric", "events"]).0, Some(2), "--metric alone");
}

#[test]
fn a_page_shows_and_cites_its_comparison() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (_copy, paths) = two_conditions();
    // Figures lie beside the folder of the page.
    let notebook = folder.path().join("notebook");
    std::fs::create_dir(&notebook).expect("a folder");
    let page = notebook.join("page.md");
    write(&page, &paths, None, EventBudget::default()).expect("a page");
    let text = std::fs::read_to_string(&page).expect("the page");
    let text = text.replacen(
        "figures=\"../figures/page\" ",
        "figures=\"../figures/page\" compare=\"1 2\" ",
        1,
    ) + "\n<!-- analyze:begin table name=comparison --><!-- analyze:end -->\n\
           \nBy <!-- analyze:begin value at=/comparison/groups/0/metrics/queue_max/difference as=interval --><!-- analyze:end -->.\n";
    std::fs::write(&page, text).expect("written");
    write(&page, &[], None, EventBudget::default()).expect("refreshed");
    assert_eq!(
        verify(&page, EventBudget::default())
            .expect("readable")
            .findings,
        []
    );
    let text = std::fs::read_to_string(&page).expect("the page");
    assert!(
        text.contains("| M0 · 1 Hz | queue\\_max, messages | 1 | 1 | 0 |"),
        "{text}"
    );
    assert!(
        text.contains("as=interval -->0<!-- analyze:end -->."),
        "{text}"
    );
    std::fs::write(&page, text.replace("compare=\"1 2\"", "compare=\"1 x\"")).expect("written");
    let findings = verify(&page, EventBudget::default())
        .expect("readable")
        .findings;
    let problem = &findings[0].problem;
    assert!(problem.contains("`x` is part of no label"), "{problem}");
}

#[test]
fn too_few_trials_are_said_to_be() {
    let (copy, paths) = two_conditions();
    // Two against two: p cannot be below 2 / 6.
    copy.replace("trial-001/machine-0.csv", ",5,1,", ",5,2,");
    copy.replace("trial-001/trial.json", "\"seed\": 1", "\"seed\": 9");
    let mut report = report(&paths);
    let comparison = compare(&report, "1", "2", &["queue_max".to_owned()]).expect("a comparison");
    assert_eq!(
        (comparison.tests, comparison.smallest_p_adjusted),
        (1, Some(2.0 / 6.0))
    );
    report.comparison = Some(comparison);
    let answer = table::answer(&report, false);
    assert!(
        answer[1].caption.contains("cannot show a difference"),
        "{}",
        answer[1].caption
    );
}
