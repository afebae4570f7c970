//! Why committed logs, or logs that are made from a seed, cannot be analysed.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::analysis::AnalysisError;

/// Why the logs behind a page or a claim cannot be analysed.
#[derive(Debug, Error)]
pub enum SourceError {
    /// A file or folder cannot be read or written.
    #[error("{}: {cause}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said; part of the message, hence no source.
        cause: io::Error,
    },
    /// A run in virtual time could not be run again.
    #[error("{}: cannot be run again from its seed: {problem}", run.display())]
    Rerun {
        /// The folder of its manifest.
        run: PathBuf,
        /// What went wrong, and what to do.
        problem: String,
    },
    /// The logs of a page cannot be analysed.
    #[error("{}: {cause}", page.display())]
    Logs {
        /// The page.
        page: PathBuf,
        /// What is wrong with them.
        cause: AnalysisError,
    },
}

impl SourceError {
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> SourceError + '_ {
        move |cause| SourceError::File {
            path: path.to_owned(),
            cause,
        }
    }
}
