//! Trials that are read one at a time, and again when need be, whoever's they are.
//!
//! **Invariant.** A trial has the same position, number and rows each time it is read.

use std::path::PathBuf;

use events::Trial;

use crate::formats::account::warnings;
use crate::formats::paths::PathsError;
use crate::formats::source::TrialFiles;
use crate::formats::{Compiled, Inventory, load, plan};
use crate::note::Note;
use crate::remarks::remarks;
use crate::scan::{self, ScanError, TrialPlace};

/// Where trials are, and how to read them.
#[derive(Debug)]
pub enum Places {
    /// Our own.
    Own {
        /// Their folders.
        places: Vec<TrialPlace>,
        /// What the search says of them.
        notes: Vec<Note>,
    },
    /// Of another program.
    Other {
        /// Their files; several trials may stand in those of one place.
        files: Vec<TrialFiles>,
        /// How to read them.
        compiled: Box<Compiled>,
        /// What is to be said of files that are not read.
        notes: Vec<Note>,
    },
}

impl Places {
    /// Our own trials under these paths.
    ///
    /// # Errors
    ///
    /// As [`scan::find`].
    pub fn own(paths: &[PathBuf]) -> Result<Places, ScanError> {
        let found = scan::find(paths)?;
        Ok(Places::Own {
            notes: found.notes(),
            places: found.places,
        })
    }

    /// Trials of another program under these paths.
    ///
    /// # Errors
    ///
    /// As [`Inventory::of`] and [`plan`].
    pub fn other(paths: &[PathBuf], compiled: Compiled) -> Result<Places, PathsError> {
        let plan = plan(&Inventory::of(paths)?, &compiled)?;
        Ok(Places::Other {
            files: plan.trials,
            compiled: Box::new(compiled),
            notes: warnings(&plan.unread_logs),
        })
    }

    /// How many places there are.
    pub fn len(&self) -> usize {
        match self {
            Places::Own { places, .. } => places.len(),
            Places::Other { files, .. } => files.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What is to be told before anything is read.
    pub fn notes(&self) -> &[Note] {
        match self {
            Places::Own { notes, .. } | Places::Other { notes, .. } => notes,
        }
    }

    /// The trials of a place, each with what is to be told of it. Those of another program have no numbers yet.
    ///
    /// # Errors
    ///
    /// The note that says why the place cannot be read.
    pub fn read(&self, place: usize) -> Result<Vec<(Trial, Vec<Note>)>, Box<Note>> {
        match self {
            Places::Own { places, .. } => Ok(vec![own(&places[place])?]),
            Places::Other {
                files, compiled, ..
            } => {
                let loaded = load(&files[place], compiled);
                let mut of_files = loaded.notes;
                let trials = loaded.trials.into_iter().map(|trial| {
                    let trial = trial.matched();
                    let mut notes = std::mem::take(&mut of_files);
                    notes.extend(remarks(&trial));
                    (trial, notes)
                });
                Ok(trials.collect())
            }
        }
    }

    /// Whether trials have numbers of their own.
    pub fn are_numbered(&self) -> bool {
        matches!(self, Places::Own { .. })
    }
}

/// One trial of our own, with what is to be said of it.
///
/// # Errors
///
/// The note that says why it cannot be read.
pub(super) fn own(place: &TrialPlace) -> Result<(Trial, Vec<Note>), Box<Note>> {
    let loaded = scan::load(place)?;
    Ok((loaded.trial, loaded.notes))
}
