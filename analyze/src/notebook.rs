//! Notebook pages: prose by hand, and blocks that are computed from logs.
//!
//! # A page
//!
//! One line says which logs a page argues from, and where its figures lie, both relative to the page:
//!
//! ```text
//! <!-- analyze:page logs="data/01-assignment" figures="../figures/01-assignment" -->
//! ```
//!
//! `logs` may name several folders, separated by blanks. A run folder that holds nothing but the `run.json` of a run in
//! virtual time is run again from its seed. With `compare="A B"` on that line the page compares two conditions, each named
//! by its number or by a part of its label without blanks, such as `compare="sockets virtual"`: there is then a
//! `table name=comparison`, and values at `/comparison/…`.
//!
//! With `band="N"` on that line every condition is simulated N times in virtual time, and shown against these trials: there
//! is then a `table name=against-virtual-trials-of-the-same-condition`, a band behind queues and clocks, and values
//! at `/conditions/…/machines/…/bands/…`.
//!
//! What stands between `<!-- analyze:begin KIND … -->` and `<!-- analyze:end -->` is written by `analyze`:
//!
//! | kind | what it becomes |
//! |---|---|
//! | `logs` | runs, trials, seeds and a fingerprint of every log; a page must have one |
//! | `table name=NAME` | a table of the report; its name is its title in lower case with dashes |
//! | `figure name=NAME [condition=N]` | a figure, its file and its caption; conditions count from 1 |
//! | `chain [condition=N] [machine=ID]` | the largest jump of a condition, of one machine if told: the messages behind it |
//! | `claim id=ID [as=verdict\|estimate\|n]` | a sentence of the ledger beside the page with its source and verdict, or a word of it inside a sentence |
//! | `claims [page=NAME]` | the table of the ledger, or of the claims that name this page |
//! | `coverage [trials=K] [resample=N] [machine=A,B] [metric=A,B]` | how often intervals of K trials hold the truth, and those of rows; of N resampled experiments if told |
//! | `figure name=coverage …` | the same as a figure |
//! | `plan metric=NAME effect=CHANGE [power=P] [machine=NAME] [condition=N]` | how many trials it takes, in a sentence |
//! | `power metric=NAME [machine=NAME] [effects=10%,20%,50%] [condition=N]` | for each condition and change: power of five trials, and trials for 0.8 and 0.9; metrics of whole trials (`slowest_queue_max`, `trial_queue_mean`) where rates are drawn |
//! | `figure name=power metric=NAME …` | the same over the number of trials as a figure, a panel for each condition |
//! | `gap [a=RUN b=RUN] [metric=A,B]` | two runs, by parts of their names, against each other, or sockets against virtual time |
//! | `check` | the verdict of the law check |
//! | `value at=POINTER [decimals=N] [as=percent\|signed\|millions\|interval]` | one value of the JSON report (RFC 6901), inside a sentence |
//! | `value of=KIND … at=POINTER` | one value of a `coverage`, `plan`, `power` or `gap` with these options, as `--json` of the command writes it |
//!
//! What stands between `<!-- measurements:begin -->` and `<!-- measurements:end -->` is written by the script that
//! measured, and not verified here: durations depend on the machine.
//!
//! # What verification means
//!
//! [`verify`] computes every block and every figure again and compares bytes. It also refuses numbers that stand
//! outside blocks: prose cites values, or names options in `code`; it does not type results. It judges the ledger
//! `claims.toml` beside the pages again: recorded verdicts must be those that the logs give, and every claim must be shown,
//! on its page if it names one. A page whose blocks all show claims needs no `analyze:page` line.
//!
//! # Map
//!
//! [`page`] text to segments and back · [`block`] what a block becomes (`chain` one of them, `studies` those that ask a question of their own) ·
//! `ledger` the claims beside a page · [`prose`] numbers where there should be none · [`mod@write`] and [`verify`] the two things to do with a page.

pub mod block;
mod chain;
pub mod ledger;
pub mod page;
pub mod prose;
mod studies;
mod value;
pub mod verify;
pub mod write;

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::band::BandError;
use crate::figures::FigureError;
use crate::sources::SourceError;

/// Why a page cannot be written or verified.
#[derive(Debug, Error)]
pub enum NotebookError {
    /// A file cannot be read or written, or logs cannot be read, made or analysed.
    #[error(transparent)]
    Sources(#[from] SourceError),
    /// A page is not well formed.
    #[error("{}:{line}: {problem}", page.display())]
    Page {
        /// The page.
        page: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What was expected and what was found.
        problem: String,
    },
    /// The virtual trials that a page shows beside its own cannot be made.
    #[error("{}: {cause}", page.display())]
    Band {
        /// The page.
        page: PathBuf,
        /// What is wrong.
        cause: BandError,
    },
    /// A figure cannot be drawn.
    #[error(transparent)]
    Figure(#[from] FigureError),
    /// The ledger beside the page cannot be put to the test: what [`ClaimsError`](crate::claims::ClaimsError) says.
    #[error("{0}")]
    Claims(String),
}

impl NotebookError {
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> NotebookError + '_ {
        move |cause| SourceError::file(path)(cause).into()
    }
}
