//! The run's folder: creating it, and everything that is written into it.
//!
//! **Invariant.** Nothing is ever overwritten but a trial's own manifest, and that atomically: it is whole at any
//! instant, before and after.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use driver::StorageError;
use event_log::{JournalEntry, layout};
use serde::Serialize;

pub mod pack;

/// Creates the folder of a run below `out`: the time, then the name; with a number behind it where two runs of one
/// name begin in the same second.
///
/// # Errors
///
/// [`StorageError`] when it cannot be created.
pub fn create_run_folder(out: &Path, created: &str, name: &str) -> Result<PathBuf, StorageError> {
    fs::create_dir_all(out).map_err(StorageError::at(out))?;
    let stem = format!("{}-{name}", created.replace(':', ""));
    for attempt in 1..=1000 {
        let folder = match attempt {
            1 => out.join(&stem),
            _ => out.join(format!("{stem}-{attempt}")),
        };
        match fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 1000 => {}
            Err(error) => return Err(StorageError::at(&folder)(error)),
        }
    }
    unreachable!("the last attempt returns")
}

/// Creates a trial's folder in its run's.
///
/// # Errors
///
/// [`StorageError`] when it cannot be created.
pub fn create_trial_folder(run: &Path, trial: u64, count: u64) -> Result<PathBuf, StorageError> {
    let folder = run.join(layout::trial_dir(trial, count));
    fs::create_dir(&folder).map_err(StorageError::at(&folder))?;
    Ok(folder)
}

/// Writes a value as JSON, whole or not at all.
///
/// # Errors
///
/// [`StorageError`] when there is no room or no right to write.
pub fn write_json(path: &Path, value: &impl Serialize) -> Result<(), StorageError> {
    let draft = path.with_extension("json.new");
    let write = || -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(value)?;
        text.push(b'\n');
        fs::write(&draft, text)?;
        fs::rename(&draft, path)
    };
    write().map_err(|cause| {
        let _ = fs::remove_file(&draft);
        StorageError::at(path)(cause)
    })
}

/// The journal of a trial, written line by line.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// Creates the journal in a trial's folder.
    ///
    /// # Errors
    ///
    /// [`StorageError`] when it cannot be created.
    pub fn create(trial_folder: &Path) -> Result<Journal, StorageError> {
        let path = trial_folder.join(layout::JOURNAL_FILE);
        let file = File::create_new(&path).map_err(StorageError::at(&path))?;
        Ok(Journal { path, file })
    }

    /// Appends an entry.
    ///
    /// # Errors
    ///
    /// [`StorageError`] when it cannot be written.
    pub fn write(&mut self, entry: &JournalEntry) -> Result<(), StorageError> {
        let write = || -> io::Result<()> {
            let mut line = serde_json::to_vec(entry)?;
            line.push(b'\n');
            (&self.file).write_all(&line)
        };
        write().map_err(StorageError::at(&self.path))
    }
}
