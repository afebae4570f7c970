//! The folder of a cluster of this host.
//!
//! ```text
//! chat/cluster.toml     what clients read; written last, so that a folder that has it is whole
//! chat/secret           what servers prove to each other
//! chat/server-0.toml    settings of a server
//! chat/server-0/        its state
//! chat/server-0.log     what it says
//! ```
//!
//! **Invariant.** One process at a time holds a folder.

use std::fs::{self, File, TryLockError};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use anyhow::{Context, bail};
use cluster::service::Service;
use replica::durable::Durable;
use uuid::Uuid;

use crate::new_file;
use crate::secret::Secret;
use crate::server;
use crate::settings::cluster_file::CLUSTER_FILE;
use crate::settings::{ClusterFile, ServerEntry, ServerSettings};

/// What a new folder is made with.
#[derive(Debug, Clone)]
pub struct Founding {
    /// How many servers.
    pub servers: u32,
    /// What all of them have alike: everything but id, number, folder, secret and servers is taken from it.
    pub pattern: ServerSettings,
}

/// The right to start the servers of a folder, as long as it is held.
#[derive(Debug)]
pub(super) struct Claim {
    /// Whether the folder was made.
    pub(super) is_new: bool,
    _lock: File,
}

impl Claim {
    /// Takes a folder; makes it if it is not there, or empty.
    ///
    /// # Errors
    ///
    /// When another process holds it, it is something else's, or cannot be made.
    pub(super) fn take(folder: &Path, founding: &Founding) -> anyhow::Result<(Claim, ClusterFile)> {
        let file = folder.join(CLUSTER_FILE);
        let is_new = !file
            .try_exists()
            .with_context(|| format!("{}", file.display()))?;
        if is_new {
            found(folder, founding, server::founding)?;
        }
        let lock =
            File::open(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!(
                "{}: another `runner chat cluster` runs the servers of this folder; end it first (Ctrl-C there), or give \
                 another --folder",
                folder.display()
            ),
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("{} cannot be locked", file.display()));
            }
        }
        let file = ClusterFile::read(folder)?;
        Ok((
            Claim {
                is_new,
                _lock: lock,
            },
            file,
        ))
    }
}

/// Makes the folder of a new cluster. Says for each server what its disk begins with.
///
/// # Errors
///
/// When the folder has other things in it, or cannot be made.
pub(crate) fn found(
    folder: &Path,
    founding: &Founding,
    beginning: impl Fn(&ServerSettings) -> anyhow::Result<Durable<Service>>,
) -> anyhow::Result<()> {
    let at = || format!("{} cannot be made", folder.display());
    fs::create_dir_all(folder).with_context(at)?;
    if fs::read_dir(folder).with_context(at)?.next().is_some() {
        bail!(
            "{}: expected the folder of a cluster, or an empty or new one; this one has other things in it and no {CLUSTER_FILE}",
            folder.display()
        );
    }
    let cluster = new_id()?;
    let servers = entries(founding.servers)?;
    Secret::draw()?.write(&folder.join("secret"))?;
    for number in 0..founding.servers {
        let settings = ServerSettings {
            cluster,
            server: number,
            folder: format!("server-{number}").into(),
            secret_file: "secret".into(),
            servers: servers.clone(),
            ..founding.pattern.clone()
        };
        let path = folder.join(format!("server-{number}.toml"));
        settings.check(&path)?;
        server::found(
            &settings,
            &folder.join(&settings.folder),
            beginning(&settings)?,
        )?;
        write_toml(
            &path,
            "A server of this cluster: `runner chat serve --config THIS`.",
            &settings,
        )?;
    }
    let file = ClusterFile {
        cluster,
        tolerate: founding.pattern.tolerate,
        heartbeat: founding.pattern.heartbeat,
        suspect: founding.pattern.suspect,
        authority: None,
        servers,
    };
    write_toml(
        &folder.join(CLUSTER_FILE),
        "A cluster: `runner chat client --folder` this file's folder.",
        &file,
    )
}

fn write_toml(path: &Path, comment: &str, value: &impl serde::Serialize) -> anyhow::Result<()> {
    let text = format!("# {comment}\n{}", toml::to_string(value)?);
    Ok(new_file::write(path, text.as_bytes())?)
}

/// A uuid (version 4) that no other cluster has.
pub(crate) fn new_id() -> anyhow::Result<Uuid> {
    let mut chance = [0; 16];
    getrandom::fill(&mut chance).context("the system has no chance to give")?;
    Ok(uuid::Builder::from_random_bytes(chance).into_uuid())
}

/// Names and free ports of loopback. The ports are held until all are known, so that none is given twice.
fn entries(servers: u32) -> anyhow::Result<Vec<ServerEntry>> {
    let mut held = Vec::new();
    let mut free = || {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port on 127.0.0.1")?;
        let address = listener.local_addr()?;
        held.push(listener);
        anyhow::Ok(address.into())
    };
    let one = |number| {
        Ok(ServerEntry {
            name: format!("server-{number}"),
            client: free()?,
            peer: free()?,
            grpc: Some(free()?),
            metrics: Some(free()?),
        })
    };
    (0..servers).map(one).collect()
}
