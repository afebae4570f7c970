//! Bands, lines, markers and names inside one panel.

use crate::canvas::{Align, Canvas, Pen, Pixel};
use crate::chart::{Band, Label, Line, Panel, Weight};
use crate::frame::{SMALL, small};
use crate::labels::{spread, width};
use crate::palette::{AXIS, INK, Look};
use crate::plot::Plot;

/// Least distance between the middles of two names, in pixels.
const GAP: i32 = 25;
/// Half the size of a marker, in pixels.
const REACH: i32 = 8;
/// A plot narrower than this has thinner lines, fewer markers, and names outside of it.
const NARROW: i32 = 600;

/// Draws the contents of a panel: what is most important last, so that it lies on top.
pub(crate) fn draw(canvas: &mut Canvas, plot: &Plot, panel: &Panel) {
    for range in &panel.ranges {
        expected(canvas, plot, range);
    }
    for band in &panel.bands {
        let low = band.edges.iter().map(|&(x, low, _)| plot.exact((x, low)));
        let high = band
            .edges
            .iter()
            .rev()
            .map(|&(x, _, high)| plot.exact((x, high)));
        let outline: Vec<(f64, f64)> = low.chain(high).collect();
        let pen = Pen::new(band.color, 0).faded(0.22);
        canvas.polygon(&simplify(&outline), pen);
    }
    let is_main = |line: &&Line| matches!(line.weight, Weight::Main | Weight::Measured);
    let mut main: Vec<&Line> = panel.lines.iter().filter(is_main).collect();
    main.sort_by_key(|line| line.look.marker.is_some());
    for line in panel.lines.iter().filter(|line| !is_main(line)) {
        stroke(canvas, plot, line);
    }
    for line in &main {
        stroke(canvas, plot, line);
    }
    for (index, line) in main.iter().enumerate() {
        match line.weight {
            Weight::Measured => markers_at_points(canvas, plot, line, REACH - 2),
            _ => markers(canvas, plot, line, index, main.len()),
        }
    }
    for line in panel
        .lines
        .iter()
        .filter(|line| line.weight == Weight::Points)
    {
        markers_at_points(canvas, plot, line, REACH - 3);
    }
    for (row, (text, look)) in (0..).zip(&panel.legend) {
        marked_text(
            canvas,
            text,
            *look,
            (plot.left + 22, plot.top + 16 + row * GAP),
        );
    }
    let (beside, edge): (Vec<&Label>, Vec<&Label>) = panel.labels.iter().partition(|l| l.beside);
    at_edge(canvas, plot, &edge);
    if narrow(plot) {
        in_column(canvas, plot, beside);
    } else {
        at_ends(canvas, plot, &beside);
    }
}

fn narrow(plot: &Plot) -> bool {
    plot.right - plot.left < NARROW
}

fn stroke(canvas: &mut Canvas, plot: &Plot, line: &Line) {
    let color = line.look.color;
    match line.weight {
        Weight::Reference => {
            for pair in line.points.windows(2) {
                let pen = Pen::new(color, 2).faded(0.8);
                canvas.dashes(plot.pixel(pair[0]), plot.pixel(pair[1]), pen);
            }
            if let [alone] = line.points[..] {
                let (x, y) = plot.pixel(alone);
                let (left, right) = ((x - 12).max(plot.left), (x + 12).min(plot.right));
                canvas.line(&[(left, y), (right, y)], Pen::new(color, 2).faded(0.8));
            }
        }
        Weight::Main | Weight::Measured => {
            let width = match line.look.marker {
                None => 2,
                Some(_) if narrow(plot) => 3,
                Some(_) => 4,
            };
            canvas.line(&path(plot, line), Pen::new(color, width));
        }
        Weight::Computed => {
            let width = if narrow(plot) { 3 } else { 4 };
            canvas.line(&path(plot, line), Pen::new(color, width));
        }
        Weight::Faint(opacity) => {
            canvas.line(&path(plot, line), Pen::new(color, 2).faded(opacity));
        }
        Weight::Points => {}
    }
}

/// The area where single trials are to be expected.
fn expected(canvas: &mut Canvas, plot: &Plot, range: &Band) {
    let edge = |pick: fn(&(f64, f64, f64)) -> f64| -> Vec<(f64, f64)> {
        let points = range.edges.iter();
        points
            .map(|edge| plot.exact((edge.0, pick(edge))))
            .collect()
    };
    let (low, high) = (
        simplify(&edge(|edge| edge.1)),
        simplify(&edge(|edge| edge.2)),
    );
    let outline: Vec<Pixel> = low.iter().chain(high.iter().rev()).copied().collect();
    canvas.polygon(&outline, Pen::new(range.color, 0).faded(0.1));
    for side in [low, high] {
        canvas.line(&side, Pen::new(range.color, 1).faded(0.7));
    }
}

fn path(plot: &Plot, line: &Line) -> Vec<Pixel> {
    let exact: Vec<(f64, f64)> = line.points.iter().map(|&point| plot.exact(point)).collect();
    simplify(&exact)
}

