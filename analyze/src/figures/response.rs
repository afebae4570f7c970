//! Response curves: what a parameter, swept over several conditions, does to clocks, queues, jumps and lag, or to
//! messages and connections.
//!
//! Every point is the mean over the trials of one condition. What has a line is said in [`faces`]. A sweep that is made
//! twice, under two queue rules or two designs, has a curve of the slowest machine for each.

mod faces;

use plots::axes::{Axis, Kind};
use plots::chart::{Band, Chart, Label, Line, Panel, Weight};
use plots::palette::Look;

use crate::report::{ConditionReport, Report};

use super::captions;
use super::sweep::{Parameter, Sweep, families};
use faces::{Curve, Face, Point, faces, faces_of_families};

/// The figure; none unless the conditions differ in one number, and at least three of them have trials that count.
pub(super) fn chart(report: &Report) -> Option<Chart> {
    let counted = report.conditions.iter();
    let counted: Vec<&ConditionReport> = counted.filter(|c| c.trials > 0).collect();
    if let Some(sweep) = Sweep::of(&counted) {
        let faces = faces(&sweep);
        let caption = caption(&sweep, &faces);
        return Some(picture(&sweep, &counted, &faces, caption));
    }
    let families = families(&counted)?;
    let (_, sweep) = families.first()?;
    let faces = faces_of_families(&families);
    let mut caption = caption(sweep, &faces);
    caption.push("All of the slowest machine of each trial.".to_owned());
    let chart = picture(sweep, &counted, &faces, caption);
    let question = chart.title.trim_end_matches('?');
    Some(Chart {
        title: format!("{question} for the slowest machine?"),
        ..chart
    })
}

fn picture(
    sweep: &Sweep<'_>,
    counted: &[&ConditionReport],
    faces: &[Face],
    caption: Vec<String>,
) -> Chart {
    Chart {
        title: title(sweep.parameter),
        subtitle: subtitle(sweep, counted),
        caption,
        x: horizontal(sweep),
        y: Axis::linear(""),
        panels: faces.iter().map(panel).collect(),
    }
}

fn title(parameter: Parameter) -> String {
    let what = match parameter {
        Parameter::Internal => "do more internal events change?",
        Parameter::Rate => "does the common rate change?",
        Parameter::Gap => "does a wider gap between the rates change?",
        Parameter::OneRate(machine) => {
            return format!("What does the rate of machine M{machine} change?");
        }
        Parameter::Range => "does a wider range of rates change?",
        Parameter::Machines => "do more machines change?",
        Parameter::Duration => "does a longer trial change?",
        Parameter::Latency => "does a longer delay of messages change?",
        Parameter::Speed => return "Does compressed time change anything?".to_owned(),
    };
    format!("What {what}")
}

/// The parameter's axis, exactly as far as it was swept.
fn horizontal(sweep: &Sweep<'_>) -> Axis {
    let axis = match sweep.parameter {
        Parameter::Internal => {
            Axis::linear("probability of an internal event when no message waits")
        }
        Parameter::Rate => Axis::linear("rate of every machine (ticks per second)"),
        Parameter::Gap => Axis::linear("gap: fastest less slowest rate (ticks per second)"),
        Parameter::OneRate(machine) => {
            Axis::linear(format!("rate of M{machine} (ticks per second)"))
        }
        Parameter::Range => Axis::linear(
            "width of the range from which rates are drawn: highest less lowest (ticks per second)",
        ),
        Parameter::Machines if sweep.spans_decades() => Axis {
            kind: Kind::Log,
            marks: sweep.places.iter().map(|(x, _)| *x).collect(),
            ..Axis::linear("number of machines (logarithmic)")
        },
        Parameter::Machines => Axis::counts("number of machines"),
        Parameter::Duration => Axis::linear("length of a trial (s)"),
        Parameter::Latency => Axis::linear("one-way delay of a message (ms)"),
        Parameter::Speed => Axis::linear("speed (nominal seconds in a second of system time)"),
    };
    Axis {
        round: false,
        // A rate that is swept through a critical value starts far from 0, and no range is without a width.
        zero: !matches!(sweep.parameter, Parameter::OneRate(_) | Parameter::Range),
        ..axis
    }
}

