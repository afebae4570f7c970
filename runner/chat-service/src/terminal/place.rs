//! Which cluster, and which device: what commands of clients have alike.
//!
//! **Invariant.** What does not lead to a cluster is refused with what would.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use chat::client::operation::ClientSettings;
use chat::identity::Password;
use chat::limits::PASSWORD_BYTES_MAX;
use chat::name::Name;
use sha2::{Digest as _, Sha256};

use crate::client::{ClientSetup, Device, Directory};
use crate::settings::cluster_file::CLUSTER_FILE;
use crate::settings::{Address, ClusterFile};
use crate::transport::{Purpose, Security};

/// The folder of a cluster that is tried out.
pub const USUAL_FOLDER: &str = "chat";

/// Which cluster, and which device.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// The folder of a cluster; [`USUAL_FOLDER`] if there are no addresses either.
    pub folder: Option<PathBuf>,
    /// Or addresses of servers, in any order.
    pub servers: Vec<Address>,
    /// The certificate of the authority that vouches for servers.
    pub authority: Option<PathBuf>,
    /// Whether other addresses than loopback are spoken to without TLS.
    pub is_insecure: bool,
    /// Where the device is kept, if not at the usual place.
    pub state: Option<PathBuf>,
    /// Whether it is not kept at all.
    pub is_ephemeral: bool,
}

/// How clients of people do things: they notice a server that is gone within seconds.
pub(super) fn settings() -> ClientSettings {
    ClientSettings {
        silence_ms: 4_000,
        quiet_ms: 5_000,
        ..ClientSettings::default()
    }
}

/// A cluster that can be reached, and a device.
pub(super) struct Reach {
    pub(super) setup: ClientSetup,
    /// Where lines that were typed are kept.
    pub(super) history: Option<PathBuf>,
    /// What starts the servers, where that is known.
    pub(super) advice: String,
}

impl Place {
    /// Finds the cluster, and opens the device of a name.
    pub(super) fn open(
        &self,
        name: Option<&Name>,
        settings: ClientSettings,
    ) -> anyhow::Result<Reach> {
        let usual = || PathBuf::from(USUAL_FOLDER);
        let folder = match (&self.folder, self.servers.is_empty()) {
            (None, false) => None,
            (folder, _) => Some(folder.clone().unwrap_or_else(usual)),
        };
        let (directory, cluster, authority, advice) = match &folder {
            None => {
                let directory = Directory::of_addresses(self.servers.iter().cloned());
                let advice =
                    "are they the addresses for clients, and do the servers run?".to_owned();
                (directory, addresses_word(&self.servers), None, advice)
            }
            Some(folder) => {
                let file = self.read(folder)?;
                let advice = format!(
                    "`runner chat cluster --folder {}` starts them",
                    folder.display()
                );
                let directory = Directory::of_cluster(&file);
                (directory, file.cluster.to_string(), file.authority, advice)
            }
        };
        let authority = self.authority.clone().or(authority);
        let security = match &authority {
            Some(authority) => Security::of_client(authority)?,
            None => Security::bare(self.is_insecure),
        };
        let path = self.device_path(&cluster, name)?;
        let device = match &path {
            Some(path) => Device::open(path)?,
            None => Device::ephemeral(),
        };
        let setup = ClientSetup {
            directory,
            device,
            connector: security.connector(Purpose::Clients)?,
            most: None,
            settings,
        };
        let history = path.map(|path| path.with_extension("history"));
        Ok(Reach {
            setup,
            history,
            advice,
        })
    }

    fn read(&self, folder: &Path) -> anyhow::Result<ClusterFile> {
        if !folder.join(CLUSTER_FILE).exists() {
            bail!(
                "{}: no cluster there (no {CLUSTER_FILE}). Start one with `runner chat cluster --folder {}`, name its folder with \
                 --folder, or its servers with --server HOST:PORT,…",
                folder.display(),
                folder.display()
            );
        }
        Ok(ClusterFile::read(folder)?)
    }

    fn device_path(&self, cluster: &str, name: Option<&Name>) -> anyhow::Result<Option<PathBuf>> {
        Ok(match (&self.state, name) {
            _ if self.is_ephemeral => None,
            (Some(path), _) => Some(path.clone()),
            (None, Some(name)) => Some(Device::default_path(cluster, name)?),
            // Nobody's device is nobody's to find again.
            (None, None) => None,
        })
    }
}

/// A word for a cluster of which nothing but addresses is known: the same for the same addresses in any order.
fn addresses_word(addresses: &[Address]) -> String {
    let mut addresses: Vec<String> = addresses.iter().map(Address::to_string).collect();
    addresses.sort();
    let digest = Sha256::digest(addresses.join(","));
    let digits: String = digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("servers-{digits}")
}

/// The password that a file has: its first line.
///
/// # Errors
///
/// When it cannot be read, or has none.
pub fn read_password(path: &Path) -> anyhow::Result<Password> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("--password-file {}", path.display()))?;
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() || line.len() > PASSWORD_BYTES_MAX {
        bail!(
            "--password-file {}: expected a password of 1 to {PASSWORD_BYTES_MAX} bytes in its first line, found {} bytes",
            path.display(),
            line.len()
        );
    }
    Ok(Password(line.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_any_order_are_one_cluster() {
        let addresses = ["127.0.0.1:1", "127.0.0.1:2"].map(|one| one.parse().expect("an address"));
        let [first, second]: [Address; 2] = addresses;
        let there = addresses_word(&[first.clone(), second.clone()]);
        assert_eq!(there, addresses_word(&[second, first.clone()]));
        assert_ne!(there, addresses_word(&[first]));
    }

    #[test]
    fn what_leads_to_no_cluster_is_refused_with_what_would() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = Place {
            folder: Some(folder.path().to_owned()),
            ..Place::default()
        };
        let error = place.open(None, ClientSettings::default());
        let error = error.err().expect("no cluster there").to_string();
        assert!(error.contains("runner chat cluster --folder"), "{error}");
        assert!(error.contains("--server HOST:PORT"), "{error}");
    }

    #[test]
    fn a_password_is_the_first_line_of_its_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("password");
        std::fs::write(&path, "correct horse\nbattery\n").expect("written");
        assert_eq!(read_password(&path).expect("one").0, "correct horse");
        std::fs::write(&path, "\n").expect("written");
        let error = read_password(&path).expect_err("none").to_string();
        assert!(error.contains("found 0 bytes"), "{error}");
    }
}
