//! Strokes, shapes and text in whole pixels, drawn by plotters into an SVG in memory.
//!
//! **Invariant.** The same calls give the same bytes: every coordinate is an integer, and nothing asks the system for
//! a font, the time or the order of a hash map.

use std::convert::Infallible;

use plotters::prelude::{
    Color, DrawingBackend, FontDesc, FontFamily, FontStyle, FontTransform, RGBAColor, RGBColor,
    ShapeStyle, TextStyle,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters_backend::DrawingErrorKind;

use crate::palette::{Marker, Rgb};
use crate::svg::{EM, FONTS, Svg};

/// Width of a figure in its own units.
pub const WIDTH: i32 = 1400;
/// Height of a figure in its own units.
pub const HEIGHT: i32 = 700;

/// A point in pixels, x to the right, y down.
pub type Pixel = (i32, i32);

/// A stroke or a filling.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pen {
    /// Red, green, blue.
    pub color: Rgb,
    /// From 0, invisible, to 1.
    pub opacity: f64,
    /// Pixels.
    pub width: u32,
}

impl Pen {
    /// Of a colour and a width; one of width 0 fills.
    pub fn new(color: Rgb, width: u32) -> Pen {
        Pen {
            color,
            opacity: 1.0,
            width,
        }
    }

    /// The same with this opacity.
    pub fn faded(self, opacity: f64) -> Pen {
        Pen { opacity, ..self }
    }

    fn style(self, filled: bool) -> ShapeStyle {
        ShapeStyle {
            color: rgba(self.color, self.opacity),
            filled,
            stroke_width: self.width,
        }
    }
}

/// Which end of a text stands at its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Its left end: the text goes on to the right.
    Left,
    /// Its middle.
    Centre,
    /// Its right end.
    Right,
}

/// How text is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Type {
    /// Pixels.
    pub size: i32,
    /// Whether it is bold.
    pub bold: bool,
    /// Red, green, blue.
    pub color: Rgb,
    /// Which end stands at the point.
    pub align: Align,
}

/// A picture under way.
pub struct Canvas {
    svg: Svg,
}

/// Paints a picture as SVG; `title` and `description` are for those who cannot see it.
pub fn paint(title: &str, description: &str, draw: impl FnOnce(&mut Canvas)) -> String {
    let mut canvas = Canvas {
        svg: Svg::new((WIDTH as u32, HEIGHT as u32), title, description),
    };
    let white = Pen::new((0xFF, 0xFF, 0xFF), 0);
    canvas.rectangle((0, 0), (WIDTH, HEIGHT), white);
    draw(&mut canvas);
    canvas.svg.finished()
}

/// Drawing into memory cannot fail.
fn drawn(result: Result<(), DrawingErrorKind<Infallible>>) {
    debug_assert!(result.is_ok());
}

impl Canvas {
    /// A stroke through the points.
    pub fn line(&mut self, points: &[Pixel], pen: Pen) {
        if points.len() > 1 {
            drawn(
                self.svg
                    .draw_path(points.iter().copied(), &pen.style(false)),
            );
        }
    }

    /// A straight stroke in dashes.
    pub fn dashes(&mut self, from: Pixel, to: Pixel, pen: Pen) {
        const DASH: f64 = 9.0;
        const GAP: f64 = 7.0;
        let (dx, dy) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
        let length = (dx * dx + dy * dy).sqrt();
        let at = |distance: f64| {
            let share = (distance / length).min(1.0);
            let x = f64::from(from.0) + dx * share;
            let y = f64::from(from.1) + dy * share;
            (x.round() as i32, y.round() as i32)
        };
        let mut start = 0.0;
        while start < length {
            drawn(
                self.svg
                    .draw_line(at(start), at(start + DASH), &pen.style(false)),
            );
            start += DASH + GAP;
        }
    }

    /// A filled polygon.
    pub fn polygon(&mut self, points: &[Pixel], pen: Pen) {
        if points.len() > 2 {
            drawn(
                self.svg
                    .fill_polygon(points.iter().copied(), &pen.style(true)),
            );
        }
    }

    /// A filled rectangle from its upper left to its lower right corner.
    pub fn rectangle(&mut self, from: Pixel, to: Pixel, pen: Pen) {
        drawn(self.svg.draw_rect(from, to, &pen.style(true), true));
    }

    /// A circle, filled unless the pen has a width.
    pub fn circle(&mut self, centre: Pixel, radius: i32, pen: Pen) {
        let filled = pen.width == 0;
        let radius = radius.max(1) as u32;
        drawn(
            self.svg
                .draw_circle(centre, radius, &pen.style(filled), filled),
        );
    }

    /// A machine's marker, `reach` pixels to each side.
    pub fn marker(&mut self, marker: Marker, (x, y): Pixel, reach: i32, color: Rgb) {
        let fill = Pen::new(color, 0);
        let stroke = Pen::new(color, 3);
        let corner = |dx: i32, dy: i32| (x + dx * reach / 8, y + dy * reach / 8);
        match marker {
            Marker::Disc => self.circle((x, y), reach, fill),
            Marker::Ring => self.circle((x, y), reach - 1, stroke),
            Marker::Square => self.rectangle(corner(-7, -7), corner(7, 7), fill),
            Marker::Triangle => {
                self.polygon(&[corner(0, -10), corner(9, 7), corner(-9, 7)], fill);
            }
            Marker::Inverted => {
                self.polygon(&[corner(0, 10), corner(9, -7), corner(-9, -7)], fill);
            }
            Marker::Diamond => {
                let corners = [corner(0, -10), corner(10, 0), corner(0, 10), corner(-10, 0)];
                self.polygon(&corners, fill);
            }
            Marker::Frame => {
                let (a, b, c, d) = (corner(-7, -7), corner(7, -7), corner(7, 7), corner(-7, 7));
                self.line(&[a, b, c, d, a, b], stroke);
            }
            Marker::Cross => {
                self.line(&[corner(-7, -7), corner(7, 7)], stroke);
                self.line(&[corner(-7, 7), corner(7, -7)], stroke);
            }
        }
    }

    /// One line of text, its middle at the height of the point.
    pub fn text(&mut self, text: &str, at: Pixel, how: Type) {
        let style = if how.bold {
            FontStyle::Bold
        } else {
            FontStyle::Normal
        };
        // The backend divides the size by this number; undone here so that sizes are pixels of the em square.
        let size = f64::from(how.size) * EM;
        let horizontal = match how.align {
            Align::Left => HPos::Left,
            Align::Centre => HPos::Center,
            Align::Right => HPos::Right,
        };
        let style = TextStyle {
            font: FontDesc::new(FontFamily::Name(FONTS), size, style)
                .transform(FontTransform::None),
            color: rgba(how.color, 1.0).to_backend_color(),
            pos: Pos::new(horizontal, VPos::Center),
        };
        drawn(self.svg.draw_text(text, &style, at));
    }
}

fn rgba((r, g, b): Rgb, opacity: f64) -> RGBAColor {
    RGBColor(r, g, b).mix(opacity)
}
