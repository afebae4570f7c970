//! What the core hears of its links, and what it wants of them.
//!
//! **Invariant.** Each link is up, speaks and is down before the next one to the same server is up.

use chat::identity::ServerId;
use cluster::message::Message;
use tokio::sync::mpsc;

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
