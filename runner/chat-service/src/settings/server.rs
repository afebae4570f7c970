//! One server: the file `server.toml`.
//!
//! ```toml
//! cluster = "0198c1f6-0000-8000-8000-000000000000"   # the same for all its servers
//! server = 0                          # its place in the list of servers below
//! folder = "server-0"                 # where its state is kept; relative to this file
//! secret_file = "secret"              # what servers prove to each other: 64 hex digits, mode 0600
//! listen = "0.0.0.0:4000"             # where to listen, if not at the addresses below
//! tolerate = "crashes"                # the same for all its servers, as are heartbeat and suspect
//! heartbeat = "1s"
//! suspect = "3s"
//!
//! [[servers]]                         # every server, this one too
//! name = "anchor"
//! client = "chat-0.example.org:4000"
//! peer = "chat-0.example.org:4001"
//! grpc = "chat-0.example.org:4002"
//! ```
//!
//! **Invariant.** Settings that were [`ServerSettings::check`]ed name a server that exists and spans that can go together.

use std::path::{Path, PathBuf};

use chat::identity::ServerId;
use replica::timing::Timing;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::address::Address;
use super::cluster_file::{ServerEntry, check_servers, uuid_text};
use super::connections::ConnectionSettings;
use super::file::{SettingsError, contradiction, read};
use super::limits::LimitSettings;
use super::span::Span;
use super::words::{Passwords, Push, Tolerate};

/// Servers of a cluster at most: each acknowledgement waits for all of them.
pub const SERVERS_MAX: usize = 9;

/// Files of keys, in PEM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsFiles {
    /// The server's certificate, and those between it and the authority.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    /// The certificate of the authority that proves the other servers.
    pub authority: PathBuf,
}

/// What an operator says of a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerSettings {
    /// The cluster's id.
    #[serde(with = "uuid_text")]
    pub cluster: Uuid,
    /// Its number: its place in the list of servers.
    pub server: u32,
    /// Where its state is kept.
    pub folder: PathBuf,
    /// The file of the secret that servers prove to each other.
    pub secret_file: PathBuf,
    /// Where to listen for clients, if not at the address that they use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listen: Option<Address>,
    /// Where to listen for servers, if not at the address that they use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listen_peers: Option<Address>,
    /// Where to listen for gRPC clients, if not at the address that they use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listen_grpc: Option<Address>,
    /// Where to listen for readers of metrics, if not at the address that they use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listen_metrics: Option<Address>,
    /// What the cluster survives.
    #[serde(default)]
    pub tolerate: Tolerate,
    /// Between two heartbeats.
    #[serde(default = "second")]
    pub heartbeat: Span,
    /// A server that is silent for longer is taken for dead.
    #[serde(default = "three_seconds")]
    pub suspect: Span,
    /// Whether addresses other than loopback may be used without TLS.
    #[serde(default)]
    pub insecure: bool,
    /// Who has a password.
    #[serde(default)]
    pub passwords: Passwords,
    /// When messages are pushed.
    #[serde(default)]
    pub push: Push,
    /// Whether an account may be logged in on one device alone. Holds from the founding of the cluster on.
    #[serde(default)]
    pub one_device: bool,
    /// Keys for TLS; none where connections are not encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsFiles>,
    /// The bounds of the service. They hold from the founding of the cluster on.
    #[serde(default)]
    pub limits: LimitSettings,
    /// The bounds of connections to this server.
    #[serde(default)]
    pub connections: ConnectionSettings,
    /// Every server; their places in the list are their numbers.
    pub servers: Vec<ServerEntry>,
}

fn second() -> Span {
    Span::from_ms(1000)
}

fn three_seconds() -> Span {
    Span::from_ms(3000)
}

impl ServerSettings {
    /// Settings that say what must be said, and nothing else.
    pub fn new(
        cluster: Uuid,
        server: u32,
        folder: PathBuf,
        secret_file: PathBuf,
        servers: Vec<ServerEntry>,
    ) -> ServerSettings {
        ServerSettings {
            cluster,
            server,
            folder,
            secret_file,
            listen: None,
            listen_peers: None,
            listen_grpc: None,
            listen_metrics: None,
            tolerate: Tolerate::default(),
            heartbeat: second(),
            suspect: three_seconds(),
            insecure: false,
            passwords: Passwords::default(),
            push: Push::default(),
            one_device: false,
            tls: None,
            limits: LimitSettings::default(),
            connections: ConnectionSettings::default(),
            servers,
        }
    }

