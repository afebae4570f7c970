//! The logs behind a page or a claim: as committed, or made again from a seed. [`reports`] analyses each folder once.

mod error;
pub mod reports;

use std::fs;
use std::path::{Path, PathBuf};

use event_log::layout;
use sha2::{Digest, Sha256};

pub use error::SourceError;

use crate::analysis::{Analysis, AnalysisError, Origin, Wanted, analyse_all};
use crate::runner_process::{EventBudget, Recipe};
use files::input;
use logs::scan::{self, Loaded, TrialPlace};

/// What a page argues from, in the order in which it names it.
#[derive(Debug)]
pub struct Sources {
    sources: Vec<Source>,
}

/// Logs of a page.
#[derive(Debug)]
enum Source {
    /// A folder of logs.
    Folder(PathBuf),
    /// A run in virtual time that keeps only its manifest: the runner makes it whenever it is read.
    Seed {
        /// The folder of the manifest.
        folder: PathBuf,
        /// How it is made.
        recipe: Recipe,
    },
}

impl Sources {
    /// Resolves the folders that a page names, relative to `base`.
    ///
    /// # Errors
    ///
    /// When a folder cannot be read.
    pub fn resolve(base: &Path, logs: &[String]) -> Result<Sources, SourceError> {
        let mut sources = Vec::new();
        for name in logs {
            let folder = base.join(name);
            if is_seed_only(&folder)? {
                sources.push(seed(folder)?);
                continue;
            }
            let runs = subfolders(&folder)?;
            let seed_only: Vec<bool> = runs
                .iter()
                .map(|run| is_seed_only(run))
                .collect::<Result<_, _>>()?;
            if !seed_only.contains(&true) {
                sources.push(Source::Folder(folder));
                continue;
            }
            // One by one, in the order of their names: pages count conditions in the order in which runs are found.
            for (run, seed_only) in runs.into_iter().zip(seed_only) {
                sources.push(match seed_only {
                    true => seed(run)?,
                    false => Source::Folder(run),
                });
            }
        }
        Ok(Sources { sources })
    }

    /// Analyses them; what is made for it has no more events than the budget allows. `page` is what errors name.
    ///
    /// # Errors
    ///
    /// When the logs cannot be read, made or analysed.
    pub fn analyse(
        &self,
        page: &Path,
        wanted: Wanted,
        budget: &EventBudget,
    ) -> Result<Analysis, SourceError> {
        let origins: Vec<Origin<'_>> = self
            .sources
            .iter()
            .map(|source| match source {
                Source::Folder(folder) => Origin::Own(std::slice::from_ref(folder)),
                Source::Seed { recipe, .. } => Origin::Made(recipe, budget),
            })
            .collect();
        analyse_all(&origins, wanted).map_err(|cause| match cause {
            AnalysisError::Runner(problem) => self.not_made(page, problem),
            cause => SourceError::Logs {
                page: page.to_owned(),
                cause,
            },
        })
    }

    fn not_made(&self, page: &Path, problem: String) -> SourceError {
        let made = self.sources.iter().find_map(|source| match source {
            Source::Seed { folder, .. } => Some(folder.clone()),
            Source::Folder(_) => None,
        });
        SourceError::Rerun {
            run: made.unwrap_or_else(|| page.to_owned()),
            problem,
        }
    }

    /// One trial of them, for blocks that read rows: the trial of this run, number and folder.
    ///
    /// # Errors
    ///
    /// Why it cannot be read or made.
    pub(crate) fn trial(
        &self,
        run: &str,
        number: u64,
        dir: &Path,
        budget: &EventBudget,
    ) -> Result<Loaded, String> {
        let recipe = self.sources.iter().find_map(|source| match source {
            Source::Seed { recipe, .. } if recipe.name == run => Some(recipe),
            _ => None,
        });
        let loaded = match recipe {
            Some(recipe) => {
                let made = recipe.one(number, budget)?;
                scan::load_made(run, &made)
            }
            None => scan::load(&TrialPlace::at(run, dir)),
        };
        loaded.map_err(|note| note.to_string())
    }

    /// A fingerprint of all trials: SHA-256 over names and contents of their files in order, and over `made`, those of the
    /// runs that were made; its first 16 digits.
    ///
    /// # Errors
    ///
    /// When a file cannot be read.
    pub fn fingerprint(&self, made: &[[u8; 32]]) -> Result<String, SourceError> {
        let mut hash = Sha256::new();
        let mut made = made.iter();
        for source in &self.sources {
            match source {
                Source::Folder(folder) => add(&mut hash, folder, folder)?,
                Source::Seed { .. } => hash.update(made.next().unwrap_or(&[0; 32])),
            }
        }
        let digest = hash.finalize();
        Ok(digest
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect())
    }
}

/// A run in virtual time that is made again from its manifest, and keeps its name. What the manifest calls its driver is not
/// believed: the runner makes it in virtual time, and refuses an experiment that is not.
fn seed(folder: PathBuf) -> Result<Source, SourceError> {
    let manifest = folder.join(layout::RUN_FILE);
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
    let name = folder.file_name().unwrap_or_default();
    let recipe = Recipe {
        name: name.to_string_lossy().into_owned(),
        arguments,
        faults: None,
    };
    Ok(Source::Seed { folder, recipe })
}

/// Whether a folder holds the manifest of a run in virtual time, and no trial.
fn is_seed_only(folder: &Path) -> Result<bool, SourceError> {
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

fn read_manifest(file: &Path) -> Result<serde_json::Value, SourceError> {
    let bytes =
        input::bytes_below(file, input::DOCUMENT_BYTES_MAX).map_err(SourceError::file(file))?;
    serde_json::from_slice(&bytes).map_err(|error| SourceError::file(file)(error.into()))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, SourceError> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(SourceError::file(folder))? {
        paths.push(entry.map_err(SourceError::file(folder))?.path());
    }
    paths.sort();
    Ok(paths)
}

fn subfolders(folder: &Path) -> Result<Vec<PathBuf>, SourceError> {
    let paths = entries(folder)?.into_iter();
    Ok(paths.filter(|path| path.is_dir()).collect())
}

/// Adds all files of trials below `folder`. A run's own manifest holds the time of the run, not its results; links are not
/// followed, as they are not where logs are read.
fn add(hash: &mut Sha256, base: &Path, folder: &Path) -> Result<(), SourceError> {
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
                .map_err(SourceError::file(&path))?;
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
