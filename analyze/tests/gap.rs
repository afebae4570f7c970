//! A gap that was put there is found, and where there is none none is found.

mod programs;

use std::path::{Path, PathBuf};
use std::process::Command;

use analyze::analysis::{Wanted, analyse};
use analyze::gap::{Gap, GapError, World, gap};
use analyze::notebook::verify::verify;
use analyze::notebook::write::write;
use analyze::report::Report;
use analyze::runner_process::EventBudget;
use analyze::table;
use tempfile::TempDir;

/// Runs trials in virtual time into a folder of their own.
fn run(root: &Path, name: &str, options: &[&str]) -> PathBuf {
    let out = root.join(name);
    let mut command = Command::new(programs::runner());
    command.args([
        "trial",
        "--virtual",
        "--rates",
        "1,3,6",
        "--duration",
        "30s",
    ]);
    command
        .args(options)
        .args(["--name", name])
        .arg("--out")
        .arg(&out);
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{output:?}");
    out
}

fn report(out: &Path) -> Report {
    let analysis = analyse(&[out.to_owned()], Wanted::default()).expect("there are trials");
    analysis.report
}

fn between(a: &Path, b: &Path) -> Gap {
    let (a, b) = (report(a), report(b));
    let found = gap(
        &World::of("A", &a, |_| true),
        &World::of("B", &b, |_| true),
        &[],
    )
    .expect("a gap");
    let json = serde_json::to_string(&found).expect("JSON");
    let words = format!("{} {:?}", found.sentence, table::gap::table(&found).rows);
    assert!(
        !json.contains("NaN") && !words.contains("NaN") && !words.contains("inf"),
        "{words}"
    );
    found
}

#[test]
fn an_injected_tick_delay_is_found_and_called_by_its_size() {
    let root = TempDir::new().expect("a temporary folder");
    let plain = run(root.path(), "plain", &["--seed", "1", "--count", "10"]);
    let late = run(
        root.path(),
        "late",
        &["--seed", "1", "--count", "10", "--tick-delay", "20ms"],
    );
    let found = between(&plain, &late);
    assert!(found.found, "{}", found.sentence);
    let condition = &found.conditions[0];
    assert!(condition.paired, "{}", condition.pairing);
    let row = &condition.rows[0];
    // No tick is late on one side, and each by 20 ms on the other: no spread at all, hence no interval and no share.
    assert_eq!(
        (row.metric, row.is_gap, row.percent),
        ("lateness_p50_ms", true, None)
    );
    assert!((row.found.difference.mean.expect("a gap") - 20.0).abs() < 1e-9);
    assert_eq!(row.found.difference.low, None);
    assert!(
        found.sentence.contains("lateness_p50_ms of M0 (+20 ms)"),
        "{}",
        found.sentence
    );
    assert!(
        found.sentence.contains("late by nothing on side A"),
        "{}",
        found.sentence
    );
    // The other way round it is as large, and negative.
    let back = between(&late, &plain);
    assert_eq!(
        back.conditions[0].rows[0].percent.map(f64::round),
        Some(-100.0)
    );
}

#[test]
fn one_condition_twice_shows_no_gap() {
    let root = TempDir::new().expect("a temporary folder");
    let one = run(root.path(), "one", &["--seed", "1", "--count", "20"]);
    let other = run(root.path(), "other", &["--seed", "2", "--count", "20"]);
    let found = between(&one, &other);
    assert!(!found.found && found.tests > 10, "{}", found.sentence);
    assert_eq!(
        (found.conditions.len(), found.conditions[0].paired),
        (1, false)
    );
    assert_eq!(
        (found.conditions[0].a.trials, found.conditions[0].b.trials),
        (20, 20)
    );
    assert!(
        found.sentence.starts_with("No gap found in"),
        "{}",
        found.sentence
    );
    // What would have been seen is said: more than the spread of a trial over √20, and less than ten times that.
    let clock = found.conditions[0]
        .rows
        .iter()
        .find(|row| row.metric == "clock_final");
    let clock = clock.expect("a row");
    let spread = clock.found.a.standard_deviation.expect("a spread");
    let visible = clock.detectable.expect("a size");
    assert!(
        visible > 0.5 * spread && visible < 3.0 * spread,
        "{visible} of {spread}"
    );
}

