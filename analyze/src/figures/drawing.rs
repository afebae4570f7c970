//! A figure as text.

use plots::chart::Chart;

/// A figure with what is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// The whole SVG document.
    pub svg: String,
    /// The question it answers.
    pub title: String,
    /// How to read it; the figure says so too.
    pub caption: String,
}

impl Drawing {
    /// Of a chart.
    pub(super) fn of(chart: &Chart) -> Drawing {
        Drawing {
            svg: chart.render(),
            title: chart.title.clone(),
            caption: chart.caption().replace('\n', " "),
        }
    }
}
