//! What there is to be said of a run or a folder, and which trials of a run are missing.
//!
//! **Invariant.** The work grows with the folders that are there, not with the numbers that a file names.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use files::note::{Note, Severity};

/// Something to be said of what a search found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remark {
    /// A note as it stands.
    Note(Note),
    /// What a run was to have and has; trials may be missing.
    Run(RunFound),
}

impl Remark {
    /// The notes on it, if there are any.
    pub fn notes(&self) -> Vec<Note> {
        match self {
            Remark::Note(note) => vec![note.clone()],
            Remark::Run(run) => run.notes(),
        }
    }
}

/// What a run was to have, and what its folder has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFound {
    /// The run's folder.
    pub dir: PathBuf,
    /// Its name, also of a folder that was given as `.` or by a link.
    pub name: String,
    /// Its seed: with the number of trials, what tells it from another run of the same name.
    pub seed: u64,
    /// How many trials it was to have.
    pub meant: u64,
    /// The numbers of those that are there.
    pub there: BTreeSet<u64>,
}

impl RunFound {
    /// Which trials are missing, and which are too many.
    fn notes(&self) -> Vec<Note> {
        compare(&self.dir, self.meant, &self.there)
    }
}

pub(super) fn compare(dir: &Path, meant: u64, there: &BTreeSet<u64>) -> Vec<Note> {
    let mut notes = Vec::new();
    let missing = meant - there.range(..meant).count() as u64;
    if missing > 0 {
        let found = format!(
            "{}; {missing} missing, first trial {}",
            there.len(),
            first_gap(there)
        );
        notes.push(Note::new(
            Severity::Warning,
            dir,
            format!("{meant} trials"),
            found,
            "the run was cut short, or folders were removed; the rest is read",
        ));
    }
    let beyond = there.range(meant..).count();
    if let Some(first) = there.range(meant..).next() {
        notes.push(Note::new(
            Severity::Warning,
            dir,
            format!("{meant} trials, numbered from 0"),
            format!("{beyond} beyond them, first trial {first}"),
            "they are read, but are not of this run as its manifest describes it; move copies elsewhere",
        ));
    }
    notes
}

/// The smallest number that is not there.
fn first_gap(there: &BTreeSet<u64>) -> u64 {
    let mut gap = 0;
    for &trial in there {
        if trial != gap {
            break;
        }
        gap += 1;
    }
    gap
}
