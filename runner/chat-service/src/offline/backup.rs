//! The state of a service as one file.
//!
//! ```text
//! magic, version u8 · cluster 16 bytes · servers u32 · op u64, view u64 u32 · promised u64 u32
//! length u64, state · SHA-256
//! ```
//!
//! Numbers are big-endian; the state is a snapshot of [`chat::application`]; the sum is over all before it.
//!
//! **Invariant.** A backup has everything that was acknowledged by the server that it is of, and nothing of others. A file is
//! whole, or is refused.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use chat::application::Application;
use cluster::service::Service;
use replica::durable::Durable;
use replica::units::{Ballot, Mark, OpNumber, ReplicaId};
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use uuid::Uuid;

use super::disks::{Disk, folders, state_at};
use crate::new_file;
use crate::store::{Membership, StoreError};

const MAGIC: &[u8] = b"driftlab chat backup\n";
const VERSION: u8 = 1;
const SUM_BYTES: usize = 32;

/// What a backup has.
#[derive(Debug, Clone)]
pub struct Backup {
    /// The cluster that it is of.
    pub cluster: Uuid,
    /// How many servers that had.
    pub servers: u32,
    /// The last command in it.
    pub mark: Mark,
    /// The latest view that its server had agreed to wait for.
    pub promised: Ballot,
    /// The state after that command.
    pub application: Application,
}

/// Why a file is no backup.
#[derive(Debug, Error)]
pub enum BackupError {
    /// It does not begin as one.
    #[error("expected a backup, as `runner chat backup` writes it; found something else")]
    Other,
    /// A version that this program does not know.
    #[error(
        "expected version {VERSION} of a backup, found version {0}: use the program that wrote it"
    )]
    Version(u8),
    /// It ends too early, or its sum is not right.
    #[error("a damaged backup: the sum of its {bytes} bytes is not the one at its end")]
    Damaged {
        /// How many bytes it has.
        bytes: usize,
    },
    /// It is whole, and what it says cannot be.
    #[error("a backup that was not written by this program: {0}")]
    Wrong(String),
}

/// Writes what a disk holds as a backup.
///
/// # Errors
///
/// When the disk is empty, or the writer fails.
pub fn backup(
    owner: &Membership,
    durable: &Durable<Service>,
    writer: &mut impl Write,
) -> io::Result<()> {
    let mark = durable.log.end();
    let Some(state) = state_at(&durable.log, mark.op) else {
        return Err(io::Error::other("an empty disk has nothing to keep"));
    };
    let state = state.application().snapshot();
    let mut bytes = MAGIC.to_vec();
    bytes.push(VERSION);
    bytes.extend_from_slice(owner.cluster.as_bytes());
    bytes.extend_from_slice(&owner.servers.to_be_bytes());
    bytes.extend_from_slice(&mark.op.0.to_be_bytes());
    for ballot in [mark.ballot, durable.promised] {
        bytes.extend_from_slice(&ballot.number.to_be_bytes());
        bytes.extend_from_slice(&ballot.proposer.0.to_be_bytes());
    }
    bytes.extend_from_slice(&(state.len() as u64).to_be_bytes());
    bytes.extend_from_slice(&state);
    let sum = Sha256::digest(&bytes);
    writer.write_all(&bytes)?;
    writer.write_all(&sum)
}

