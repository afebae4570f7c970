//! Paths in, report and digests out: the pipeline itself, for our own logs ([`analyse`]), for others' in a format
//! ([`analyse_as`]), and for both side by side ([`analyse_all`]).
//!
//! Trials are worked on in parallel, a batch at a time; the rows of a trial live only while it is measured, checked and
//! digested, so that ten thousand trials need no more memory than their results.
//!
//! **Invariant.** The outcome does not depend on the number of threads: batches keep the order of the search.

mod accuracy;
mod collector;
mod error;
mod long_trial;
mod other_formats;
mod outcome;
mod repeats;
mod summary;
mod trial;

use std::path::{Path, PathBuf};

use collector::Collector;
pub use collector::VIOLATIONS_KEPT;
pub use error::AnalysisError;
pub use outcome::Analysis;
use summary::Parts;
pub use summary::SummaryError;
use trial::Kept;

use crate::plot_data::SERIES_POINTS;
use crate::runner_process::{EventBudget, Recipe, Stream};
use formats::paths::Plan;
use formats::{self, Compiled, Inventory};
use logs::scan::{self, Found};

/// As many trials as this keep full series for figures; more share the same memory.
const FULL_SERIES_TRIALS: usize = 100;
/// The fewest points a series is cut down to.
const FEWEST_POINTS: usize = 24;

/// What an analysis is to make; each makes what the ones before it do as well.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Wanted {
    /// Verdicts and notes: the report has neither trials nor conditions, and of a trial little more than its place stays in
    /// memory, some hundred bytes instead of thousands.
    Verdicts,
    /// The whole report.
    #[default]
    Report,
    /// Digests for figures.
    Digests,
}

/// Logs of one origin.
#[derive(Debug, Clone, Copy)]
pub enum Origin<'a> {
    /// Our own.
    Own(&'a [PathBuf]),
    /// Our own, and what the report needs of each trial goes to this file, for [`Origin::Summaries`].
    Summarised(&'a [PathBuf], &'a Path),
    /// Summaries of logs of our own: of the shards of a run, each once.
    Summaries(&'a [PathBuf]),
    /// Of another program, as a format reads them.
    Other(&'a Inventory, &'a Compiled),
    /// Of a run that the runner makes now, with no more events than the budget allows.
    Made(&'a Recipe, &'a EventBudget),
}

/// Analyses the trials under these paths.
///
/// # Errors
///
/// [`AnalysisError`] when there is no trial that can be read. Faults of single trials are notes in the report.
pub fn analyse(paths: &[PathBuf], wanted: Wanted) -> Result<Analysis, AnalysisError> {
    analyse_all(&[Origin::Own(paths)], wanted)
}

/// Analyses the logs of other programs under these paths, as a format reads them.
///
/// # Errors
///
/// [`AnalysisError`] when a path cannot be read, or when there is not one event. Lines that the format does not explain,
/// and trials that cannot stand beside others, are notes in the report.
pub fn analyse_as(
    paths: &[PathBuf],
    compiled: &Compiled,
    wanted: Wanted,
) -> Result<Analysis, AnalysisError> {
    let inventory = Inventory::of(paths)?;
    analyse_all(&[Origin::Other(&inventory, compiled)], wanted)
}

/// Analyses logs of several origins side by side, into one report: ours and others' may then be compared.
///
/// # Errors
///
/// As [`analyse`] and [`analyse_as`]; when one of the origins has no trial that can be read there is no analysis.
pub fn analyse_all(origins: &[Origin<'_>], wanted: Wanted) -> Result<Analysis, AnalysisError> {
    let plans: Vec<Planned<'_>> = origins.iter().map(Planned::of).collect::<Result<_, _>>()?;
    let trials = plans.iter().map(Planned::trials).sum();
    let kept = match wanted {
        Wanted::Verdicts => Kept::Verdict,
        Wanted::Report => Kept::Report,
        Wanted::Digests => Kept::Digest {
            points: points_for(trials),
        },
    };
    let mut collector = Collector::new(kept);
    for plan in plans {
        match plan {
            Planned::Own(found, summary) => collector.own(found, summary)?,
            Planned::Parts(_) if wanted == Wanted::Digests => return Err(AnalysisError::NoRows),
            Planned::Parts(parts) => collector.parts(parts)?,
            Planned::Other(plan, compiled) => collector.others(plan, compiled)?,
            Planned::Made(stream) => collector.made(*stream)?,
        }
    }
    collector.conclude()
}

/// The trials of an origin, before anything is read.
enum Planned<'a> {
    Own(Found, Option<&'a Path>),
    Parts(Parts),
    Other(Plan, &'a Compiled),
    Made(Box<Stream>),
}

impl<'a> Planned<'a> {
    fn of(origin: &Origin<'a>) -> Result<Planned<'a>, AnalysisError> {
        Ok(match origin {
            Origin::Own(paths) => Planned::Own(scan::find(paths)?, None),
            Origin::Summarised(paths, file) => Planned::Own(scan::find(paths)?, Some(file)),
            Origin::Summaries(files) => Planned::Parts(summary::read(files)?),
            Origin::Other(inventory, compiled) => {
                Planned::Other(formats::plan(inventory, compiled)?, compiled)
            }
            Origin::Made(recipe, budget) => {
                let stream = recipe.start(budget).map_err(AnalysisError::Runner)?;
                Planned::Made(Box::new(stream))
            }
        })
    }

    fn trials(&self) -> usize {
        match self {
            Planned::Own(found, _) => found.places.len(),
            Planned::Parts(parts) => parts.trials.len(),
            Planned::Other(plan, _) => plan.trials.len(),
            Planned::Made(stream) => usize::try_from(stream.trials).unwrap_or(usize::MAX),
        }
    }
}

/// How many points a series may have, so that the digests of many trials fit in memory.
fn points_for(trials: usize) -> usize {
    let share = SERIES_POINTS * FULL_SERIES_TRIALS / trials.max(1);
    share.clamp(FEWEST_POINTS, SERIES_POINTS)
}
