//! A file that cannot be written, and what to do.
//!
//! **Invariant.** An error names the file.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

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

/// Whether a process, or all of them together, have as many files and connections open as they may.
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
