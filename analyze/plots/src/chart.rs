//! A chart as a value: what stands in each panel, before anything is measured in pixels.

use crate::axes::Axis;
use crate::palette::{Look, Rgb};

/// A figure on its way to SVG.
pub struct Chart {
    /// The question that the figure answers.
    pub title: String,
    /// Whose data these are.
    pub subtitle: String,
    /// How to read it, a sentence or two on each line.
    pub caption: Vec<String>,
    /// The horizontal axis, unless a panel has its own.
    pub x: Axis,
    /// The vertical axis, unless the panels have their own.
    pub y: Axis,
    /// From left to right, then from top to bottom.
    pub panels: Vec<Panel>,
}

/// One pair of axes.
#[derive(Default)]
pub struct Panel {
    /// What stands above it.
    pub heading: Option<String>,
    /// The panel's own horizontal axis, if it does not share the chart's.
    pub x: Option<Axis>,
    /// The panel's own vertical axis, in charts whose panels show different quantities; its heading then says which.
    /// In one chart all panels have one or none has.
    pub y: Option<Axis>,
    /// Areas between two curves, such as intervals.
    pub bands: Vec<Band>,
    /// Where single trials are to be expected: paler than bands, with thin edges.
    pub ranges: Vec<Band>,
    /// What marks mean, in the upper left corner.
    pub legend: Vec<(String, Look)>,
    /// What is drawn.
    pub lines: Vec<Line>,
    /// Names beside the ends of lines.
    pub labels: Vec<Label>,
}

/// A stroke through values.
pub struct Line {
    /// Values in order of x.
    pub points: Vec<(f64, f64)>,
    /// Colour and marker.
    pub look: Look,
    /// How much it asks for.
    pub weight: Weight,
}

/// How much attention a line asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Weight {
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
pub struct Band {
    /// (x, low, high).
    pub edges: Vec<(f64, f64, f64)>,
    /// Its filling, which is drawn pale.
    pub color: Rgb,
}

/// A name at the end of a line.
pub struct Label {
    /// The name.
    pub text: String,
    /// That of the line.
    pub look: Look,
    /// The value at which the line ends.
    pub at: (f64, f64),
    /// At the right edge of the panel, or right beside the end of the line.
    pub beside: bool,
}

impl Chart {
    /// The caption as one text: lines end where there is a line feed.
    pub fn caption(&self) -> String {
        let lines: Vec<&str> = self.caption.iter().map(String::as_str).collect();
        lines.join("\n").trim_end().to_owned()
    }
}
