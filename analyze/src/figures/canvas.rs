//! Where plotters is used: strokes, shapes and text in whole pixels, into an SVG in memory.
//!
//! **Invariant.** The same calls give the same bytes: every coordinate is an integer, and nothing asks the system for
//! a font, the time or the order of a hash map.

use plotters::prelude::{
    Color, DrawingBackend, FontDesc, FontFamily, FontStyle, FontTransform, RGBAColor, RGBColor,
    SVGBackend, ShapeStyle, TextStyle,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::FigureError;
use super::palette::{Marker, Rgb};
use crate::visible_text::visible;

/// Width of a figure in its own units.
pub(super) const WIDTH: i32 = 1400;
/// Height of a figure in its own units.
pub(super) const HEIGHT: i32 = 700;

/// First the font that measures text here (and draws it in PNG), then ones that are everywhere and narrower.
const FONTS: &str = "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif";

/// A point in pixels, x to the right, y down.
pub(super) type Pixel = (i32, i32);

/// A stroke or a filling.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pen {
    pub(super) color: Rgb,
    /// From 0, invisible, to 1.
    pub(super) opacity: f64,
    /// Pixels.
    pub(super) width: u32,
}

impl Pen {
    pub(super) fn new(color: Rgb, width: u32) -> Pen {
        Pen {
            color,
            opacity: 1.0,
            width,
        }
    }

    pub(super) fn faded(self, opacity: f64) -> Pen {
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
pub(super) enum Align {
    Left,
    Centre,
    Right,
}

/// How text is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Type {
    /// Pixels.
    pub(super) size: i32,
    pub(super) bold: bool,
    pub(super) color: Rgb,
    pub(super) align: Align,
}

/// A picture under way.
pub(super) struct Canvas<'a> {
    backend: SVGBackend<'a>,
    /// The first thing that went wrong; told at the end, so that drawing code need not stop for it.
    failure: Option<String>,
}

/// Paints a picture; `title` and `description` are for those who cannot see it.
pub(super) fn paint(
    title: &str,
    description: &str,
    draw: impl FnOnce(&mut Canvas<'_>),
) -> Result<String, FigureError> {
    let mut svg = String::new();
    let failure = {
        let mut canvas = Canvas {
            backend: SVGBackend::with_string(&mut svg, (WIDTH as u32, HEIGHT as u32)),
            failure: None,
        };
        let white = Pen::new((0xFF, 0xFF, 0xFF), 0);
        canvas.rectangle((0, 0), (WIDTH, HEIGHT), white);
        draw(&mut canvas);
        let presented = canvas.backend.present();
        canvas.note(presented);
        canvas.failure
    };
    match failure {
        None => Ok(describe(&svg, title, description)),
        Some(reason) => Err(FigureError::Draw { reason }),
    }
}

impl Canvas<'_> {
    fn note<E: std::fmt::Display>(&mut self, result: Result<(), E>) {
        if let Err(error) = result {
            self.failure.get_or_insert(error.to_string());
        }
    }

    /// A stroke through the points.
    pub(super) fn line(&mut self, points: &[Pixel], pen: Pen) {
        if points.len() > 1 {
            let drawn = self
                .backend
                .draw_path(points.iter().copied(), &pen.style(false));
            self.note(drawn);
        }
    }

    /// A straight stroke in dashes.
    pub(super) fn dashes(&mut self, from: Pixel, to: Pixel, pen: Pen) {
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
            let drawn = self
                .backend
                .draw_line(at(start), at(start + DASH), &pen.style(false));
            self.note(drawn);
            start += DASH + GAP;
        }
    }

    /// A filled polygon.
    pub(super) fn polygon(&mut self, points: &[Pixel], pen: Pen) {
        if points.len() > 2 {
            let drawn = self
                .backend
                .fill_polygon(points.iter().copied(), &pen.style(true));
            self.note(drawn);
        }
    }

    /// A filled rectangle from its upper left to its lower right corner.
    pub(super) fn rectangle(&mut self, from: Pixel, to: Pixel, pen: Pen) {
        let drawn = self.backend.draw_rect(from, to, &pen.style(true), true);
        self.note(drawn);
    }

    /// A circle, filled unless the pen has a width.
    pub(super) fn circle(&mut self, centre: Pixel, radius: i32, pen: Pen) {
        let filled = pen.width == 0;
        let drawn =
            self.backend
                .draw_circle(centre, radius.max(1) as u32, &pen.style(filled), filled);
        self.note(drawn);
    }

    /// A machine's marker, `reach` pixels to each side.
    pub(super) fn marker(&mut self, marker: Marker, (x, y): Pixel, reach: i32, color: Rgb) {
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
    pub(super) fn text(&mut self, text: &str, at: Pixel, how: Type) {
        // XML has no place for control characters, escaped or not.
        let text = &visible(text);
        let style = if how.bold {
            FontStyle::Bold
        } else {
            FontStyle::Normal
        };
        // The backend divides the size by this number; undone here so that sizes are pixels of the em square.
        let size = f64::from(how.size) * 1.24;
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
        let drawn = self.backend.draw_text(text, &style, at);
        self.note(drawn);
    }
}

fn rgba((r, g, b): Rgb, opacity: f64) -> RGBAColor {
    RGBColor(r, g, b).mix(opacity)
}

/// Adds what a screen reader reads, and takes out what is said again and again.
fn describe(svg: &str, title: &str, description: &str) -> String {
    let Some((opening, rest)) = svg.split_once('>') else {
        return svg.to_owned();
    };
    // Quotes in texts are escaped, so these can only be attributes. Opacity of a stroke or filling spares the viewer
    // a layer of its own for each line.
    let rest = rest
        .replace(" opacity=\"1\"", "")
        .replace(&format!(" font-family=\"{FONTS}\""), "")
        .replace("<polygon opacity=", "<polygon fill-opacity=")
        .replace("<line opacity=", "<line stroke-opacity=")
        .replace(" fill=\"none\" opacity=", " fill=\"none\" stroke-opacity=");
    format!(
        "{opening} font-family=\"{FONTS}\" stroke-linejoin=\"round\" role=\"img\" \
         aria-labelledby=\"title description\">\n\
         <title id=\"title\">{}</title>\n<desc id=\"description\">{}</desc>{rest}",
        escape(title),
        escape(description)
    )
}

fn escape(text: &str) -> String {
    visible(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
