//! The run's folder: creating it, and everything that is written into it.
//!
//! **Invariant.** Nothing is ever overwritten but a trial's own manifest, and that atomically: it is whole at any
//! instant, before and after.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use event_log::{JournalEntry, Row, layout};
use serde::Serialize;
use thiserror::Error;

pub mod pack;

/// A file or folder that cannot be created or written.
#[derive(Debug, Error)]
#[error("cannot write {}: {cause}; {}", path.display(), advice(cause))]
pub struct StorageError {
    path: PathBuf,
    cause: io::Error,
}

impl StorageError {
    /// A closure for `map_err`.
    pub fn at(path: &Path) -> impl FnOnce(io::Error) -> StorageError + '_ {
        move |cause| StorageError {
            path: path.to_owned(),
            cause,
        }
    }
}

/// What to do when a process has as many files and connections open as it may.
pub const TOO_MANY_OPEN: &str = "raise the limit in this shell with `ulimit -n 20000`, or have fewer machines, or fewer of them in a process of their own, with --per-process";

/// Whether a process has as many files and connections open as it may, or all processes together as the system allows.
pub fn out_of_descriptors(error: &io::Error) -> bool {
    const ENFILE: i32 = 23;
    const EMFILE: i32 = 24;
    cfg!(unix) && matches!(error.raw_os_error(), Some(ENFILE | EMFILE))
}

fn advice(error: &io::Error) -> &'static str {
    if out_of_descriptors(error) {
        return TOO_MANY_OPEN;
    }
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free some space, or choose a folder on another disk with --out"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "choose a folder that you may write to with --out"
        }
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            "something else has that name: choose another folder with --out"
        }
        _ => "check the folder given with --out",
    }
}

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

/// The log of a machine, as a driver sees it.
pub trait Sink<E> {
    /// Appends an event.
    ///
    /// # Errors
    ///
    /// [`StorageError`] when it cannot be written.
    fn record(&mut self, time_ns: u64, event: &E) -> Result<(), StorageError>;
}

/// A log that reaches the file row by row: a killed process loses at most the row it was writing.
#[derive(Debug)]
pub struct DirectSink {
    path: PathBuf,
    file: File,
    line: Vec<u8>,
}

impl DirectSink {
    /// Creates the file and writes the header of rows of kind `E`.
    ///
    /// # Errors
    ///
    /// [`StorageError`], also when the file exists.
    pub fn create<E: Row>(path: &Path) -> Result<DirectSink, StorageError> {
        let mut file = File::create_new(path).map_err(StorageError::at(path))?;
        let header = format!("{}\n", E::HEADER);
        file.write_all(header.as_bytes())
            .map_err(StorageError::at(path))?;
        Ok(DirectSink {
            path: path.to_owned(),
            file,
            line: Vec::new(),
        })
    }
}

impl<E: Row> Sink<E> for DirectSink {
    fn record(&mut self, time_ns: u64, event: &E) -> Result<(), StorageError> {
        self.line.clear();
        event.encode(time_ns, &mut self.line);
        self.line.push(b'\n');
        self.file
            .write_all(&self.line)
            .map_err(StorageError::at(&self.path))
    }
}

/// A log gathered in memory and appended in large pieces. It holds no file open in between, so a trial may have more
/// machines than the system allows open files.
#[derive(Debug)]
pub struct GatheringSink {
    path: PathBuf,
    rows: Vec<u8>,
}

impl GatheringSink {
    const PIECE_BYTES: usize = 256 * 1024;

    /// A log of rows of kind `E`; the file appears with the first piece.
    pub fn new<E: Row>(path: PathBuf) -> GatheringSink {
        let rows = format!("{}\n", E::HEADER).into_bytes();
        GatheringSink { path, rows }
    }

    /// Writes what is left.
    ///
    /// # Errors
    ///
    /// [`StorageError`] when it cannot be written.
    pub fn flush(&mut self) -> Result<(), StorageError> {
        let append = || -> io::Result<()> {
            let mut options = OpenOptions::new();
            let mut file = options.create(true).append(true).open(&self.path)?;
            file.write_all(&self.rows)
        };
        append().map_err(StorageError::at(&self.path))?;
        self.rows.clear();
        Ok(())
    }
}

impl<E: Row> Sink<E> for GatheringSink {
    fn record(&mut self, time_ns: u64, event: &E) -> Result<(), StorageError> {
        event.encode(time_ns, &mut self.rows);
        self.rows.push(b'\n');
        if self.rows.len() >= Self::PIECE_BYTES {
            self.flush()?;
        }
        Ok(())
    }
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
