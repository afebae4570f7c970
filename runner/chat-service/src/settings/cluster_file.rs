//! A cluster, as its clients see it: the file `cluster.toml` of its folder.
//!
//! **Invariant.** All servers of a cluster have different names and addresses.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::address::Address;
use super::file::{SettingsError, contradiction, read};
use super::span::Span;
use super::words::Tolerate;

/// The name of the file in the folder of a cluster.
pub const CLUSTER_FILE: &str = "cluster.toml";

/// Where one server of a cluster is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerEntry {
    /// What people call it.
    pub name: String,
    /// Where clients reach it.
    pub client: Address,
    /// Where the other servers reach it.
    pub peer: Address,
    /// Where gRPC clients reach it; none if it has no gRPC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grpc: Option<Address>,
    /// Where its metrics are read; none if it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics: Option<Address>,
}

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterFile {
    /// The cluster's id.
    #[serde(with = "uuid_text")]
    pub cluster: Uuid,
    /// What it survives.
    pub tolerate: Tolerate,
    /// Between two heartbeats of a server.
    pub heartbeat: Span,
    /// A server that is silent for longer is taken for dead.
    pub suspect: Span,
    /// The certificate of the authority that servers are proved by; none where connections are not encrypted. Relative to the
    /// file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority: Option<PathBuf>,
    /// Every server; their places in the list are their numbers.
    pub servers: Vec<ServerEntry>,
}

impl ClusterFile {
    /// Reads the file of a cluster's folder.
    ///
    /// # Errors
    ///
    /// [`SettingsError`], with what to do.
    pub fn read(folder: &Path) -> Result<ClusterFile, SettingsError> {
        let path = folder.join(CLUSTER_FILE);
        let advice =
            "expected the folder of a cluster, as `runner chat cluster --folder FOLDER` makes it";
        let mut file: ClusterFile = read(&path, advice)?;
        check_servers(&file.servers).map_err(contradiction(&path))?;
        file.authority = file.authority.map(|authority| folder.join(authority));
        Ok(file)
    }
}

/// Whether these can be the servers of one cluster.
pub(super) fn check_servers(servers: &[ServerEntry]) -> Result<(), String> {
    if servers.is_empty() {
        return Err("no [[servers]]: expected one table for each server of the cluster".to_owned());
    }
    let mut seen = BTreeSet::new();
    for server in servers {
        let name = &server.name;
        if name.is_empty() || name.chars().any(char::is_control) {
            return Err(format!(
                "name = {name:?}: expected a name without control characters"
            ));
        }
        if !seen.insert(name.clone()) {
            return Err(format!(
                "two [[servers]] are called `{name}`: give each its own name"
            ));
        }
        let others = server.grpc.iter().chain(&server.metrics);
        for address in [&server.client, &server.peer].into_iter().chain(others) {
            if address.port() == 0 {
                return Err(format!(
                    "`{address}` of `{name}`: others need to know the port, expected one from 1 on"
                ));
            }
            if address.is_unspecified() {
                return Err(format!(
                    "`{address}` of `{name}`: nobody can connect to it. Give the address that others reach, and `listen` \
                     or `listen_peers` for where to listen"
                ));
            }
            if !seen.insert(address.to_string()) {
                return Err(format!(
                    "`{address}` of `{name}` is there twice: each address has one use"
                ));
            }
        }
    }
    Ok(())
}

/// A uuid as text.
pub(super) mod uuid_text {
    use serde::{Deserialize, Deserializer, Serializer, de};
    use uuid::Uuid;

    pub(in crate::settings) fn serialize<S: Serializer>(
        id: &Uuid,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(id)
    }

    pub(in crate::settings) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Uuid, D::Error> {
        let text = String::deserialize(deserializer)?;
        Uuid::parse_str(&text)
            .map_err(|error| de::Error::custom(format!("`{text}` is not a uuid: {error}")))
    }
}
