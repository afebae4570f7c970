//! What programs ask of a client, and what they hear.
//!
//! **Invariant.** Every operation that is asked for settles, at its deadline at the latest; one that nobody knew of may settle
//! once more.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chat::answer::{Message, Opened};
use chat::client::operation::{Operation, Settlement};
use chat::identity::{AccountId, Offset, ServerId};
use chat::refusal::SessionEnd;
use tokio::sync::{mpsc, oneshot};

use super::device::DeviceError;
use super::problem::Unserved;

/// An operation that a program has asked for, in the order of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// To be given back when a message was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    pub(super) account: AccountId,
    pub(super) offset: Offset,
    /// How often the mailbox had lost messages before: what was shown before that says nothing of what came after.
    pub(super) rewinds: u64,
}

/// What happens to a client.
#[derive(Debug)]
pub enum News {
    /// A message, once, in the order of the mailbox. It is acknowledged after its receipt was given to [`Handle::shown`].
    Message {
        /// It.
        message: Message,
        /// Its receipt.
        receipt: Receipt,
    },
    /// The session is open, or goes on with another server.
    LoggedIn {
        /// What the service says of it.
        opened: Opened,
        /// The server.
        server: ServerId,
    },
    /// Messages come from now on: the mailbox ended here when they were asked for.
    Listening {
        /// The last message of it.
        end: Offset,
    },
    /// The service has the acknowledgement of these messages.
    Acknowledged {
        /// The last of them.
        through: Offset,
    },
    /// The server is lost; another one is sought.
    Lost,
    /// A server serves: what was said of none does not hold any more.
    Served,
    /// No server serves, and why. It is said once, and again only after one has served.
    Unserved(Unserved),
    /// An operation has ended of which nobody knew.
    SettledAfterAll {
        /// Which.
        ticket: Ticket,
        /// How.
        settlement: Settlement,
    },
    /// Messages were acknowledged by another device, and are no longer kept.
    Skipped {
        /// How many.
        count: u64,
        /// Their receipt: what comes after them is acknowledged with them.
        receipt: Receipt,
    },
    /// The service has lost messages that were shown.
    Rewound {
        /// How many.
        count: u64,
    },
    /// The session has ended: who goes on has to log in anew.
    SessionEnded(Option<SessionEnd>),
    /// What was shown cannot be kept: the client ends, and acknowledges nothing more.
    Failed(DeviceError),
}

/// What a driver is told.
#[derive(Debug)]
pub(super) enum Order {
    Ask {
        ticket: Ticket,
        operation: Operation,
        patience: Duration,
        settlement: oneshot::Sender<Settlement>,
    },
    Listen,
    Shown(Receipt),
    Close {
        closed: oneshot::Sender<()>,
    },
}

/// The way to a client. Clones lead to the same; when all are gone the client ends at once.
#[derive(Debug, Clone)]
pub struct Handle {
    orders: mpsc::UnboundedSender<Order>,
    tickets: Arc<AtomicU64>,
}

impl Handle {
    pub(super) fn new() -> (Handle, mpsc::UnboundedReceiver<Order>) {
        let (orders, receiver) = mpsc::unbounded_channel();
        let tickets = Arc::default();
        (Handle { orders, tickets }, receiver)
    }

    /// Asks for something; how it ends is known within `patience`.
    pub fn ask(&self, operation: Operation, patience: Duration) -> Asked {
        let ticket = Ticket(self.tickets.fetch_add(1, Ordering::Relaxed));
        let (sender, settlement) = oneshot::channel();
        let order = Order::Ask {
            ticket,
            operation,
            patience,
            settlement: sender,
        };
        // A client that has ended drops the sender.
        let _ = self.orders.send(order);
        Asked { ticket, settlement }
    }

    /// Asks for messages, now and on each later connection. Nothing more if they come already.
    pub fn listen(&self) {
        let _ = self.orders.send(Order::Listen);
    }

    /// A message was shown: it is kept as such, and then acknowledged.
    pub fn shown(&self, receipt: Receipt) {
        let _ = self.orders.send(Order::Shown(receipt));
    }

    /// Ends the client, once what was shown is kept and acknowledged, or cannot be acknowledged within `patience`. The session
    /// stays open: a program that wants it to end asks for [`Operation::LogOut`] before.
    pub async fn close(&self, patience: Duration) {
        let (closed, is_closed) = oneshot::channel();
        let _ = self.orders.send(Order::Close { closed });
        // What is kept is acknowledged by the next client on this device.
        let _ = tokio::time::timeout(patience, is_closed).await;
    }
}

/// An operation under way.
#[derive(Debug)]
pub struct Asked {
    /// Its ticket.
    pub ticket: Ticket,
    settlement: oneshot::Receiver<Settlement>,
}

impl Asked {
    /// How it ended. Of a client that has ended before nobody knows.
    pub async fn settled(self) -> Settlement {
        self.settlement.await.unwrap_or(Settlement::Unknown)
    }
}
