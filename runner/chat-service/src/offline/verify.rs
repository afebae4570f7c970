//! Whether disks are whole, and agree.
//!
//! `findings` what must hold, and does not
//!
//! **Invariant.** What is called whole was read: every record, its sum, and the state that the log gives.

mod findings;

use std::path::{Path, PathBuf};

use chat::wire::status::Totals;
use serde::Serialize;

use super::disks::{Disk, folders};
use crate::store::StoreError;

/// What was found on the disks of a folder.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Each disk, in the order of the servers.
    pub disks: Vec<DiskReport>,
    /// What is wrong, in words that name the disk and the place. Empty if all is well.
    pub findings: Vec<String>,
    /// What is not wrong, and worth knowing.
    pub notes: Vec<String>,
    /// Up to which command all disks that could be read are the same; none for fewer than two.
    pub agree_through: Option<u64>,
}

/// What was found on a disk.
#[derive(Debug, Serialize)]
pub struct DiskReport {
    /// The folder of the server.
    pub folder: PathBuf,
    /// What is on the disk; none if it could not be read.
    pub contents: Option<Contents>,
}

/// What is on a disk.
#[derive(Debug, Serialize)]
pub struct Contents {
    /// The cluster's id.
    pub cluster: String,
    /// The server's number.
    pub server: u32,
    /// How many servers its cluster has.
    pub servers: u32,
    /// Whether it was emptied, and has nothing yet.
    pub is_empty: bool,
    /// The life that ran last.
    pub life: String,
    /// The latest view that it has agreed to wait for.
    pub promised: String,
    /// The view that it has entered last.
    pub view: String,
    /// The numbers of the servers in that view.
    pub members: Vec<u32>,
    /// The last command that the snapshot has swallowed.
    pub snapshot: u64,
    /// The last command of the log.
    pub end: u64,
    /// Where what it has fetched of a later view ends; none if there is nothing.
    pub fetched: Option<u64>,
    /// Accounts after the last command.
    pub accounts: u64,
    /// Open sessions after the last command.
    pub sessions: u64,
    /// Messages that their recipients have not acknowledged.
    pub queued_messages: u64,
    /// Such messages of the mailbox that has most of them.
    pub queued_messages_most: u64,
    /// SHA-256 of the state after the last command.
    pub sha256: Option<String>,
}

/// Reads the disks of a server's or a cluster's folder.
///
/// # Errors
///
/// When a server runs on one of them, or the folder is of neither kind.
pub fn verify(folder: &Path) -> anyhow::Result<Report> {
    let mut read = Vec::new();
    let mut findings = Vec::new();
    let mut disks = Vec::new();
    for folder in folders(folder)? {
        let contents = match Disk::read(&folder) {
            Ok(disk) => {
                let contents = Contents::of(&disk);
                read.push(disk);
                Some(contents)
            }
            Err(error @ StoreError::InUse { .. }) => return Err(error.into()),
            Err(error) => {
                findings.push(error.to_string());
                None
            }
        };
        disks.push(DiskReport { folder, contents });
    }
    let judged = findings::judge(&read);
    findings.extend(judged.findings);
    Ok(Report {
        disks,
        findings,
        notes: judged.notes,
        agree_through: judged.agree_through,
    })
}

impl Contents {
    fn of(disk: &Disk) -> Contents {
        let Disk { owner, durable, .. } = disk;
        let log = &durable.log;
        let state = disk.state_at(log.end().op);
        let application = state.as_ref().map(|state| state.application());
        let totals = application.map_or(Totals::default(), |application| application.totals());
        let hex = |sum: [u8; 32]| sum.iter().map(|byte| format!("{byte:02x}")).collect();
        Contents {
            cluster: owner.cluster.to_string(),
            server: owner.server.0,
            servers: owner.servers,
            is_empty: durable.view.is_none(),
            life: durable.incarnation.to_string(),
            promised: durable.promised.to_string(),
            view: durable.view.ballot.to_string(),
            members: durable.view.members.keys().map(|id| id.0).collect(),
            snapshot: log.base().op.0,
            end: log.end().op.0,
            fetched: durable.staged.as_ref().map(|staged| staged.end().op.0),
            accounts: totals.accounts,
            sessions: totals.sessions,
            queued_messages: totals.queued_messages,
            queued_messages_most: totals.queued_messages_most,
            sha256: application.map(|application| hex(application.digest())),
        }
    }
}