impl Backup {
    /// The backup in these bytes.
    ///
    /// # Errors
    ///
    /// [`BackupError`] where they are none.
    pub fn decode(bytes: &[u8]) -> Result<Backup, BackupError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(BackupError::Other)?;
        let damaged = || BackupError::Damaged { bytes: bytes.len() };
        let (&version, _) = rest.split_first().ok_or_else(damaged)?;
        if version != VERSION {
            return Err(BackupError::Version(version));
        }
        let (whole, sum) = bytes.split_last_chunk::<SUM_BYTES>().ok_or_else(damaged)?;
        if Sha256::digest(whole)[..] != sum[..] {
            return Err(damaged());
        }
        let mut rest = whole.get(MAGIC.len() + 1..).ok_or_else(damaged)?;
        let rest = &mut rest;
        let cluster = Uuid::from_bytes(take(rest)?);
        let servers = u32::from_be_bytes(take(rest)?);
        let op = OpNumber(u64::from_be_bytes(take(rest)?));
        let (ballot, promised) = (ballot(rest)?, ballot(rest)?);
        let length = u64::from_be_bytes(take(rest)?);
        if length != rest.len() as u64 {
            let found = rest.len();
            let why = format!("expected {length} bytes of state, found {found}");
            return Err(BackupError::Wrong(why));
        }
        let application = Application::restore(rest);
        Ok(Backup {
            cluster,
            servers,
            mark: Mark { op, ballot },
            promised,
            application: application.map_err(|error| BackupError::Wrong(error.to_string()))?,
        })
    }

    /// The backup in a file.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is none; with its name.
    pub fn read(path: &Path) -> anyhow::Result<Backup> {
        let name = || format!("{}", path.display());
        let bytes = fs::read(path).with_context(name)?;
        Backup::decode(&bytes).with_context(name)
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], BackupError> {
    let ends = || BackupError::Wrong("it ends inside a number".to_owned());
    let (taken, rest) = bytes.split_first_chunk::<N>().ok_or_else(ends)?;
    *bytes = rest;
    Ok(*taken)
}

fn ballot(bytes: &mut &[u8]) -> Result<Ballot, BackupError> {
    Ok(Ballot {
        number: u64::from_be_bytes(take(bytes)?),
        proposer: ReplicaId(u32::from_be_bytes(take(bytes)?)),
    })
}

/// A backup that was made.
#[derive(Debug)]
pub struct Made {
    /// The folder of the server that it is of.
    pub source: PathBuf,
    /// The last command in it.
    pub mark: Mark,
    /// Bytes of the file.
    pub bytes: usize,
    /// What may be missing in it.
    pub warnings: Vec<String>,
}

/// Writes a backup of the server or the cluster of this folder to a new file. Of a cluster's servers the one with the latest
/// view, and the longest log in it, has all that was acknowledged.
///
/// # Errors
///
/// When a server runs on one of the disks, none can be read, or the file exists.
pub fn make(folder: &Path, file: &Path) -> anyhow::Result<Made> {
    let mut disks = Vec::new();
    let mut warnings = Vec::new();
    let all = folders(folder)?;
    for folder in &all {
        match Disk::read(folder) {
            Ok(disk) if disk.durable.view.is_none() => {}
            Ok(disk) => disks.push(disk),
            Err(error @ StoreError::InUse { .. }) => return Err(error.into()),
            Err(error) if all.len() == 1 => return Err(error.into()),
            Err(error) => warnings.push(format!(
                "{error}. If that server went on without the others, what it took then is not in this backup"
            )),
        }
    }
    let order = |disk: &Disk| (disk.durable.view.ballot, disk.durable.log.end());
    let Some(disk) = disks.iter().max_by_key(|disk| order(disk)) else {
        anyhow::bail!(
            "{}: no disk has anything to keep; {}",
            folder.display(),
            warnings.first().map_or("all are empty", String::as_str)
        );
    };
    if let Some(stranger) = disks
        .iter()
        .find(|other| other.owner.cluster != disk.owner.cluster)
    {
        anyhow::bail!(
            "{}, {}: disks of different clusters; give the folder of one server",
            disk.folder.display(),
            stranger.folder.display()
        );
    }
    let mut bytes = Vec::new();
    backup(&disk.owner, &disk.durable, &mut bytes)?;
    new_file::write_private(file, &bytes)?;
    Ok(Made {
        source: disk.folder.clone(),
        mark: disk.durable.log.end(),
        bytes: bytes.len(),
        warnings,
    })
}
