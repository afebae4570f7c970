//! The first-order law against measurement over many conditions: a mark for each machine of each.
//!
//! Above what was measured over what the law says, on whose diagonal the two are equal; below the error, which on the
//! diagonal's scale would be hidden. Machines near the critical load, of whose queue the law says nothing, are drawn
//! with what its formula gives, as hollow squares.

use plots::axes::Axis;
use plots::chart::{Chart, Line, Panel, Weight};
use plots::palette::{Look, MUTED, Marker, slot};
use statistics::Estimate;

use crate::report::{GroupReport, Report};
use crate::theory::quantity::{QUANTITIES, Quantity};
use crate::theory::regime::Regime;

/// As many conditions with predictions make the figure.
const CONDITIONS_MIN: usize = 3;
/// The quantities shown, with the headings of their panels.
const SHOWN: [(&str, &str, &str); 2] = [
    (
        "arrival_rate",
        "arrivals (messages per second)",
        "arrivals: measured less law",
    ),
    (
        "queue_last",
        "queue at the end (messages)",
        "queue at the end: measured less law",
    ),
];

/// A machine of a condition.
struct Case {
    regime: Regime,
    law: f64,
    measured: Estimate,
}

/// The figure; none unless at least three conditions have machines with predictions and trials that count.
pub(super) fn chart(report: &Report) -> Option<Chart> {
    let counted = report.conditions.iter().filter(|condition| {
        let known = |group: &GroupReport| group.prediction.regime.is_some();
        condition.trials > 0 && condition.machines.iter().any(known)
    });
    let conditions: Vec<_> = counted.collect();
    if conditions.len() < CONDITIONS_MIN {
        return None;
    }
    let groups: Vec<&GroupReport> = conditions.iter().flat_map(|c| &c.machines).collect();
    let panels = SHOWN.iter().filter_map(|(metric, heading, below)| {
        let quantity = QUANTITIES
            .iter()
            .find(|quantity| quantity.metric == *metric)?;
        let cases: Vec<Case> = groups
            .iter()
            .filter_map(|group| case(quantity, group))
            .collect();
        Some((compared(heading, &cases), errors(below, &cases)))
    });
    let (above, below): (Vec<Panel>, Vec<Panel>) = panels.unzip();
    let machines = groups
        .iter()
        .filter(|group| group.prediction.regime.is_some())
        .count();
    let trials: u64 = conditions.iter().map(|condition| condition.trials).sum();
    Some(Chart {
        title: "Does the first-order law hold?".to_owned(),
        subtitle: format!(
            "{} conditions · {machines} machines · {trials} trials",
            conditions.len()
        ),
        caption: vec![
            "A mark: a machine of one condition, mean over its trials. Above: dashed where law and measurement agree."
                .to_owned(),
            "Below: their difference, 95 % interval. Critical: within 10 % of the rate, no law for the queue.".to_owned(),
        ],
        x: horizontal(None),
        y: Axis::linear(""),
        panels: above.into_iter().chain(below).collect(),
    })
}

/// What the law says, as far as `end`.
fn horizontal(end: Option<f64>) -> Axis {
    Axis {
        end,
        ..Axis::linear("by the first-order law")
    }
}

/// The largest prediction: where both panels of a quantity end.
fn end(cases: &[Case]) -> f64 {
    cases.iter().map(|case| case.law).fold(0.0, f64::max)
}

fn case(quantity: &Quantity, group: &GroupReport) -> Option<Case> {
    let measured = group.estimate(quantity.metric);
    measured.mean?;
    Some(Case {
        regime: group.prediction.regime?,
        law: (quantity.formula)(&group.prediction.first_order?),
        measured,
    })
}

/// Marks that differ in shape, so that grey tells them apart too.
fn look(regime: Regime) -> Look {
    match regime {
        Regime::Stable => slot(0),
        Regime::Critical => Look {
            marker: Some(Marker::Frame),
            ..slot(6)
        },
        Regime::Overloaded => Look {
            marker: Some(Marker::Triangle),
            ..slot(3)
        },
    }
}

/// Measured over predicted, with the line on which they are equal.
fn compared(heading: &str, cases: &[Case]) -> Panel {
    let mut panel = panel(heading, end(cases));
    panel
        .lines
        .push(reference(vec![(0.0, 0.0), (end(cases), end(cases))]));
    panel.lines.extend(marks(cases, |_, mean| mean));
    let occurs = |regime: &Regime| cases.iter().any(|case| case.regime == *regime);
    let regimes = Regime::ALL.into_iter().filter(occurs);
    panel.legend = regimes
        .map(|regime| (regime.to_string(), look(regime)))
        .collect();
    panel
}

/// Measured less predicted, with intervals.
fn errors(heading: &str, cases: &[Case]) -> Panel {
    let mut panel = panel(heading, end(cases));
    panel
        .lines
        .push(reference(vec![(0.0, 0.0), (end(cases), 0.0)]));
    for case in cases {
        if let (Some(low), Some(high)) = (case.measured.low, case.measured.high) {
            panel.lines.push(Line {
                points: vec![(case.law, low - case.law), (case.law, high - case.law)],
                look: look(case.regime),
                weight: Weight::Faint(0.5),
            });
        }
    }
    panel.lines.extend(marks(cases, |law, mean| mean - law));
    panel
}

fn panel(heading: &str, end: f64) -> Panel {
    Panel {
        heading: Some(heading.to_owned()),
        x: Some(horizontal(Some(end))),
        y: Some(Axis::linear("")),
        ..Panel::default()
    }
}

fn reference(points: Vec<(f64, f64)>) -> Line {
    Line {
        points,
        look: Look {
            color: MUTED,
            marker: None,
        },
        weight: Weight::Reference,
    }
}

/// The marks of each regime, at heights that follow from law and measured mean.
fn marks(cases: &[Case], height: fn(f64, f64) -> f64) -> Vec<Line> {
    let of = |regime: Regime| {
        let own = cases.iter().filter(|case| case.regime == regime);
        let points = own.filter_map(|case| Some((case.law, height(case.law, case.measured.mean?))));
        Line {
            points: points.collect(),
            look: look(regime),
            weight: Weight::Points,
        }
    };
    Regime::ALL.into_iter().map(of).collect()
}
