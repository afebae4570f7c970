//! Response curves: what a parameter, swept over several conditions, does to clocks, queues, jumps and lag.
//!
//! Every point is the mean over the trials of one condition. A line is a machine; where the number of machines is
//! itself swept, machines of different conditions do not correspond, and each trial's machines are averaged first.

use event_log::Condition;

use crate::metrics::catalog;
use crate::report::{ConditionReport, GroupReport, Report};
use crate::statistics::{Estimate, mean};
use crate::theory::Prediction;

use super::axes::{Axis, rate};
use super::captions;
use super::chart::{Band, Chart, Label, Line, Panel, Weight};
use super::palette::{COLOURS, Look, looks, slot};
use super::sweep::{Parameter, Sweep};

/// A measured quantity: a panel.
struct Quantity {
    /// Name in the catalog of metrics.
    metric: &'static str,
    heading: &'static str,
    /// What the first-order law says of it.
    law: fn(&Prediction) -> Option<f64>,
}

const QUANTITIES: [Quantity; 4] = [
    Quantity {
        metric: "clock_final",
        heading: "clock at the end (units)",
        law: |prediction| prediction.predicted_clock_final,
    },
    Quantity {
        metric: "queue_last",
        heading: "queue at the end (messages)",
        law: |prediction| prediction.predicted_queue_last,
    },
    Quantity {
        metric: "jump_max",
        heading: "largest jump (units)",
        law: |_| None,
    },
    Quantity {
        metric: "lag_mean",
        heading: "mean lag behind the furthest clock (units)",
        law: |_| None,
    },
];

/// What a line is of.
struct Subject {
    /// The machine's id; none for all machines of a trial together.
    machine: Option<u32>,
    name: String,
    look: Look,
}

/// One quantity of one subject under one condition.
struct Point {
    x: f64,
    measured: Estimate,
    law: Option<f64>,
}

/// The figure; none unless the conditions differ in one number, and at least three of them have trials that count.
pub(super) fn chart(report: &Report) -> Option<Chart> {
    let counted = report.conditions.iter().enumerate();
    let counted: Vec<(usize, &ConditionReport)> = counted
        .filter(|(_, condition)| condition.trials > 0)
        .collect();
    let conditions: Vec<&Condition> = counted.iter().map(|(_, c)| &c.condition).collect();
    let sweep = Sweep::of(&conditions)?;
    let places: Vec<(f64, usize)> = sweep
        .places
        .iter()
        .map(|&(x, place)| (x, counted[place].0))
        .collect();
    let subjects = subjects(report, sweep.parameter, &places);
    let panels = QUANTITIES.map(|quantity| panel(report, &quantity, &subjects, &places));
    Some(Chart {
        title: title(sweep.parameter).to_owned(),
        subtitle: subtitle(&counted),
        caption: caption(sweep.parameter, &panels, &counted, subjects.len()),
        x: horizontal(sweep.parameter),
        y: Axis::linear(""),
        panels: panels.into(),
    })
}

fn title(parameter: Parameter) -> &'static str {
    match parameter {
        Parameter::Internal => "What do more internal events change?",
        Parameter::Rate => "What does the common rate change?",
        Parameter::Machines => "What do more machines change?",
        Parameter::Duration => "What does a longer trial change?",
        Parameter::Latency => "What does a longer delay of messages change?",
        Parameter::Speed => "Does compressed time change anything?",
    }
}

/// The parameter's axis, exactly as far as it was swept.
fn horizontal(parameter: Parameter) -> Axis {
    let axis = match parameter {
        Parameter::Internal => {
            Axis::linear("probability of an internal event when no message waits")
        }
        Parameter::Rate => Axis::linear("rate of every machine (ticks per second)"),
        Parameter::Machines => Axis::counts("number of machines"),
        Parameter::Duration => Axis::linear("length of a trial (s)"),
        Parameter::Latency => Axis::linear("one-way delay of a message (ms)"),
        Parameter::Speed => Axis::linear("speed (nominal seconds in a second of system time)"),
    };
    Axis {
        round: false,
        ..axis
    }
}

fn subtitle(counted: &[(usize, &ConditionReport)]) -> String {
    let labels: Vec<String> = counted
        .iter()
        .map(|(_, c)| captions::brief(&c.label))
        .collect();
    let least = counted.iter().map(|(_, c)| c.trials).min().unwrap_or(0);
    let most = counted.iter().map(|(_, c)| c.trials).max().unwrap_or(0);
    let trials = match (least, most) {
        (1, 1) => "1 trial each".to_owned(),
        _ if least == most => format!("{most} trials each"),
        _ => format!("{least}–{most} trials each"),
    };
    let shared = captions::shared(&labels).join(" · ");
    format!("{shared} · {} conditions of {trials}", counted.len())
}

