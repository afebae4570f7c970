//! Panels on a figure: where each stands, and what is drawn in it.
//!
//! All panels share their axes, so that heights may be compared across them; only a panel with an axis of its own has
//! other values to the right or upwards.

use crate::axes::{Axis, Kind, Scale};
use crate::canvas::{Align, Canvas, Pen, Type, WIDTH};
use crate::chart::{Chart, Panel};
use crate::frame::{BOTTOM, MARGIN, SMALL, TOP, picture, small};
use crate::labels::{width, wrap};
use crate::palette::{AXIS, GRID, INK, MUTED};
use crate::plot::Plot;
use crate::strokes;

/// Height of a line of text, in pixels.
const TEXT: i32 = 27;

/// Where the cells of a chart lie, and how much of each is plot.
struct Layout {
    /// Left end of the first plot, less its inset.
    left: i32,
    top: i32,
    cell_width: i32,
    cell_height: i32,
    plot_height: i32,
    /// Room in each cell to the left of its plot, for ticks that the panels do not share.
    inset: i32,
    /// Room to the right of it.
    gutter: i32,
    /// Lines of text above it.
    headings: i32,
}

impl Chart {
    /// The chart as SVG.
    pub fn render(&self) -> String {
        picture(&self.title, &self.subtitle, &self.caption(), |canvas| {
            draw(canvas, self);
        })
    }
}

fn draw(canvas: &mut Canvas, chart: &Chart) {
    let count = chart.panels.len().max(1) as i32;
    let columns = match count {
        1..=3 => count,
        4 => 2,
        _ => 3,
    };
    let shared = chart.panels.iter().all(|panel| panel.y.is_none());
    let layout = layout(chart, columns, (count + columns - 1) / columns, shared);
    canvas.text(&chart.y.label, (MARGIN, TOP + 8), small(Align::Left, MUTED));
    for (index, panel) in chart.panels.iter().enumerate() {
        let (column, row) = (index as i32 % columns, index as i32 / columns);
        let plot = plot(chart, panel, &layout, column, row);
        let lowest = panel.x.is_some() || index as i32 + columns >= count;
        axes(canvas, &plot, column == 0 || !shared, lowest);
        heading(canvas, panel, &plot, layout.cell_width, layout.headings);
        if let Some(x) = panel.x.as_ref().filter(|_| index as i32 + columns >= count) {
            let middle = (plot.left + plot.right) / 2;
            canvas.text(&x.label, (middle, BOTTOM - 8), small(Align::Centre, MUTED));
        }
        strokes::draw(canvas, &plot, panel);
    }
    if chart.panels.iter().any(|panel| panel.x.is_none()) {
        let right = layout.left + columns * layout.cell_width - layout.gutter;
        let at = ((layout.left + layout.inset + right) / 2, BOTTOM - 8);
        canvas.text(&chart.x.label, at, small(Align::Centre, MUTED));
    }
}

fn layout(chart: &Chart, columns: i32, rows: i32, shared: bool) -> Layout {
    let headings = heading_lines(chart, columns);
    // A shared vertical axis has its name above all panels.
    let top = if shared { TOP + TEXT + 12 } else { TOP };
    let cell_height = (BOTTOM - TEXT - top) / rows;
    let plot_height = cell_height - TEXT - 6 - headings * TEXT;
    let ticks = chart.panels.iter().flat_map(|panel| {
        let scale = vertical(chart, panel, plot_height);
        scale.ticks.into_iter().map(|(_, text)| width(&text, SMALL))
    });
    let ticks = ticks.max().unwrap_or(0) + 14;
    let (left, inset) = if shared {
        (MARGIN + ticks, 0)
    } else {
        (MARGIN, ticks)
    };
    Layout {
        left,
        top,
        cell_width: (WIDTH - left - MARGIN / 2) / columns,
        cell_height,
        plot_height,
        inset,
        gutter: gutter(chart),
        headings,
    }
}

/// The plot of the panel in this column and row.
fn plot(chart: &Chart, panel: &Panel, layout: &Layout, column: i32, row: i32) -> Plot {
    let cell_left = layout.left + column * layout.cell_width;
    let left = cell_left + layout.inset;
    let right = cell_left + layout.cell_width - layout.gutter;
    let top = layout.top + row * layout.cell_height + layout.headings * TEXT;
    let wanted = ((right - left) / 80).clamp(2, 10) as usize;
    let x = match &panel.x {
        None => {
            let (low, high) = range(chart.panels.iter(), |(x, _)| x, &chart.x);
            chart.x.scale(low, high, wanted)
        }
        Some(own) => {
            let (low, high) = range([panel].into_iter(), |(x, _)| x, own);
            own.scale(low, high, wanted)
        }
    };
    Plot {
        left,
        top,
        right,
        bottom: top + layout.plot_height,
        x,
        y: vertical(chart, panel, layout.plot_height),
    }
}