/// Whole pixels, without points that nobody would miss.
///
/// Douglas and Peucker, "Algorithms for the reduction of the number of points required to represent a digitized
/// line", 1973, with a tolerance below a pixel.
fn simplify(points: &[(f64, f64)]) -> Vec<Pixel> {
    const TOLERANCE: f64 = 0.6;
    let mut keep = vec![false; points.len()];
    let Some(last) = points.len().checked_sub(1) else {
        return Vec::new();
    };
    (keep[0], keep[last]) = (true, true);
    let mut spans = vec![(0, last)];
    while let Some((from, to)) = spans.pop() {
        let farthest = (from + 1..to)
            .map(|index| (distance(points[index], points[from], points[to]), index))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((far, index)) = farthest
            && far > TOLERANCE
        {
            keep[index] = true;
            spans.extend([(from, index), (index, to)]);
        }
    }
    let kept = points.iter().zip(keep).filter(|(_, keep)| *keep);
    let mut pixels: Vec<Pixel> = kept
        .map(|((x, y), _)| (x.round() as i32, y.round() as i32))
        .collect();
    pixels.dedup();
    pixels
}

/// Distance of a point from the segment between two others.
fn distance(point: (f64, f64), from: (f64, f64), to: (f64, f64)) -> f64 {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let (px, py) = (point.0 - from.0, point.1 - from.1);
    let squared = dx * dx + dy * dy;
    let along = if squared > 0.0 {
        ((px * dx + py * dy) / squared).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let (ex, ey) = (px - along * dx, py - along * dy);
    (ex * ex + ey * ey).sqrt()
}

/// A machine's marker at a few places of its line, where the markers of others are not.
fn markers(canvas: &mut Canvas, plot: &Plot, line: &Line, index: usize, count: usize) {
    let Some(marker) = line.look.marker else {
        return;
    };
    let (places, reach) = if narrow(plot) {
        (2, REACH - 2)
    } else {
        (4, REACH)
    };
    let exact: Vec<(f64, f64)> = line.points.iter().map(|&point| plot.exact(point)).collect();
    for place in 0..places {
        let share = (place as f64 + (index as f64 + 0.5) / count as f64) / places as f64;
        let x = f64::from(plot.left) + share * f64::from(plot.right - plot.left);
        let span = exact
            .windows(2)
            .find(|pair| pair[0].0 <= x && x < pair[1].0);
        if let Some(&[(x0, y0), (x1, y1)]) = span {
            let y = y0 + (y1 - y0) * (x - x0) / (x1 - x0);
            let at = (x.round() as i32, y.round() as i32);
            canvas.marker(marker, at, reach, line.look.color);
        }
    }
}

/// A machine's marker at every point of its line.
fn markers_at_points(canvas: &mut Canvas, plot: &Plot, line: &Line, reach: i32) {
    if let Some(marker) = line.look.marker {
        for &point in &line.points {
            canvas.marker(marker, plot.pixel(point), reach, line.look.color);
        }
    }
}

/// Names in a column to the right of the plot, each tied to the end of its line.
fn at_edge(canvas: &mut Canvas, plot: &Plot, labels: &[&Label]) {
    let ends: Vec<Pixel> = labels.iter().map(|label| plot.pixel(label.at)).collect();
    let wishes: Vec<i32> = ends.iter().map(|end| end.1).collect();
    let gap = GAP.min((plot.bottom - plot.top) / (labels.len() as i32).max(1));
    let heights = spread(&wishes, gap, plot.top, plot.bottom);
    for ((label, end), height) in labels.iter().zip(ends).zip(heights) {
        let at = (plot.right + 26, height);
        canvas.line(&[end, (at.0 - REACH, height)], Pen::new(AXIS, 1));
        name(canvas, label, at);
    }
}

/// Names in a column from the top of the right edge, the line that ends last first: lines that fall to the right leave
/// that corner free, and there is no room at their ends.
fn in_column(canvas: &mut Canvas, plot: &Plot, mut labels: Vec<&Label>) {
    labels.sort_by(|a, b| b.at.0.total_cmp(&a.at.0));
    for (index, label) in labels.into_iter().enumerate() {
        name(
            canvas,
            label,
            (plot.right + 26, plot.top + 12 + index as i32 * GAP),
        );
    }
}

/// Names beside the ends of their lines, moved up where they would cover another.
fn at_ends(canvas: &mut Canvas, plot: &Plot, labels: &[&Label]) {
    let mut taken: Vec<(i32, i32, i32)> = Vec::new();
    for label in labels {
        let (x, y) = plot.pixel(label.at);
        let (left, right) = (x + 6, x + 40 + width(&label.text, SMALL));
        let mut height = y.min(plot.bottom - 16);
        let collides = |height: i32| {
            taken
                .iter()
                .any(|&(from, to, at)| left < to && from < right && (at - height).abs() < GAP)
        };
        while collides(height) && height > plot.top {
            height -= GAP;
        }
        taken.push((left, right, height));
        if height < y - GAP {
            canvas.line(&[(x, y), (x + 10, height)], Pen::new(AXIS, 1));
        }
        name(canvas, label, (x + 18, height));
    }
}

fn name(canvas: &mut Canvas, label: &Label, at: Pixel) {
    marked_text(canvas, &label.text, label.look, at);
}

fn marked_text(canvas: &mut Canvas, text: &str, look: Look, (x, y): Pixel) {
    if let Some(marker) = look.marker {
        canvas.marker(marker, (x, y), REACH, look.color);
    }
    canvas.text(text, (x + 14, y), small(Align::Left, INK));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_simplified_line_keeps_its_corners_only() {
        let straight: Vec<(f64, f64)> = (0..100).map(|x| (f64::from(x), 5.0)).collect();
        assert_eq!(simplify(&straight), [(0, 5), (99, 5)]);
        let corner = [(0.0, 0.0), (5.0, 0.1), (10.0, 0.0), (10.0, 20.0)];
        assert_eq!(simplify(&corner), [(0, 0), (10, 0), (10, 20)]);
        assert_eq!(simplify(&[]), []);
    }
}
