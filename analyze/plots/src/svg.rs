//! SVG as our figures have it, written by plotters' calls.
//!
//! The backend that comes with plotters gives every element its font and its opacity. Here a document says its font once,
//! what is opaque does not say so, and a stroke or a filling has an opacity of its own kind, which spares the viewer a
//! layer for each line.
//!
//! **Invariant.** The document is well-formed whatever the texts hold, and the same calls give the same bytes.

use std::convert::Infallible;
use std::fmt::{Display, Write as _};

use plotters_backend::text_anchor::HPos;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontStyle,
};
use text::visible_text::visible;

/// First the font that measures text here (and draws it in PNG), then ones that are everywhere and narrower.
pub(crate) const FONTS: &str = "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif";

/// The backend divides sizes of text by this number, as plotters' own does: it is undone where texts are drawn.
pub(crate) const EM: f64 = 1.24;

/// A document under way.
pub(crate) struct Svg {
    document: String,
    size: (u32, u32),
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl Svg {
    /// An empty picture; `title` and `description` are for those who cannot see it.
    pub(crate) fn new(size: (u32, u32), title: &str, description: &str) -> Svg {
        let (width, height) = size;
        let (title, description) = (escaped(title, false), escaped(description, false));
        let document = format!(
            "<svg width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
             xmlns=\"http://www.w3.org/2000/svg\" font-family=\"{FONTS}\" stroke-linejoin=\"round\" role=\"img\" \
             aria-labelledby=\"title description\">\n\
             <title id=\"title\">{title}</title>\n<desc id=\"description\">{description}</desc>\n"
        );
        Svg { document, size }
    }

    /// The whole document.
    pub(crate) fn finished(mut self) -> String {
        self.document.push_str("</svg>\n");
        self.document
    }

    fn open(&mut self, name: &str) -> Element<'_> {
        self.document.push('<');
        self.document.push_str(name);
        Element(&mut self.document)
    }
}

/// An element whose attributes are being written.
struct Element<'a>(&'a mut String);

impl Element<'_> {
    fn with(self, name: &str, value: impl Display) -> Self {
        let _ = write!(self.0, " {name}=\"{value}\"");
        self
    }

    /// Its opacity, which of an opaque thing is not said.
    fn opacity(self, name: &str, color: BackendColor) -> Self {
        match color.alpha {
            1.0 => self,
            alpha => self.with(name, alpha),
        }
    }

    /// The colours of a filling and of a stroke, only one of which is there.
    fn look(self, color: BackendColor, is_filled: bool) -> Self {
        let color = hexadecimal(color);
        let (fill, stroke) = match is_filled {
            true => (color.as_str(), "none"),
            false => ("none", color.as_str()),
        };
        self.with("fill", fill).with("stroke", stroke)
    }

    fn end(self) -> Drawn {
        self.0.push_str("/>\n");
        Ok(())
    }
}

fn hexadecimal(color: BackendColor) -> String {
    let (red, green, blue) = color.rgb;
    format!("#{red:02X}{green:02X}{blue:02X}")
}

fn corners(path: impl IntoIterator<Item = BackendCoord>) -> String {
    let path = path.into_iter();
    path.map(|(x, y)| format!("{x},{y} ")).collect()
}

/// A text as XML has it, which has no place for control characters, escaped or not.
fn escaped(text: &str, quotes: bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in visible(text).chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' if quotes => escaped.push_str("&quot;"),
            '\'' if quotes => escaped.push_str("&apos;"),
            other => escaped.push(other),
        }
    }
    escaped
}