/// The vertical scale of a panel: its own, or that of all.
fn vertical(chart: &Chart, panel: &Panel, plot_height: i32) -> Scale {
    match &panel.y {
        None => {
            let wanted = (plot_height / 70).max(2) as usize;
            let (low, high) = range(chart.panels.iter(), |(_, y)| y, &chart.y);
            chart.y.scale(low, high, wanted)
        }
        Some(own) => {
            // Nothing else tells heights in this panel, so it has more ticks.
            let wanted = (plot_height / 48).max(2) as usize;
            let (low, high) = range([panel].into_iter(), |(_, y)| y, own);
            own.scale(low, high, wanted)
        }
    }
}

/// Room to the right of a plot for the names of its lines.
fn gutter(chart: &Chart) -> i32 {
    let labels = chart.panels.iter().flat_map(|panel| &panel.labels);
    let widest = labels.map(|label| width(&label.text, SMALL)).max();
    widest.map_or(20, |widest| widest + 50)
}

/// Smallest and largest value that an axis can show; (0, 0) if there are none.
fn range<'a>(
    panels: impl Iterator<Item = &'a Panel>,
    pick: fn((f64, f64)) -> f64,
    axis: &Axis,
) -> (f64, f64) {
    let mut range: Option<(f64, f64)> = None;
    let mut include = |value: f64| {
        if axis.kind != Kind::Log || value > 0.0 {
            let (low, high) = range.unwrap_or((value, value));
            range = Some((low.min(value), high.max(value)));
        }
    };
    for panel in panels {
        for point in panel.lines.iter().flat_map(|line| &line.points) {
            include(pick(*point));
        }
        // Decades are for the lines: the lower edge of an interval may come as near to 0 as it likes.
        let bands = panel
            .bands
            .iter()
            .chain(&panel.ranges)
            .filter(|_| axis.kind != Kind::Log);
        for &(x, low, high) in bands.flat_map(|band| &band.edges) {
            include(pick((x, low)));
            include(pick((x, high)));
        }
    }
    range.unwrap_or((0.0, 0.0))
}

fn heading_lines(chart: &Chart, columns: i32) -> i32 {
    let room = (WIDTH - 4 * MARGIN) / columns - 40;
    let headings = chart.panels.iter().filter_map(|p| p.heading.as_ref());
    let lines = headings.map(|text| wrap(text, SMALL, room, 3).len()).max();
    lines.unwrap_or(0) as i32
}

fn heading(canvas: &mut Canvas, panel: &Panel, plot: &Plot, cell_width: i32, lines: i32) {
    let Some(text) = &panel.heading else {
        return;
    };
    let how = Type {
        bold: true,
        ..small(Align::Left, INK)
    };
    let wrapped = wrap(text, SMALL, cell_width - 40, lines.max(1) as usize);
    // Headings stand on the plot: one line less is one line lower.
    let first = plot.top - 16 - (wrapped.len() as i32 - 1) * TEXT;
    for (index, line) in wrapped.iter().enumerate() {
        canvas.text(line, (plot.left, first + index as i32 * TEXT), how);
    }
}

fn axes(canvas: &mut Canvas, plot: &Plot, leftmost: bool, lowest: bool) {
    for (value, text) in &plot.y.ticks {
        let (_, y) = plot.pixel((0.0, *value));
        let zero = *value == 0.0 && plot.y.crosses_zero();
        let pen = Pen::new(if zero { AXIS } else { GRID }, if zero { 2 } else { 1 });
        canvas.line(&[(plot.left, y), (plot.right, y)], pen);
        if leftmost {
            canvas.text(text, (plot.left - 10, y), small(Align::Right, MUTED));
        }
    }
    for (value, text) in &plot.x.ticks {
        let (x, _) = plot.pixel((*value, 0.0));
        canvas.line(&[(x, plot.top), (x, plot.bottom)], Pen::new(GRID, 1));
        canvas.line(&[(x, plot.bottom), (x, plot.bottom + 6)], Pen::new(AXIS, 1));
        if lowest {
            canvas.text(text, (x, plot.bottom + 22), small(Align::Centre, MUTED));
        }
    }
    let base = [(plot.left, plot.bottom), (plot.right, plot.bottom)];
    canvas.line(&base, Pen::new(AXIS, 2));
}