#[test]
fn the_same_seed_in_virtual_time_is_the_same_to_the_last_digit() {
    let root = TempDir::new().expect("a temporary folder");
    let one = run(root.path(), "one", &["--seed", "1", "--count", "3"]);
    let again = run(root.path(), "again", &["--seed", "1", "--count", "3"]);
    let found = between(&one, &again);
    assert_eq!((found.found, found.tests), (false, 0));
    assert!(
        found.sentence.contains("the same values"),
        "{}",
        found.sentence
    );
}

#[test]
fn so_few_trials_that_nothing_could_be_found_are_called_so() {
    let root = TempDir::new().expect("a temporary folder");
    let one = run(root.path(), "one", &["--seed", "1", "--count", "3"]);
    let late = run(
        root.path(),
        "late",
        &["--seed", "1", "--count", "3", "--tick-delay", "20ms"],
    );
    let found = between(&one, &late);
    assert!(!found.found, "{}", found.sentence);
    assert!(
        found.sentence.starts_with("No gap could be found"),
        "{}",
        found.sentence
    );
}

#[test]
fn a_single_trial_a_side_is_not_called_the_same() {
    let root = TempDir::new().expect("a temporary folder");
    let one = run(root.path(), "one", &["--seed", "1", "--count", "1"]);
    let other = run(root.path(), "other", &["--seed", "2", "--count", "1"]);
    let found = between(&one, &other);
    assert_eq!((found.found, found.tests), (false, 0));
    assert!(
        found.sentence.contains("a test takes two trials"),
        "{}",
        found.sentence
    );
}

#[test]
fn sides_without_a_condition_in_common_are_refused() {
    let root = TempDir::new().expect("a temporary folder");
    let one = run(root.path(), "one", &["--seed", "1", "--count", "2"]);
    let other = run(
        root.path(),
        "other",
        &["--seed", "1", "--count", "2", "--internal", "0.9"],
    );
    let (a, b) = (report(&one), report(&other));
    let world = |report| World::of("a world", report, |_| true);
    let refused = gap(&world(&a), &world(&b), &[]);
    assert!(
        matches!(refused, Err(GapError::Disjoint { .. })),
        "{refused:?}"
    );
    let empty = World::of("nobody", &a, |_| false);
    assert!(matches!(
        gap(&empty, &world(&b), &[]),
        Err(GapError::Empty { .. })
    ));
}

#[test]
fn the_program_says_it_and_exits_with_a_finding() {
    let root = TempDir::new().expect("a temporary folder");
    let plain = run(root.path(), "plain", &["--seed", "1", "--count", "10"]);
    let late = run(
        root.path(),
        "late",
        &["--seed", "1", "--count", "10", "--tick-delay", "20ms"],
    );
    let analyze = |a: &Path, b: &Path| {
        let mut command = assert_cmd::Command::cargo_bin("analyze").expect("the program is built");
        let output = command
            .arg("gap")
            .args([a, b])
            .args(["--json", "-"])
            .output()
            .expect("it runs");
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one object");
        (output.status.code(), json["found"].as_bool())
    };
    assert_eq!(analyze(&plain, &late), (Some(1), Some(true)));
    assert_eq!(analyze(&plain, &plain), (Some(0), Some(false)));
}

/// The text of a block of a page, without its marks.
fn block(text: &str, words: &str) -> String {
    let begin = format!("<!-- analyze:begin {words} -->");
    let from = text.find(&begin).expect("the block") + begin.len();
    let length = text[from..].find("<!-- analyze:end -->").expect("its end");
    text[from..from + length].to_owned()
}

