//! Which disks a folder has, and what is on them.
//!
//! **Invariant.** A disk is opened before anything is said of it.

use std::path::{Path, PathBuf};

use cluster::service::Service;
use replica::application::Application as _;
use replica::durable::Durable;
use replica::log::Log;
use replica::units::OpNumber;

use crate::settings::cluster_file::CLUSTER_FILE;
use crate::settings::{ClusterFile, ServerSettings};
use crate::store::{DATABASE, Membership, Store, StoreError};

/// The disk of a server, read.
#[derive(Debug)]
pub struct Disk {
    /// Its folder.
    pub folder: PathBuf,
    /// Whose it is.
    pub owner: Membership,
    /// What is on it.
    pub durable: Durable<Service>,
}

impl Disk {
    /// Reads the disk in a server's folder.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: it is not there, is in use, or is damaged.
    pub fn read(folder: &Path) -> Result<Disk, StoreError> {
        let (store, owner) = Store::open_any(folder)?;
        Ok(Disk {
            folder: folder.to_owned(),
            owner,
            durable: store.durable().clone(),
        })
    }

    /// The state after a command of its log; none where the log does not have it.
    pub fn state_at(&self, op: OpNumber) -> Option<Service> {
        state_at(&self.durable.log, op)
    }
}

/// The state after a command of a log; none where the log does not have it.
pub fn state_at(log: &Log<Service>, op: OpNumber) -> Option<Service> {
    // The log of an emptied disk has no marks.
    log.mark_at(op)?;
    let snapshot = log.snapshot()?;
    let mut state = Service::clone(&snapshot.state);
    let commands = op.beyond(snapshot.mark.op);
    for (entry, place) in log.entries().take(commands).zip(snapshot.mark.op.0 + 1..) {
        // Who asked for it was answered, or will be.
        let _ = state.apply(OpNumber(place), &entry.command);
    }
    Some(state)
}

/// The folders of the servers that a folder is of: one server's own, or those of all servers of a cluster.
///
/// # Errors
///
/// When it is neither, or its files cannot be read; with what to do.
pub fn folders(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if folder.join(DATABASE).try_exists()? {
        return Ok(vec![folder.to_owned()]);
    }
    if !folder.join(CLUSTER_FILE).try_exists()? {
        anyhow::bail!(
            "{}: expected the folder of a server, with {DATABASE} in it, or of a cluster, with {CLUSTER_FILE}; found neither",
            folder.display()
        );
    }
    let file = ClusterFile::read(folder)?;
    let of_server = |number| {
        let settings = folder.join(format!("server-{number}.toml"));
        // Servers of other hosts have their settings there.
        match settings.try_exists()? {
            true => Ok(ServerSettings::read(&settings)?.folder),
            false => Ok(folder.join(format!("server-{number}"))),
        }
    };
    (0..file.servers.len()).map(of_server).collect()
}
