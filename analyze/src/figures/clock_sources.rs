//! Clocks taken apart: a stacked bar for each machine, by sender on the left and by minter on the right.
//!
//! The numbers are those of [`crate::clock_sources`], so figure and tables agree. Of more than eight machines or rates the
//! slowest, the median and the fastest have a bar, and peers differ by who is faster only.

use std::collections::BTreeMap;

use plots::axes::rate;
use plots::canvas::{Align, Canvas, Pen, Type, WIDTH};
use plots::frame::{BOTTOM, MARGIN, SMALL, TOP, picture, small};
use plots::labels::width;
use plots::palette::{AXIS, INK, Look, MUTED, REST, Rgb, landmarks, slot};
use statistics::Estimate;
use text::number::grouped;

use crate::clock_sources::{self, Accounts, GroupKey, Member, SOURCES, Source};
use crate::plot_data::{ConditionDigest, TrialDigest};

use super::captions;
use super::drawing::Drawing;
use super::groups::{rates, same_rates};

const TITLE: &str = "Whose time does each clock show?";
/// Between the two columns of bars, and room for the number at the end of a bar, in pixels.
const GAP: i32 = 36;
const TOTAL: i32 = 84;
const WHITE: Rgb = (0xFF, 0xFF, 0xFF);
/// The thickest bar.
const THICK: i32 = 64;

/// The bars of one group of machines.
struct Bars {
    name: String,
    look: Look,
    accounts: Accounts,
}

/// One part of a bar, in pixels.
struct Segment {
    from: i32,
    to: i32,
    /// Height of its middle, and half its thickness.
    y: i32,
    half: i32,
    ground: Rgb,
}

/// One column of bars.
struct Column {
    left: i32,
    units_per_pixel: f64,
    heading: &'static str,
    split: fn(&Accounts) -> &BTreeMap<Source, Estimate>,
}

/// The figure, over the complete trials with whole logs; none without any.
pub(super) fn drawing(condition: &ConditionDigest) -> Option<Drawing> {
    let accounted = |trial: &&TrialDigest| {
        let mut machines = trial.machines.iter();
        !trial.machines.is_empty() && machines.all(|machine| machine.account.is_some())
    };
    // Clocks of others' logs may tell nothing of what they are made of: that is no bar of length 0.
    let told = |trial: &&TrialDigest| {
        let mut accounts = trial.machines.iter().flat_map(|machine| &machine.account);
        accounts.any(|account| account.own_ticks.is_some())
    };
    let trials: Vec<&TrialDigest> = condition
        .trials
        .iter()
        .filter(accounted)
        .filter(told)
        .collect();
    if trials.is_empty() {
        return None;
    }
    let groups = groups(&trials);
    let members: Vec<Vec<Member<'_>>> = trials.iter().map(|trial| members(trial)).collect();
    let accounts = clock_sources::across(&members, &groups);
    let bars = shown(&groups, accounts);
    let caption = format!(
        "Left: own ticks first, then what each peer's messages brought. Right: by the machine whose ticks made it.\n{}{} \
         A larger clock replaces own ticks, it does not add to them.",
        if trials.len() == 1 {
            "One trial.".to_owned()
        } else {
            format!("Means of {} trials.", trials.len())
        },
        if bars.len() < groups.len() {
            " Bars: slowest, median, fastest machine."
        } else {
            ""
        },
    );
    let svg = picture(TITLE, &captions::subtitle(condition), &caption, |canvas| {
        draw(canvas, &groups, &bars);
    });
    Some(Drawing {
        svg,
        title: TITLE.to_owned(),
        caption: caption.replace('\n', " "),
    })
}

/// By machine where all trials have the same rates, else by rate.
fn groups(trials: &[&TrialDigest]) -> Vec<GroupKey> {
    if same_rates(trials) {
        let machines = trials[0].machines.iter();
        return machines
            .map(|machine| (Some(machine.machine.0), machine.rate_hz))
            .collect();
    }
    let mut all: Vec<f64> = trials.iter().flat_map(|trial| rates(trial)).collect();
    all.sort_by(f64::total_cmp);
    all.dedup();
    all.into_iter().map(|rate| (None, Some(rate))).collect()
}

fn members(trial: &TrialDigest) -> Vec<Member<'_>> {
    let machines = trial.machines.iter().filter_map(|machine| {
        Some(Member {
            machine: machine.machine.0,
            rate: machine.rate_hz,
            account: machine.account.as_ref()?,
        })
    });
    machines.collect()
}

fn shown(groups: &[GroupKey], accounts: Vec<Accounts>) -> Vec<Bars> {
    let rates: Vec<f64> = groups
        .iter()
        .map(|(_, rate)| rate.unwrap_or_default())
        .collect();
    let few = groups.len() <= SOURCES;
    let order: Vec<usize> = if few {
        (0..groups.len()).collect()
    } else {
        landmarks(&rates)
    };
    let bars = order.into_iter().map(|index| {
        let (machine, rate_hz) = groups[index];
        let rate = rate_hz.map(|hertz| format!("{} Hz", rate(hertz)));
        let plain = Look {
            color: MUTED,
            marker: None,
        };
        Bars {
            name: [machine.map(|id| format!("M{id}")), rate]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" · "),
            look: if few { slot(index) } else { plain },
            accounts: accounts[index].clone(),
        }
    });
    bars.collect()
}