impl DrawingBackend for Svg {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Drawn {
        let square = self.open("rect").with("x", x).with("y", y);
        let square = square.with("width", 1).with("height", 1);
        square.opacity("opacity", color).look(color, true).end()
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        (from_x, from_y): BackendCoord,
        (to_x, to_y): BackendCoord,
        style: &S,
    ) -> Drawn {
        let line = self.open("line").opacity("stroke-opacity", style.color());
        line.with("stroke", hexadecimal(style.color()))
            .with("stroke-width", style.stroke_width())
            .with("x1", from_x)
            .with("y1", from_y)
            .with("x2", to_x)
            .with("y2", to_y)
            .end()
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (left, top): BackendCoord,
        (right, bottom): BackendCoord,
        style: &S,
        is_filled: bool,
    ) -> Drawn {
        let rectangle = self.open("rect").with("x", left).with("y", top);
        rectangle
            .with("width", right - left)
            .with("height", bottom - top)
            .opacity("opacity", style.color())
            .look(style.color(), is_filled)
            .end()
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let line = self.open("polyline").with("fill", "none");
        line.opacity("stroke-opacity", style.color())
            .with("stroke", hexadecimal(style.color()))
            .with("stroke-width", style.stroke_width())
            .with("points", corners(path))
            .end()
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let area = self.open("polygon").opacity("fill-opacity", style.color());
        area.with("fill", hexadecimal(style.color()))
            .with("points", corners(path))
            .end()
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        radius: u32,
        style: &S,
        is_filled: bool,
    ) -> Drawn {
        let circle = self.open("circle").with("cx", x).with("cy", y);
        circle
            .with("r", radius)
            .opacity("opacity", style.color())
            .look(style.color(), is_filled)
            .with("stroke-width", style.stroke_width())
            .end()
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        (x, y): BackendCoord,
    ) -> Drawn {
        let anchor = match style.anchor().h_pos {
            HPos::Left => "start",
            HPos::Right => "end",
            HPos::Center => "middle",
        };
        let element = self.open("text").with("x", x).with("y", y);
        // The middle of the letters at the height of the point.
        let element = element.with("dy", "0.5ex").with("text-anchor", anchor);
        let element = element
            .with("font-size", style.size() / EM)
            .opacity("opacity", style.color())
            .with("fill", hexadecimal(style.color()));
        let element = match style.style() {
            FontStyle::Bold => element.with("font-weight", "bold"),
            _ => element,
        };
        let text = escaped(text, true);
        let _ = writeln!(element.0, ">\n{text}\n</text>");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use plotters::style::{Color, RGBColor, ShapeStyle};

    use super::*;

    #[test]
    fn a_document_says_its_font_once_and_no_opacity_of_what_is_opaque() {
        let style = |opacity: f64| ShapeStyle {
            color: RGBColor(0, 0x72, 0xB2).mix(opacity),
            filled: true,
            stroke_width: 2,
        };
        let mut svg = Svg::new((20, 10), "a < b", "\"c\" & d");
        let corners = [(0, 0), (9, 0), (9, 9)];
        svg.draw_path(corners, &style(1.0)).expect("drawn");
        svg.draw_path(corners, &style(0.25)).expect("drawn");
        svg.fill_polygon(corners, &style(0.5)).expect("drawn");
        svg.draw_line((1, 2), (3, 4), &style(0.5)).expect("drawn");
        let expected = "<svg width=\"20\" height=\"10\" viewBox=\"0 0 20 10\" xmlns=\"http://www.w3.org/2000/svg\" \
            font-family=\"DejaVu Sans, Verdana, Helvetica, Arial, sans-serif\" stroke-linejoin=\"round\" role=\"img\" \
            aria-labelledby=\"title description\">\n\
            <title id=\"title\">a &lt; b</title>\n<desc id=\"description\">\"c\" &amp; d</desc>\n\
            <polyline fill=\"none\" stroke=\"#0072B2\" stroke-width=\"2\" points=\"0,0 9,0 9,9 \"/>\n\
            <polyline fill=\"none\" stroke-opacity=\"0.25\" stroke=\"#0072B2\" stroke-width=\"2\" points=\"0,0 9,0 9,9 \"/>\n\
            <polygon fill-opacity=\"0.5\" fill=\"#0072B2\" points=\"0,0 9,0 9,9 \"/>\n\
            <line stroke-opacity=\"0.5\" stroke=\"#0072B2\" stroke-width=\"2\" x1=\"1\" y1=\"2\" x2=\"3\" y2=\"4\"/>\n\
            </svg>\n";
        assert_eq!(svg.finished(), expected);
    }
}
