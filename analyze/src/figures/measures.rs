//! Cost against size: a panel for each case of a target, a line for ours and one for each peer, both axes in decades.
//!
//! On such axes a program whose cost is in proportion is a straight line, and twice as fast is the same distance
//! everywhere.

use plots::axes::{Axis, Kind};
use plots::chart::{Chart, Label, Line, Panel, Weight};
use plots::palette::{Look, MUTED, slot};

use crate::measures::{Measure, Measures, Subject};

/// As many cases have a panel.
const PANELS_MAX: usize = 6;
/// The name of our line.
const OURS: &str = "driftlab";

/// The figure of these cases of a target; none unless one of them has two sizes.
pub(super) fn chart(measures: &Measures, target: &str, cases: &[&str]) -> Option<Chart> {
    let rows: Vec<&Measure> = measures
        .of(target)
        .filter(|row| row.size.is_some_and(|size| size > 0.0))
        .collect();
    let several_sizes = cases.iter().filter(|case| sizes(&rows, case) > 1);
    let shown: Vec<&str> = several_sizes.take(PANELS_MAX).copied().collect();
    let first = rows.iter().find(|row| shown.contains(&row.case.as_str()))?;
    let mut of_shown = rows.iter().filter(|row| shown.contains(&row.case.as_str()));
    let one_unit = of_shown.all(|row| unit(&rows, &row.case) == first.unit);
    let names = names(&rows, &shown);
    let panels = shown.iter().map(|case| {
        let mut panel = panel(measures, &rows, case, &names);
        let unit = unit(&rows, case);
        panel.heading = match (one_unit, shown.len()) {
            (true, 1) => None,
            (true, _) => Some((*case).to_owned()),
            (false, _) => Some(format!("{case} ({unit})")),
        };
        panel.y = (!one_unit).then(|| decades(unit.to_owned()));
        // Beside each of several panels names would take the room of the lines.
        if shown.len() > 1 {
            panel.labels.clear();
        }
        panel
    });
    let panels: Vec<Panel> = panels.collect();
    let better = if first.is_rate() { "Higher" } else { "Lower" };
    let mut caption = Vec::new();
    if shown.len() > 1 {
        let marks = names.iter().enumerate();
        let marks = marks.map(|(index, name)| format!("{} {name}", slot(index).glyph()));
        caption.push(format!("{}.", marks.collect::<Vec<_>>().join(", ")));
    }
    let wanted = rows.iter().any(|row| wanted(measures, row).is_some());
    let dashed = if wanted {
        " Dashed: what was wanted."
    } else {
        ""
    };
    caption.push(format!(
        "{better} is better. Each mark was measured; axes are in decades.{dashed}"
    ));
    Some(Chart {
        title: match first.is_rate() {
            true => format!("Speed against size: {target}"),
            false => format!("Cost against size: {target}"),
        },
        subtitle: machine(measures),
        caption,
        x: decades("size"),
        y: match one_unit {
            true => decades(first.unit.clone()),
            false => Axis::linear(""),
        },
        panels,
    })
}

fn unit<'a>(rows: &[&'a Measure], case: &str) -> &'a str {
    let row = rows.iter().find(|row| row.case == case);
    row.map_or("", |row| row.unit.as_str())
}

fn decades(label: impl Into<std::borrow::Cow<'static, str>>) -> Axis {
    Axis {
        kind: Kind::Log,
        ..Axis::linear(label)
    }
}

/// At how many sizes a case has a value that decades can show.
fn sizes(rows: &[&Measure], case: &str) -> usize {
    let of = rows.iter().filter(|row| row.case == case);
    let mut sizes: Vec<f64> = of
        .filter(|row| row.ours.or(row.peer).is_some_and(|value| value > 0.0))
        .filter_map(|row| row.size)
        .collect();
    sizes.sort_by(f64::total_cmp);
    sizes.dedup();
    sizes.len()
}