fn draw(canvas: &mut Canvas, groups: &[GroupKey], bars: &[Bars]) {
    let names = bars.iter().map(|bars| width(&bars.name, SMALL)).max();
    let left = MARGIN + 30 + names.unwrap_or(0) + 16;
    let room = (WIDTH - MARGIN - left - GAP) / 2;
    let longest = bars
        .iter()
        .map(|bars| total(&bars.accounts.sender))
        .fold(1.0, f64::max);
    let units_per_pixel = longest / f64::from((room - TOTAL).max(1));
    let columns = [
        Column {
            left,
            units_per_pixel,
            heading: "by whose message brought it",
            split: |accounts| &accounts.sender,
        },
        Column {
            left: left + room + GAP,
            units_per_pixel,
            heading: "by whose ticks made it",
            split: |accounts| &accounts.minter,
        },
    ];
    let (top, bottom) = (TOP + 36, BOTTOM - 44);
    let step = (bottom - top) / bars.len().max(1) as i32;
    for column in &columns {
        let how = Type {
            bold: true,
            ..small(Align::Left, INK)
        };
        canvas.text(column.heading, (column.left, TOP + 12), how);
        for (index, bars) in bars.iter().enumerate() {
            column.bar(
                canvas,
                groups,
                bars,
                top + index as i32 * step + step / 2,
                step,
            );
        }
        canvas.line(
            &[(column.left, top), (column.left, bottom)],
            Pen::new(AXIS, 2),
        );
        let middle = column.left + (room - TOTAL) / 2;
        canvas.text(
            "units of the final clock",
            (middle, BOTTOM - 18),
            small(Align::Centre, MUTED),
        );
    }
    for (index, bars) in bars.iter().enumerate() {
        let y = top + index as i32 * step + step / 2;
        if let Some(marker) = bars.look.marker {
            canvas.marker(marker, (MARGIN + 8, y), 8, bars.look.color);
        }
        canvas.text(&bars.name, (MARGIN + 26, y), small(Align::Left, INK));
    }
}

impl Column {
    fn bar(&self, canvas: &mut Canvas, groups: &[GroupKey], bars: &Bars, y: i32, step: i32) {
        let half = (step * 2 / 3).min(THICK) / 2;
        let split = (self.split)(&bars.accounts);
        let pixel = |units: f64| self.left + (units / self.units_per_pixel).round() as i32;
        let mut units = 0.0;
        for (source, found) in split {
            let share = found.mean.unwrap_or(0.0).max(0.0);
            let (from, to) = (pixel(units), pixel(units + share));
            units += share;
            if to > from {
                let ground = color(*source, groups, bars);
                canvas.rectangle((from, y - half), (to, y + half), Pen::new(ground, 0));
                canvas.line(&[(to, y - half), (to, y + half)], Pen::new(WHITE, 2));
                let segment = Segment {
                    from,
                    to,
                    y,
                    half,
                    ground,
                };
                label(canvas, &segment, &name(*source), share);
            }
        }
        let how = Type {
            bold: true,
            ..small(Align::Left, INK)
        };
        canvas.text(&grouped(units.round(), 0), (pixel(units) + 10, y), how);
    }
}

/// Name and number of a segment, on one line, on two, or as much of them as it holds.
fn label(canvas: &mut Canvas, segment: &Segment, name: &str, units: f64) {
    let Segment {
        from,
        to,
        y,
        half,
        ground,
    } = *segment;
    let units = grouped(units, usize::from(units < 9.95));
    let fits = |text: &str| width(text, SMALL - 2) + 4 <= to - from;
    let both = format!("{name} {units}");
    let lines: &[&str] = if fits(&both) {
        &[&both]
    } else if fits(name) && fits(&units) && half >= SMALL {
        &[name, &units]
    } else if fits(name) {
        &[name]
    } else {
        &[]
    };
    let (red, green, blue) = ground;
    let luma = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue);
    let ink = if luma > 140_000 { INK } else { WHITE };
    let how = Type {
        size: SMALL - 2,
        ..small(Align::Centre, ink)
    };
    for (index, line) in (0..).zip(lines) {
        let below = index * SMALL - (lines.len() as i32 - 1) * SMALL / 2;
        canvas.text(line, (i32::midpoint(from, to), y + below), how);
    }
}

fn total(split: &BTreeMap<Source, Estimate>) -> f64 {
    let means = split.values().filter_map(|found| found.mean);
    means.map(|mean| mean.max(0.0)).sum()
}

fn name(source: Source) -> String {
    match source {
        Source::Rate(millihertz) => format!("{} Hz", rate(millihertz as f64 / 1000.0)),
        Source::Equal => "as fast".to_owned(),
        other => other.to_string(),
    }
}

/// The colour of the machine or rate that a source is; where sources are an order, of that order.
fn color(source: Source, groups: &[GroupKey], bars: &Bars) -> Rgb {
    let of = |is_it: &dyn Fn(&GroupKey) -> bool| {
        let position = groups.iter().position(is_it);
        position.map_or(REST, |index| slot(index).color)
    };
    match source {
        Source::Own => bars.look.color,
        Source::Machine(id) => of(&|group| group.0 == Some(id)),
        Source::Rate(millihertz) => of(&|group| {
            group
                .1
                .is_some_and(|hertz| (hertz * 1000.0).round() as u64 == millihertz)
        }),
        Source::Slower => slot(0).color,
        Source::Equal => slot(1).color,
        Source::Faster => slot(2).color,
        Source::Unknown => REST,
    }
}
