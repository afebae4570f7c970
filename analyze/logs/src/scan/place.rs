//! Where a trial is.

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A trial to be loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialPlace {
    /// Name of the run: of the folder that holds the trial.
    pub run: String,
    /// The trial's folder; of a packed trial the one that it would have.
    pub dir: PathBuf,
    /// Where it is if it is in a pack.
    pub packed: Option<Packed>,
}

/// Where a packed trial is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// The `.jsonl` of its pack.
    pub(super) manifests: Arc<Path>,
    /// The line of its manifest, from 1.
    pub(super) line: u64,
    /// Where that line begins, bytes from the start of the file.
    pub(super) at: u64,
    /// How long the line is, bytes.
    pub(super) bytes: u64,
    /// Whether it is the last of its pack: behind its rows the file must end.
    pub(super) last: bool,
}

/// The last part of a path.
pub(super) fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
