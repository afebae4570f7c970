//! The figure of conditions that no number puts in order: when there is one, and what it says.

use std::path::Path;

use analyze::analysis::{Wanted, analyse};
use analyze::condition::{Setting, label};
use analyze::figures::drawing::Drawing;
use analyze::figures::{CONTRAST, draw_all, draw_contrast, draw_report, draw_response};
use analyze::report::Report;
use event_log::{Condition, Design, Drain, Rate, RateRule, Stamp};

/// A report in which as many conditions as changes have the trials of the sample run.
fn report(changes: &[fn(&mut Condition)]) -> Report {
    let run = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs/two-machines");
    let mut report = analyse(&[run], Wanted::default())
        .expect("there are trials")
        .report;
    let (trials, condition) = (report.trials.clone(), report.conditions[0].clone());
    report.trials.clear();
    report.conditions.clear();
    for (index, change) in changes.iter().enumerate() {
        let mut condition = condition.clone();
        let Setting::Own(own) = &mut condition.setting else {
            panic!("our own trials");
        };
        change(own);
        condition.label = label(own);
        report.conditions.push(condition);
        report
            .trials
            .extend(trials.iter().cloned().map(|mut trial| {
                trial.condition = index;
                trial
            }));
    }
    report
}

fn drawing(report: &Report) -> Drawing {
    let drawing = draw_contrast(report);
    drawing.expect("a few conditions")
}

/// Whether one of the figure's texts is this.
fn says(drawing: &Drawing, text: &str) -> bool {
    drawing.svg.lines().any(|line| line.trim() == text)
}

const DESIGNS: [fn(&mut Condition); 3] = [
    |_| {},
    |condition| condition.design = Design::Timekeeper,
    |condition| condition.design = Design::Hub,
];

#[test]
fn designs_are_rows_with_machines_and_messages() {
    let mut report = report(&DESIGNS);
    for trial in &mut report.trials {
        trial.whole.trial_connections = Some(2 + trial.condition as u64);
    }
    let designs = drawing(&report);
    assert_eq!(designs.title, "What does the design change?");
    for text in [
        "mesh",
        "timekeeper",
        "hub",
        "M0 · 1 Hz",
        "M1 · 2 Hz",
        "connections",
        "4",
    ] {
        assert!(says(&designs, text), "no `{text}` in {}", designs.svg);
    }
    assert!(
        designs.caption.contains("95 % interval"),
        "{}",
        designs.caption
    );
    assert!(!designs.svg.contains("NaN") && !designs.svg.contains("inf"));
    assert_eq!(designs, drawing(&report), "the same input, the same bytes");
    let by_name = draw_report(CONTRAST, &report).expect("a name");
    assert_eq!(by_name, Some(designs));
}

#[test]
fn where_connections_are_the_same_the_largest_jump_is_shown() {
    let drain = report(&[|_| {}, |condition| condition.drain = Drain::All]);
    let drain = drawing(&drain);
    for text in ["drain one", "drain all", "largest jump (units)"] {
        assert!(says(&drain, text), "no `{text}`");
    }
    assert!(!says(&drain, "connections"));
}

#[test]
fn machines_that_do_not_correspond_are_shown_by_rank() {
    let drawn = report(&[|_| {}, |condition| condition.rates = RateRule::Range(1, 6)]);
    let drawn = drawing(&drawn);
    assert_eq!(drawn.title, "How do these conditions differ?");
    for text in ["slowest", "fastest", "rates 1–6", "rates 1, 2"] {
        assert!(says(&drawn, text), "no `{text}`");
    }
    assert!(drawn.caption.contains("of each trial"), "{}", drawn.caption);
}

#[test]
fn a_choice_made_under_all_that_differs_else_is_asked_about() {
    fn slow_down(condition: &mut Condition) {
        condition.rates = RateRule::Fixed(vec![Rate::from_hz(2), Rate::from_hz(2)]);
    }
    fn last_longer(condition: &mut Condition) {
        condition.duration_ns *= 2;
    }
    let eight: [fn(&mut Condition); 8] = [
        |_| {},
        |c| c.stamp = Stamp::Before,
        slow_down,
        |c| {
            slow_down(c);
            c.stamp = Stamp::Before;
        },
        last_longer,
        |c| {
            last_longer(c);
            c.stamp = Stamp::Before;
        },
        |c| {
            slow_down(c);
            last_longer(c);
        },
        |c| {
            slow_down(c);
            last_longer(c);
            c.stamp = Stamp::Before;
        },
    ];
    let mut crossed = report(&eight);
    for trial in &mut crossed.trials {
        let share = if trial.condition % 2 == 0 { 0.0 } else { 0.25 };
        trial.whole.trial_clock_condition_broken = Some(share);
    }
    let drawn = drawing(&crossed);
    assert_eq!(drawn.title, "What does a message stamped too early change?");
    assert!(says(&drawn, "0.250"), "no share beside its mark");
    let uncrossed = drawing(&report(&eight[..7]));
    assert_eq!(uncrossed.title, "How do these conditions differ?");
}

#[test]
fn a_sweep_has_curves_instead_and_one_condition_or_nine_have_nothing() {
    let sweep = report(&[
        |condition| condition.duration_ns = 1_000_000_000,
        |condition| condition.duration_ns = 2_000_000_000,
        |condition| condition.duration_ns = 3_000_000_000,
    ]);
    assert!(draw_response(&sweep).is_some());
    let mut idle = report(&DESIGNS);
    for condition in &mut idle.conditions[1..] {
        condition.trials = 0;
    }
    let nine: [fn(&mut Condition); 9] = [DESIGNS[0]; 9];
    for (case, report) in [("a sweep", sweep), ("one", idle), ("nine", report(&nine))] {
        assert_eq!(draw_contrast(&report), None, "{case}");
    }
}

#[test]
fn the_figure_is_among_all_that_are_drawn() {
    let dir = tempfile::tempdir().expect("a folder");
    let figures = draw_all(&report(&DESIGNS), &[], dir.path(), false).expect("drawn");
    let names: Vec<&str> = figures.iter().map(|figure| figure.name).collect();
    assert!(names.contains(&CONTRAST), "{names:?}");
    assert!(dir.path().join("contrast.svg").is_file());
}
