//! A trial of a summary.

use std::path::PathBuf;

use crate::analysis::trial::Worked;
use files::note::Note;

/// A trial of a summary.
pub(super) struct Entry {
    pub(super) run: String,
    /// The trial's folder.
    pub(super) dir: PathBuf,
    pub(super) outcome: Result<Worked, Box<Note>>,
}

impl Entry {
    pub(super) fn name(&self) -> String {
        let name = self.dir.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
}
