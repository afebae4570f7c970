//! Shards: one run split over jobs that never speak to each other.
//!
//! Trial t of a run belongs to shard t mod n of n, and of a packed run pack p to shard p mod n. Its chance follows from seed and number as ever, so the trial folders
//! of all shards together are those of the whole run, byte for byte. Shards of one run share one folder, `OUT/NAME`,
//! without a time in its name: on a shared disk they write into it side by side, and folders from several disks become
//! one by copying them over each other.
//!
//! **Invariant.** A shard touches its own trials only. It joins a folder only if that is of the same run, and its own
//! complete trials it keeps: a job that is started again goes on.

use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::str::FromStr;

use driver::StorageError;
use event_log::{FORMAT_VERSION, RunManifest, ShardManifest, layout};
use serde::Serialize;
use serde_json::Value;

use crate::experiment::ExperimentError;
use crate::experiment::resume::{Standing, finished, hold, set_aside};
use crate::plan::TrialTask;
use crate::progress::Progress;
use crate::run::{NewRun, RunError, RunFolder};
use crate::storage::write_json;

/// One of several parts of a run. Written `index/of`, counted from 0: `0/3`, `1/3`, `2/3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: u64,
    of: u64,
}

impl Shard {
    /// Whether a trial, or of a packed run a pack, belongs to it.
    pub fn holds(self, number: u64) -> bool {
        number % self.of == self.index
    }

    /// How many of so many trials, not packed, belong to it.
    pub fn trials(self, count: u64) -> u64 {
        count.saturating_sub(self.index).div_ceil(self.of)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

impl Serialize for Shard {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let parts = text.split_once('/').and_then(|(index, of)| {
            Some(Shard {
                index: index.trim().parse().ok()?,
                of: of.trim().parse().ok()?,
            })
        });
        match parts {
            Some(shard) if shard.index < shard.of => Ok(shard),
            Some(Shard { of, .. }) if of > 0 => Err(format!(
                "shards of {of} are numbered from 0/{of} to {}/{of}",
                of - 1
            )),
            _ => Err(
                "expected i/n, the shard's number from 0 and how many there are: 0/3".to_owned(),
            ),
        }
    }
}

/// A run's folder with what a process may do in it.
#[derive(Debug)]
pub struct Begun<'a> {
    /// The folder.
    pub folder: RunFolder,
    /// Trials yet to run.
    pub left: Vec<TrialTask<'a>>,
    /// Complete trials of this shard that an earlier process left.
    pub standing: Standing,
    /// Nobody else works on this shard while this file is open.
    _held: File,
}

/// Begins a shard of a run, or goes on with it: joins the run's folder, keeps complete trials among `tasks`, the shard's
/// own, and sets unfinished ones aside.
///
/// # Errors
///
/// [`RunError`] when the folder is of another run, cannot be written, or another process is at work on this shard.
pub fn begin<'a, C: Serialize>(
    new: &NewRun<'_, C>,
    shard: Shard,
    tasks: Vec<TrialTask<'a>>,
    progress: &Progress,
) -> Result<Begun<'a>, RunError> {
    let (folder, held) = share(new, shard)?;
    let standing = survey(&folder, &tasks)?;
    for unfinished in &standing.unfinished {
        let aside = set_aside(unfinished)?;
        progress.announce(&format!(
            "trial {} runs again: {}; what there was of it is now {}",
            unfinished.trial,
            unfinished.why,
            aside.display()
        ));
    }
    let kept = |task: &TrialTask<'_>| {
        let known = standing
            .kept
            .binary_search_by_key(&task.trial, |outcome| outcome.trial);
        known.is_ok()
    };
    let left = tasks.into_iter().filter(|task| !kept(task)).collect();
    Ok(Begun {
        folder,
        left,
        standing,
        _held: held,
    })
}

