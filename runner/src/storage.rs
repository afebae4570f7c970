//! The run's folder: creating it, and everything that is written into it.
//!
//! **Invariant.** Nothing is ever overwritten but a trial's own manifest, and that atomically: it is whole at any
//! instant, before and after.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use driver::StorageError;
use event_log::{FaultEntry, Faults, JournalEntry, layout};
use serde::Serialize;
use tempfile::NamedTempFile;

pub mod new_file;
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

/// Writes a value as JSON, whole or not at all, to the disk itself: a loss of power leaves the old file or the new one.
///
/// # Errors
///
/// [`StorageError`] when there is no room or no right to write.
pub fn write_json(path: &Path, value: &impl Serialize) -> Result<(), StorageError> {
    write_draft(path, value, File::sync_all)
}

/// As [`write_json`], for a file that its seed can make again: it does not wait for the disk, which would take longer than
/// a trial in virtual time.
///
/// # Errors
///
/// [`StorageError`] when there is no room or no right to write.
pub fn write_json_of_seed(path: &Path, value: &impl Serialize) -> Result<(), StorageError> {
    write_draft(path, value, |_| Ok(()))
}

/// Writes to a draft with a name that no other file has, then gives it its own.
fn write_draft(
    path: &Path,
    value: &impl Serialize,
    sync: impl FnOnce(&File) -> io::Result<()>,
) -> Result<(), StorageError> {
    let write = || -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(value)?;
        text.push(b'\n');
        let mut draft = draft(path)?;
        draft.write_all(&text)?;
        sync(draft.as_file())?;
        draft.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(StorageError::at(path))
}

/// A file beside another, with a name that no other file has. It goes when it is dropped.
fn draft(path: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".driftlab-").suffix(".part");
    // As any other file that a user makes, not for the user alone.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    // The parent of a bare name is empty.
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    builder.tempfile_in(folder.unwrap_or(Path::new(".")))
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

/// Writes the faults of a trial into its folder, as a file that `--faults` reads.
///
/// # Errors
///
/// [`StorageError`] when it cannot be written.
pub fn write_faults(trial_folder: &Path, faults: &Faults) -> Result<(), StorageError> {
    let path = trial_folder.join(layout::FAULTS_FILE);
    let write = || -> io::Result<()> {
        let text = toml::to_string(faults).map_err(io::Error::other)?;
        File::create_new(&path)?.write_all(text.as_bytes())
    };
    write().map_err(StorageError::at(&path))
}

/// Writes what became of the faults of a trial.
///
/// # Errors
///
/// [`StorageError`] when it cannot be written.
pub fn write_fault_log(trial_folder: &Path, entries: &[FaultEntry]) -> Result<(), StorageError> {
    let path = trial_folder.join(layout::FAULT_LOG_FILE);
    let write = || -> io::Result<()> {
        let mut lines = Vec::new();
        for entry in entries {
            serde_json::to_writer(&mut lines, entry)?;
            lines.push(b'\n');
        }
        File::create_new(&path)?.write_all(&lines)
    };
    write().map_err(StorageError::at(&path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_beside_a_manifest_is_taken_for_its_draft() {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, beside) = (
            folder.path().join("trial.json"),
            folder.path().join("trial.json.new"),
        );
        fs::write(&beside, "mine").expect("a file");
        for value in [1, 2] {
            write_json(&file, &value).expect("written");
            write_json_of_seed(&file, &(value + 1)).expect("written");
            assert_eq!(
                fs::read_to_string(&file).expect("text"),
                format!("{}\n", value + 1)
            );
        }
        assert_eq!(fs::read_to_string(&beside).expect("text"), "mine");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);
        let lost = write_json(&folder.path().join("lost/trial.json"), &1).expect_err("no folder");
        assert!(lost.to_string().contains("lost/trial.json"), "{lost}");
    }
}
