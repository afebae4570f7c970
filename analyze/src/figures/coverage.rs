//! How often intervals hold the truth: a panel for each condition, a row for each metric of its slowest machine, a mark
//! for each kind of interval.

use plots::axes::{Axis, Scale};
use plots::canvas::{Align, Canvas, Pen, Type, WIDTH};
use plots::frame::{BOTTOM, MARGIN, SMALL, TOP, picture, small};
use plots::labels::{cut, width};
use plots::palette::{ALERT, AXIS, GRID, INK, Look, MUTED, slot};

use crate::coverage::study::{Fared, Study};
use crate::coverage::{ConditionCoverage, Coverage};

use super::captions;
use super::drawing::Drawing;

const TITLE: &str = "How often does an interval “at 95 %” hold the truth?";
/// As many conditions stand side by side.
const PANELS_MAX: usize = 4;
/// Space between panels, in pixels.
const GAP: i32 = 34;
/// Height of the legend above the panels, in pixels.
const LEGEND: i32 = 30;
/// Height of a panel's heading of two lines, in pixels.
const HEADING: i32 = 58;

/// A kind of interval: its name and its look.
struct Kind {
    name: &'static str,
    look: Look,
    of: fn(&Study) -> Option<Fared>,
}

fn kinds() -> [Kind; 4] {
    [
        Kind {
            name: "across trials: Student’s t",
            look: slot(0),
            of: |study| Some(study.t),
        },
        Kind {
            name: "across trials: Hall’s",
            look: slot(2),
            of: |study| study.hall,
        },
        Kind {
            name: "all rows pooled",
            look: slot(1),
            of: |study| study.rows_pooled,
        },
        Kind {
            name: "rows of one trial",
            look: slot(3),
            of: |study| study.rows_of_one_trial,
        },
    ]
}

/// A panel's rows: the metrics of one machine.
struct Panel<'a> {
    condition: &'a ConditionCoverage,
    machine: String,
    /// None where the metric allows no study, as where all trials give one value.
    rows: Vec<(&'static str, Option<&'a Study>)>,
}

impl Panel<'_> {
    fn studies(&self) -> impl Iterator<Item = &Study> {
        self.rows.iter().filter_map(|(_, study)| *study)
    }
}

/// The figure; none if no condition has anything to show.
pub(super) fn drawing(coverage: &Coverage) -> Option<Drawing> {
    let mut panels: Vec<Panel> = coverage
        .conditions
        .iter()
        .filter_map(|condition| panel(condition, &coverage.metrics))
        .take(PANELS_MAX)
        .collect();
    // From easy to hard; conditions without a regime last.
    panels.sort_by_key(|panel| (panel.condition.regime.is_none(), panel.condition.regime));
    if panels.is_empty() {
        return None;
    }
    let labels: Vec<String> = panels
        .iter()
        .map(|panel| captions::brief(&panel.condition.label))
        .collect();
    let replications = panels.iter().map(|panel| panel.condition.replications);
    let subtitle = format!(
        "{} · at least {} replications of {} trials each",
        captions::shared(&labels).join(" · "),
        text::number::grouped(replications.min().unwrap_or(0) as f64, 0),
        coverage.trials_per_replication,
    );
    let caption = "Each mark: the share of replications whose interval holds the mean over all trials, with the exact \
                   interval of that share.\nIntervals that keep their word lie on the line at 95 %; shaded: 93 to 97 %."
        .to_owned();
    let svg = picture(TITLE, &subtitle, &caption, |canvas| {
        legend(canvas, &panels);
        draw(canvas, &panels, &labels);
    });
    Some(Drawing {
        svg,
        title: TITLE.to_owned(),
        caption: caption.replace('\n', " "),
    })
}

/// The slowest machine of a condition, or what it has in its place.
fn panel<'a>(condition: &'a ConditionCoverage, metrics: &[&'static str]) -> Option<Panel<'a>> {
    let slowest = condition.machines.iter().min_by(|a, b| {
        let rate = |studies: &std::collections::BTreeMap<&'static str, Study>| {
            let rates = studies.values().filter_map(|study| study.rate);
            rates.reduce(f64::min).unwrap_or(f64::INFINITY)
        };
        rate(a.1).total_cmp(&rate(b.1))
    });
    let named = condition.machines.get_key_value("slowest");
    let (machine, studies) = named.or(slowest)?;
    let rows = metrics.iter();
    let panel = Panel {
        condition,
        machine: machine.clone(),
        rows: rows.map(|&name| (name, studies.get(name))).collect(),
    };
    let has_any = panel.studies().next().is_some();
    has_any.then_some(panel)
}

fn legend(canvas: &mut Canvas, panels: &[Panel]) {
    let mut x = MARGIN;
    for kind in kinds() {
        let shown = |panel: &Panel| panel.studies().any(|study| (kind.of)(study).is_some());
        if !panels.iter().any(shown) {
            continue;
        }
        let y = TOP + 8;
        if let Some(marker) = kind.look.marker {
            canvas.marker(marker, (x + 10, y), 8, kind.look.color);
        }
        canvas.text(kind.name, (x + 28, y), small(Align::Left, INK));
        x += 28 + width(kind.name, SMALL) + 40;
    }
}

