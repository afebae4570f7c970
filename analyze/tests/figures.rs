//! Figures of synthetic trials: what every figure promises, and what must not break it.

mod synthetic;

use std::collections::BTreeSet;

use analyze::check::Tally;
use analyze::figures::drawing::Drawing;
use analyze::figures::{COMPARED_NAMES, FigureError, NAMES, draw, draw_all, draw_compared};
use analyze::plot_data::ConditionDigest;
use analyze::report::{REPORT_VERSION, Report};
use event_log::Tool;
use resvg::usvg::roxmltree::Document;
use synthetic::{abort, condition, hz, late, lose, minute, trial};

/// Conditions of every shape that figures distinguish.
fn conditions() -> Vec<(&'static str, ConditionDigest)> {
    let mut aborted = minute(&[1, 3, 6], 4);
    aborted.trials[1] = abort(aborted.trials[1].clone(), 21.0);
    aborted.trials[2] = lose(abort(aborted.trials[2].clone(), 40.0), 1);
    let mut broken = minute(&[1, 3, 6], 1);
    broken.trials[0] = lose(abort(broken.trials[0].clone(), 30.0), 1);
    let drawn = [[2, 5, 6], [1, 3, 6], [4, 4, 1], [6, 2, 3]];
    let drawn = drawn.iter().enumerate();
    let drawn = drawn.map(|(number, rates)| late(trial(number as u64, &hz(rates), 60.0)));
    let many: Vec<u32> = (0..30).map(|i| 1 + (i * 7) % 30).collect();
    let still = condition("still", 1.0, vec![trial(0, &[1.0, 1.0], 1.0)]);
    vec![
        ("one trial", minute(&[1, 3, 6], 1)),
        ("five trials", minute(&[1, 3, 6], 5)),
        ("forty trials", minute(&[1, 3], 40)),
        ("eight machines", minute(&[1, 2, 3, 4, 5, 6, 6, 6], 2)),
        ("thirty machines", minute(&many, 2)),
        ("aborted", aborted),
        ("broken", broken),
        (
            "drawn rates",
            condition("3 machines · rates 1–6 · 60 s", 60.0, drawn.collect()),
        ),
        ("hardly an event", still),
    ]
}

fn drawings(condition: &ConditionDigest) -> Vec<(&'static str, Drawing)> {
    let draw = |name| Some((name, draw(name, condition).expect("drawn")?));
    NAMES.into_iter().filter_map(draw).collect()
}

fn texts(document: &Document<'_>) -> Vec<String> {
    let texts = document
        .descendants()
        .filter(|node| node.has_tag_name("text"));
    texts
        .map(|node| node.text().unwrap_or_default().trim().to_owned())
        .collect()
}

#[test]
fn every_figure_is_xml_with_a_title_and_a_description() {
    for (case, condition) in conditions() {
        for (name, drawing) in drawings(&condition) {
            let document = Document::parse(&drawing.svg);
            let document = document.unwrap_or_else(|error| panic!("{case}, {name}: {error}"));
            let text = |tag: &str| {
                let node = document.descendants().find(|node| node.has_tag_name(tag));
                node.and_then(|node| node.text())
                    .unwrap_or_default()
                    .to_owned()
            };
            assert_eq!(text("title"), drawing.title, "{case}, {name}");
            let words = drawing.caption.split(' ').next_back().expect("a caption");
            assert!(
                text("desc").contains(words),
                "{case}, {name}: {}",
                text("desc")
            );
            assert!(drawing.title.ends_with('?'), "{name} asks nothing");
            assert!(
                !drawing.svg.contains("NaN") && !drawing.svg.contains("inf"),
                "{case}, {name}"
            );
        }
    }
}

#[test]
fn nothing_is_drawn_outside_the_figure() {
    for (case, condition) in conditions() {
        for (name, drawing) in drawings(&condition) {
            let document = Document::parse(&drawing.svg).expect("XML");
            let points = document
                .descendants()
                .filter_map(|node| node.attribute("points"));
            for point in points.flat_map(str::split_whitespace) {
                let (x, y) = point.split_once(',').expect("a pair");
                let (x, y): (i32, i32) = (x.parse().expect("whole"), y.parse().expect("whole"));
                assert!((0..=1400).contains(&x), "{case}, {name}: {point}");
                assert!((90..=640).contains(&y), "{case}, {name}: {point}");
            }
        }
    }
}

#[test]
fn the_same_digests_give_the_same_bytes() {
    for (case, condition) in conditions() {
        let (one, other) = (drawings(&condition), drawings(&condition.clone()));
        assert!(one == other, "{case}");
    }
}

#[test]
fn every_machine_is_named_also_one_without_rows() {
    for (case, condition) in conditions() {
        let machines = &condition.trials[0].machines;
        for name in ["clock", "drift", "jumps", "queue", "queue_distribution"] {
            let Some(drawing) = draw(name, &condition).expect("drawn") else {
                panic!("{case} has rows, so it has a figure {name}");
            };
            let document = Document::parse(&drawing.svg).expect("XML");
            let texts = texts(&document);
            let named = |label: &str| texts.iter().any(|text| text.starts_with(label));
            let count = machines
                .iter()
                .filter(|m| {
                    let rate_hz = m.rate_hz.expect("synthetic machines have a rate");
                    named(&format!("M{} · {rate_hz} Hz", m.machine))
                })
                .count();
            // Of more than eight machines the slowest, the median and the fastest are named.
            let expected = if machines.len() > 8 {
                3
            } else {
                machines.len()
            };
            assert_eq!(count, expected, "{case}, {name}");
            assert_eq!(
                named("M1 · 3 Hz: no rows"),
                case == "broken",
                "{case}, {name}"
            );
        }
    }
}

