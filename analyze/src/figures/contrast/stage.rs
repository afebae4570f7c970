//! Rows, columns and marks on the figure.

use plots::axes::{Axis, Scale};
use plots::canvas::{Align, Canvas, Pen, Type, WIDTH};
use plots::frame::{BOTTOM, MARGIN, SMALL, TOP, small};
use plots::labels::{cut, width, wrap};
use plots::palette::{AXIS, GRID, INK, Look, MUTED};
use statistics::Estimate;
use text::number::grouped;

use super::quantity::{Column, Row};

/// Height of a line of text, in pixels.
const TEXT: i32 = 27;
/// Widest name of a row, in pixels.
const NAME: i32 = 250;
/// Rows, at most, whose names have the usual size; those of more are smaller, and wider for that.
const ROWS_ROOMY: usize = 6;
/// Space between columns.
const GUTTER: i32 = 56;
/// Trials drawn, at most: more are a smear.
const FAINT: usize = 60;

/// How the names of rows are written.
struct Names {
    size: i32,
    /// Of a line.
    height: i32,
    room: i32,
    /// Whether there are two lines at most.
    is_crowded: bool,
}

impl Names {
    fn of(rows: &[Row<'_>]) -> Names {
        match rows.len() <= ROWS_ROOMY {
            true => Names {
                size: SMALL,
                height: TEXT,
                room: NAME,
                is_crowded: false,
            },
            false => Names {
                size: SMALL - 4,
                height: TEXT - 6,
                room: NAME + 30,
                is_crowded: true,
            },
        }
    }

    fn lines(&self, name: &str) -> Vec<String> {
        if !self.is_crowded {
            return wrap(name, self.size, self.room, 3);
        }
        // What was chosen on the first line, the rest below it.
        let short = name.replace("internal with probability ", "internal ");
        let lines = short.splitn(2, " · ");
        lines.map(|line| cut(line, self.size, self.room)).collect()
    }
}

/// Where rows and columns stand.
pub(super) struct Stage<'a> {
    rows: &'a [Row<'a>],
    columns: &'a [Column],
    left: i32,
    top: i32,
    bottom: i32,
    column_width: i32,
}

/// A column's plot.
struct Plot {
    left: i32,
    right: i32,
    scale: Scale,
}

impl Plot {
    fn x(&self, value: f64) -> i32 {
        let width = f64::from(self.right - self.left);
        self.left + (self.scale.share(value) * width).round() as i32
    }
}

impl<'a> Stage<'a> {
    pub(super) fn new(rows: &'a [Row<'a>], columns: &'a [Column]) -> Stage<'a> {
        let names = Names::of(rows);
        let lines = rows.iter().flat_map(|row| names.lines(&row.name));
        let widest = lines.map(|line| width(&line, names.size)).max();
        let widest = widest.unwrap_or(0);
        let left = MARGIN + widest + 24;
        Stage {
            rows,
            columns,
            left,
            // Below the key and two lines of headings.
            top: TOP + 4 * TEXT,
            bottom: BOTTOM - TEXT,
            column_width: (WIDTH - MARGIN - left) / columns.len().max(1) as i32,
        }
    }

    pub(super) fn draw(&self, canvas: &mut Canvas) {
        self.key(canvas);
        self.names(canvas);
        for (index, column) in self.columns.iter().enumerate() {
            let left = self.left + index as i32 * self.column_width;
            let right = left + self.column_width - GUTTER;
            let plot = Plot {
                left,
                right,
                scale: scale(column, ((right - left) / 80).max(2) as usize),
            };
            self.heading(canvas, column, &plot);
            self.grid(canvas, &plot);
            self.marks(canvas, column, &plot);
        }
    }

    /// Which mark is whose, in a line above all columns.
    fn key(&self, canvas: &mut Canvas) {
        let mut subjects: Vec<(&str, Look)> = Vec::new();
        for subject in self.columns.iter().flat_map(|column| &column.subjects) {
            if !subjects.iter().any(|(name, _)| *name == subject.name) {
                subjects.push((&subject.name, subject.look));
            }
        }
        let mut x = self.left + 8;
        for (name, look) in subjects {
            if let Some(marker) = look.marker {
                canvas.marker(marker, (x, TOP + 12), 8, look.color);
            }
            canvas.text(name, (x + 16, TOP + 12), small(Align::Left, INK));
            x += 16 + width(name, SMALL) + 40;
        }
    }

    /// Upper end of a row.
    fn row(&self, index: usize) -> i32 {
        let height = self.bottom - self.top;
        self.top + height * index as i32 / self.rows.len().max(1) as i32
    }