fn draw(canvas: &mut Canvas, panels: &[Panel], labels: &[String]) {
    let names = panels.iter().flat_map(|panel| &panel.rows);
    let names = names.map(|(name, _)| width(name, SMALL)).max().unwrap_or(0) + 16;
    let left = MARGIN + names;
    let count = panels.len() as i32;
    let room = (WIDTH - MARGIN - left - (count - 1) * GAP) / count;
    for (index, (panel, differs)) in panels.iter().zip(own(labels)).enumerate() {
        let from = left + index as i32 * (room + GAP);
        let regime = panel.condition.regime;
        let heading = [
            regime.map_or("no one regime".to_owned(), |regime| regime.to_string()),
            format!("{differs}{}", panel.machine),
        ];
        one(canvas, panel, (from, from + room), &heading, index == 0);
    }
    let middle = (left + WIDTH - MARGIN) / 2;
    let axis = "share of intervals that hold the truth (%)";
    canvas.text(axis, (middle, BOTTOM - 8), small(Align::Centre, MUTED));
}

/// Of each label what not all of them say.
fn own(labels: &[String]) -> Vec<String> {
    let shared = captions::shared(labels);
    let own = labels.iter().map(|label| {
        let parts = label.split(" · ");
        let parts = parts.filter(|part| labels.len() > 1 && !shared.contains(part));
        parts.map(|part| format!("{part} · ")).collect()
    });
    own.collect()
}

/// One panel between two edges; the first one names the rows of all.
fn one(canvas: &mut Canvas, panel: &Panel, edges: (i32, i32), heading: &[String; 2], first: bool) {
    let (left, right) = edges;
    let top = TOP + LEGEND + HEADING;
    let bottom = BOTTOM - 60;
    let axis = Axis {
        end: Some(100.0),
        ..Axis::linear("")
    };
    let scale = axis.scale(0.0, 100.0, 4);
    let bold = Type {
        bold: true,
        ..small(Align::Left, INK)
    };
    // Bold is about a tenth wider than what `cut` measures.
    let [regime, below] = heading;
    let regime = cut(regime, SMALL, (right - left) * 9 / 10);
    canvas.text(&regime, (left, top - 44), bold);
    let below = cut(below, SMALL, right - left);
    canvas.text(&below, (left, top - 18), small(Align::Left, MUTED));
    let at = |percent: f64| left + (scale.share(percent) * f64::from(right - left)).round() as i32;
    let band = Pen::new(AXIS, 0).faded(0.25);
    canvas.rectangle((at(93.0), top), (at(97.0), bottom), band);
    grid(canvas, &scale, at, (top, bottom));
    canvas.dashes((at(95.0), top), (at(95.0), bottom), Pen::new(ALERT, 2));
    let step = (bottom - top) / panel.rows.len() as i32;
    for (row, (name, study)) in panel.rows.iter().enumerate() {
        let middle = top + step * row as i32 + step / 2;
        if row > 0 {
            canvas.line(
                &[(left, middle - step / 2), (right, middle - step / 2)],
                Pen::new(GRID, 1),
            );
        }
        if first {
            canvas.text(name, (left - 12, middle), small(Align::Right, INK));
        }
        if let Some(study) = study {
            marks(canvas, study, at, middle, step);
        }
    }
}

fn grid(canvas: &mut Canvas, scale: &Scale, at: impl Fn(f64) -> i32, (top, bottom): (i32, i32)) {
    for (value, text) in &scale.ticks {
        let x = at(*value);
        canvas.line(&[(x, top), (x, bottom)], Pen::new(GRID, 1));
        canvas.text(text, (x, bottom + 20), small(Align::Centre, MUTED));
    }
    canvas.line(&[(at(0.0), bottom), (at(100.0), bottom)], Pen::new(AXIS, 2));
}

/// The marks of a row, one below the other so that none hides another.
fn marks(canvas: &mut Canvas, study: &Study, at: impl Fn(f64) -> i32, middle: i32, step: i32) {
    let kinds = kinds();
    let known: Vec<&Kind> = kinds
        .iter()
        .filter(|kind| (kind.of)(study).is_some())
        .collect();
    let apart = (step / (known.len() as i32 + 1)).min(16);
    for (index, kind) in known.iter().enumerate() {
        let offset = (2 * index as i32 - (known.len() as i32 - 1)) * apart / 2;
        let y = middle + offset;
        let Some(fared) = (kind.of)(study) else {
            continue;
        };
        let ends = [fared.low, fared.high].map(|end| (at(end * 100.0), y));
        canvas.line(&ends, Pen::new(kind.look.color, 3));
        if let Some(marker) = kind.look.marker {
            canvas.marker(marker, (at(fared.share * 100.0), y), 7, kind.look.color);
        }
    }
}