#[test]
fn figures_follow_from_the_trials_and_say_so() {
    let caption = |name, condition: &ConditionDigest| {
        draw(name, condition)
            .expect("drawn")
            .expect("has rows")
            .caption
    };
    let aborted = &conditions()[5].1;
    assert!(caption("queue", aborted).contains("mean of the 2 complete ones"));
    assert!(caption("queue", &minute(&[1, 3], 40)).contains("30 of 40 trials"));
    assert!(!caption("queue", &minute(&[1, 3], 1)).contains("mean"));
    assert!(caption("lateness", &minute(&[1, 3], 2)).contains("Virtual time has no lateness"));
    let sockets = condition("late", 60.0, vec![late(trial(0, &[1.0, 3.0], 60.0))]);
    assert!(caption("lateness", &sockets).contains("99 %"));
    let drawn: Vec<_> = (0..9)
        .map(|n| trial(n, &[1.0, n as f64 + 1.0], 9.0))
        .collect();
    assert!(caption("drift", &condition("", 9.0, drawn)).contains("first 6 of 9"));
}

#[test]
fn nothing_to_draw_is_no_figure_and_no_panic() {
    let empty = condition("nothing", 60.0, Vec::new());
    let mut silent = minute(&[1, 3], 1);
    for machine in 0..2 {
        silent.trials[0] = lose(silent.trials[0].clone(), machine);
    }
    for condition in [&empty, &silent] {
        assert!(drawings(condition).is_empty());
    }
    let one_sided = [minute(&[1, 3], 2), empty];
    for name in COMPARED_NAMES {
        assert_eq!(
            draw_compared(name, &one_sided).expect("nothing went wrong"),
            None
        );
    }
}

#[test]
fn values_that_are_no_numbers_are_left_out() {
    let mut odd = minute(&[1, 3], 2);
    let machine = &mut odd.trials[0].machines[0];
    machine.clock[3].1 = f64::NAN;
    machine.drift[3].1 = f64::INFINITY;
    machine.queue[3].0 = f64::NAN;
    for (name, drawing) in drawings(&odd) {
        assert!(
            !drawing.svg.contains("NaN") && !drawing.svg.contains("inf"),
            "{name}"
        );
    }
}

#[test]
fn an_unknown_name_is_an_error_that_lists_the_known() {
    let condition = minute(&[1, 3], 1);
    for result in [
        draw("clocks", &condition),
        draw_compared("jumps_compared", &[condition]),
    ] {
        let error = result.expect_err("no such figure");
        assert!(matches!(error, FigureError::UnknownName { .. }));
        assert!(
            error.to_string().contains("space_time, clock_compared"),
            "{error}"
        );
    }
}

/// What the report of no trial says: nothing that a figure could show.
fn empty_report() -> Report {
    Report {
        format_version: REPORT_VERSION,
        tool: Tool {
            name: "analyze".to_owned(),
            version: "0.1.0".to_owned(),
            commit: None,
        },
        trials: Vec::new(),
        conditions: Vec::new(),
        law: Vec::new(),
        notes: Vec::new(),
        check: Tally::default(),
        violations: Vec::new(),
        verdicts: Vec::new(),
        account: None,
        replay: None,
        comparison: None,
    }
}

#[test]
fn files_are_named_after_figure_and_condition() {
    let dir = tempfile::tempdir().expect("a folder");
    let report = empty_report();
    let one = draw_all(
        &report,
        &[minute(&[1, 3], 2)],
        &dir.path().join("one"),
        false,
    )
    .expect("drawn");
    let names: Vec<&str> = one.iter().map(|figure| figure.name).collect();
    assert_eq!(names, NAMES);
    assert!(dir.path().join("one/queue_distribution.svg").is_file());

    let conditions = [minute(&[1, 3], 2), minute(&[2, 3], 1)];
    let two = draw_all(&report, &conditions, &dir.path().join("two"), false).expect("drawn");
    let files: BTreeSet<_> = two.iter().map(|figure| figure.file.clone()).collect();
    assert_eq!(files.len(), COMPARED_NAMES.len() + 2 * NAMES.len());
    assert!(files.iter().all(|file| file.is_file()));
    assert!(files.contains(&dir.path().join("two/queue-2.svg")));
    assert!(files.contains(&dir.path().join("two/queue_compared.svg")));

    let blocked = dir.path().join("one/queue.svg");
    let error = draw_all(&report, &conditions, &blocked, false).expect_err("a file is in the way");
    assert!(error.to_string().contains("--figures"), "{error}");
}

#[test]
fn clocks_taken_apart_show_own_ticks_and_of_many_machines_who_is_faster() {
    let written = |condition: &ConditionDigest| {
        let drawing = draw("accounting", condition)
            .expect("drawn")
            .expect("trials that count");
        texts(&Document::parse(&drawing.svg).expect("XML"))
    };
    let three = written(&minute(&[1, 3, 6], 5));
    for own in ["own 60", "own 180", "own 360"] {
        assert!(three.iter().any(|text| text == own), "{own}: {three:?}");
    }
    let nine = written(&minute(&[1, 2, 3, 4, 5, 6, 7, 8, 9], 2));
    assert!(
        nine.iter().any(|text| text.starts_with("faster")),
        "{nine:?}"
    );
    assert!(!nine.iter().any(|text| text == "M1 · 2 Hz"), "{nine:?}");
    let mut aborted = minute(&[1, 3], 1);
    aborted.trials[0] = abort(aborted.trials[0].clone(), 9.0);
    assert_eq!(draw("accounting", &aborted).expect("drawn"), None);
}
