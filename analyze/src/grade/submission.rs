//! The logs of one folder, ours or anybody's.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::history::{History, own};
use crate::note::Severity;
use crate::scan::{self, TrialPlace};

/// The logs that are judged together.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// Its name in the class.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// The format of its logs.
    pub format: String,
    /// Its trials, in the order of their names.
    pub trials: Vec<History>,
    /// What is to be known of how it was read: lines that nothing explains, files that are damaged.
    pub notes: Vec<String>,
}

/// Why a folder could not be read, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable(pub String);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl Submission {
    /// Reads a folder.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] when there is nothing in it that can be judged.
    pub fn read(folder: &Path, name: &str) -> Result<Submission, Unreadable> {
        let found =
            scan::find(&[folder.to_owned()]).map_err(|error| Unreadable(error.to_string()))?;
        Submission::of_ours(folder, name, &found.places)
    }

    /// Some of our own trials.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] when none of them can be read.
    pub fn of_ours(
        folder: &Path,
        name: &str,
        places: &[TrialPlace],
    ) -> Result<Submission, Unreadable> {
        let mut trials = Vec::with_capacity(places.len());
        let mut notes = Vec::new();
        for place in places {
            match scan::load(place) {
                Ok(loaded) => {
                    let grave = loaded
                        .notes
                        .iter()
                        .filter(|note| note.severity >= Severity::Warning);
                    notes.extend(grave.map(ToString::to_string));
                    trials.push(own::of(&loaded.log));
                }
                Err(note) => notes.push(note.to_string()),
            }
        }
        if trials.is_empty() {
            return Err(Unreadable(match notes.first() {
                Some(note) => note.clone(),
                None => "there are no trials".to_owned(),
            }));
        }
        Ok(Submission {
            name: name.to_owned(),
            folder: folder.to_owned(),
            format: own::OWN_FORMAT.to_owned(),
            trials,
            notes,
        })
    }
}
