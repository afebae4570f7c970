//! A chart as a value: what stands in each panel, before anything is measured in pixels.

use super::FigureError;
use super::axes::Axis;
use super::frame;
use super::palette::{Look, Rgb};
use super::panels;

/// A figure on its way to SVG.
pub(super) struct Chart {
    /// The question that the figure answers.
    pub(super) title: String,
    /// Whose data these are.
    pub(super) subtitle: String,
    /// How to read it, a sentence or two on each line.
    pub(super) caption: Vec<String>,
    pub(super) x: Axis,
    pub(super) y: Axis,
    /// From left to right, then from top to bottom.
    pub(super) panels: Vec<Panel>,
}

/// One pair of axes.
#[derive(Default)]
pub(super) struct Panel {
    pub(super) heading: Option<String>,
    /// The panel's own horizontal axis, if it does not share the chart's.
    pub(super) x: Option<Axis>,
    /// The panel's own vertical axis, in charts whose panels show different quantities; its heading then says which.
    /// In one chart all panels have one or none has.
    pub(super) y: Option<Axis>,
    pub(super) bands: Vec<Band>,
    /// Where single trials are to be expected: paler than bands, with thin edges.
    pub(super) ranges: Vec<Band>,
    /// What marks mean, in the upper left corner.
    pub(super) legend: Vec<(String, Look)>,
    pub(super) lines: Vec<Line>,
    pub(super) labels: Vec<Label>,
}

/// A stroke through values.
pub(super) struct Line {
    pub(super) points: Vec<(f64, f64)>,
    pub(super) look: Look,
    pub(super) weight: Weight,
}

/// How much attention a line asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Weight {
    /// What the figure is about; carries its machine's marker.
    Main,
    /// Likewise, with the marker at each of its few points: between them nothing was measured.
    Measured,
    /// A curve that is computed at every point: as bold as what a figure is about, without markers.
    Computed,
    /// One trial of many, at this opacity.
    Faint(f64),
    /// What to compare with: thin and dashed; a single point is one dash.
    Reference,
    /// A marker at each point and nothing between them.
    Points,
}

/// The area between two curves.
pub(super) struct Band {
    /// (x, low, high).
    pub(super) edges: Vec<(f64, f64, f64)>,
    pub(super) color: Rgb,
}

/// A name at the end of a line.
pub(super) struct Label {
    pub(super) text: String,
    pub(super) look: Look,
    /// The value at which the line ends.
    pub(super) at: (f64, f64),
    /// At the right edge of the panel, or right beside the end of the line.
    pub(super) beside: bool,
}

impl Chart {
    /// Draws it.
    pub(super) fn render(&self) -> Result<String, FigureError> {
        let caption = self.caption();
        frame::picture(&self.title, &self.subtitle, &caption, |canvas| {
            panels::draw(canvas, self);
        })
    }

    /// The caption as one text: lines end where there is a line feed.
    pub(super) fn caption(&self) -> String {
        let lines: Vec<&str> = self.caption.iter().map(String::as_str).collect();
        lines.join("\n").trim_end().to_owned()
    }
}
