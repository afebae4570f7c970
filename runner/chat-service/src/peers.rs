//! Links between servers.
//!
//! **Invariant.** What comes from a link was said by the server that it belongs to, in the order of saying; what is sent may be
//! lost, and is lost rather than waited for.

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
    pub events: mpsc::UnboundedReceiver<PeerEvent>,
}

impl Links {
    /// The links of a cluster of one server: none.
    pub fn none() -> Links {
        let (orders, _) = mpsc::unbounded_channel();
        let (_, events) = mpsc::unbounded_channel();
        Links { orders, events }
    }
}
