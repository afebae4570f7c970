//! What clock, drift, jumps and queue figures have in common: a curve for each machine of each trial.
//!
//! Trials that share their rates lie on one another, faint, with their mean on top. Where each trial drew rates of its
//! own a mean over machine 1 would mix fast and slow machines, so each trial gets a panel. Conditions are compared in
//! panels: means of machines, or of the slowest, median and fastest machine of each trial where rates differ.

use plots::axes::Axis;
use plots::chart::{Band, Chart, Label, Line, Panel, Weight};
use plots::palette::{Look, looks};
use plots::series::{Curve, Join, Mean, evenly, grid, mean};

use crate::plot_data::{ConditionDigest, MachineBand, MachineDigest, TrialDigest};
use crate::theory;

use super::captions::{self, COMPARED, FAINT};
use super::groups::{Group, machines_of, name, ranks_of, rates, same_rates, with_rows};

/// Points in all faint lines of a panel, about.
const FAINT_POINTS: usize = 9_000;

/// (x, low, high), in order of x.
pub(super) type Edges = [(f64, f64, f64)];

/// A figure that draws a curve for each machine.
pub(super) struct CurveFigure {
    /// The question.
    pub(super) title: &'static str,
    /// What the lines mean.
    pub(super) reading: &'static str,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) curve: fn(&MachineDigest) -> Curve,
    /// Whether curves are functions of time; otherwise of a size, counted.
    pub(super) over_time: bool,
    /// Whether to add each machine's own nominal clock, rate × time.
    pub(super) nominal: bool,
    /// What is known of single virtual trials; none for what is not over time.
    pub(super) band: Option<fn(&MachineBand) -> &Edges>,
    /// Whether names say the machine's regime by the first-order law.
    pub(super) regime: bool,
    /// How many rows carry what it shows, where that need not be all.
    pub(super) rows: Option<fn(&MachineDigest) -> u64>,
    /// What no value can be below or above, nor its interval.
    pub(super) bounds: (f64, f64),
}

impl CurveFigure {
    /// The figure of one condition; none if no machine logged anything.
    pub(super) fn chart(&self, condition: &ConditionDigest) -> Option<Chart> {
        let trials = with_rows(condition);
        let first = trials.first()?;
        if !self.is_recorded(condition, &trials) {
            return None;
        }
        let end = self.end(&[condition]);
        let (panels, caption) = if same_rates(&trials) {
            let mut groups = machines_of(&trials, self.curve);
            if self.regime {
                name_regimes(&mut groups, condition);
            }
            let panel = Panel {
                ranges: self.ranges(condition, &groups),
                ..self.together(&groups, end, FAINT)
            };
            let band = match panel.ranges.is_empty() {
                true => "",
                false => " Pale, between thin lines: 95 % of single virtual trials.",
            };
            (vec![panel], captions::together(&trials) + band)
        } else {
            let shown = if first.machines.len() > 6 { 3 } else { 6 };
            let panels = trials.iter().take(shown);
            let panels = panels.map(|trial| self.alone(trial, end)).collect();
            (panels, captions::apart(&trials, shown))
        };
        Some(Chart {
            title: self.title.to_owned(),
            subtitle: captions::subtitle(condition),
            caption: vec![
                self.reading(&panels),
                captions::both(caption, self.partly(condition, &trials)),
            ],
            x: self.horizontal(end),
            y: self.y.clone(),
            panels,
        })
    }

    /// Whether any machine recorded what is shown; of our own logs all that have rows did.
    fn is_recorded(&self, condition: &ConditionDigest, trials: &[&TrialDigest]) -> bool {
        if condition.setting.own().is_some() {
            return !trials.is_empty();
        }
        let mut machines = trials.iter().flat_map(|trial| &trial.machines);
        machines.any(|machine| !(self.curve)(machine).is_empty())
    }

    /// Of our own logs every row carries everything.
    fn partly(&self, condition: &ConditionDigest, trials: &[&TrialDigest]) -> String {
        match self.rows.filter(|_| condition.setting.own().is_none()) {
            Some(rows) => captions::partly(trials, rows),
            None => String::new(),
        }
    }

