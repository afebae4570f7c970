//! Where the rows of a machine go: [`DirectSink`] row by row, [`GatheringSink`] in pieces, [`PackingSink`] to memory.
//!
//! **Invariant.** Nothing is ever overwritten: a log is created or appended to.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use event_log::pack::row_prefix;
use event_log::{MachineId, Row};

use crate::storage::StorageError;

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

/// A log gathered in memory and appended in pieces of many rows. It holds no file open in between, so a trial may have more
/// machines than the system allows open files.
#[derive(Debug)]
pub struct GatheringSink {
    path: PathBuf,
    rows: Vec<u8>,
}

impl GatheringSink {
    /// Small enough for the logs of some tens of machines to stay in a processor's nearer caches.
    const PIECE_BYTES: usize = 32 * 1024;
    /// Room for a row: most are shorter, and four times as much holds the longest, or the header.
    const ROW_BYTES: usize = 64;

    /// A log of about this number of rows of kind `E`; the file appears with the first piece.
    pub fn new<E: Row>(path: PathBuf, rows_expected: u64) -> GatheringSink {
        let expected = usize::try_from(rows_expected).unwrap_or(usize::MAX);
        let room = expected.saturating_mul(Self::ROW_BYTES);
        let mut rows = Vec::with_capacity(room.min(Self::PIECE_BYTES) + 4 * Self::ROW_BYTES);
        rows.extend_from_slice(E::HEADER.as_bytes());
        rows.push(b'\n');
        GatheringSink { path, rows }
    }

    /// Writes the rest.
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

/// The rows of one machine of one trial, in memory.
#[derive(Debug, Default)]
pub struct PackingSink {
    prefix: Vec<u8>,
    rows: Vec<u8>,
}

impl PackingSink {
    /// Drops its rows but keeps their buffer, and begins those of another machine or trial.
    pub fn restart(&mut self, trial: u64, machine: MachineId) {
        self.rows.clear();
        self.prefix.clear();
        self.prefix
            .extend_from_slice(row_prefix(trial, machine).as_bytes());
    }

    /// Forgets its rows, not their room, and begins the log of a machine as its file would be: with the header of rows of
    /// kind `E`, and nothing before each row.
    pub fn restart_as_file<E: Row>(&mut self) {
        self.prefix.clear();
        self.rows.clear();
        self.rows.extend_from_slice(E::HEADER.as_bytes());
        self.rows.push(b'\n');
    }

    /// Its rows, with their line ends, and their room.
    pub fn into_rows(self) -> Vec<u8> {
        self.rows
    }

    /// Its rows, with their line ends.
    pub fn rows(&self) -> &[u8] {
        &self.rows
    }
}

impl<E: Row> Sink<E> for PackingSink {
    fn record(&mut self, time_ns: u64, event: &E) -> Result<(), StorageError> {
        self.rows.extend_from_slice(&self.prefix);
        event.encode(time_ns, &mut self.rows);
        self.rows.push(b'\n');
        Ok(())
    }
}
