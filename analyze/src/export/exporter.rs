//! The forms of exports, and what their writers have in common.

use std::io;

use polars::prelude::PolarsError;

use super::trial::Trial;

/// What to export to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A log for ShiViz.
    Shiviz,
    /// A trace in the trace event format.
    ChromeTrace,
    /// A table in Parquet.
    Parquet,
    /// A table in CSV.
    Csv,
}

impl Form {
    /// What a file's name ends with.
    pub fn extension(self) -> &'static str {
        match self {
            Form::Shiviz => "shiviz.log",
            Form::ChromeTrace => "trace.json",
            Form::Parquet => "parquet",
            Form::Csv => "csv",
        }
    }
}

/// What writes one form.
pub trait Exporter {
    /// Adds a trial.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    fn add(&mut self, trial: &Trial) -> io::Result<()>;

    /// Ends the file; what a reader of it has to know, a sentence each.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    fn finish(self: Box<Self>) -> io::Result<Vec<String>>;
}

/// Why polars could not write: the system's word, if it is that.
pub(super) fn refused(error: PolarsError) -> io::Error {
    match error {
        PolarsError::IO { error, .. } => io::Error::new(error.kind(), error.to_string()),
        error => io::Error::other(error.to_string()),
    }
}