/// Joins the folder that the shards of a run share; nobody else works on this shard while the file is open.
///
/// # Errors
///
/// As [`begin`].
pub fn share<C: Serialize>(
    new: &NewRun<'_, C>,
    shard: Shard,
) -> Result<(RunFolder, File), RunError> {
    let run = new.out.join(new.name);
    fs::create_dir_all(&run).map_err(StorageError::at(&run))?;
    let manifest = new.manifest();
    join(&run, shard, &manifest)?;
    let file = run.join(layout::shard_file(shard.index, shard.of));
    if !file.exists() {
        let RunManifest {
            tool,
            created,
            host,
            ..
        } = manifest;
        let record = ShardManifest {
            format_version: FORMAT_VERSION,
            shard: shard.index,
            of: shard.of,
            tool,
            created,
            host,
        };
        write_json(&file, &record)?;
    }
    let held = hold(&file)?;
    let folder = RunFolder {
        path: run,
        count: new.count,
    };
    Ok((folder, held))
}

/// Writes the run's manifest if no shard has yet, whole or not at all; else compares it.
fn join<C: Serialize>(run: &Path, shard: Shard, manifest: &RunManifest<C>) -> Result<(), RunError> {
    let path = run.join(layout::RUN_FILE);
    if !path.exists() {
        // A link appears whole and only if there is none: of shards that start together one wins.
        let draft = run.join(format!(".{}.of-shard-{}", layout::RUN_FILE, shard.index));
        write_json(&draft, manifest)?;
        let linked = match fs::hard_link(&draft, &path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                fs::copy(&draft, &path).map(drop)
            }
            _ => Ok(()),
        };
        let _ = fs::remove_file(&draft);
        linked.map_err(StorageError::at(&path))?;
    }
    let text = fs::read_to_string(&path).map_err(StorageError::at(&path))?;
    let fail = |problem: String| RunError::from(ExperimentError::new(&path, problem));
    let there: RunManifest<Value> = serde_json::from_str(&text)
        .map_err(|error| fail(format!("{error}; choose another --name or --out")))?;
    let ours = serde_json::to_value(&manifest.config).map_err(|error| fail(error.to_string()))?;
    let same = [
        ("seed", there.seed == manifest.seed),
        (
            "configuration",
            determining(there.config) == determining(ours),
        ),
        ("release of the runner", there.tool == manifest.tool),
        ("format", there.format_version == manifest.format_version),
    ];
    match same.iter().find(|(_, same)| !same) {
        None => Ok(()),
        Some((what, _)) => Err(fail(format!(
            "this folder is of a run with another {what}; shards of one run are started with the same options: choose another --name or --out for this one"
        ))),
    }
}

/// A configuration without what may differ from host to host and changes no trial.
fn determining(mut config: Value) -> Value {
    if let Some(table) = config.as_object_mut() {
        for key in ["out", "jobs"] {
            table.remove(key);
        }
    }
    config
}

/// Which of these trials there are already.
fn survey(run: &RunFolder, tasks: &[TrialTask<'_>]) -> Result<Standing, ExperimentError> {
    let mut standing = Standing::default();
    for task in tasks {
        let folder = run.path.join(layout::trial_dir(task.trial, run.count));
        if folder.exists() {
            standing.add(task.trial, finished(&folder, task)?, folder);
        }
    }
    Ok(standing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trial_belongs_to_one_shard() {
        for of in [1, 3, 5] {
            let shards: Vec<Shard> = (0..of).map(|index| Shard { index, of }).collect();
            for trial in 0..100 {
                let holders = shards.iter().filter(|shard| shard.holds(trial));
                assert_eq!(holders.count(), 1, "trial {trial} of {of} shards");
            }
            for (shard, count) in shards.iter().zip([0, 1, 2, 99, 100].into_iter().cycle()) {
                let held = (0..count).filter(|&trial| shard.holds(trial)).count();
                assert_eq!(shard.trials(count), held as u64, "{shard} of {count}");
            }
        }
    }

    #[test]
    fn what_is_no_shard_is_refused_in_words() {
        assert_eq!("2/3".parse(), Ok(Shard { index: 2, of: 3 }));
        for (text, word) in [
            ("3/3", "0/3 to 2/3"),
            ("0/0", "expected i/n"),
            ("1", "expected i/n"),
            ("-1/3", "expected i/n"),
            ("", "expected i/n"),
        ] {
            let error = text.parse::<Shard>().expect_err("no shard");
            assert!(error.contains(word), "{text}: {error}");
        }
    }
}