/// A page about a run, the same run again and one with a delay, with these blocks.
fn page_of_three_runs(root: &Path, blocks: &[&str]) -> PathBuf {
    let data = root.join("notebook/data");
    for (name, options) in [
        ("plain", &["--seed", "1", "--count", "10"][..]),
        ("same", &["--seed", "1", "--count", "10"]),
        (
            "tardy",
            &["--seed", "1", "--count", "10", "--tick-delay", "20ms"],
        ),
    ] {
        let made = run(root, name, options);
        let run = std::fs::read_dir(made).expect("a folder").next();
        let run = run.expect("a run").expect("readable").path();
        std::fs::create_dir_all(&data).expect("a folder");
        std::fs::rename(&run, data.join(name)).expect("moved");
    }
    let mut text = "<!-- analyze:page logs=\"data\" figures=\"../figures\" -->\n".to_owned();
    for words in blocks {
        text += &format!("\n<!-- analyze:begin {words} --><!-- analyze:end -->\n");
    }
    let page = root.join("notebook/01-page.md");
    std::fs::write(&page, text).expect("written");
    page
}

#[test]
fn a_page_holds_its_runs_against_each_other() {
    let root = TempDir::new().expect("a temporary folder");
    let (same, tardy) = ("gap a=plain b=same", "gap a=plain b=tardy");
    let size = "value of=gap a=plain b=tardy at=/conditions/0/rows/0/difference/mean";
    let conditions = "table name=conditions";
    let page = page_of_three_runs(root.path(), &["logs", conditions, same, tardy, size]);
    write(&page, &[], None, EventBudget::default()).expect("a page");
    let text = std::fs::read_to_string(&page).expect("the page");
    assert!(block(&text, same).contains("**No gap found: every trial gave the same values"));
    assert!(block(&text, tardy).contains("**A gap was found in"));
    assert!(block(&text, tardy).contains("| M0 · 1 Hz | lateness\\_p50\\_ms, ms | 0 | 20 |"));
    assert_eq!(block(&text, size), "20");
    // The run that repeats another is whole, and a side of a gap, but no evidence of its own.
    assert!(block(&text, "logs").contains("| same | virtual time | 1 | 10 | 10 |"));
    assert!(block(&text, conditions).contains("| 10 | 10 repeat of the same seed |"));

    let findings = |text: &str| {
        std::fs::write(&page, text).expect("written");
        let verification =
            verify(&root.path().join("notebook"), EventBudget::default()).expect("readable");
        verification.findings.len()
    };
    assert_eq!(findings(&text), 0);
    assert_eq!(findings(&text.replacen("| 0 | 20 |", "| 0 | 21 |", 1)), 1);
}

#[test]
fn a_block_that_names_no_run_or_half_a_gap_is_refused() {
    let root = TempDir::new().expect("a temporary folder");
    let page = page_of_three_runs(root.path(), &[]);
    let header = std::fs::read_to_string(&page).expect("the page");
    for (words, problem) in [
        ("gap a=plain", "a gap has two sides"),
        ("gap a=plain b=nobody", "`nobody` is part of no run's name"),
        ("gap a=a b=tardy", "`a` is part of 3 runs' names"),
        ("gap", "sockets has no complete trial"),
    ] {
        let text = format!("{header}<!-- analyze:begin {words} --><!-- analyze:end -->\n");
        std::fs::write(&page, text).expect("written");
        let refused = write(&page, &[], None, EventBudget::default()).expect_err("nothing to show");
        assert!(refused.to_string().contains(problem), "{refused}");
    }
}

#[test]
fn a_condition_meets_the_one_it_differs_least_from() {
    let root = TempDir::new().expect("a temporary folder");
    let count = ["--seed", "1", "--count", "3"];
    let made =
        |name: &str, options: &[&str]| run(root.path(), name, &[&count[..], options].concat());
    let (plain, tardy) = (made("plain", &[]), made("tardy", &["--tick-delay", "20ms"]));
    let two = analyse(&[plain, tardy], Wanted::default()).expect("there are trials");
    let slow = report(&made("slow", &["--latency", "1ms"]));
    let both = report(&made("both", &["--latency", "1ms", "--tick-delay", "20ms"]));
    for (other, delayed) in [(&slow, false), (&both, true)] {
        let world = |report| World::of("a world", report, |_| true);
        let found = gap(&world(&two.report), &world(other), &[]).expect("a gap");
        assert_eq!(found.conditions.len(), 1);
        let met = &two.report.conditions[found.conditions[0].a.condition];
        let own = met.setting.own().expect("our own trials");
        assert_eq!(own.tick_delay_ns > 0, delayed, "{}", met.label);
    }
}