    /// Reads the file. Paths in it are relative to its folder. Flags are put in before [`Self::check`].
    ///
    /// # Errors
    ///
    /// [`SettingsError`], with the line.
    pub fn read(path: &Path) -> Result<ServerSettings, SettingsError> {
        let advice =
            "check the path after --config; `runner chat cluster --folder FOLDER` makes such files";
        let mut settings: ServerSettings = read(path, advice)?;
        let base = path.parent().unwrap_or(Path::new(""));
        let tls = settings.tls.iter_mut();
        let keys = tls.flat_map(|tls| [&mut tls.certificate, &mut tls.key, &mut tls.authority]);
        let own = [&mut settings.folder, &mut settings.secret_file];
        for file in own.into_iter().chain(keys) {
            *file = base.join(&*file);
        }
        Ok(settings)
    }

    /// Whether these settings can go together; `path` is the file that they are from.
    ///
    /// # Errors
    ///
    /// [`SettingsError`], with what to do.
    pub fn check(&self, path: &Path) -> Result<(), SettingsError> {
        self.contradictions().map_err(contradiction(path))
    }

    fn contradictions(&self) -> Result<(), String> {
        check_servers(&self.servers)?;
        let count = self.servers.len();
        if count > SERVERS_MAX {
            return Err(format!(
                "{count} [[servers]]: expected at most {SERVERS_MAX}, each acknowledgement waits for all"
            ));
        }
        if self.server as usize >= count {
            return Err(format!(
                "server = {}: expected the place of one of the {count} [[servers]], from 0 on",
                self.server
            ));
        }
        self.timing()?;
        if let Some(name) = self.connections.zero() {
            return Err(format!(
                "{name} = 0 in [connections]: nobody could use this server; expected at least 1"
            ));
        }
        for (kind, address) in self.exposed() {
            if !self.insecure {
                return Err(format!(
                    "{kind} at {address} without TLS: others could read and change what is said there. Expected [tls] \
                     (`runner chat keys` makes keys), an address of loopback, or --insecure if the network is trusted"
                ));
            }
        }
        Ok(())
    }

    /// When the replica speaks and suspects.
    ///
    /// # Errors
    ///
    /// Heartbeat and suspicion that cannot go together.
    pub fn timing(&self) -> Result<Timing, String> {
        let (heartbeat, suspect) = (self.heartbeat, self.suspect);
        Timing::new(heartbeat.ns(), suspect.ns()).map_err(|_| {
            format!(
                "heartbeat = {heartbeat}, suspect = {suspect}: expected heartbeats of at least 1ms, and a suspicion of at \
                 least three of them"
            )
        })
    }

    /// Its entry in the list of servers.
    ///
    /// # Panics
    ///
    /// If the settings were not checked.
    pub fn own(&self) -> &ServerEntry {
        &self.servers[self.server as usize]
    }

    /// Its number.
    pub fn id(&self) -> ServerId {
        ServerId(self.server)
    }

    /// Where it listens: for whom, and the address.
    pub fn listens(&self) -> Vec<(&'static str, &Address)> {
        let own = self.own();
        let mut all = vec![
            ("clients", self.listen.as_ref().unwrap_or(&own.client)),
            ("servers", self.listen_peers.as_ref().unwrap_or(&own.peer)),
        ];
        let grpc = self.listen_grpc.as_ref().or(own.grpc.as_ref());
        all.extend(grpc.map(|address| ("gRPC", address)));
        let metrics = self.listen_metrics.as_ref().or(own.metrics.as_ref());
        all.extend(metrics.map(|address| ("metrics", address)));
        all
    }

    /// Where it listens so that other hosts can come, without TLS: for whom, and the address. Metrics say nothing of anybody, and
    /// never have TLS.
    fn exposed(&self) -> impl Iterator<Item = (&'static str, &Address)> {
        let is_bare = self.tls.is_none();
        let all = self.listens().into_iter();
        all.filter(move |(kind, address)| is_bare && *kind != "metrics" && !address.is_loopback())
    }

    /// Addresses at which everything can be read and changed on the way, as the operator has accepted.
    pub fn bare(&self) -> Vec<String> {
        self.exposed()
            .map(|(kind, address)| format!("{kind} {address}"))
            .collect()
    }

    /// Where it listens for these.
    pub(crate) fn listens_for(&self, kind: &str) -> Option<&Address> {
        let mut all = self.listens().into_iter();
        all.find_map(|(of, address)| (of == kind).then_some(address))
    }

    /// SHA-256 of what all servers of a cluster must say alike: servers that differ in it must not talk.
    pub fn common(&self) -> [u8; 32] {
        let mut hash = Sha256::new().chain_update(self.cluster.as_bytes());
        let number = u64::try_from(self.servers.len()).unwrap_or(u64::MAX);
        for number in [number, self.heartbeat.ns(), self.suspect.ns()] {
            hash.update(number.to_be_bytes());
        }
        hash.chain_update(self.tolerate.word()).finalize().into()
    }
}
