//! The figure of a swept parameter: when there is one, and what it shows.

use std::collections::BTreeMap;

use analyze::check::Tally;
use analyze::condition::{Setting, label};
use analyze::figures::drawing::Drawing;
use analyze::figures::{LAW, RESPONSE, draw_all, draw_law, draw_response};
use analyze::metrics::catalog::TRIAL_METRICS;
use analyze::report::{ConditionReport, GroupReport, REPORT_VERSION, Report};
use analyze::theory;
use event_log::{Condition, Drain, Odds, RateRule, Tool};
use resvg::usvg::roxmltree::Document;
use statistics::Estimate;

fn condition(rates: &[u32], internal: f64) -> Condition {
    Condition {
        odds: Odds::Internal(internal),
        ..events::fixtures::condition(rates)
    }
}

/// What a report says that its own trials have in common.
fn own(report: &mut ConditionReport) -> &mut Condition {
    match &mut report.setting {
        Setting::Own(condition) => condition,
        Setting::Foreign(foreign) => panic!("not our own: {foreign:?}"),
    }
}

/// What so many trials of a condition might say: every metric ten times the machine's rate, give or take.
fn measured(condition: Condition, trials: u64) -> ConditionReport {
    let RateRule::Fixed(rates) = &condition.rates else {
        panic!("these tests fix the rates");
    };
    let predictions = theory::predict(&condition);
    let machines = rates.iter().enumerate().map(|(index, rate)| GroupReport {
        machine: Some(index as u32),
        name: None,
        rate: Some(rate.hz()),
        prediction: predictions.get(index).copied().unwrap_or_default(),
        clock_from: analyze::clock_sources::Accounts::default(),
        residuals: BTreeMap::new(),
        bands: BTreeMap::new(),
        metrics: ["clock_final", "queue_last", "jump_max", "lag_mean"]
            .map(|metric| {
                (
                    metric,
                    Estimate::new(trials, Some(10.0 * rate.hz()), Some(2.0)),
                )
            })
            .into(),
    });
    ConditionReport {
        label: label(&condition),
        trials,
        left_out: BTreeMap::new(),
        final_spread: Estimate::new(0, None, None),
        trial_metrics: TRIAL_METRICS
            .iter()
            .map(|metric| (metric.name, Estimate::new(trials, Some(7.0), Some(2.0))))
            .collect(),
        simulated: None,
        machines: machines.collect(),
        setting: Setting::Own(condition),
    }
}

