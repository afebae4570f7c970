//! Pictures from numbers: SVG in whole pixels, and PNG for those who ask. Nothing here knows what the numbers are of.
//!
//! # Map
//!
//! [`chart`] panels with lines, bands and names as a value, which `panels` lays out and `strokes` draws · [`axes`] ticks ·
//! [`series`] curves and their mean · [`palette`] colours and markers · [`canvas`] strokes, shapes and text, for pictures
//! that are no chart · [`frame`] title and caption around either · [`labels`] text that fits · [`png`] from SVG. `svg` is
//! the backend that plotters writes to.
//!
//! **Invariant.** A picture is a function of what it is given: the same input gives the same bytes, on every run and
//! platform.

pub mod axes;
pub mod canvas;
pub mod chart;
pub mod frame;
pub mod labels;
pub mod palette;
mod panels;
mod plot;
pub mod png;
pub mod series;
mod strokes;
mod svg;
