//! Why there is no analysis.

use thiserror::Error;

use super::summary::SummaryError;
use files::note::Note;
use formats::error::PathsError;
use logs::scan::ScanError;

/// Why there is no analysis.
#[derive(Debug, Error)]
pub enum AnalysisError {
    /// The paths lead to no logs.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// The paths cannot be searched for others' logs.
    #[error(transparent)]
    Paths(#[from] PathsError),
    /// Others' logs have no events, as the format reads them.
    #[error(
        "no events in {files} files read as {format}; {others} files are not of the format. See `analyze formats`, or \
         let `analyze guess` propose a format"
    )]
    NoEvents {
        /// Name of the format.
        format: String,
        /// How many files were read.
        files: usize,
        /// How many were not.
        others: usize,
    },
    /// Not one of the trials could be read.
    #[error("none of the logs found could be read:\n{}", list(notes))]
    Unreadable {
        /// What is wrong with each.
        notes: Vec<Note>,
    },
    /// A summary cannot be written, or summaries cannot be put together.
    #[error(transparent)]
    Summary(Box<SummaryError>),
    /// What is wanted takes rows, and summaries have none.
    #[error("figures are drawn from the logs themselves: a summary has no rows")]
    NoRows,
    /// The runner cannot make the trials.
    #[error("{0}")]
    Runner(String),
}

impl From<SummaryError> for AnalysisError {
    fn from(error: SummaryError) -> AnalysisError {
        AnalysisError::Summary(Box::new(error))
    }
}

fn list(notes: &[Note]) -> String {
    let lines: Vec<String> = notes.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