    /// Where single virtual trials lie, for machines with a colour.
    fn ranges(&self, condition: &ConditionDigest, groups: &[Group]) -> Vec<Band> {
        let Some(edges) = self.band else {
            return Vec::new();
        };
        let machines = condition.bands.iter().zip(groups);
        machines
            .filter(|(_, group)| group.look.marker.is_some())
            .map(|(band, group)| Band {
                edges: edges(band).to_vec(),
                color: group.look.color,
            })
            .collect()
    }

    /// The figure of several conditions side by side; none unless at least two of them logged anything.
    pub(super) fn compared(&self, conditions: &[ConditionDigest]) -> Option<Chart> {
        let all: Vec<&ConditionDigest> = conditions
            .iter()
            .filter(|condition| self.is_recorded(condition, &with_rows(condition)))
            .collect();
        let shown = &all[..all.len().min(COMPARED)];
        if shown.len() < 2 {
            return None;
        }
        let end = self.end(shown);
        let (subtitle, headings) = captions::differences(shown);
        let panel = |(condition, heading): (&&ConditionDigest, String)| {
            let trials = with_rows(condition);
            let few = trials[0].machines.len() <= 6;
            let groups = if few && same_rates(&trials) {
                machines_of(&trials, self.curve)
            } else {
                ranks_of(&trials, self.curve)
            };
            Panel {
                heading: Some(heading),
                ..self.together(&groups, end, FAINT / 3)
            }
        };
        let panels: Vec<Panel> = shown.iter().zip(headings).map(panel).collect();
        Some(Chart {
            title: self.title.to_owned(),
            subtitle,
            caption: vec![self.reading(&panels), captions::compared(shown, all.len())],
            panels,
            x: self.horizontal(end),
            y: self.y.clone(),
        })
    }

    /// What the lines of these panels mean; of the dashed ones only where there are any.
    fn reading(&self, panels: &[Panel]) -> String {
        let mut lines = panels.iter().flat_map(|panel| &panel.lines);
        if lines.any(|line| line.weight == Weight::Reference) {
            format!(
                "{} Dashed: the machine's own ticks alone, rate × time.",
                self.reading
            )
        } else {
            self.reading.to_owned()
        }
    }

    /// The horizontal axis: time as far as the trials go, sizes up to the next tick.
    fn horizontal(&self, end: f64) -> Axis {
        Axis {
            end: self.over_time.then_some(end),
            ..self.x.clone()
        }
    }

    /// Where the horizontal axis ends.
    fn end(&self, conditions: &[&ConditionDigest]) -> f64 {
        let machines = conditions
            .iter()
            .flat_map(|c| &c.trials)
            .flat_map(|t| &t.machines);
        let last = machines.filter_map(|m| Some((self.curve)(m).last()?.0));
        let last = last.fold(0.0, f64::max);
        let planned = conditions
            .iter()
            .filter_map(|condition| condition.setting.duration_s());
        if self.over_time {
            planned.fold(last, f64::max)
        } else {
            last
        }
    }

    /// Trials on one another: faint, and their mean with its interval.
    fn together(&self, groups: &[Group], end: f64, faint: usize) -> Panel {
        let mut panel = Panel::default();
        for group in groups {
            let curves: Vec<&(Curve, bool)> = group
                .curves
                .iter()
                .filter(|(curve, _)| !curve.is_empty())
                .collect();
            let complete: Vec<Curve> = curves
                .iter()
                .filter(|(_, complete)| *complete)
                .map(|(curve, _)| curve.clone())
                .collect();
            self.nominal_line(&mut panel, group.rate_hz, group.look, end);
            let single = curves.len() == 1;
            // Machines without a colour are shown by their means alone.
            if !single && group.look.marker.is_some() {
                self.faint_lines(&mut panel, &curves, group.look, faint);
            }
            let at = if single {
                self.main_line(&mut panel, &curves[0].0, group.look)
            } else if complete.is_empty() {
                let longest = curves.iter().filter_map(|(curve, _)| curve.last());
                longest.max_by(|a, b| a.0.total_cmp(&b.0))
            } else {
                self.mean_line(&mut panel, &complete, group.look, end)
            };
            self.label(&mut panel, group.name.clone(), group.look, at, end);
        }
        panel
    }

