//! The experiment of an interrupted run, and the trials in its folder.
//!
//! **Invariant.** Every trial is looked at before one is renamed.

use std::fs;
use std::io;
use std::path::Path;

use event_log::layout;

use super::draft::Draft;
use super::expand::{Choices, Surroundings};
use super::record::manifest_of;
use super::{Experiment, ExperimentError};
use crate::numerals::counted;
use crate::resume::{ResumeError, Standing, finished};

/// Reads back the experiment of a run.
///
/// # Errors
///
/// [`ExperimentError`] when the manifest is not that of an experiment's run, or does not agree with itself.
pub fn experiment_of(
    run: &Path,
    jobs: Option<usize>,
    surroundings: Surroundings,
) -> Result<Experiment, ExperimentError> {
    let path = run.join(layout::RUN_FILE);
    let fail = |problem: String| ExperimentError::new(&path, problem);
    let text = fs::read_to_string(&path).map_err(|error| {
        fail(format!(
            "cannot be read ({error}); --resume takes the folder of an experiment's run"
        ))
    })?;
    let record = manifest_of(&text).map_err(fail)?.config;
    let meant = record.count;
    let choices = Choices {
        jobs,
        ..Choices::default()
    };
    let experiment = Experiment::new(&path, Draft::from(record), choices, surroundings)?;
    if experiment.count() != meant {
        return Err(fail(format!(
            "config.count: expected {} ({} of each condition), found {meant}; was it edited?",
            counted(experiment.count(), "trial"),
            experiment.count_per_condition
        )));
    }
    Ok(experiment)
}

/// Looks at every trial of a run.
///
/// # Errors
///
/// [`ResumeError`] when a folder cannot be read, does not belong to the experiment, or holds a trial of another
/// condition than planned.
pub fn survey(run: &Path, experiment: &Experiment) -> Result<Standing, ResumeError> {
    let fail = |error: io::Error| ResumeError::new(run, format!("cannot be read ({error})"));
    let tasks = experiment.tasks();
    let mut standing = Standing::default();
    for entry in fs::read_dir(run).map_err(fail)? {
        let folder = entry.map_err(fail)?.path();
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let Some(number) = layout::trial_number(&name) else {
            continue;
        };
        let task = usize::try_from(number)
            .ok()
            .and_then(|index| tasks.get(index))
            .filter(|_| name == layout::trial_dir(number, experiment.count()));
        let Some(task) = task else {
            let problem = format!(
                "is not a trial of this experiment, which has {}; move it elsewhere",
                counted(experiment.count(), "trial")
            );
            return Err(ResumeError::new(&folder, problem));
        };
        standing.add(number, finished(&folder, task)?, folder);
    }
    standing.kept.sort_by_key(|outcome| outcome.trial);
    standing
        .unfinished
        .sort_by_key(|unfinished| unfinished.trial);
    Ok(standing)
}
