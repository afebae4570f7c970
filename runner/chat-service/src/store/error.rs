//! Why a server's disk cannot be used.
//!
//! **Invariant.** Each error names the file, and what to do.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::membership::Membership;

/// Why a server's disk cannot be used.
#[derive(Debug, Error)]
pub enum StoreError {
    /// It is there already.
    #[error("{}: a server's disk is there already; nothing is overwritten: give another folder", .place.display())]
    Exists {
        /// The file.
        place: PathBuf,
    },
    /// It is not there.
    #[error(
        "{}: not there. A new cluster is founded by `runner chat cluster`, or by `runner chat serve --found` for each of its \
         servers; a server whose disk is lost begins again with --empty-disk",
        .place.display()
    )]
    Missing {
        /// The file.
        place: PathBuf,
    },
    /// Another process has it.
    #[error("{}: another process uses it: a server runs on this folder; end it first", .place.display())]
    InUse {
        /// The file.
        place: PathBuf,
    },
    /// It is another server's.
    #[error(
        "{}: expected the disk of server {} of {} of cluster {}, found that of server {} of {} of cluster {}; give each server its own folder",
        .place.display(), .expected.server.0, .expected.servers, .expected.cluster,
        .found.server.0, .found.servers, .found.cluster
    )]
    Foreign {
        /// The file.
        place: PathBuf,
        /// Whose it should be.
        expected: Membership,
        /// Whose it is.
        found: Membership,
    },
    /// A record is not what was written.
    #[error(
        "{}: damaged: {record}: {why}. Do not start a server on it: give it a new folder and --empty-disk, and it fetches \
         all from the others; if it is the last, `runner chat restore` a backup",
        .place.display()
    )]
    Damaged {
        /// The file.
        place: PathBuf,
        /// Table and key.
        record: String,
        /// What was expected, and what is there.
        why: String,
    },
    /// The system does not let us.
    #[error("{}: {error}", .place.display())]
    Io {
        /// The file or folder.
        place: PathBuf,
        /// What it says.
        error: io::Error,
    },
    /// The database does not let us.
    #[error("{}: {error}", .place.display())]
    Database {
        /// The file.
        place: PathBuf,
        /// What it says.
        error: Box<redb::Error>,
    },
}

impl StoreError {
    pub(super) fn io(place: &Path, error: io::Error) -> StoreError {
        let place = place.to_owned();
        StoreError::Io { place, error }
    }

    pub(super) fn database(place: &Path, error: impl Into<redb::Error>) -> StoreError {
        let place = place.to_owned();
        match error.into() {
            redb::Error::Corrupted(why) => StoreError::Damaged {
                place,
                record: "pages of the database".to_owned(),
                why,
            },
            error => StoreError::Database {
                place,
                error: Box::new(error),
            },
        }
    }
}
