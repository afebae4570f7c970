//! Trials of any origin that are read one at a time, and again when need be.
//!
//! **Invariant.** A trial has the same position, number and rows each time it is read.

use std::sync::Arc;

use events::Trial;

use super::error::OriginError;
use super::logs::Origins;
use crate::scan::{self, TrialPlace};
use files::note::Note;
use formats::line_stats::{FileAccount, warnings};
use formats::source::TrialFiles;
use formats::{Compiled, load, plan};

/// Where trials are, and how to read them: ours, then those of others.
#[derive(Debug, Default)]
pub struct Places {
    places: Vec<Place>,
    notes: Vec<Note>,
}

#[derive(Debug)]
enum Place {
    Ours(TrialPlace),
    /// Several trials may stand in the files of one place.
    Others(TrialFiles, Arc<Compiled>),
}

/// What a place holds.
#[derive(Debug, Clone)]
pub struct Read {
    /// Its trials, their messages matched. Those of another program have no numbers yet.
    pub trials: Vec<Trial>,
    /// Notes on its files.
    pub notes: Vec<Note>,
}

impl Origins {
    /// The places of their trials.
    ///
    /// # Errors
    ///
    /// As [`scan::find`] and [`plan`].
    pub fn places(&self) -> Result<Places, OriginError> {
        let mut places = Places::default();
        if !self.ours.is_empty() {
            let found = scan::find(&self.ours)?;
            places.notes.extend(found.notes());
            places
                .places
                .extend(found.places.into_iter().map(Place::Ours));
        }
        for others in &self.others {
            let plan = plan(&others.inventory, &others.compiled)?;
            let compiled = Arc::new(others.compiled.clone());
            places.notes.extend(warnings(&plan.unread_logs));
            let files = plan.trials.into_iter();
            places
                .places
                .extend(files.map(|files| Place::Others(files, compiled.clone())));
        }
        Ok(places)
    }
}

impl Places {
    /// How many places there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Notes on what was found, before anything is read.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Whether all trials have numbers of their own.
    pub fn are_numbered(&self) -> bool {
        let mut places = self.places.iter();
        places.all(|place| matches!(place, Place::Ours(_)))
    }

    /// Name of the trial of a place; `None` where it is known only once its files are read.
    pub fn name(&self, place: usize) -> Option<String> {
        match &self.places[place] {
            Place::Ours(place) => {
                let name = place.dir.file_name().unwrap_or_default();
                Some(name.to_string_lossy().into_owned())
            }
            Place::Others(..) => None,
        }
    }

    /// Reads a place.
    ///
    /// # Errors
    ///
    /// The note that says why it cannot be read.
    pub fn read(&self, place: usize) -> Result<Read, Box<Note>> {
        match &self.places[place] {
            Place::Ours(place) => {
                let loaded = scan::load(place)?;
                Ok(Read {
                    trials: vec![loaded.trial],
                    notes: loaded.notes,
                })
            }
            Place::Others(files, compiled) => {
                let loaded = load(files, compiled);
                let mut notes = loaded.notes;
                let files = loaded.account.files.iter();
                notes.extend(files.filter_map(FileAccount::warning));
                let trials = loaded.trials.into_iter().map(Trial::matched);
                Ok(Read {
                    trials: trials.collect(),
                    notes,
                })
            }
        }
    }
}
