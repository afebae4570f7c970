//! Power over the number of trials: a panel for each condition, a curve for each change.
//!
//! The curves are computed from the pilot's mean and spread, so they carry no markers but one, where the assignment's
//! number of trials stands; what the pilot leaves open about the spread is shaded.

use plots::axes::{Axis, Kind};
use plots::chart::{Band, Chart, Label, Line, Panel, Weight};
use plots::palette::{Look, MUTED, slot};
use statistics::power::power;
use text::number::grouped;

use crate::plan::power_study::{ChangePower, ConditionPower, PowerStudy};
use crate::table::power::change_in_words;

use super::captions;

/// As many conditions have a panel.
const PANELS_MAX: usize = 6;
/// The power that most plans want.
const WANTED: f64 = 0.8;
/// Where the axis of trials may end, and its ticks as far as that.
const ENDS: [(u64, &[f64]); 3] = [
    (200, &[2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0]),
    (1_000, &[2.0, 5.0, 10.0, 50.0, 200.0, 1_000.0]),
    (10_000, &[2.0, 5.0, 20.0, 100.0, 1_000.0, 10_000.0]),
];
/// Up to this number of trials each is a point of the curves; beyond it points lie this factor apart.
const DENSE: u64 = 20;
const FACTOR: f64 = 1.12;

/// The figure; none if no condition can be planned for.
pub(super) fn chart(study: &PowerStudy) -> Option<Chart> {
    let known = study.conditions.iter();
    let known: Vec<&ConditionPower> = known.filter(|c| !c.changes.is_empty()).collect();
    let shown = &known[..known.len().min(PANELS_MAX)];
    if shown.is_empty() {
        return None;
    }
    let (end, ticks) = reach(shown);
    let counts = counts(end);
    let labels: Vec<String> = shown.iter().map(|c| captions::brief(&c.label)).collect();
    let shared = captions::shared(&labels);
    let panels = shown
        .iter()
        .zip(&labels)
        .map(|(condition, label)| panel(study, condition, &own(label, &shared, shown), &counts));
    let left_out = match known.len() - shown.len() {
        0 => String::new(),
        _ => format!(" The first {} of {} conditions.", shown.len(), known.len()),
    };
    Some(Chart {
        title: "How many trials does it take to see a change?".to_owned(),
        subtitle: subtitle(study, &shared, shown),
        caption: vec![
            "Lines: how often a t test sees a change of this size, from the pilot’s mean and spread; shaded: its spread is \
             not known exactly."
                .to_owned(),
            format!(
                "Dashed: {WANTED}, as most plans want, and {} trials, as the assignment asks for.{left_out}",
                study.trials
            ),
        ],
        x: Axis {
            kind: Kind::Log,
            round: false,
            marks: ticks.to_vec(),
            ..Axis::linear("trials of each condition")
        },
        y: Axis {
            end: Some(1.0),
            ..Axis::linear("power: how often the change is seen")
        },
        panels: panels.collect(),
    })
}

/// The nearest end at which most of the changes in the middle can be seen.
fn reach(shown: &[&ConditionPower]) -> (u64, &'static [f64]) {
    let needed = shown.iter().map(|condition| {
        let needed = middle(condition).and_then(trials_wanted);
        needed.unwrap_or(u64::MAX)
    });
    let most = needed.max().unwrap_or(0);
    let [.., last] = ENDS;
    ENDS.into_iter()
        .find(|(end, _)| most <= *end)
        .unwrap_or(last)
}

/// The changes from small to large.
fn by_size(condition: &ConditionPower) -> Vec<&ChangePower> {
    let mut changes: Vec<&ChangePower> = condition.changes.iter().collect();
    changes.sort_by(|a, b| a.effect.abs().total_cmp(&b.effect.abs()));
    changes
}

/// The change in the middle of those asked for.
fn middle(condition: &ConditionPower) -> Option<&ChangePower> {
    let changes = by_size(condition);
    let last = changes.len().checked_sub(1)?;
    Some(changes[last / 2])
}

fn trials_wanted(change: &ChangePower) -> Option<u64> {
    let wanted = change.needed.iter().find(|needed| needed.power == WANTED);
    wanted.and_then(|needed| needed.trials)
}

/// Numbers of trials from 2 to `end`.
fn counts(end: u64) -> Vec<u64> {
    let mut counts: Vec<u64> = (2..=DENSE.min(end)).collect();
    while let Some(&last) = counts.last()
        && last < end
    {
        let next = (last as f64 * FACTOR).round() as u64;
        counts.push(next.clamp(last + 1, end));
    }
    counts
}