    fn names(&self, canvas: &mut Canvas) {
        let names = Names::of(self.rows);
        let how = Type {
            size: names.size,
            ..small(Align::Right, INK)
        };
        for (index, row) in self.rows.iter().enumerate() {
            let lines = names.lines(&row.name);
            let middle = (self.row(index) + self.row(index + 1)) / 2;
            let first = middle - (lines.len() as i32 - 1) * names.height / 2;
            for (line, text) in lines.iter().enumerate() {
                let at = (self.left - 16, first + line as i32 * names.height);
                canvas.text(text, at, how);
            }
        }
    }

    fn heading(&self, canvas: &mut Canvas, column: &Column, plot: &Plot) {
        let how = Type {
            bold: true,
            ..small(Align::Left, INK)
        };
        // Bold is wider than what is measured.
        let room = (self.column_width - 12) * 9 / 10;
        let lines = wrap(column.heading, SMALL, room, 3);
        let first = self.top - 16 - (lines.len() as i32 - 1) * TEXT;
        for (index, line) in lines.iter().enumerate() {
            canvas.text(line, (plot.left, first + index as i32 * TEXT), how);
        }
    }

    fn grid(&self, canvas: &mut Canvas, plot: &Plot) {
        for (value, text) in &plot.scale.ticks {
            let x = plot.x(*value);
            canvas.line(&[(x, self.top), (x, self.bottom)], Pen::new(GRID, 1));
            let at = (x, self.bottom + 22);
            canvas.text(text, at, small(Align::Centre, MUTED));
        }
        for index in 0..=self.rows.len() {
            let y = self.row(index);
            let ends = index == 0 || index == self.rows.len();
            let pen = Pen::new(if ends { AXIS } else { GRID }, if ends { 2 } else { 1 });
            canvas.line(&[(plot.left, y), (plot.right, y)], pen);
        }
        let zero = plot.x(0.0);
        canvas.line(&[(zero, self.top), (zero, self.bottom)], Pen::new(AXIS, 2));
    }

    fn marks(&self, canvas: &mut Canvas, column: &Column, plot: &Plot) {
        let count = column.subjects.len() as i32;
        for (index, subjects) in column.values.iter().enumerate() {
            let (top, bottom) = (self.row(index), self.row(index + 1));
            for (place, (values, subject)) in (1..).zip(subjects.iter().zip(&column.subjects)) {
                let y = top + (bottom - top) * place / (count + 1);
                let radius = if self.rows.len() <= ROWS_ROOMY { 8 } else { 6 };
                mark(canvas, plot, y, values, (subject.look, radius));
                if count == 1 {
                    number_beside(canvas, plot, y, values);
                }
            }
        }
    }
}

/// The mean itself, where it stands alone in its row: to the right of all marks, or where there is no room to the left.
fn number_beside(canvas: &mut Canvas, plot: &Plot, y: i32, values: &[f64]) {
    let estimate = Estimate::of(values);
    let Some(mean) = estimate.mean else {
        return;
    };
    let decimals = match mean {
        mean if (mean - mean.round()).abs() < 1e-9 => 0,
        mean if mean >= 100.0 => 0,
        mean if mean >= 1.0 => 1,
        _ => 3,
    };
    let text = grouped(mean, decimals);
    let ends = [estimate.low, estimate.high].into_iter().flatten();
    let all = || values.iter().copied().chain(ends.clone());
    let right = plot.x(all().fold(mean, f64::max)) + 14;
    let left = plot.x(all().fold(mean, f64::min)) - 14;
    if right + width(&text, SMALL) <= plot.right {
        canvas.text(&text, (right, y), small(Align::Left, INK));
    } else {
        canvas.text(&text, (left, y), small(Align::Right, INK));
    }
}

/// Trials faint, their mean with its interval on top.
fn mark(canvas: &mut Canvas, plot: &Plot, y: i32, values: &[f64], (look, radius): (Look, i32)) {
    let estimate = Estimate::of(values);
    let spread = values.iter().any(|&value| value != values[0]);
    if spread {
        for &value in values.iter().take(FAINT) {
            let pen = Pen::new(look.color, 0).faded(0.22);
            canvas.circle((plot.x(value), y), 5, pen);
        }
    }
    if let (Some(low), Some(high)) = (estimate.low, estimate.high) {
        let ends = [(plot.x(low), y), (plot.x(high), y)];
        canvas.line(&ends, Pen::new(look.color, 4));
    }
    if let (Some(mean), Some(marker)) = (estimate.mean, look.marker) {
        canvas.marker(marker, (plot.x(mean), y), radius, look.color);
    }
}

fn scale(column: &Column, wanted: usize) -> Scale {
    let all = || column.values.iter().flatten();
    let trials = all().flatten().copied();
    let high = all().filter_map(|values| Estimate::of(values).high);
    let high = trials.chain(high).fold(0.0, f64::max);
    Axis::linear("").scale(0.0, high, wanted)
}
