//! Figures: digests in, SVG out, and PNG for those who ask.
//!
//! | name | question |
//! |---|---|
//! | `clock` | logical clocks against system time, with each machine's own nominal clock |
//! | `drift` | what each clock gained over its own nominal clock |
//! | `clock_sources` | what each clock is made of: own ticks, and units by sender and by minter |
//! | `jumps` | how many events moved a clock by at least so much |
//! | `queue` | queue length over time |
//! | `queue_distribution` | after how many events at least so many messages waited |
//! | `lateness` | how late ticks came |
//! | `space_time` | a short window, event by event and message by message |
//! | `clock_compared`, `drift_compared`, `queue_compared` | two to four conditions side by side on common axes |
//! | `law` | three or more conditions with predictions: how far off the first-order law is |
//! | `coverage` | how often intervals hold the truth, of a coverage study |
//! | `power` | how often a change is seen, over the number of trials, of a study of power |
//! | `response` | three or more conditions that differ in one number: what that number changes |
//! | `contrast` | two to eight conditions that no number puts in order, such as designs: where they differ |
//!
//! # Map
//!
//! A figure's own module (`clock`, `drift`, `clock_sources`, `jumps`, `queue`, `lateness`, `space_time`, `law`, `response`,
//! `contrast`, `coverage`, `power`) says what it draws; `groups` and `curves` turn digests into a
//! [`Chart`], `sweep` finds the number that varies and `choice` what is no number; `captions` serves them. The crate
//! [`plots`] draws.
//!
//! **Invariant.** A figure is a function of digests, or of the report: the same input gives the same bytes, on every run
//! and platform.

mod captions;
mod choice;
mod clock;
mod clock_sources;
mod contrast;
mod coverage;
mod curves;
pub mod drawing;
mod drift;
mod groups;
mod jumps;
mod lateness;
mod law;
mod power;
mod queue;
mod response;
mod space_time;
mod sweep;

use std::path::{Path, PathBuf};

use plots::chart::Chart;
use plots::png;

use crate::coverage::Coverage;
use crate::plan::power_study::PowerStudy;
use crate::plot_data::ConditionDigest;
use crate::report::Report;
use files::whole_file;

use curves::CurveFigure;
use drawing::Drawing;

/// Names of the figures of one condition, in the order in which a page shows them.
pub const NAMES: [&str; 8] = [
    "clock",
    "drift",
    "accounting",
    "jumps",
    "queue",
    "queue_distribution",
    "lateness",
    "space_time",
];

/// Names of the figures that show several conditions side by side.
pub const COMPARED_NAMES: [&str; 3] = ["clock_compared", "drift_compared", "queue_compared"];

/// Name of the figure of conditions that differ in one number.
pub const RESPONSE: &str = "response";

/// Name of the figure of a few conditions that no number puts in order.
pub const CONTRAST: &str = "contrast";

/// Name of the figure of theory beside measurement over many conditions.
pub const LAW: &str = "law";

/// Names of the figures that are drawn from the report.
pub const REPORT_NAMES: [&str; 3] = [RESPONSE, CONTRAST, LAW];

/// Name of the figure of a coverage study.
pub const COVERAGE: &str = "coverage";

/// Name of the figure of a study of power.
pub const POWER: &str = "power";

/// A figure in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// The SVG. The PNG, if there is one, lies beside it with the other extension.
    pub file: PathBuf,
    /// One of [`NAMES`] or [`COMPARED_NAMES`], or one of
    /// [`REPORT_NAMES`].
    pub name: &'static str,
    /// Index of the condition, from 0; that of the first for a comparison.
    pub condition: usize,
    /// The question it answers.
    pub title: String,
    /// How to read it.
    pub caption: String,
}