/// Whose lines there are: ours first, then peers in the order in which they stand.
fn names<'a>(rows: &[&'a Measure], shown: &[&str]) -> Vec<&'a str> {
    let mut names = vec![OURS];
    for row in rows.iter().filter(|row| shown.contains(&row.case.as_str())) {
        if row.peer.is_some() && !names.contains(&row.peer_name.as_str()) {
            names.push(&row.peer_name);
        }
    }
    names
}

/// `Some processor · 2 processors · 24 GiB`, as far as it is told.
fn machine(measures: &Measures) -> String {
    let told = |name: &str| measures.machine.get(name).cloned();
    let count = told("processors").map(|count| format!("{count} processors"));
    let parts = [told("processor"), count, told("memory")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The bound on ours, if one was set for this row.
fn wanted(measures: &Measures, row: &Measure) -> Option<f64> {
    let mut goals = measures.goals_of(row);
    goals.find_map(|(goal, _)| (goal.of == Subject::Ours).then_some(goal.goal))
}

fn panel(measures: &Measures, rows: &[&Measure], case: &str, names: &[&str]) -> Panel {
    let mut panel = Panel::default();
    // A case may have been measured in several units; the first is drawn.
    let unit = unit(rows, case);
    let rows: Vec<&Measure> = rows
        .iter()
        .filter(|row| row.case == case && row.unit == unit)
        .copied()
        .collect();
    for (index, name) in names.iter().enumerate() {
        let value = |row: &Measure| match *name {
            OURS => row.ours,
            peer => row.peer.filter(|_| row.peer_name == peer),
        };
        let points = rows.iter().filter_map(|row| Some((row.size?, value(row)?)));
        draw(&mut panel, name, slot(index), points.collect());
    }
    let bounds = rows.iter();
    let mut bounds: Vec<(f64, f64)> = bounds
        .filter_map(|row| Some((row.size?, wanted(measures, row)?)))
        .filter(|bound| bound.1 > 0.0)
        .collect();
    bounds.sort_by(|a, b| a.0.total_cmp(&b.0));
    bounds.dedup();
    if !bounds.is_empty() {
        panel.lines.push(Line {
            points: bounds,
            look: Look {
                color: MUTED,
                marker: None,
            },
            weight: Weight::Reference,
        });
    }
    panel
}

fn draw(panel: &mut Panel, name: &str, look: Look, mut points: Vec<(f64, f64)>) {
    // Decades have no place for 0.
    points.retain(|point| point.1 > 0.0);
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Ours stands once for each peer that it was measured beside.
    points.dedup();
    let Some(&end) = points.last() else {
        return;
    };
    panel.labels.push(Label {
        text: name.to_owned(),
        look,
        at: end,
        beside: false,
    });
    panel.lines.push(Line {
        points,
        look,
        weight: Weight::Measured,
    });
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn measures(values: &[f64]) -> Measures {
        let row = |(index, &ours): (usize, &f64)| Measure {
            target: "t".to_owned(),
            case: "c".to_owned(),
            size: Some(10f64.powi(index as i32)),
            ours: Some(ours),
            peer: None,
            peer_name: String::new(),
            unit: "ms".to_owned(),
            command: String::new(),
        };
        Measures {
            files: Vec::new(),
            machine: BTreeMap::new(),
            rows: values.iter().enumerate().map(row).collect(),
            goals: Vec::new(),
        }
    }

    #[test]
    fn what_is_0_has_no_place_on_axes_in_decades() {
        let chart = chart(&measures(&[0.0, 2.0, 30.0]), "t", &["c"]).expect("two sizes");
        assert_eq!(
            chart.panels[0].lines[0].points,
            [(10.0, 2.0), (100.0, 30.0)]
        );
        assert!(chart.render().ends_with("</svg>\n"));
        assert!(super::chart(&measures(&[0.0, 0.0, 30.0]), "t", &["c"]).is_none());
    }
}
