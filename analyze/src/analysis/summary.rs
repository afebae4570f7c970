//! What the report needs of each trial, in a file: the shards of a run are analysed where they were run, and their
//! summaries put together.
//!
//! A summary is a Parquet table with a row for each machine of each trial: its metrics in columns, for readers who want a table
//! of them, and in the first row of each trial everything that is kept of it, as JSON. [`file`] writes and reads it.
//!
//! **Invariant.** The report on summaries of the parts is the report on the whole logs, to the last bit: trials stand in the
//! order of the search, and which are missing is found out anew from what all parts together have.

mod entry;
mod error;
mod file;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use entry::Entry;
pub use error::SummaryError;
pub(super) use file::SummaryWriter;

use super::trial::Worked;
use files::note::Note;
use logs::scan::{Remark, RunFound};

/// The trials of some summaries, as a search of their logs and reading them would have given them.
#[derive(Default)]
pub(super) struct Parts {
    /// What there is to be said of runs and folders.
    pub(super) notes: Vec<Note>,
    /// The trials, or why one could not be read.
    pub(super) trials: Vec<Result<Worked, Box<Note>>>,
}

/// Puts summaries together.
pub(super) fn read(files: &[PathBuf]) -> Result<Parts, SummaryError> {
    let mut remarks = Remarks::default();
    let mut parts = Vec::with_capacity(files.len());
    // Runs first: of two runs that have nothing but the name in common no trial is there twice.
    for (position, path) in files.iter().enumerate() {
        let (told, entries) = file::read(path)?;
        for remark in told {
            remarks.add(remark, position, files)?;
        }
        parts.push(entries);
    }
    // By run, in the order of first appearance; each with the files that it comes from.
    let mut runs: Vec<(Vec<usize>, Vec<Entry>)> = Vec::new();
    let mut places: HashMap<(String, PathBuf), usize> = HashMap::new();
    let mut seen: HashMap<(String, String), usize> = HashMap::new();
    for (position, (path, entries)) in files.iter().zip(parts).enumerate() {
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
            let folder = entry.dir.parent().unwrap_or(Path::new(""));
            // Of a run of several summaries, and of no other, the folders are parts.
            let folder = match remarks.has_parts(&entry.run) {
                true => PathBuf::new(),
                false => folder.to_owned(),
            };
            let run = (entry.run.clone(), folder);
            let place = *places.entry(run).or_insert_with(|| {
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

/// What is to be said of runs and folders, each once; the parts of a run that are in several summaries are one run.
#[derive(Default)]
struct Remarks {
    all: Vec<Remark>,
    /// By name of a run, the summaries that have it, each as often as it does, and the place of the first among all.
    runs: BTreeMap<String, (Vec<usize>, usize)>,
}

impl Remarks {
    /// Adds what the summary at this position among the files says.
    fn add(
        &mut self,
        remark: Remark,
        position: usize,
        files: &[PathBuf],
    ) -> Result<(), SummaryError> {
        let Remark::Run(run) = remark else {
            if !self.all.contains(&remark) {
                self.all.push(remark);
            }
            return Ok(());
        };
        let end = self.all.len();
        let (sources, place) = self
            .runs
            .entry(run.name.clone())
            .or_insert((Vec::new(), end));
        let other = sources.iter().find(|&&source| source != position).copied();
        sources.push(position);
        let (Some(other), Some(Remark::Run(known))) = (other, self.all.get_mut(*place)) else {
            self.all.push(Remark::Run(run));
            return Ok(());
        };
        if let Some(difference) = difference(known, &run) {
            return Err(SummaryError::Differ {
                run: run.name,
                first: files[other].clone(),
                second: files[position].clone(),
                difference,
            });
        }
        let times = |of: usize| sources.iter().filter(|&&source| source == of).count();
        for (several, other) in [(other, position), (position, other)] {
            if times(several) > 1 {
                return Err(SummaryError::Several {
                    run: run.name,
                    several: files[several].clone(),
                    other: files[other].clone(),
                });
            }
        }
        known.there.extend(run.there);
        Ok(())
    }

    /// Whether a run is in several summaries, or in one that does not say what the run was to have.
    fn has_parts(&self, run: &str) -> bool {
        self.runs
            .get(run)
            .is_none_or(|(sources, _)| sources.first() != sources.last())
    }
}

/// In what two runs differ that cannot differ between shards of one.
fn difference(first: &RunFound, second: &RunFound) -> Option<String> {
    if first.seed != second.seed {
        return Some(format!("seeds {} and {}", first.seed, second.seed));
    }
    let differ = first.meant != second.meant;
    differ.then(|| format!("{} and {} trials", first.meant, second.meant))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of summaries of runs called `run`: of each its seed, how many trials it was to have, and one that is there.
    fn said(summaries: &[&[(u64, u64, u64)]]) -> Result<Vec<String>, String> {
        let files: Vec<PathBuf> = (0..summaries.len())
            .map(|file| PathBuf::from(format!("{file}.parquet")))
            .collect();
        let mut remarks = Remarks::default();
        for (position, runs) in summaries.iter().enumerate() {
            for &(seed, meant, there) in *runs {
                let run = RunFound {
                    dir: PathBuf::from("."),
                    name: "run".to_owned(),
                    seed,
                    meant,
                    there: [there].into(),
                };
                let added = remarks.add(Remark::Run(run), position, &files);
                added.map_err(|error| error.to_string())?;
            }
        }
        let notes = remarks.all.iter().flat_map(Remark::notes);
        Ok(notes.map(|note| note.found).collect())
    }

    #[test]
    fn shards_of_one_run_are_put_together() {
        assert_eq!(said(&[&[(5, 2, 0)], &[(5, 2, 1)]]), Ok(vec![]));
        let gap = "2; 1 missing, first trial 1".to_owned();
        assert_eq!(said(&[&[(5, 3, 2)], &[(5, 3, 0)]]), Ok(vec![gap]));
    }

    #[test]
    fn runs_of_one_name_in_one_summary_do_not_fill_each_others_gaps() {
        let gaps = ["1; 1 missing, first trial 1", "1; 1 missing, first trial 0"];
        let gaps = gaps.map(str::to_owned).to_vec();
        assert_eq!(said(&[&[(5, 2, 0), (6, 2, 1)]]), Ok(gaps.clone()));
        assert_eq!(said(&[&[(5, 2, 0), (5, 2, 1)]]), Ok(gaps));
    }

    #[test]
    fn different_runs_of_one_name_are_refused_in_either_order() {
        for (summaries, reason) in [
            ([&[(5, 2, 0)], &[(6, 2, 0)]], "seeds 5 and 6"),
            ([&[(6, 2, 0)], &[(5, 2, 0)]], "seeds 6 and 5"),
            ([&[(5, 2, 0)], &[(5, 3, 0)]], "2 and 3 trials"),
        ] {
            let error = said(&[summaries[0], summaries[1]]).expect_err("two runs");
            assert!(error.contains(reason), "{error}");
            assert!(
                error.contains("of 0.parquet is not that of 1.parquet"),
                "{error}"
            );
        }
        let two: &[(u64, u64, u64)] = &[(5, 3, 0), (5, 3, 1)];
        let one: &[(u64, u64, u64)] = &[(5, 3, 2)];
        for (summaries, several) in [([two, one], "0.parquet has"), ([one, two], "1.parquet has")] {
            let error = said(&summaries).expect_err("nobody can tell");
            assert!(error.contains(several), "{error}");
        }
    }
}
