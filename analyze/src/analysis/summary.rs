//! What the report needs of each trial, in a file: the shards of a run are analysed where they were run, and their
//! summaries put together.
//!
//! A summary is a Parquet table with a row for each machine of each trial: its metrics in columns, for whoever wants a table
//! of them, and in the first row of each trial everything that is kept of it, as JSON. [`file`] writes and reads it.
//!
//! **Invariant.** The report on summaries of the parts is the report on the whole logs, to the last bit: trials stand in the
//! order of the search, and which are missing is found out anew from what all parts together have.

mod file;

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

pub(super) use file::SummaryWriter;

use super::Worked;
use crate::note::Note;
use crate::scan::{Remark, RunFound};

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
}

/// The trials of some summaries, as a search of their logs and reading them would have given them.
#[derive(Default)]
pub(super) struct Parts {
    /// What there is to be said of runs and folders.
    pub(super) notes: Vec<Note>,
    /// The trials, or why one could not be read.
    pub(super) trials: Vec<Result<Worked, Box<Note>>>,
}

/// A trial of a summary.
struct Entry {
    run: String,
    /// The trial's folder.
    dir: PathBuf,
    outcome: Result<Worked, Box<Note>>,
}

impl Entry {
    fn name(&self) -> String {
        let name = self.dir.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
}

/// Puts summaries together.
pub(super) fn read(files: &[PathBuf]) -> Result<Parts, SummaryError> {
    let mut remarks = Remarks::default();
    // By run, in the order of first appearance; each with the files that it comes from.
    let mut runs: Vec<(Vec<usize>, Vec<Entry>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut seen: HashMap<(String, String), usize> = HashMap::new();
    for (position, path) in files.iter().enumerate() {
        let (told, entries) = file::read(path)?;
        told.into_iter().for_each(|remark| remarks.add(remark));
        for entry in entries {
            let earlier = seen.insert((entry.run.clone(), entry.name()), position);
            if let Some(first) = earlier.filter(|&first| first != position) {
                return Err(SummaryError::Twice {
                    trial: entry.name(),
                    run: entry.run,
                    first: files[first].clone(),
                    second: path.clone(),
                });
            }
            let place = *places.entry(entry.run.clone()).or_insert_with(|| {
                runs.push((Vec::new(), Vec::new()));
                runs.len() - 1
            });
            let (sources, of_run) = &mut runs[place];
            if sources.last() != Some(&position) {
                sources.push(position);
            }
            of_run.push(entry);
        }
    }
    for (sources, entries) in &mut runs {
        // One summary has its trials in the order in which they were asked for; of several that order is the folders'.
        if sources.len() > 1 {
            entries.sort_by(|a, b| a.dir.file_name().cmp(&b.dir.file_name()));
        }
    }
    let entries = runs.into_iter().flat_map(|(_, entries)| entries);
    Ok(Parts {
        notes: remarks.all.iter().flat_map(Remark::notes).collect(),
        trials: entries.map(|entry| entry.outcome).collect(),
    })
}

/// What is to be said of runs and folders, each once; the parts of a run are one run.
#[derive(Default)]
struct Remarks {
    all: Vec<Remark>,
    runs: BTreeMap<String, usize>,
}

impl Remarks {
    fn add(&mut self, remark: Remark) {
        let Remark::Run(run) = remark else {
            if !self.all.contains(&remark) {
                self.all.push(remark);
            }
            return;
        };
        let name = name(&run);
        let known = self.runs.get(&name).copied();
        if let Some(Remark::Run(known)) = known.and_then(|place| self.all.get_mut(place)) {
            known.there.extend(run.there);
            return;
        }
        self.runs.insert(name, self.all.len());
        self.all.push(Remark::Run(run));
    }
}

/// The run's name, as a folder that was named as `.` has it too.
fn name(run: &RunFound) -> String {
    let dir: &Path = &run.dir;
    dir.file_name().map_or_else(
        || dir.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}