fn caption(
    parameter: Parameter,
    panels: &[Panel],
    counted: &[(usize, &ConditionReport)],
    machines: usize,
) -> Vec<String> {
    let repeated = counted.iter().any(|(_, condition)| condition.trials > 1);
    let measured = match (parameter, repeated) {
        (Parameter::Machines, true) => {
            "Marks: mean of a trial's machines, averaged over trials, 95 % interval shaded."
        }
        (Parameter::Machines, false) => "Marks: mean of the trial's machines.",
        (_, true) => "Marks: mean over the trials of a condition, 95 % interval shaded.",
        (_, false) => "Marks: the trial of each condition.",
    };
    let mut lines = vec![measured.to_owned()];
    if machines > COLOURS {
        lines[0] += " Grey: all other machines.";
    }
    let dashed = |panel: &Panel| panel.lines.iter().any(|l| l.weight == Weight::Reference);
    if panels.iter().any(dashed) {
        lines.push(
            "Dashed: the first-order law, hidden where it agrees; none where arrivals come within 10 % of a machine's rate."
                .to_owned(),
        );
    }
    lines
}

/// A line for each machine, or one for all where the number of machines is swept.
fn subjects(report: &Report, parameter: Parameter, places: &[(f64, usize)]) -> Vec<Subject> {
    if parameter == Parameter::Machines {
        return vec![Subject {
            machine: None,
            name: "all machines".to_owned(),
            look: slot(0),
        }];
    }
    let machines = &report.conditions[places[0].1].machines;
    let rates: Vec<f64> = machines.iter().map(|machine| machine.rate).collect();
    let named = |machine: &GroupReport| {
        let id = machine.machine.unwrap_or_default();
        match parameter {
            Parameter::Rate => format!("M{id}"),
            _ => format!("M{id} · {} Hz", rate(machine.rate)),
        }
    };
    machines
        .iter()
        .zip(looks(&rates))
        .map(|(machine, look)| Subject {
            machine: machine.machine,
            name: named(machine),
            look,
        })
        .collect()
}

fn panel(
    report: &Report,
    quantity: &Quantity,
    subjects: &[Subject],
    places: &[(f64, usize)],
) -> Panel {
    let mut panel = Panel {
        heading: Some(quantity.heading.to_owned()),
        y: Some(Axis::linear("")),
        ..Panel::default()
    };
    for subject in subjects {
        let points: Vec<Point> = places
            .iter()
            .map(|&(x, index)| point(report, quantity, subject, x, index))
            .collect();
        draw(&mut panel, subject, &points);
    }
    panel
}

fn point(report: &Report, quantity: &Quantity, subject: &Subject, x: f64, index: usize) -> Point {
    let groups = &report.conditions[index].machines;
    match subject.machine {
        None => Point {
            x,
            measured: averaged(report, quantity.metric, index),
            // Machines of one rate: the law says the same of each.
            law: groups
                .first()
                .and_then(|group| (quantity.law)(&group.prediction)),
        },
        Some(_) => {
            let group = groups.iter().find(|group| group.machine == subject.machine);
            let none = Estimate::new(0, None, None);
            Point {
                x,
                measured: group.map_or(none, |group| group.estimate(quantity.metric)),
                law: group.and_then(|group| (quantity.law)(&group.prediction)),
            }
        }
    }
}

/// A metric of all machines: averaged inside each trial, for the trial is what repeats, then across trials.
fn averaged(report: &Report, metric: &str, condition: usize) -> Estimate {
    let trials = report.trials.iter();
    let trials = trials.filter(|trial| trial.counted && trial.condition == condition);
    let averages = trials.filter_map(|trial| {
        let metric = catalog::metric(metric)?;
        let values = trial.machines.iter().filter_map(metric.value);
        mean(&values.collect::<Vec<f64>>())
    });
    Estimate::of(&averages.collect::<Vec<f64>>())
}

fn draw(panel: &mut Panel, subject: &Subject, points: &[Point]) {
    let look = subject.look;
    let means: Vec<(f64, f64)> = points
        .iter()
        .filter_map(|point| Some((point.x, point.measured.mean?)))
        .collect();
    if look.marker.is_some() {
        if points.iter().any(|point| point.measured.low.is_some()) {
            panel.bands.push(band(points, look));
        }
        // The law is silent in places: each stretch on which it speaks is a line.
        for stretch in points.split(|point| point.law.is_none()) {
            let points = stretch
                .iter()
                .filter_map(|point| Some((point.x, point.law?)));
            panel.lines.push(Line {
                points: points.collect(),
                look,
                weight: Weight::Reference,
            });
        }
        panel.lines.retain(|line| !line.points.is_empty());
        let last = points.last().map_or(0.0, |point| point.x);
        panel.labels.push(Label {
            text: match means.is_empty() {
                true => format!("{}: not known", subject.name),
                false => subject.name.clone(),
            },
            look,
            at: means.last().copied().unwrap_or((last, 0.0)),
            beside: false,
        });
    }
    panel.lines.push(Line {
        points: means,
        look,
        weight: Weight::Measured,
    });
}

/// The intervals of the means. None of the quantities can be below 0, nor can their means.
fn band(points: &[Point], look: Look) -> Band {
    let edges = points.iter().filter_map(|point| {
        let mean = point.measured.mean?;
        let low = point.measured.low.unwrap_or(mean).max(0.0);
        Some((point.x, low, point.measured.high.unwrap_or(mean)))
    });
    Band {
        edges: edges.collect(),
        color: look.color,
    }
}
