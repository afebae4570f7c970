//! A run's folder against its manifest: which trials are missing, and which are too many.
//!
//! **Invariant.** The work grows with the folders that are there, not with the numbers that a file names.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use event_log::RunManifest;
use event_log::layout::{RUN_FILE, TRIAL_FILE, trial_number};
use serde_json::Value;

use super::place::name;
use super::remark::{Remark, RunFound};
use super::version::Version;
use files::input::{self, DOCUMENT_BYTES_MAX, encoding};
use files::note::{Note, Severity};

/// Compares the folders and the packs in a run's folder with the number of trials that the run was to have.
pub(super) fn check(dir: &Path, folders: &[PathBuf], packed: &[u64]) -> Remark {
    match seed_and_trials(&dir.join(RUN_FILE)) {
        Ok((seed, meant)) => Remark::Run(RunFound {
            dir: dir.to_owned(),
            name: dir
                .canonicalize()
                .map_or_else(|_| name(dir), |real| name(&real)),
            seed,
            meant,
            there: there(folders, packed),
        }),
        Err(note) => Remark::Note(*note),
    }
}

/// A note on trials beside which there is no manifest of their run.
pub(super) fn without_manifest(dir: &Path, folders: &[PathBuf], packed: &[u64]) -> Option<Note> {
    let is_trial =
        |folder: &&PathBuf| number(folder).is_some() && folder.join(TRIAL_FILE).is_file();
    let trials = folders.iter().filter(is_trial).count() + packed.len();
    (trials > 0).then(|| {
        Note::new(
            Severity::Info,
            dir,
            format!("{RUN_FILE} beside the trials"),
            format!("{trials} trials without it"),
            "they are read, but nobody can tell whether trials are missing; restore it from the run",
        )
    })
}

fn number(folder: &Path) -> Option<u64> {
    trial_number(&name(folder))
}

/// The numbers of the trials that folders are named after, and of those that packs have.
fn there(folders: &[PathBuf], packed: &[u64]) -> BTreeSet<u64> {
    let folders = folders.iter().filter_map(|folder| number(folder));
    folders.chain(packed.iter().copied()).collect()
}

/// A run's seed, and how many trials it was to have.
fn seed_and_trials(file: &Path) -> Result<(u64, u64), Box<Note>> {
    let refuse = |expected: String, found: String, advice: &str| {
        Box::new(Note::new(Severity::Warning, file, expected, found, advice))
    };
    let advice = "its trials are read all the same, but missing ones cannot be told";
    let expected = || "the manifest of a run with `config.count`".to_owned();
    let bytes = input::bytes_below(file, DOCUMENT_BYTES_MAX).and_then(encoding::plain);
    let bytes = bytes
        .map_err(|error| refuse(expected(), error.to_string(), advice))?
        .bytes;
    let not_json = |error: serde_json::Error| refuse(expected(), error.to_string(), advice);
    let version: Version = serde_json::from_slice(&bytes).map_err(not_json)?;
    if let Some(refusal) = version.refusal() {
        let advice = format!(
            "nobody can tell whether trials are missing; {}",
            refusal.advice
        );
        return Err(refuse(refusal.expected, refusal.found, &advice));
    }
    let run: RunManifest<Value> = serde_json::from_slice(&bytes).map_err(not_json)?;
    let count = run.config.get("count").and_then(Value::as_u64);
    let count = count.ok_or_else(|| refuse(expected(), "none".to_owned(), advice))?;
    Ok((run.seed, count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::remark::compare;

    #[test]
    fn trials_in_packs_are_there() {
        let packed: Vec<u64> = (0..1000).chain(2000..2010).collect();
        let notes = compare(Path::new("run"), 2010, &there(&[], &packed));
        let found: Vec<String> = notes.into_iter().map(|note| note.found).collect();
        assert_eq!(found, ["1010; 1000 missing, first trial 1000"]);
    }

    fn told(meant: u64, there: &[u64]) -> Vec<String> {
        let folders: Vec<PathBuf> = there
            .iter()
            .map(|trial| PathBuf::from(format!("run/trial-{trial:03}")))
            .collect();
        let notes = compare(Path::new("run"), meant, &super::there(&folders, &[]));
        notes.into_iter().map(|note| note.found).collect()
    }

    #[test]
    fn a_count_beyond_all_measure_takes_no_time() {
        assert_eq!(
            told(u64::MAX, &[0, 1, 3]),
            ["3; 18446744073709551612 missing, first trial 2"]
        );
    }

    #[test]
    fn gaps_and_trials_beyond_the_last_are_told() {
        assert!(told(3, &[0, 1, 2]).is_empty());
        assert_eq!(told(3, &[1, 2]), ["2; 1 missing, first trial 0"]);
        assert_eq!(told(3, &[0, 1]), ["2; 1 missing, first trial 2"]);
        assert_eq!(
            told(2, &[0, 2, 5]),
            [
                "3; 1 missing, first trial 1",
                "2 beyond them, first trial 2"
            ]
        );
        assert_eq!(told(0, &[]), [""; 0]);
    }
}
