//! The folder that the shards of one run share: `OUT/NAME`, without a time in its name.
//!
//! On a shared disk shards write into it side by side; folders from several disks become one by copying them over each
//! other.
//!
//! **Invariant.** A shard touches its own trials only. It joins a folder only if that is of the same run, and keeps its
//! own complete trials: a job that is started again goes on.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use driver::StorageError;
use event_log::{FORMAT_VERSION, RunManifest, ShardManifest, layout};
use serde::Serialize;
use serde_json::Value;

use super::error::RunError;
use super::new_run::NewRun;
use crate::outcome::{RunFolder, TrialOutcome};
use crate::plan::TrialTask;
use crate::progress::Progress;
use crate::resume::{ResumeError, Standing, finished, hold};
use crate::shard::Shard;
use crate::storage::write_json;

/// The folder of a run as one of its shards found it.
#[derive(Debug)]
pub struct ShardFolder<'a> {
    /// The folder.
    pub folder: RunFolder,
    /// Trials of this shard that must run.
    pub left: Vec<TrialTask<'a>>,
    /// Complete trials of this shard, by an earlier process, in their order.
    pub kept: Vec<TrialOutcome>,
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
) -> Result<ShardFolder<'a>, RunError> {
    let (folder, held) = share(new, shard)?;
    let standing = survey(&folder, &tasks)?;
    standing.set_aside(progress)?;
    Ok(ShardFolder {
        left: standing.left(tasks),
        kept: standing.kept,
        folder,
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
    let file = run.join(layout::shard_file(shard.index(), shard.of()));
    if !file.exists() {
        let RunManifest {
            tool,
            created,
            host,
            ..
        } = manifest;
        let record = ShardManifest {
            format_version: FORMAT_VERSION,
            shard: shard.index(),
            of: shard.of(),
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
        let draft = run.join(format!(".{}.of-shard-{}", layout::RUN_FILE, shard.index()));
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
    let fail = |problem: String| RunError::from(ResumeError::new(&path, problem));
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

/// A configuration without the options that may differ from host to host and change no trial.
fn determining(mut config: Value) -> Value {
    if let Some(table) = config.as_object_mut() {
        for key in ["out", "jobs"] {
            table.remove(key);
        }
    }
    config
}

/// Which of these trials there are already.
fn survey(run: &RunFolder, tasks: &[TrialTask<'_>]) -> Result<Standing, ResumeError> {
    let mut standing = Standing::default();
    for task in tasks {
        let folder = run.path.join(layout::trial_dir(task.trial, run.count));
        if folder.exists() {
            standing.add(task.trial, finished(&folder, task)?, folder);
        }
    }
    Ok(standing)
}
