//! Space-time diagram of a short window: a lifeline for each machine, time to the right, an arrow for each message.
//!
//! After Lamport, "Time, clocks, and the ordering of events in a distributed system", 1978, figure 1, turned on its side.

mod window;

use event_log::MachineId;
use plots::axes::{Axis, Scale};
use plots::canvas::{Align, Canvas, Pen, Pixel, Type, WIDTH};
use plots::frame::{BOTTOM, MARGIN, SMALL, TOP, picture, small};
use plots::labels::width;
use plots::palette::{ALERT, AXIS, GRID, INK, Look, MUTED, REST, looks};
use text::number::grouped;

use crate::plot_data::{ConditionDigest, SpaceTime, SpaceTimeEvent, SpaceTimeMessage, TrialDigest};

use super::captions;
use super::drawing::Drawing;
use super::groups::{name, rates};
use window::{highlights, is_cause, is_crowded, window_of};

const TITLE: &str = "What makes a clock jump?";
/// Least distance of lifelines that leaves room for numbers, in pixels.
const ROOMY: i32 = 60;

/// The window's frame of reference.
struct Stage<'a> {
    window: &'a SpaceTime,
    scale: Scale,
    left: i32,
    right: i32,
    top: i32,
    gap: i32,
    looks: Vec<Look>,
    /// The machines, in the order of their lanes.
    machines: Vec<MachineId>,
    /// Whether there is too much in the window for every message to have its arrow.
    crowded: bool,
}

/// The figure, of the trial with the largest jump, a complete one if there is any; none if no trial has a window.
pub(super) fn drawing(condition: &ConditionDigest) -> Option<Drawing> {
    let largest = |trial: &TrialDigest| {
        let jumps = window_of(trial)
            .into_iter()
            .flat_map(|window| &window.events);
        jumps.filter_map(|event| event.jump).max()
    };
    let windows = condition
        .trials
        .iter()
        .filter(|trial| window_of(trial).is_some());
    // Of equals the first: the figure must not depend on how many trials follow.
    let chosen = windows
        .rev()
        .max_by_key(|trial| (trial.complete, largest(trial)));
    let trial = chosen?;
    let window = window_of(trial)?;
    let highlights = highlights(window);
    let subtitle = format!(
        "{} · trial {}",
        captions::brief(&condition.label),
        trial.called
    );
    let red = if highlights.is_empty() {
        ""
    } else {
        "Red: the largest jumps and the messages behind them. "
    };
    let dashed = || {
        window
            .messages
            .iter()
            .any(|message| message.received_s.is_none())
    };
    let arrows = if is_crowded(window) {
        "Arrows: of the many messages, those behind the largest jumps."
    } else if dashed() {
        "Arrows: messages, from send to receive; dashed: never received."
    } else {
        "Arrows: messages, from send to receive."
    };
    let caption = format!(
        "Dots: events (small: internal) with the clock after them. {arrows}\n{red}Window, of trial {}: {}.",
        trial.called,
        window.why.trim_end_matches('.')
    );
    let svg = picture(TITLE, &subtitle, &caption, |canvas| {
        let stage = Stage::new(trial, window);
        stage.axes(canvas, trial);
        stage.messages(canvas, &highlights);
        stage.events(canvas, &highlights);
    });
    Some(Drawing {
        svg,
        title: TITLE.to_owned(),
        caption: caption.replace('\n', " "),
    })
}

