//! How late ticks come after they are due: over time, and how often how late.
//!
//! Lateness says something of the computer, not of the experiment, so machines are pooled by id even where each trial
//! drew rates of its own.

use std::collections::BTreeMap;

use event_log::MachineId;
use plots::axes::{Axis, Kind};
use plots::canvas::{Align, HEIGHT, Type, WIDTH};
use plots::chart::{Chart, Label, Line, Panel, Weight};
use plots::frame::picture;
use plots::palette::{INK, Look, looks, slot};
use text::number::grouped;

use crate::plot_data::{ConditionDigest, MachineDigest, TrialDigest};

use super::captions;
use super::drawing::Drawing;
use super::groups::{name, rates, same_rates};

const TITLE: &str = "Do ticks come when they are due?";
/// Places in time at which lateness is averaged.
const BINS: usize = 60;
/// What an axis in decades can begin with: a microsecond, in milliseconds.
const LEAST_MS: f64 = 0.001;

/// The figure; none where no log says when its ticks were due.
pub(super) fn drawing(condition: &ConditionDigest) -> Option<Drawing> {
    let trials: Vec<&TrialDigest> = condition
        .trials
        .iter()
        .filter(|trial| {
            trial
                .machines
                .iter()
                .any(|m| !m.lateness_quantiles_ms.is_empty())
        })
        .collect();
    let first = trials.first()?;
    let mut late_ms = trials
        .iter()
        .flat_map(|trial| &trial.machines)
        .flat_map(|machine| &machine.lateness_quantiles_ms);
    let subtitle = captions::subtitle(condition);
    if late_ms.all(|late| *late == 0.0) {
        return Some(on_time(subtitle, trials.len()));
    }
    let machines = pooled(&trials);
    let looks = if same_rates(&trials) {
        looks(&rates(first))
    } else {
        (0..machines.len()).map(slot).collect()
    };
    let mut over_time = Panel {
        heading: Some("mean over time".to_owned()),
        x: Some(Axis {
            end: condition.setting.duration_s(),
            ..Axis::time()
        }),
        ..Panel::default()
    };
    let mut share = Panel {
        heading: Some("from the most punctual tick to the latest".to_owned()),
        x: Some(Axis {
            suffix: " %",
            end: Some(100.0),
            ..Axis::linear("share of ticks at most this late (%)")
        }),
        ..Panel::default()
    };
    for ((index, group), look) in machines.values().enumerate().zip(looks) {
        let label = match (same_rates(&trials), group.first()) {
            (true, Some(machine)) => name(machine),
            _ => format!("M{index}"),
        };
        add(&mut over_time, &mut share, group, look, label);
    }
    let chart = Chart {
        title: TITLE.to_owned(),
        subtitle,
        caption: caption(&trials),
        x: Axis::time(),
        y: Axis {
            kind: Kind::Log,
            floor: LEAST_MS,
            suffix: " ms",
            ..Axis::linear("lateness of a tick (ms, logarithmic)")
        },
        panels: vec![over_time, share],
    };
    Some(Drawing::of(&chart))
}

/// What there is to say where nothing was ever late.
fn on_time(subtitle: String, trials: usize) -> Drawing {
    let caption =
        "Nothing to draw: lateness is the time of a tick less the time it was due.".to_owned();
    let trials = match trials {
        1 => "the trial".to_owned(),
        many => format!("all {} trials", grouped(many as f64, 0)),
    };
    let lines = [
        format!("Every tick of {trials} came at the very nanosecond it was due."),
        "Virtual time has no lateness; trials on sockets do.".to_owned(),
    ];
    let svg = picture(TITLE, &subtitle, &caption, |canvas| {
        let how = Type {
            size: 30,
            bold: false,
            color: INK,
            align: Align::Centre,
        };
        for (index, line) in lines.iter().enumerate() {
            let at = (WIDTH / 2, HEIGHT / 2 - 20 + index as i32 * 48);
            canvas.text(line, at, how);
        }
    });
    Drawing {
        svg,
        title: TITLE.to_owned(),
        caption: format!("{} {caption}", lines.join(" ")),
    }
}

/// The machines of all trials by id.
fn pooled<'a>(trials: &[&'a TrialDigest]) -> BTreeMap<MachineId, Vec<&'a MachineDigest>> {
    let mut machines: BTreeMap<MachineId, Vec<&MachineDigest>> = BTreeMap::new();
    for machine in trials.iter().flat_map(|trial| &trial.machines) {
        machines.entry(machine.machine).or_default().push(machine);
    }
    machines
}

fn add(
    over_time: &mut Panel,
    share: &mut Panel,
    group: &[&MachineDigest],
    look: Look,
    label: String,
) {
    let weight = Weight::Main;
    let points = means_over_time(group);
    over_time.lines.push(Line {
        points,
        look,
        weight,
    });
    let points = mean_quantiles(group);
    let last = points.last().copied();
    share.lines.push(Line {
        points,
        look,
        weight,
    });
    if look.marker.is_some() {
        share.labels.push(Label {
            text: label,
            look,
            at: last.unwrap_or((100.0, 0.0)),
            beside: false,
        });
    }
}

/// Mean lateness of the group in equal stretches of time; stretches without ticks are left out.
fn means_over_time(group: &[&MachineDigest]) -> Vec<(f64, f64)> {
    let points = || group.iter().flat_map(|machine| &machine.lateness_ms);
    let end = points().map(|(time, _)| *time).fold(0.0, f64::max);
    let mut bins = vec![(0.0, 0.0); BINS];
    for &(time, late) in points().filter(|(t, late)| t.is_finite() && late.is_finite()) {
        let bin = (time / end * BINS as f64).clamp(0.0, BINS as f64 - 1.0) as usize;
        bins[bin].0 += late;
        bins[bin].1 += 1.0;
    }
    let middle = |bin: usize| (bin as f64 + 0.5) * end / BINS as f64;
    let bins = bins.into_iter().enumerate();
    bins.filter(|(_, (_, count))| *count > 0.0)
        .map(|(bin, (sum, count))| (middle(bin), f64::max(sum / count, LEAST_MS)))
        .collect()
}

/// Quantiles of the group's lateness: percent of ticks, and the mean over trials of the quantile in milliseconds.
fn mean_quantiles(group: &[&MachineDigest]) -> Vec<(f64, f64)> {
    let known: Vec<&Vec<f64>> = group
        .iter()
        .map(|machine| &machine.lateness_quantiles_ms)
        .filter(|quantiles| !quantiles.is_empty())
        .collect();
    let steps = known
        .iter()
        .map(|quantiles| quantiles.len())
        .min()
        .unwrap_or(0);
    (0..steps)
        .map(|step| {
            let sum: f64 = known.iter().map(|quantiles| quantiles[step]).sum();
            let percent = 100.0 * step as f64 / (steps - 1).max(1) as f64;
            (percent, f64::max(sum / known.len() as f64, LEAST_MS))
        })
        .collect()
}

fn caption(trials: &[&TrialDigest]) -> Vec<String> {
    let of = match trials.len() {
        1 => String::new(),
        many => format!(" (means of {many} trials)"),
    };
    vec![
        format!("Left: lateness that does not climb does not accumulate{of}."),
        format!("Right: one tick in a hundred is later than the height at 99 %{of}."),
    ]
}
