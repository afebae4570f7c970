//! Power over the number of trials: the numbers, conditions that say nothing, the figure, and the blocks of a page.

mod programs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use analyze::analysis::{Wanted, analyse};
use analyze::figures;
use analyze::metrics::units::Units;
use analyze::notebook::write::write;
use analyze::plan::power_study::{ConditionPower, PowerQuestion, PowerStudy, power_study};
use analyze::plan::{Effect, PlanError};
use analyze::report::Report;
use analyze::runner_process::EventBudget;
use analyze::table::power::table;
use resvg::usvg::roxmltree::Document;
use statistics::power::power;
use tempfile::TempDir;

/// Mean 100, s = √(700 / 6).
const PILOT: [u64; 7] = [85, 90, 95, 100, 105, 110, 115];

fn two_machines() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs/two-machines")
}

/// A report whose conditions have trials of these final spreads.
fn report(conditions: &[&[u64]]) -> Report {
    let mut report = analyse(&[two_machines()], Wanted::default())
        .expect("there are trials")
        .report;
    let (trial, condition) = (report.trials[0].clone(), report.conditions[0].clone());
    report.conditions = vec![condition; conditions.len()];
    report.trials.clear();
    for (index, spreads) in conditions.iter().enumerate() {
        report.conditions[index].label += &format!(" · case {index}");
        for &spread in *spreads {
            let mut trial = trial.clone();
            trial.condition = index;
            trial.whole.final_spread = Some(Units(spread as f64));
            report.trials.push(trial);
        }
    }
    report
}

fn question(metric: &str, effects: &[Effect]) -> PowerQuestion {
    PowerQuestion {
        metric: metric.to_owned(),
        effects: effects.to_vec(),
        machine: "slowest".parse().expect("a rank"),
        condition: None,
        alpha: 0.05,
    }
}

fn study(conditions: &[&[u64]], effects: &[Effect]) -> PowerStudy {
    power_study(&report(conditions), &question("final_spread", effects)).expect("a study")
}

#[test]
fn a_change_of_one_spread_has_the_power_that_r_gives_it() {
    let spread = (700.0f64 / 6.0).sqrt();
    let found = study(&[&PILOT], &[Effect::Absolute(spread)]);
    let change = &found.conditions[0].changes[0];
    assert!((change.standardised_effect - 1.0).abs() < 1e-12);
    // power.t.test(n = 5, delta = 1): 0.2859; of power .8 and .9, delta = 1: n = 16.71 and 22.02.
    assert!((change.power_at_trials - 0.2859).abs() < 1e-3, "{change:?}");
    let needed: Vec<_> = change.needed.iter().map(|n| (n.power, n.trials)).collect();
    assert_eq!(needed, [(0.8, Some(17)), (0.9, Some(23))]);
    // The same bounds as of a plan for power 0.9.
    assert_eq!(
        (change.needed[1].low, change.needed[1].high),
        (Some(10), Some(103))
    );
    // A larger spread means less power.
    let (low, high) = (change.power_low, change.power_high);
    assert!(low < Some(change.power_at_trials) && Some(change.power_at_trials) < high);
    // Seven even values are not normal: 0.2397 of 300,000 experiments made in another language; four standard errors.
    let resampled = change.simulation;
    assert!(
        (resampled.power - 0.2397).abs() < 4.0 * resampled.standard_error,
        "{resampled:?}"
    );
}

#[test]
fn without_effects_there_are_three_shares_of_the_mean() {
    let found = study(&[&PILOT], &[]);
    let spread = (700.0f64 / 6.0).sqrt();
    let changes = &found.conditions[0].changes;
    let told: Vec<_> = changes.iter().map(|c| (c.share, c.effect)).collect();
    assert_eq!(
        told,
        [(Some(0.1), 10.0), (Some(0.2), 20.0), (Some(0.5), 50.0)]
    );
    for change in changes {
        let expected = power(5, change.effect / spread, 0.05);
        assert_eq!(Some(change.power_at_trials), expected);
    }
    let rows = table(&found).rows;
    assert_eq!(rows.len(), 3);
    // 20 of 10.8 is more than 1.8 spreads: 6 trials see it in 8 of 10 experiments.
    assert_eq!(rows[1][1], "20 %");
    assert!(rows[1][7].starts_with("6 ("), "{:?}", rows[1]);
    assert_eq!(rows[2][5].split(' ').next(), Some(">"), "{:?}", rows[2]);
}

