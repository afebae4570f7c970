//! Writing a pack: drafts until it is whole, then both files get their names.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use driver::StorageError;
use driver::sink::PackingSink;
use event_log::pack::{PackedRow, PackedTrial};
use event_log::{Row, TrialManifest, layout};

/// Rows wait until there are this many bytes of them.
const PIECE_BYTES: usize = 1024 * 1024;

/// A file under a name that readers pass over, until it is whole.
#[derive(Debug)]
struct Draft {
    path: PathBuf,
    draft: PathBuf,
    file: File,
    bytes: Vec<u8>,
}

impl Draft {
    /// Begins the file; a draft that a killed process left is written anew.
    fn create(run: &Path, name: &str) -> Result<Draft, StorageError> {
        let draft = run.join(format!(".{name}.new"));
        Ok(Draft {
            path: run.join(name),
            file: File::create(&draft).map_err(StorageError::at(&draft))?,
            draft,
            bytes: Vec::with_capacity(PIECE_BYTES),
        })
    }

    fn flush(&mut self) -> Result<(), StorageError> {
        let written = self.file.write_all(&self.bytes);
        self.bytes.clear();
        written.map_err(StorageError::at(&self.path))
    }

    fn flush_if_large(&mut self) -> Result<(), StorageError> {
        if self.bytes.len() >= PIECE_BYTES {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn name(mut self) -> Result<(), StorageError> {
        self.flush()?;
        fs::rename(&self.draft, &self.path).map_err(StorageError::at(&self.path))
    }

    fn discard(self) {
        let _ = fs::remove_file(&self.draft);
    }
}

/// A pack being written.
#[derive(Debug)]
pub struct PackWriter {
    rows: Draft,
    manifests: Draft,
    /// Bytes of rows so far, the header's included.
    rows_at: u64,
}

impl PackWriter {
    /// Begins pack number `pack` of a run of `count` trials, with rows of kind `E`.
    ///
    /// # Errors
    ///
    /// [`StorageError`] when its files cannot be created.
    pub fn create<E: Row>(run: &Path, pack: u64, count: u64) -> Result<PackWriter, StorageError> {
        let mut rows = Draft::create(run, &layout::pack_rows_file(pack, count))?;
        rows.bytes
            .extend_from_slice(PackedRow::<E>::header().as_bytes());
        rows.bytes.push(b'\n');
        Ok(PackWriter {
            rows_at: rows.bytes.len() as u64,
            rows,
            manifests: Draft::create(run, &layout::pack_manifests_file(pack, count))?,
        })
    }

    /// Adds a complete trial, with the rows of its machines in the order of their ids.
    ///
    /// # Errors
    ///
    /// [`StorageError`] when they cannot be written.
    pub fn add<'a>(
        &mut self,
        manifest: TrialManifest,
        ended_ns: Option<u64>,
        sinks: impl Iterator<Item = &'a PackingSink>,
    ) -> Result<(), StorageError> {
        let mut rows_bytes = 0;
        for sink in sinks {
            rows_bytes += sink.rows().len() as u64;
            self.rows.bytes.extend_from_slice(sink.rows());
            self.rows.flush_if_large()?;
        }
        let trial = PackedTrial {
            rows_at: self.rows_at,
            rows_bytes,
            ended_ns,
            manifest,
        };
        self.rows_at += rows_bytes;
        serde_json::to_writer(&mut self.manifests.bytes, &trial)
            .map_err(|error| StorageError::at(&self.manifests.path)(error.into()))?;
        self.manifests.bytes.push(b'\n');
        self.manifests.flush_if_large()
    }

    /// All its trials are there: the files get their names, the manifests last.
    ///
    /// # Errors
    ///
    /// [`StorageError`] when the rest cannot be written.
    pub fn finish(self) -> Result<(), StorageError> {
        self.rows.name()?;
        self.manifests.name()
    }

    /// Not all its trials will be there: nothing is left of it.
    pub fn discard(self) {
        self.rows.discard();
        self.manifests.discard();
    }
}