fn report(conditions: Vec<ConditionReport>) -> Report {
    Report {
        format_version: REPORT_VERSION,
        tool: Tool {
            name: "analyze".to_owned(),
            version: "0.1.0".to_owned(),
            commit: None,
        },
        trials: Vec::new(),
        conditions,
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

/// Rates 1, 3, 6 under these internal probabilities.
fn swept(internal: &[f64], trials: u64) -> Report {
    let conditions = internal.iter();
    report(
        conditions
            .map(|&internal| measured(condition(&[1, 3, 6], internal), trials))
            .collect(),
    )
}

fn drawing(report: &Report) -> Drawing {
    let drawing = draw_response(report);
    drawing.expect("one number differs")
}

fn texts(drawing: &Drawing) -> Vec<String> {
    let document = Document::parse(&drawing.svg).expect("XML");
    let texts = document
        .descendants()
        .filter(|node| node.has_tag_name("text"));
    texts
        .map(|node| node.text().unwrap_or_default().trim().to_owned())
        .collect()
}

/// How many filled areas there are, the background and markers among them.
fn polygons(drawing: &Drawing) -> usize {
    drawing.svg.matches("<polygon").count()
}

#[test]
fn a_swept_probability_gives_four_panels_with_every_machine() {
    let drawing = drawing(&swept(&[0.1, 0.5, 0.9], 5));
    assert_eq!(drawing.title, "What do more internal events change?");
    assert!(
        drawing.caption.contains("95 % interval"),
        "{}",
        drawing.caption
    );
    assert!(
        drawing.caption.contains("first-order law"),
        "{}",
        drawing.caption
    );
    let texts = texts(&drawing);
    for name in ["M0 · 1 Hz", "M1 · 3 Hz", "M2 · 6 Hz"] {
        let named = texts.iter().filter(|text| *text == name).count();
        assert_eq!(named, 4, "{name} in {texts:?}");
    }
    assert!(
        texts
            .iter()
            .any(|text| text.contains("3 conditions of 5 trials each")),
        "{texts:?}"
    );
    assert!(!drawing.svg.contains("NaN") && !drawing.svg.contains("inf"));
}

#[test]
fn the_order_of_conditions_does_not_matter_and_the_bytes_are_the_same() {
    let ordered = drawing(&swept(&[0.1, 0.5, 0.9], 5));
    assert_eq!(ordered, drawing(&swept(&[0.1, 0.5, 0.9], 5)));
    let shuffled = drawing(&swept(&[0.9, 0.1, 0.5], 5));
    assert_eq!(ordered.svg, shuffled.svg);
}

#[test]
fn equal_rates_are_swept_under_names_without_a_rate() {
    let conditions = [1, 2, 4].map(|hz| measured(condition(&[hz; 2], 0.7), 4));
    let drawing = drawing(&report(conditions.into()));
    assert_eq!(drawing.title, "What does the common rate change?");
    assert!(texts(&drawing).contains(&"M1".to_owned()));
}

#[test]
fn there_is_no_figure_where_not_one_number_differs() {
    let two = swept(&[0.1, 0.5], 5);
    let mut idle = swept(&[0.1, 0.5, 0.9], 5);
    idle.conditions[1].trials = 0;
    let mut mixed = swept(&[0.1, 0.5, 0.9], 5);
    own(&mut mixed.conditions[1]).drain = Drain::All;
    let cases = [
        ("no trial at all", report(Vec::new())),
        ("two conditions", two),
        ("three, one of them without a trial that counts", idle),
        ("another queue rule", mixed),
    ];
    for (case, report) in cases {
        let drawn = draw_response(&report);
        assert_eq!(drawn, None, "{case}");
    }
}

#[test]
fn where_rates_are_drawn_the_slowest_and_the_fastest_of_each_trial_have_a_line() {
    let mut report = swept(&[0.1, 0.5, 0.9], 5);
    for condition in &mut report.conditions {
        own(condition).rates = RateRule::Range(1, 6);
    }
    let internal = drawing(&report);
    for name in ["slowest", "fastest"] {
        let named = texts(&internal).iter().filter(|text| *text == name).count();
        assert_eq!(named, 4, "{name}");
    }
    assert!(
        internal.caption.contains("of each trial"),
        "{}",
        internal.caption
    );
    assert!(!internal.caption.contains("law"), "{}", internal.caption);
    for (condition, (low, high)) in report.conditions.iter_mut().zip([(3, 4), (2, 5), (1, 6)]) {
        own(condition).rates = RateRule::Range(low, high);
        own(condition).odds = Odds::Sides(10);
        condition.label = label(own(condition));
    }
    let range = drawing(&report);
    assert_eq!(range.title, "What does a wider range of rates change?");
    let subtitle = "rates from 3–4 to 1–6";
    assert!(
        texts(&range).iter().any(|text| text.contains(subtitle)),
        "{:?}",
        texts(&range)
    );
}

#[test]
fn a_gap_and_one_machines_rate_are_put_in_order_and_the_rates_said() {
    let of = |rates: [[u32; 3]; 3]| {
        report(
            rates
                .map(|rates| measured(condition(&rates, 0.7), 4))
                .into(),
        )
    };
    let gap = drawing(&of([[1, 6, 6], [6, 6, 6], [4, 6, 6]]));
    assert_eq!(gap.title, "What does a wider gap between the rates change?");
    let texts_of_gap = texts(&gap);
    assert!(
        texts_of_gap
            .iter()
            .any(|text| text.contains("from 6, 6, 6 to 1, 6, 6"))
    );
    // Only machines that keep their rate are named with it.
    assert!(
        texts_of_gap.contains(&"M0".to_owned()) && texts_of_gap.contains(&"M1 · 6 Hz".to_owned())
    );
    let one = drawing(&of([[1, 3, 6], [1, 4, 6], [1, 2, 6]]));
    assert_eq!(one.title, "What does the rate of machine M1 change?");
}

#[test]
fn more_machines_are_shown_by_messages_connections_lag_and_queue() {
    let conditions = [3, 10, 100].map(|machines| {
        let mut measured = measured(condition(&[1, 3, 6], 0.7), 4);
        own(&mut measured).machines = machines;
        own(&mut measured).rates = RateRule::Range(1, 6);
        measured.label = label(own(&mut measured));
        measured
    });
    let many = drawing(&report(conditions.into()));
    let texts = texts(&many);
    for text in [
        "connections",
        "n (n − 1) / 2",
        "mean of all",
        "100",
        "number of machines (logarithmic)",
    ] {
        assert!(texts.contains(&text.to_owned()), "no `{text}` in {texts:?}");
    }
    assert!(
        many.caption.contains("no tick were spent on reading"),
        "{}",
        many.caption
    );
    assert!(!many.svg.contains("NaN") && !many.svg.contains("inf"));
}

#[test]
fn a_sweep_under_two_queue_rules_has_a_curve_for_each() {
    let mut both = swept(&[0.1, 0.5, 0.9], 5);
    let mut all = swept(&[0.1, 0.5, 0.9], 5);
    for condition in &mut all.conditions {
        own(condition).drain = Drain::All;
        condition.label = label(own(condition));
    }
    both.conditions.extend(all.conditions);
    let drawn = drawing(&both);
    for name in ["drain one", "drain all"] {
        let named = texts(&drawn).iter().filter(|text| *text == name).count();
        assert_eq!(named, 4, "{name}");
    }
    assert_eq!(
        drawn.title,
        "What do more internal events change for the slowest machine?"
    );
    // Without one value the two curves are not of the same sweep.
    both.conditions.pop();
    assert_eq!(draw_response(&both), None);
}

#[test]
fn single_trials_have_no_interval_and_the_caption_claims_none() {
    let single = drawing(&swept(&[0.1, 0.5, 0.9], 1));
    assert!(!single.caption.contains("interval"), "{}", single.caption);
    let repeated = drawing(&swept(&[0.1, 0.5, 0.9], 5));
    assert!(polygons(&repeated) > polygons(&single));
}

#[test]
fn what_was_not_measured_is_named_and_what_the_law_does_not_say_is_not_drawn() {
    let mut report = swept(&[0.1, 0.5, 0.9], 5);
    for condition in &mut report.conditions {
        own(condition).drain = Drain::All;
        condition.machines[1].metrics.clear();
        for machine in &mut condition.machines {
            machine.prediction = theory::Prediction::default();
        }
    }
    let drawing = drawing(&report);
    assert!(!drawing.caption.contains("law"), "{}", drawing.caption);
    let unknown = "M1 · 3 Hz: not known".to_owned();
    assert!(texts(&drawing).contains(&unknown), "{:?}", texts(&drawing));
}

#[test]
fn the_figure_is_among_all_that_are_drawn() {
    let dir = tempfile::tempdir().expect("a folder");
    let report = swept(&[0.1, 0.5, 0.9], 5);
    let figures = draw_all(&report, &[], dir.path(), true).expect("drawn");
    let names: Vec<&str> = figures.iter().map(|figure| figure.name).collect();
    assert_eq!(names, [RESPONSE, LAW]);
    let svg = std::fs::read_to_string(dir.path().join("response.svg")).expect("written");
    assert_eq!(svg, drawing(&report).svg);
    assert!(dir.path().join("response.png").is_file());
}

#[test]
fn three_conditions_with_predictions_put_the_law_beside_measurement() {
    let rates = [[1, 3, 6], [2, 4, 4], [1, 2, 5]];
    let conditions = rates.map(|rates| {
        let mut condition = measured(condition(&rates, 0.7), 9);
        for machine in &mut condition.machines {
            let arrivals = Estimate::new(9, Some(1.3), Some(0.2));
            machine.metrics.insert("arrival_rate", arrivals);
        }
        condition
    });
    let report = report(conditions.into());
    let drawing = draw_law(&report).expect("three conditions");
    let texts = texts(&drawing);
    assert!(
        texts
            .iter()
            .any(|text| text == "3 conditions · 9 machines · 27 trials"),
        "{texts:?}"
    );
    // Rates 1, 3, 6 have a machine that is overloaded and two that are not; none of these nine is critical.
    for (regime, panels) in [("overloaded", 2), ("stable", 2), ("critical", 0)] {
        let named = texts.iter().filter(|text| *text == regime).count();
        assert_eq!(named, panels, "{regime} in {texts:?}");
    }
    assert!(!texts.iter().any(|text| text.ends_with('…')), "{texts:?}");
    assert_eq!(Some(drawing), draw_law(&report), "other bytes");
    assert_eq!(draw_law(&swept(&[0.1, 0.5], 5)), None);
}