#[test]
fn a_condition_that_says_nothing_says_why_and_the_others_are_drawn() {
    let found = study(&[&[7, 7, 7], &PILOT, &[100]], &[]);
    let problem = |condition: &ConditionPower| condition.problem.clone().unwrap_or_default();
    let problems: Vec<String> = found.conditions.iter().map(problem).collect();
    assert!(problems[0].contains("7 in all 3 trials"), "{problems:?}");
    assert!(problems[1].is_empty(), "{problems:?}");
    assert!(problems[2].contains("at least 2"), "{problems:?}");
    let shown = table(&found);
    assert_eq!(shown.rows.len(), 5);
    assert!(
        shown
            .rows
            .iter()
            .all(|row| row.len() == shown.headers.len())
    );
    assert!(
        shown.caption.contains("7 in all 3 trials"),
        "{}",
        shown.caption
    );

    let drawing = figures::draw_power(&found).expect("one panel");
    let document = Document::parse(&drawing.svg).expect("XML");
    let texts: Vec<String> = document
        .descendants()
        .filter(|node| node.has_tag_name("text"))
        .map(|node| {
            node.text()
                .unwrap_or_default()
                .trim()
                .replace('\u{a0}', " ")
        })
        .collect();
    for text in [
        "10 %",
        "20 %",
        "50 %",
        "stable: 20 % takes 6 trials",
        "0.8",
        "5",
        "200",
    ] {
        assert!(
            texts.iter().any(|found| found == text),
            "no `{text}`: {texts:?}"
        );
    }
    assert!(!drawing.svg.contains("NaN"));
    let nothing = study(&[&[7, 7, 7]], &[]);
    assert!(figures::draw_power(&nothing).is_none());
}

#[test]
fn where_a_small_change_takes_many_trials_the_axis_goes_as_far() {
    // 20 % of 100 is a tenth of a spread of about 200 and takes some 1,600 trials.
    let wide = [0, 0, 0, 0, 500];
    let drawing = figures::draw_power(&study(&[&wide], &[]));
    assert!(drawing.expect("a panel").svg.contains("10,000"));
}

#[test]
fn trials_of_drawn_rates_are_studied_by_rank_and_as_a_whole() {
    let out = TempDir::new().expect("a temporary folder");
    let mut command = Command::new(programs::runner());
    command.args("trial --virtual --duration 20s --count 12 --seed 3 --out".split(' '));
    let output = command.arg(out.path()).output().expect("it runs");
    assert!(output.status.success(), "{output:?}");
    let report = analyse(&[out.path().to_owned()], Wanted::default())
        .expect("there are trials")
        .report;
    let of = |metric: &str| power_study(&report, &question(metric, &[])).expect("a study");
    let (ranked, whole) = (of("slowest_queue_max"), of("trial_queue_mean"));
    assert_eq!(
        [&ranked, &whole].map(|study| (study.machine.as_str(), study.unit)),
        [("slowest", "messages"), ("trial", "messages")]
    );
    for study in [&ranked, &whole] {
        let condition = &study.conditions[0];
        assert_eq!((condition.pilot.trials, condition.changes.len()), (12, 3));
        assert_eq!(condition.regime, None);
    }
    // By its own name or by the rank of the machine, it is the same number.
    assert_eq!(ranked.conditions, of("queue_max").conditions);
}

#[test]
fn what_is_not_there_is_refused() {
    let report = report(&[&PILOT]);
    let no_metric = power_study(&report, &question("queue_min", &[]));
    assert!(
        matches!(no_metric, Err(PlanError::Name(_))),
        "{no_metric:?}"
    );
    let asked = PowerQuestion {
        alpha: 1.0,
        ..question("final_spread", &[])
    };
    let no_level = power_study(&report, &asked);
    assert!(
        matches!(no_level, Err(PlanError::Probability { .. })),
        "{no_level:?}"
    );
}

#[test]
fn a_page_shows_table_figures_and_values() {
    let root = TempDir::new().expect("a temporary folder");
    let page = root.path().join("01-power.md");
    let blocks = [
        "logs",
        "power metric=unreceived machine=0 effects=1,2",
        "figure name=power metric=unreceived machine=0 effects=1,2",
        "figure name=power metric=trial_unreceived",
        "value of=power metric=unreceived machine=0 effects=2 at=/conditions/0/changes/0/needed/1/trials",
    ];
    let logs = root.path().join("logs");
    fs::create_dir(&logs).expect("a folder");
    copy(&two_machines(), &logs.join("run"));
    let mut text = "<!-- analyze:page logs=\"logs\" figures=\"figures\" -->\n".to_owned();
    for block in blocks {
        text += &format!("\n<!-- analyze:begin {block} --><!-- analyze:end -->\n");
    }
    fs::write(&page, text).expect("written");
    let written = write(&page, &[], None, EventBudget::default()).expect("a page");
    assert_eq!((written.blocks, written.figures), (5, 2));
    let text = fs::read_to_string(&page).expect("the page");
    assert!(text.contains("| 1 | 2 messages |"), "{text}");
    // d = 2 √2: power.t.test(power = .9, delta = 2 * sqrt(2)) needs n = 3.9.
    assert!(text.contains("-->4<!--"), "{text}");
    for name in ["power-unreceived-0.svg", "power-trial_unreceived.svg"] {
        assert!(root.path().join("figures").join(name).exists(), "{name}");
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("the sample") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}