/// Why there is no figure.
#[derive(Debug, thiserror::Error)]
pub enum FigureError {
    /// A name that no figure has.
    #[error("no figure is called `{name}`: expected one of {}, {}, {}", NAMES.join(", "), COMPARED_NAMES.join(", "), REPORT_NAMES.join(", "))]
    UnknownName {
        /// What was asked for.
        name: String,
    },
    /// The PNG could not be made.
    #[error("{}: the figure could not be turned into PNG: {reason}; its SVG is beside it", file.display())]
    Png {
        /// The file that was to be written.
        file: PathBuf,
        /// What the library said.
        reason: String,
    },
    /// A folder or file could not be written.
    #[error("{}: cannot write the figure: {source}; choose another folder with --figures", file.display())]
    Write {
        /// The folder or file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Draws one figure of a condition. None if the logs have nothing for it: no rows at all, no known due times
/// (`lateness`), no window (`space_time`).
///
/// # Errors
///
/// [`FigureError::UnknownName`] for a name that is not in [`NAMES`].
pub fn draw(name: &str, condition: &ConditionDigest) -> Result<Option<Drawing>, FigureError> {
    match name {
        "lateness" => Ok(lateness::drawing(condition)),
        "accounting" => Ok(clock_sources::drawing(condition)),
        "space_time" => Ok(space_time::drawing(condition)),
        _ => Ok(drawn(curve_figure(name)?.chart(condition))),
    }
}

/// Draws one figure of several conditions side by side, at most the first four. None unless at least two of them have
/// rows.
///
/// # Errors
///
/// [`FigureError::UnknownName`] for a name that is not in [`COMPARED_NAMES`].
pub fn draw_compared(
    name: &str,
    conditions: &[ConditionDigest],
) -> Result<Option<Drawing>, FigureError> {
    let Some(single) = name
        .strip_suffix("_compared")
        .filter(|_| COMPARED_NAMES.contains(&name))
    else {
        return Err(FigureError::UnknownName {
            name: name.to_owned(),
        });
    };
    Ok(drawn(curve_figure(single)?.compared(conditions)))
}

/// Draws what a swept parameter changes. None unless at least three conditions with trials that count differ in one
/// number alone: the internal probability; of fixed rates the one that all machines have, that of one machine, or the
/// gap between fastest and slowest; of drawn rates the width of their range; the number of machines; the length of a
/// trial, the latency, or the speed. With that number swept alike under two to four designs, queue rules, stamps, phases
/// or drivers, each of them has a curve for the slowest machine.
pub fn draw_response(report: &Report) -> Option<Drawing> {
    drawn(response::chart(report))
}

/// Draws two to eight conditions beside one another, trial by trial. None for other numbers of conditions with trials that
/// count, and where [`draw_response`] has a curve.
pub fn draw_contrast(report: &Report) -> Option<Drawing> {
    contrast::drawing(report)
}

/// Draws how far the first-order law is from measurement. None unless at least three conditions with trials that count
/// have predictions.
pub fn draw_law(report: &Report) -> Option<Drawing> {
    drawn(law::chart(report))
}

/// Draws a figure of all conditions, from the report.
///
/// # Errors
///
/// [`FigureError::UnknownName`] for a name that is not in [`REPORT_NAMES`].
pub fn draw_report(name: &str, report: &Report) -> Result<Option<Drawing>, FigureError> {
    match name {
        RESPONSE => Ok(draw_response(report)),
        CONTRAST => Ok(draw_contrast(report)),
        LAW => Ok(draw_law(report)),
        _ => Err(FigureError::UnknownName {
            name: name.to_owned(),
        }),
    }
}

/// Draws all figures into a folder, which is made if need be.
///
/// Files are called `<name>.svg`, or with several conditions `<name>-<index from 1>.svg`, `<name>_compared.svg`,
/// `response.svg`, `contrast.svg` and `law.svg`. The report and the digests are those of one analysis.
///
/// # Errors
///
/// What could not be written or drawn; figures written before it stay.
pub fn draw_all(
    report: &Report,
    conditions: &[ConditionDigest],
    dir: &Path,
    png: bool,
) -> Result<Vec<Figure>, FigureError> {
    make(dir)?;
    let mut figures = Vec::new();
    for name in REPORT_NAMES {
        if let Some(drawing) = draw_report(name, report)? {
            let file = dir.join(format!("{name}.svg"));
            figures.push(save(drawing, file, name, 0, png)?);
        }
    }
    for name in COMPARED_NAMES {
        if let Some(drawing) = draw_compared(name, conditions)? {
            let file = dir.join(format!("{name}.svg"));
            figures.push(save(drawing, file, name, 0, png)?);
        }
    }
    for (index, condition) in conditions.iter().enumerate() {
        for name in NAMES {
            if let Some(drawing) = draw(name, condition)? {
                let file = match conditions.len() {
                    1 => dir.join(format!("{name}.svg")),
                    _ => dir.join(format!("{name}-{}.svg", index + 1)),
                };
                figures.push(save(drawing, file, name, index, png)?);
            }
        }
    }
    Ok(figures)
}

/// Draws how often intervals hold the truth. None if no condition has a metric that could be studied.
pub fn draw_coverage(coverage: &Coverage) -> Option<Drawing> {
    coverage::drawing(coverage)
}

/// Draws how often changes are seen over the number of trials, for at most the first six conditions that can be planned
/// for. None if no condition can.
pub fn draw_power(study: &PowerStudy) -> Option<Drawing> {
    drawn(power::chart(study))
}

/// Writes a drawing and its PNG into a folder, which is made if need be.
///
/// # Errors
///
/// What could not be written.
pub fn save_one(drawing: Drawing, name: &'static str, dir: &Path) -> Result<Figure, FigureError> {
    make(dir)?;
    save(drawing, dir.join(format!("{name}.svg")), name, 0, true)
}

fn make(dir: &Path) -> Result<(), FigureError> {
    std::fs::create_dir_all(dir).map_err(|source| FigureError::Write {
        file: dir.to_owned(),
        source,
    })
}

fn curve_figure(name: &str) -> Result<CurveFigure, FigureError> {
    match name {
        "clock" => Ok(clock::figure()),
        "drift" => Ok(drift::figure()),
        "jumps" => Ok(jumps::figure()),
        "queue" => Ok(queue::over_time()),
        "queue_distribution" => Ok(queue::distribution()),
        _ => Err(FigureError::UnknownName {
            name: name.to_owned(),
        }),
    }
}

fn drawn(chart: Option<Chart>) -> Option<Drawing> {
    chart.as_ref().map(Drawing::of)
}

fn save(
    drawing: Drawing,
    file: PathBuf,
    name: &'static str,
    condition: usize,
    png: bool,
) -> Result<Figure, FigureError> {
    write(&file, drawing.svg.as_bytes())?;
    if png {
        let file = file.with_extension("png");
        let bytes = png::encode(&drawing.svg).map_err(|reason| FigureError::Png {
            file: file.clone(),
            reason,
        })?;
        write(&file, &bytes)?;
    }
    Ok(Figure {
        file,
        name,
        condition,
        title: drawing.title,
        caption: drawing.caption,
    })
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), FigureError> {
    whole_file::write(file, bytes).map_err(|source| FigureError::Write {
        file: file.to_owned(),
        source,
    })
}
