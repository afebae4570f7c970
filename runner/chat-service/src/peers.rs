//! Links between servers: one connection for each pair, made again whenever it ends.
//!
//! Of each pair the server with the greater number dials. Both ends prove that they know the cluster's secret ([`handshake`]);
//! from then on every frame is sealed ([`seal`]): it bears a number and a keyed hash, and the first that does not ends the
//! link. With TLS all of that is inside TLS in which both ends show certificates.
//!
//! A long message goes in parts, and short ones between them: a heartbeat waits for one part, not for a snapshot. What waits
//! to be sent is bounded; what finds no room, or no link, is lost. The replicas expect that of a network: messages lost,
//! repeated and in another order.
//!
//! # Map
//!
//! [`handshake`] proof of the secret, keys · [`frames`] messages as sealed frames, and back · [`outgoing`] what waits ·
//! `link` a connection until it ends · `dialler`, `door` how one is made · [`counters`] what has happened
//!
//! **Invariant.** What comes from a link was said by the server that it belongs to; what is sent may be lost, and is lost
//! rather than waited for. For each other server there is at most one link, and the last that was proved is it.

pub mod counters;
mod dialler;
mod door;
pub mod frames;
pub mod handshake;
mod link;
pub mod outgoing;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use chat::identity::ServerId;
use chat::rule::Rules;
use cluster::message::Message;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::secret::Secret;
use crate::settings::{Address, ServerSettings};
use crate::transport::certificates::CertificateError;
use crate::transport::{Acceptor, Connector, Purpose, Security};
use counters::PeerCounters;
use handshake::Membership;
use link::Table;

/// Events that wait for the core. While that many do no link is read: the others wait, and lose what they cannot keep.
const EVENTS_WAITING_MAX: usize = 1024;

/// How long what waits may take to leave once the core has ended.
const LEAVING_MAX: Duration = Duration::from_secs(1);
/// How long a connection may take until both ends are proved.
const HANDSHAKE_TIME: Duration = Duration::from_secs(5);
/// Heartbeats that may be missing before a link is given up; a connection that a network has cut would else hang for minutes.
const SILENCE_HEARTBEATS: u32 = 10;
/// And the time that is given in any case.
const SILENCE_MIN: Duration = Duration::from_secs(5);

/// What happens on the links of a server.
#[derive(Debug)]
pub enum PeerEvent {
    /// A link is there.
    Up(ServerId),
    /// A link is gone; it is made again.
    Down(ServerId),
    /// Another server says something.
    Message {
        /// Which.
        from: ServerId,
        /// What.
        message: Message,
    },
}

/// What the core wants of the links.
#[derive(Debug)]
pub enum PeerOrder {
    /// Say something to another server; lost where there is no link.
    Send {
        /// To which.
        to: ServerId,
        /// What.
        message: Message,
    },
    /// End the link; another one is made.
    HangUp(ServerId),
}

/// Both ends of the talk between the core and its links.
///
/// When the core drops `orders`, what was ordered before is still written, as far as it goes at once, then the links end and
/// `events` with them.
#[derive(Debug)]
pub struct Links {
    /// What the core wants.
    pub orders: mpsc::UnboundedSender<PeerOrder>,
    /// What happens.
    pub events: mpsc::Receiver<PeerEvent>,
}

impl Links {
    /// The links of a cluster of one server: none.
    pub fn none() -> Links {
        let (orders, _) = mpsc::unbounded_channel();
        let (_, events) = mpsc::channel(1);
        Links { orders, events }
    }
}

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

/// Makes the links of a server, and makes them again, until the returned value is dropped.
pub fn start(settings: PeerSettings, listener: TcpListener) -> Links {
    let (orders, waiting) = mpsc::unbounded_channel();
    let (sender, events) = mpsc::channel(EVENTS_WAITING_MAX);
    tokio::spawn(run(settings, listener, waiting, sender));
    Links { orders, events }
}

async fn run(
    settings: PeerSettings,
    listener: TcpListener,
    mut orders: mpsc::UnboundedReceiver<PeerOrder>,
    events: mpsc::Sender<PeerEvent>,
) {
    let own = settings.membership.server;
    let table = Arc::new(Table::new(settings, events));
    // Dropped with this task, they end.
    let mut tasks = JoinSet::new();
    tasks.spawn(door::open(table.clone(), listener));
    for lower in 0..own.0 {
        tasks.spawn(dialler::dial(table.clone(), ServerId(lower)));
    }
    while let Some(order) = orders.recv().await {
        match order {
            PeerOrder::Send { to, message } => table.send(to, message),
            PeerOrder::HangUp(server) => table.hang_up(server),
        }
    }
    // The core has ended. What it said last leaves, if the others read it.
    let _ = timeout(LEAVING_MAX, table.leave()).await;
}