fn subtitle(sweep: &Sweep<'_>, conditions: &[&ConditionReport]) -> String {
    let brief = |condition: &ConditionReport| captions::brief(&condition.label);
    let labels: Vec<String> = conditions.iter().map(|c| brief(c)).collect();
    let mut parts: Vec<String> = captions::shared(&labels)
        .into_iter()
        .map(str::to_owned)
        .collect();
    // Where the parameter is but a way to order rates, the rates themselves are said.
    let ends = [sweep.places.first(), sweep.places.last()];
    let ends = ends.map(|place| place.map(|(_, condition)| brief(condition)));
    let rates = ends.each_ref().map(|label| {
        let mut parts = label.as_deref().unwrap_or_default().split(" · ");
        parts.find(|part| part.starts_with("rates "))
    });
    if let [Some(first), Some(last)] = rates
        && first != last
        && !matches!(sweep.parameter, Parameter::Rate)
    {
        let [first, last] = [first, last].map(|rates| rates.trim_start_matches("rates "));
        parts.insert(1.min(parts.len()), format!("rates from {first} to {last}"));
    }
    parts.push(captions::trials_each(conditions));
    parts.join(" · ")
}

fn caption(sweep: &Sweep<'_>, faces: &[Face]) -> Vec<String> {
    let repeated = sweep.places.iter().any(|(_, c)| c.trials > 1);
    let mut measured = match repeated {
        true => "Marks: mean over the trials of a condition, 95 % interval shaded.".to_owned(),
        false => "Marks: the trial of each condition.".to_owned(),
    };
    let curves = || faces.iter().flat_map(|face| &face.curves);
    if curves().any(|curve| curve.look.marker.is_none()) {
        measured += " Grey: all other machines.";
    }
    if curves().any(|curve| curve.name == "slowest") {
        measured += " Slowest, fastest: of each trial.";
    }
    let mut lines = vec![measured];
    let is_expected = |curve: &Curve| curve.points.iter().any(|p| p.expected.is_some());
    if curves().any(is_expected) {
        let dashed = match sweep.parameter {
            Parameter::Machines => "Dashed: what would be sent if no tick were spent on reading.",
            _ => {
                "Dashed: the first-order law, hidden where it agrees; none where arrivals come within 10 % of a machine's rate."
            }
        };
        lines.push(dashed.to_owned());
    }
    if faces.iter().any(|face| face.decades)
        && let Some(line) = lines.last_mut()
    {
        *line += " Upper panels: logarithmic.";
    }
    lines
}

fn panel(face: &Face) -> Panel {
    let mut panel = Panel {
        heading: Some(face.heading.to_owned()),
        y: Some(match face.decades {
            true => Axis {
                kind: Kind::Log,
                floor: 0.01,
                ..Axis::linear("")
            },
            false => Axis::linear(""),
        }),
        ..Panel::default()
    };
    for curve in &face.curves {
        draw(&mut panel, curve, face.signed);
    }
    panel
}

fn draw(panel: &mut Panel, curve: &Curve, signed: bool) {
    let (look, points) = (curve.look, &curve.points);
    let means: Vec<(f64, f64)> = points
        .iter()
        .filter_map(|point| Some((point.x, point.measured.mean?)))
        .collect();
    if look.marker.is_some() {
        if points.iter().any(|point| point.measured.low.is_some()) {
            panel.bands.push(band(points, look, signed));
        }
        // What is expected is silent in places: each stretch on which it speaks is a line.
        for stretch in points.split(|point| point.expected.is_none()) {
            let points = stretch
                .iter()
                .filter_map(|point| Some((point.x, point.expected?)));
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
                true => format!("{}: not known", curve.name),
                false => curve.name.clone(),
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

/// The intervals of the means. Where a quantity cannot be below 0, its mean cannot either.
fn band(points: &[Point], look: Look, signed: bool) -> Band {
    let least = if signed { f64::NEG_INFINITY } else { 0.0 };
    let edges = points.iter().filter_map(|point| {
        let mean = point.measured.mean?;
        let low = point.measured.low.unwrap_or(mean).max(least);
        Some((point.x, low, point.measured.high.unwrap_or(mean)))
    });
    Band {
        edges: edges.collect(),
        color: look.color,
    }
}
