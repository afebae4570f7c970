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
//! [`event`] what the core hears and wants · [`settings`] what links know before they are made · [`handshake`] proof of the secret, keys · [`frames`] messages as sealed frames, and back · [`outgoing`] what waits ·
//! `link` a connection until it ends · `dialler`, `door` how one is made · [`counters`] what has happened
//!
//! **Invariant.** What comes from a link was said by the server that it belongs to; what is sent may be lost, and is lost
//! rather than waited for. For each other server there is at most one link, and the last that was proved is it.

pub mod counters;
mod dialler;
mod door;
pub mod event;
pub mod frames;
pub mod handshake;
mod link;
pub mod outgoing;
pub mod settings;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use chat::identity::ServerId;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

pub use event::{Links, PeerEvent, PeerOrder};
use link::Table;
pub use settings::PeerSettings;

/// Events that wait for the core. While that many do no link is read: the others wait, and lose what they cannot keep.
const EVENTS_WAITING_MAX: usize = 1024;

/// How long what waits may take to leave once the core has ended.
const LEAVING_MAX: Duration = Duration::from_secs(1);
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