    /// One trial in a panel of its own.
    fn alone(&self, trial: &TrialDigest, end: f64) -> Panel {
        let mut panel = Panel {
            heading: Some(captions::trial(trial)),
            ..Panel::default()
        };
        for (machine, look) in trial.machines.iter().zip(looks(&rates(trial))) {
            self.nominal_line(&mut panel, machine.rate_hz, look, end);
            let curve = (self.curve)(machine);
            let at = self.main_line(&mut panel, &curve, look);
            self.label(&mut panel, name(machine), look, at, end);
        }
        panel
    }

    fn main_line(&self, panel: &mut Panel, curve: &Curve, look: Look) -> Option<(f64, f64)> {
        panel.lines.push(Line {
            points: curve.corners(usize::MAX),
            look,
            weight: Weight::Main,
        });
        curve.last()
    }

    fn faint_lines(&self, panel: &mut Panel, curves: &[&(Curve, bool)], look: Look, limit: usize) {
        let chosen = evenly(curves.len(), limit.max(1));
        let points = (FAINT_POINTS / 3 / chosen.len().max(1)).clamp(80, 600);
        let opacity = (1.5 / chosen.len() as f64).clamp(0.12, 0.4);
        for index in chosen {
            let mut corners = curves[index].0.corners(points);
            if !self.over_time {
                // The fall to none at all is worth drawing once, for the mean.
                corners.pop();
            }
            panel.lines.push(Line {
                points: corners,
                look,
                weight: Weight::Faint(opacity),
            });
        }
    }

    fn mean_line(
        &self,
        panel: &mut Panel,
        curves: &[Curve],
        look: Look,
        end: f64,
    ) -> Option<(f64, f64)> {
        let furthest = curves.iter().filter_map(Curve::last).map(|(x, _)| x);
        let furthest = furthest.fold(0.0, f64::max);
        let (grid, join) = if self.over_time {
            // A complete trial lasts to the end, though its last event may come a little earlier.
            (grid(0.0, end, 240), Join::Straight)
        } else {
            let step = ((furthest / 400.0).ceil()).max(1.0);
            let halves = (0..).map(|k| (f64::from(k) * step - 0.5).max(0.0));
            (
                halves.take_while(|x| *x < furthest + step).collect(),
                Join::Step,
            )
        };
        let means = mean(curves, &grid);
        let points: Vec<(f64, f64)> = means.iter().map(|m| (m.x, m.mean)).collect();
        let curve = Curve::new(&points, join, 0.0);
        if curves.len() > 1 && look.marker.is_some() {
            panel.bands.push(Band {
                edges: self.edges(&means, join),
                color: look.color,
            });
        }
        self.main_line(panel, &curve, look)
    }

    fn edges(&self, means: &[Mean], join: Join) -> Vec<(f64, f64, f64)> {
        let (least, most) = self.bounds;
        let mut edges: Vec<(f64, f64, f64)> = Vec::new();
        for m in means {
            if let (Join::Step, Some(&(_, low, high))) = (join, edges.last()) {
                edges.push((m.x, low, high));
            }
            let low = (m.mean - m.half_width).max(least);
            edges.push((m.x, low, (m.mean + m.half_width).min(most)));
        }
        edges
    }

    fn nominal_line(&self, panel: &mut Panel, rate_hz: Option<f64>, look: Look, end: f64) {
        if let (true, Some(rate_hz), true) = (self.nominal, rate_hz, look.marker.is_some()) {
            panel.lines.push(Line {
                points: vec![(0.0, 0.0), (end, rate_hz * end)],
                look,
                weight: Weight::Reference,
            });
        }
    }

    fn label(&self, panel: &mut Panel, name: String, look: Look, at: Option<(f64, f64)>, end: f64) {
        if look.marker.is_some() {
            panel.labels.push(Label {
                text: if at.is_some() {
                    name
                } else {
                    format!("{name}: no rows")
                },
                look,
                at: at.unwrap_or((end, 0.0)),
                beside: !self.over_time,
            });
        }
    }
}

/// Adds to the name of each machine that logged anything its regime, where the first-order law knows it.
fn name_regimes(groups: &mut [Group], condition: &ConditionDigest) {
    let predictions = condition.setting.own().map(theory::predict);
    let predictions = predictions.unwrap_or_default();
    for (group, prediction) in groups.iter_mut().zip(predictions) {
        let logged = group.curves.iter().any(|(curve, _)| !curve.is_empty());
        if let Some(regime) = prediction.regime.filter(|_| logged) {
            group.name = format!("{} · {regime}", group.name);
        }
    }
}
