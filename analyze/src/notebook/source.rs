//! The logs behind a page: as committed, or run again from a seed.

use std::fs;
use std::path::{Path, PathBuf};

use event_log::layout;
use sha2::{Digest, Sha256};

use super::NotebookError;
use crate::input;
use crate::sibling::{self, EventBudget, ScratchRun};

/// Folders to analyse; those that were run again live as long as this value.
#[derive(Debug)]
pub struct Sources {
    /// The folders, in the order in which they were named.
    pub folders: Vec<PathBuf>,
    /// The runs that were repeated.
    repeated: Vec<ScratchRun>,
}

impl Sources {
    /// Resolves the folders that a page names, relative to `base`. What is run again has no more events than the budget
    /// allows.
    ///
    /// # Errors
    ///
    /// When a folder cannot be read, or a run in virtual time cannot be repeated.
    pub fn resolve(
        base: &Path,
        logs: &[String],
        budget: &EventBudget,
    ) -> Result<Sources, NotebookError> {
        let mut sources = Sources {
            folders: Vec::new(),
            repeated: Vec::new(),
        };
        for name in logs {
            let folder = base.join(name);
            if is_seed_only(&folder)? {
                sources.repeat(&folder, budget)?;
                continue;
            }
            let runs = subfolders(&folder)?;
            let seed_only: Vec<bool> = runs
                .iter()
                .map(|run| is_seed_only(run))
                .collect::<Result<_, _>>()?;
            if !seed_only.contains(&true) {
                sources.folders.push(folder);
                continue;
            }
            // One by one, in the order of their names: pages count conditions in the order in which runs are found.
            for (run, seed_only) in runs.into_iter().zip(seed_only) {
                if seed_only {
                    sources.repeat(&run, budget)?;
                } else {
                    sources.folders.push(run);
                }
            }
        }
        Ok(sources)
    }

    /// Runs a run in virtual time again; its folder keeps its name. What its manifest calls its driver is not believed: the
    /// runner is told to run it in virtual time, and refuses an experiment that is not.
    fn repeat(&mut self, run: &Path, budget: &EventBudget) -> Result<(), NotebookError> {
        let fail = |problem: String| NotebookError::Rerun {
            run: run.to_owned(),
            problem,
        };
        let manifest = run.join(layout::RUN_FILE);
        let experiment = read_manifest(&manifest)?["config"]
            .get("conditions")
            .is_some();
        let mut arguments = match experiment {
            true => vec!["experiment".to_owned()],
            false => ["trial", "--virtual", "--config"]
                .map(str::to_owned)
                .to_vec(),
        };
        arguments.push(manifest.display().to_string());
        let mut made = sibling::run(&arguments, budget).map_err(fail)?;
        if let Some(name) = run.file_name() {
            made.rename(name).map_err(NotebookError::file(run))?;
        }
        self.folders.push(made.folder().to_owned());
        self.repeated.push(made);
        Ok(())
    }

    /// A fingerprint of every file of every trial: SHA-256 over names and contents in order, its first 16 digits.
    ///
    /// # Errors
    ///
    /// When a file cannot be read.
    pub fn fingerprint(&self) -> Result<String, NotebookError> {
        let mut hash = Sha256::new();
        for folder in &self.folders {
            add(&mut hash, folder, folder)?;
        }
        let digest = hash.finalize();
        Ok(digest
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect())
    }
}

/// Whether a folder holds the manifest of a run in virtual time, and no trial.
fn is_seed_only(folder: &Path) -> Result<bool, NotebookError> {
    let manifest = folder.join(layout::RUN_FILE);
    if !manifest.exists() {
        return Ok(false);
    }
    let manifest = read_manifest(&manifest)?;
    let trial = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        layout::trial_number(&name).is_some()
    };
    let pack = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        layout::pack_trials(&name).is_some()
    };
    Ok(manifest["driver"] == "virtual"
        && !subfolders(folder)?.iter().any(trial)
        && !entries(folder)?.iter().any(pack))
}

fn read_manifest(file: &Path) -> Result<serde_json::Value, NotebookError> {
    let bytes =
        input::bytes_below(file, input::DOCUMENT_BYTES_MAX).map_err(NotebookError::file(file))?;
    serde_json::from_slice(&bytes).map_err(|error| NotebookError::file(file)(error.into()))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, NotebookError> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(NotebookError::file(folder))? {
        paths.push(entry.map_err(NotebookError::file(folder))?.path());
    }
    paths.sort();
    Ok(paths)
}

fn subfolders(folder: &Path) -> Result<Vec<PathBuf>, NotebookError> {
    let paths = entries(folder)?.into_iter();
    Ok(paths.filter(|path| path.is_dir()).collect())
}

/// Adds all files of trials below `folder`. A run's own manifest holds the time of the run, not its results; links are not
/// followed, as they are not where logs are read.
fn add(hash: &mut Sha256, base: &Path, folder: &Path) -> Result<(), NotebookError> {
    for path in entries(folder)? {
        if path.is_symlink() {
            continue;
        } else if path.is_dir() {
            add(hash, base, &path)?;
        } else if path
            .file_name()
            .is_some_and(|name| name != layout::RUN_FILE)
        {
            let content = input::bytes_below(&path, input::WHOLE_BYTES_MAX)
                .map_err(NotebookError::file(&path))?;
            let name = path.strip_prefix(base).unwrap_or(&path);
            let parts: Vec<_> = name
                .components()
                .map(|part| part.as_os_str().to_string_lossy())
                .collect();
            hash.update(format!("{}\n{}\n", parts.join("/"), content.len()));
            hash.update(&content);
        }
    }
    Ok(())
}
