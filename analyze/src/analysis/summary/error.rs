//! Why a summary cannot be written or read, or why summaries cannot be put together.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why a summary cannot be written, or why summaries cannot be put together.
#[derive(Debug, Error)]
pub enum SummaryError {
    /// It cannot be written.
    #[error("cannot write the summary {}", file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It cannot be read.
    #[error("{}: cannot be read as a summary, which `analyze LOGS --summary FILE.parquet` writes", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is another table.
    #[error(
        "{}: expected a summary, as `analyze LOGS --summary FILE.parquet` writes it; found a Parquet file with the columns {columns}",
        file.display()
    )]
    Other {
        /// The file.
        file: PathBuf,
        /// What columns it has.
        columns: String,
    },
    /// Another version of this program wrote it.
    #[error(
        "{}: expected a summary by {expected}, which this program is; found one by {found}; write it again from its logs",
        file.display()
    )]
    Version {
        /// The file.
        file: PathBuf,
        /// The version of this program.
        expected: String,
        /// That of the file.
        found: String,
    },
    /// Two summaries overlap.
    #[error(
        "trial {trial} of run {run} is in {} and in {}; name each trial's summary once",
        first.display(),
        second.display()
    )]
    Twice {
        /// Name of the run.
        run: String,
        /// Name of the trial's folder.
        trial: String,
        /// The summary that has it.
        first: PathBuf,
        /// The summary that has it too.
        second: PathBuf,
    },
    /// Two summaries have different runs of one name.
    #[error(
        "the run {run} of {} is not that of {}: {difference}; the shards of a run have one seed and one number of trials. \
         Rename the folder of one of the two and write its summary again, or report on each alone",
        first.display(),
        second.display()
    )]
    Differ {
        /// Name of both runs.
        run: String,
        /// A summary.
        first: PathBuf,
        /// A summary with another run.
        second: PathBuf,
        /// What differs.
        difference: String,
    },
    /// A summary has several runs of a name that another has too.
    #[error(
        "{} has several runs of the name {run}, and {} has one too: nobody can tell which belong together; write a summary \
         of each of those folders by itself",
        several.display(),
        other.display()
    )]
    Several {
        /// Name of the runs.
        run: String,
        /// The summary that has several.
        several: PathBuf,
        /// Another that has one.
        other: PathBuf,
    },
}