fn subtitle(study: &PowerStudy, shared: &[&str], shown: &[&ConditionPower]) -> String {
    let metric = match study.machine.as_str() {
        "trial" => study.metric.clone(),
        // Such a metric has the rank in its name.
        rank if study.metric.starts_with(&format!("{rank}_")) => study.metric.clone(),
        id if id.starts_with('M') => format!("{} of {id}", study.metric),
        rank => format!("{} of the {rank} machine", study.metric),
    };
    let pilots = shown.iter().map(|condition| condition.pilot.trials);
    let (least, most) = (pilots.clone().min(), pilots.max());
    let pilot = match (least, most) {
        (Some(least), Some(most)) if least != most => format!("pilot of {least}–{most} trials"),
        (_, most) => format!("pilot of {} trials", most.unwrap_or(0)),
    };
    let mut parts = vec![metric, pilot];
    parts.extend(shared.iter().map(|&part| part.to_owned()));
    parts.join(" · ")
}

/// What this condition alone says of itself: its regime where it has one and there are several, and the parts of its
/// label that not all have.
fn own(label: &str, shared: &[&str], shown: &[&ConditionPower]) -> String {
    if shown.len() == 1 {
        return String::new();
    }
    let parts = label.split(" · ").filter(|part| !shared.contains(part));
    parts.collect::<Vec<_>>().join(" · ")
}

fn panel(study: &PowerStudy, condition: &ConditionPower, own: &str, counts: &[u64]) -> Panel {
    let mut panel = Panel {
        heading: Some(heading(study, condition, own)),
        ..Panel::default()
    };
    let ends = [counts.first(), counts.last()].map(|n| n.map_or(2.0, |&n| n as f64));
    let five = study.trials as f64;
    panel
        .lines
        .push(reference(ends.map(|n| (n, WANTED)).to_vec()));
    panel.lines.push(reference(vec![(five, 0.0), (five, 1.0)]));
    for (index, change) in by_size(condition).into_iter().enumerate() {
        draw(&mut panel, study, condition, change, slot(index), counts);
    }
    // Curves of large changes lie above those of small ones, and so do their names where all end at the top.
    panel.labels.reverse();
    panel
}

/// `overloaded · rates 1, 3, 6: 20 % takes 23 trials`
fn heading(study: &PowerStudy, condition: &ConditionPower, own: &str) -> String {
    let regime = condition.regime.map(|regime| regime.to_string());
    let own = Some(own.to_owned()).filter(|own| !own.is_empty());
    let names: Vec<String> = regime.into_iter().chain(own).collect();
    let takes = middle(condition).map(|change| {
        let trials = match trials_wanted(change) {
            Some(trials) => format!("{} trials", grouped(trials as f64, 0)),
            None => "more trials than can be run".to_owned(),
        };
        // Hard blanks: where the heading takes two lines, the answer stands on one of them.
        format!("{} takes {trials}", change_in_words(change, study.unit)).replace(' ', "\u{a0}")
    });
    let parts = Some(names.join(" · ")).filter(|names| !names.is_empty());
    let parts: Vec<String> = parts.into_iter().chain(takes).collect();
    parts.join(": ")
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

/// The curve of one change, its mark at the assignment's number, and its name.
fn draw(
    panel: &mut Panel,
    study: &PowerStudy,
    condition: &ConditionPower,
    change: &ChangePower,
    look: Look,
    counts: &[u64],
) {
    let at = |trials: u64, spread: f64| power(trials, change.effect / spread, study.alpha);
    let spread = condition.pilot.standard_deviation;
    let points = counts
        .iter()
        .filter_map(|&n| Some((n as f64, at(n, spread?)?)));
    let points: Vec<(f64, f64)> = points.collect();
    let edges = counts.iter().filter_map(|&n| {
        let (low, high) = (
            at(n, condition.spread_high?)?,
            at(n, condition.spread_low?)?,
        );
        Some((n as f64, low, high))
    });
    panel.bands.push(Band {
        edges: edges.collect(),
        color: look.color,
    });
    panel.labels.push(Label {
        text: change_in_words(change, study.unit),
        look,
        at: points.last().copied().unwrap_or((2.0, 0.0)),
        beside: false,
    });
    panel.lines.push(Line {
        points,
        look,
        weight: Weight::Computed,
    });
    panel.lines.push(Line {
        points: vec![(study.trials as f64, change.power_at_trials)],
        look,
        weight: Weight::Points,
    });
}
