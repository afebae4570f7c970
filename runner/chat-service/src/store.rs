//! A server's folder: its database, and what it belongs to.
//!
//! One database of redb, `state.redb`, which is locked while it is open. Changes that come together are one transaction, which is
//! flushed once (redb's durability `Immediate`, in one phase: a commit that was cut off is told by its sums and left out). A
//! commit that failed is never tried again. When it is opened redb checks the sums of all its pages, and we those of all records.
//!
//! One phase has a price: after an end that was none, damage to pages that the last commit wrote looks like a commit that was cut
//! off, which is left out in silence. Damage to anything older, and any damage after an end in order, is reported. Two phases
//! would report that too, with a second flush in each commit.
//!
//! | table | key | value |
//! |---|---|---|
//! | `about` | word | which cluster and server it is of, and the head: life, promise, view |
//! | `log`, `staged` | place | an entry: its view and its command |
//! | `snapshot`, `staged snapshot` | part, from 0 | the state before the entries, in parts |
//!
//! [`membership`] whose it is · [`error`] why it cannot be used · `layout` records in tables · `read` a disk from
//! them · `write` changes to them
//!
//! **Invariant.** What is read is whole: each record has a sum over its bytes, its table and its key, entries are dense, and the
//! error names what is not so.

pub mod error;
mod layout;
pub mod membership;
mod read;
mod write;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use cluster::service::Service;
use redb::{Database, DatabaseError, StorageBackend};
use replica::durable::{Change, Durable};

use crate::disk::{Disk, DiskError};
pub use crate::store::error::StoreError;
pub use crate::store::membership::Membership;

/// The name of the database in the folder.
pub const DATABASE: &str = "state.redb";

/// A server's disk, open and locked.
#[derive(Debug)]
pub struct Store {
    database: Database,
    /// What the tables hold.
    kept: Durable<Service>,
    /// Where, for errors.
    place: PathBuf,
    /// A write has failed.
    is_poisoned: bool,
}

impl Store {
    /// Makes the disk of a server, with this on it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Exists`] where there is one; others where the system does not let us.
    pub fn create(
        folder: &Path,
        membership: &Membership,
        durable: Durable<Service>,
    ) -> Result<Store, StoreError> {
        let place = folder.join(DATABASE);
        let io = |error| StoreError::io(folder, error);
        fs::create_dir_all(folder).map_err(io)?;
        if place.try_exists().map_err(io)? {
            return Err(StoreError::Exists { place });
        }
        let database = Database::create(&place).map_err(|error| opened(&place, error))?;
        let store = Store::found(database, place, membership, durable)?;
        // The name of a new file is on disk once its folder is, and that of the folder once its own is.
        let parent = folder
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        for folder in [Some(folder), parent].into_iter().flatten() {
            File::open(folder)
                .and_then(|folder| folder.sync_all())
                .map_err(io)?;
        }
        Ok(store)
    }

    /// Opens the disk of a server, and reads all of it.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: it is not there, is somebody else's, is in use, or is damaged.
    pub fn open(
        folder: &Path,
        membership: &Membership,
    ) -> Result<(Store, Durable<Service>), StoreError> {
        let (store, found) = Store::open_any(folder)?;
        if found != *membership {
            let (expected, place) = (*membership, store.place);
            return Err(StoreError::Foreign {
                place,
                expected,
                found,
            });
        }
        let durable = store.kept.clone();
        Ok((store, durable))
    }

    /// Opens the disk of whatever server it is of.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: it is not there, is in use, or is damaged.
    pub fn open_any(folder: &Path) -> Result<(Store, Membership), StoreError> {
        let place = folder.join(DATABASE);
        if !place
            .try_exists()
            .map_err(|error| StoreError::io(&place, error))?
        {
            return Err(StoreError::Missing { place });
        }
        let database = checking().open(&place);
        Store::load(database.map_err(|error| opened(&place, error))?, place)
    }

    /// A new disk on a backend of the caller's: for faults beneath the database.
    ///
    /// # Errors
    ///
    /// As [`Store::create`].
    pub fn create_on(
        backend: impl StorageBackend,
        membership: &Membership,
        durable: Durable<Service>,
    ) -> Result<Store, StoreError> {
        let place = PathBuf::from(DATABASE);
        let database = Database::builder().create_with_backend(backend);
        let database = database.map_err(|error| opened(&place, error))?;
        Store::found(database, place, membership, durable)
    }

    /// The disk that is on a backend of the caller's.
    ///
    /// # Errors
    ///
    /// As [`Store::open_any`].
    pub fn open_on(backend: impl StorageBackend) -> Result<(Store, Membership), StoreError> {
        let place = PathBuf::from(DATABASE);
        let database = checking().create_with_backend(backend);
        Store::load(database.map_err(|error| opened(&place, error))?, place)
    }

    fn found(
        database: Database,
        place: PathBuf,
        membership: &Membership,
        durable: Durable<Service>,
    ) -> Result<Store, StoreError> {
        let founded = write::found(&database, membership, &durable);
        founded.map_err(|error| StoreError::database(&place, error))?;
        Ok(Store {
            database,
            kept: durable,
            place,
            is_poisoned: false,
        })
    }

    fn load(database: Database, place: PathBuf) -> Result<(Store, Membership), StoreError> {
        let (membership, kept) = read::disk(&database, &place)?;
        let store = Store {
            database,
            kept,
            place,
            is_poisoned: false,
        };
        Ok((store, membership))
    }

    /// What it holds.
    pub fn durable(&self) -> &Durable<Service> {
        &self.kept
    }
}

impl Disk for Store {
    fn write(&mut self, changes: Vec<Change<Service>>) -> Result<(), DiskError> {
        if self.is_poisoned {
            return Err(DiskError("an earlier write has failed".to_owned()));
        }
        let written = write::changes(&self.database, &mut self.kept, changes);
        written.map_err(|error| {
            self.is_poisoned = true;
            DiskError(StoreError::database(&self.place, error).to_string())
        })
    }
}

/// How a disk is opened that may be damaged: without the check redb trusts what it has written, and panics.
fn checking() -> redb::Builder {
    let mut builder = Database::builder();
    builder.set_check_integrity_on_open(true);
    builder
}

/// Why it was not opened.
fn opened(place: &Path, error: DatabaseError) -> StoreError {
    match error {
        DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => {
            StoreError::InUse {
                place: place.to_owned(),
            }
        }
        error => StoreError::database(place, error),
    }
}

#[cfg(test)]
mod tests;