impl<'a> Stage<'a> {
    fn new(trial: &TrialDigest, window: &'a SpaceTime) -> Stage<'a> {
        let names = trial
            .machines
            .iter()
            .map(|machine| width(&name(machine), SMALL));
        let left = MARGIN + names.max().unwrap_or(0) + 50;
        let right = WIDTH - MARGIN;
        let (top, bottom) = (TOP + 50, BOTTOM - 96);
        let lanes = trial.machines.len().max(2) as i32;
        Stage {
            window,
            scale: Axis::time().window(window.from_s, window.to_s, ((right - left) / 120) as usize),
            left,
            right,
            top,
            gap: (bottom - top) / (lanes - 1),
            looks: looks(&rates(trial)),
            machines: trial.machines.iter().map(|of| of.machine).collect(),
            crowded: is_crowded(window),
        }
    }

    fn lane(&self, machine: usize) -> i32 {
        self.top + machine as i32 * self.gap
    }

    fn place(&self, machine: MachineId) -> Option<usize> {
        self.machines.iter().position(|id| *id == machine)
    }

    fn x(&self, time_s: f64) -> i32 {
        self.left + (self.scale.share(time_s) * f64::from(self.right - self.left)).round() as i32
    }

    fn axes(&self, canvas: &mut Canvas, trial: &TrialDigest) {
        let bottom = BOTTOM - 62;
        for (value, text) in &self.scale.ticks {
            let x = self.x(*value);
            canvas.line(&[(x, TOP + 10), (x, bottom)], Pen::new(GRID, 1));
            canvas.text(text, (x, bottom + 22), small(Align::Centre, MUTED));
        }
        let middle = (self.left + self.right) / 2;
        canvas.text(
            &Axis::time().label,
            (middle, BOTTOM - 10),
            small(Align::Centre, MUTED),
        );
        for (index, (machine, look)) in trial.machines.iter().zip(&self.looks).enumerate() {
            let y = self.lane(index);
            let line = if look.marker.is_some() { AXIS } else { GRID };
            canvas.line(&[(self.left, y), (self.right, y)], Pen::new(line, 1));
            if let Some(marker) = look.marker {
                canvas.marker(marker, (MARGIN + 8, y), 8, look.color);
                canvas.text(&name(machine), (MARGIN + 24, y), small(Align::Left, INK));
            }
        }
    }

    fn messages(&self, canvas: &mut Canvas, highlights: &[&SpaceTimeEvent]) {
        let behind = |m: &&SpaceTimeMessage| highlights.iter().any(|event| is_cause(m, event));
        let (red, grey): (Vec<_>, Vec<_>) = self.window.messages.iter().partition(behind);
        for message in grey.into_iter().filter(|_| !self.crowded) {
            self.arrow(canvas, message, Pen::new(REST, 2));
        }
        for message in red {
            self.arrow(canvas, message, Pen::new(ALERT, 3));
        }
    }

    /// An arrow, as much of it as lies in the window; a short dashed stub if the message was never received.
    fn arrow(&self, canvas: &mut Canvas, message: &SpaceTimeMessage, pen: Pen) {
        let (Some(from), Some(to)) = (self.place(message.from), self.place(message.to)) else {
            return;
        };
        let (y0, y1) = (f64::from(self.lane(from)), f64::from(self.lane(to)));
        let Some(received_s) = message.received_s else {
            let start = (self.x(message.sent_s), self.lane(from));
            let reach = ((y1 - y0) * 0.25).round() as i32;
            let end = ((start.0 + 26).min(self.right), start.1 + reach);
            canvas.dashes(start, end, pen);
            return;
        };
        let span = received_s - message.sent_s;
        let at = |time_s: f64| {
            let share = if span > 0.0 {
                (time_s - message.sent_s) / span
            } else {
                1.0
            };
            (self.x(time_s), (y0 + (y1 - y0) * share).round() as i32)
        };
        let start = if span > 0.0 {
            at(message.sent_s.max(self.window.from_s))
        } else {
            (self.x(received_s), y0 as i32)
        };
        let end = at(received_s.min(self.window.to_s));
        canvas.line(&[start, end], pen);
        if received_s <= self.window.to_s && start != end {
            head(canvas, start, end, pen);
        }
    }

    /// Dots first and numbers after them, so that no number is covered.
    fn events(&self, canvas: &mut Canvas, highlights: &[&SpaceTimeEvent]) {
        let known = |event: &&SpaceTimeEvent| self.place(event.machine).is_some();
        let mut events: Vec<&SpaceTimeEvent> = self.window.events.iter().filter(known).collect();
        for event in &events {
            let Some(look) = self.place(event.machine).map(|place| self.looks[place]) else {
                continue;
            };
            let radius = match event.kind {
                _ if look.marker.is_none() => 2,
                "internal" => 4,
                _ => 7,
            };
            canvas.circle(self.at(event), radius, Pen::new(look.color, 0));
        }
        for event in highlights.iter().copied().filter(known) {
            canvas.circle(self.at(event), 12, Pen::new(ALERT, 3));
            self.jump(canvas, event);
        }
        // Where clocks would overlap, jumps go first, then what others can see, then the rest.
        let rank = |event: &SpaceTimeEvent| match event.kind {
            _ if highlights.contains(&event) => 0,
            "internal" => 2,
            _ => 1,
        };
        events.sort_by(|a, b| rank(a).cmp(&rank(b)).then(a.time_s.total_cmp(&b.time_s)));
        if self.gap >= ROOMY {
            self.clocks(canvas, &events);
        }
    }

    fn at(&self, event: &SpaceTimeEvent) -> Pixel {
        let place = self.place(event.machine).unwrap_or_default();
        (self.x(event.time_s), self.lane(place))
    }

    /// Clocks above their events, as many as there is room for.
    fn clocks(&self, canvas: &mut Canvas, events: &[&SpaceTimeEvent]) {
        let how = Type {
            size: SMALL - 2,
            ..small(Align::Centre, INK)
        };
        let mut taken: Vec<(i32, i32, i32)> = Vec::new();
        for event in events {
            let (x, y) = self.at(event);
            let Some(clock) = event.clock else {
                continue;
            };
            let text = grouped(clock.0, 0);
            let half = width(&text, how.size) / 2 + 3;
            let (left, right) = (x - half, x + half);
            let apart =
                |&(lane, from, to): &(i32, i32, i32)| lane != y || right < from || left > to;
            if taken.iter().all(apart) {
                taken.push((y, left, right));
                canvas.text(&text, (x, y - 25), how);
            }
        }
    }

    fn jump(&self, canvas: &mut Canvas, event: &SpaceTimeEvent) {
        let at = self.at(event);
        let text = format!("+{}", grouped(event.jump.unwrap_or_default().0, 0));
        let fits = at.0 + 20 + width(&text, SMALL) < WIDTH - 4;
        let (beside, align) = if fits {
            (16, Align::Left)
        } else {
            (-16, Align::Right)
        };
        let how = Type {
            bold: true,
            ..small(align, ALERT)
        };
        canvas.text(&text, (at.0 + beside, at.1 + 24), how);
    }
}

/// The head of an arrow, stopping short of the dot it points to.
fn head(canvas: &mut Canvas, from: Pixel, to: Pixel, pen: Pen) {
    let (dx, dy) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
    let length = (dx * dx + dy * dy).sqrt().max(1.0);
    let (ux, uy) = (dx / length, dy / length);
    let at = |back: f64, side: f64| {
        let x = f64::from(to.0) - ux * back - uy * side;
        let y = f64::from(to.1) - uy * back + ux * side;
        (x.round() as i32, y.round() as i32)
    };
    canvas.polygon(&[at(7.0, 0.0), at(22.0, 6.0), at(22.0, -6.0)], pen);
}
