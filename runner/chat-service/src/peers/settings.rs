//! What links know before they are made.
//!
//! **Invariant.** Both ends of a link know the same but for their numbers.

use std::sync::Arc;
use std::time::Duration;

use chat::rule::Rules;

use super::counters::PeerCounters;
use super::handshake::Membership;
use crate::secret::Secret;
use crate::settings::{Address, ServerSettings};
use crate::transport::certificates::CertificateError;
use crate::transport::{Acceptor, Connector, Purpose, Security};

/// How long a connection may take until both ends are proved.
const HANDSHAKE_TIME: Duration = Duration::from_secs(5);
/// Heartbeats that may be missing before a link is given up; a connection that a network has cut would else hang for minutes.
const SILENCE_HEARTBEATS: u32 = 10;
/// And the time that is given in any case.
const SILENCE_MIN: Duration = Duration::from_secs(5);

/// What links know before they are made.
#[derive(Clone)]
pub struct PeerSettings {
    /// Which server of which cluster this is.
    pub membership: Membership,
    /// Where every server listens for others; the place is its number.
    pub addresses: Vec<Address>,
    /// How accepted connections become streams.
    pub acceptor: Acceptor,
    /// How others are dialled.
    pub connector: Connector,
    /// The rules that messages are read by.
    pub rules: Rules,
    /// How long a connection may take until both ends are proved.
    pub handshake: Duration,
    /// A link on which nothing is heard for this time ends. Replicas that run say something with every heartbeat.
    pub silence: Duration,
    /// What has happened.
    pub counters: Arc<PeerCounters>,
}

impl PeerSettings {
    /// Those of a server.
    ///
    /// # Errors
    ///
    /// When keys and certificates do not go together.
    pub fn new(
        settings: &ServerSettings,
        secret: Secret,
        security: &Security,
    ) -> Result<PeerSettings, CertificateError> {
        let membership = Membership {
            cluster: settings.cluster,
            common: settings.common(),
            secret,
            server: settings.id(),
            servers: u32::try_from(settings.servers.len()).unwrap_or(u32::MAX),
        };
        let heartbeat = Duration::from_nanos(settings.heartbeat.ns());
        Ok(PeerSettings {
            addresses: (settings.servers.iter())
                .map(|server| server.peer.clone())
                .collect(),
            acceptor: security.acceptor(Purpose::Servers)?,
            connector: security.connector(Purpose::Servers)?,
            rules: Rules::default(),
            handshake: HANDSHAKE_TIME,
            silence: SILENCE_MIN.max(SILENCE_HEARTBEATS * heartbeat),
            counters: Arc::new(PeerCounters::new(membership.server, membership.servers)),
            membership,
        })
    }
}
