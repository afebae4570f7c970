//! What the processes of machines and of the hub have in common: orders in, reports out, and a thread for the network.
//!
//! Each is started by the coordinator and by nobody else. When stdin ends, the coordinator is gone, and the process ends
//! too, whatever it was doing.

use std::collections::BTreeSet;
use std::io::{BufRead, IsTerminal};
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};

use event_log::{JournalEntry, JournalKind, OnDisconnect, Party};
use tokio::sync::{mpsc, oneshot};

use super::control::{Order, Report, Reporter, Setup};
use super::handshake::Identity;
use super::links::{LinkEvent, Links, Listener, bind};
use super::pace::system_time_ns;
use super::topology::Topology;
use super::wire::Frame;
use crate::progress::say;

/// What a party does with a message that has come in by a link. Called on the network's thread: it must not block.
pub(super) type Receive = Box<dyn Fn(&Links, Party, Frame) + Send + Sync>;

/// Runs a process to its end. Problems are reported to the coordinator, which tells the user.
pub(super) fn run(take_part: impl FnOnce(Setup, Receiver<Order>) -> Result<(), String>) {
    let orders = read_orders();
    let setup = match orders.recv() {
        Ok(Order::Setup(setup)) => setup,
        // The coordinator is gone before it could say anything; there is nobody to tell.
        Err(_) if !std::io::stdin().is_terminal() => return,
        _ => {
            say(
                "`runner machine` and `runner hub` are started by `runner trial`, not by hand: see `runner trial --help`",
            );
            std::process::exit(2);
        }
    };
    if let Err(problem) = take_part(*setup, orders) {
        Reporter.send(&Report::Failed { problem });
    }
}

/// Orders, line by line; the channel ends when stdin does.
fn read_orders() -> Receiver<Order> {
    let (sender, orders) = channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(order) = line
                .map_err(drop)
                .and_then(|line| serde_json::from_str(&line).map_err(drop))
            else {
                break;
            };
            if sender.send(order).is_err() {
                break;
            }
        }
    });
    orders
}

/// Once the trial is under way, the only order left is to stop; so is the end of orders.
pub(super) fn wait_for_stop(orders: &Receiver<Order>) {
    while !matches!(orders.recv(), Ok(Order::Stop) | Err(_)) {}
}

/// A line for the journal.
pub(super) fn note(
    party: Party,
    kind: JournalKind,
    peer: Option<Party>,
    detail: &str,
    count: Option<u64>,
) {
    let entry = JournalEntry::of_party(system_time_ns(), party, kind, detail);
    Reporter.send(&Report::Journal(JournalEntry {
        peer,
        count,
        ..entry
    }));
}

/// A party's place in the network.
pub(super) struct Place {
    party: Party,
    /// Its links.
    pub(super) links: Links,
    dial: mpsc::UnboundedSender<Vec<(Party, SocketAddr)>>,
}

impl Place {
    /// Starts the network's thread, which listens if the party has a door and reports that it is ready.
    pub(super) fn take(setup: &Setup, receive: Receive) -> Result<Place, String> {
        let (ready, links) = oneshot::channel();
        let (dial, addresses) = mpsc::unbounded_channel();
        let party = setup.party;
        let setup = setup.clone();
        std::thread::spawn(move || serve(&setup, receive, ready, addresses));
        let links = links
            .blocking_recv()
            .map_err(|_| "its network thread ended early".to_owned())??;
        Ok(Place { party, links, dial })
    }

    /// Has the peers dialled when they are ready, and returns the common start; none when the trial ends before it.
    pub(super) fn wait_for_start(&self, orders: &Receiver<Order>) -> Option<u64> {
        loop {
            match orders.recv() {
                Ok(Order::Connect { addresses }) => drop(self.dial.send(addresses)),
                Ok(Order::Start { started_ns }) => return Some(started_ns),
                Ok(Order::Stop | Order::Setup(_)) | Err(_) => return None,
            }
        }
    }

    /// Tells the journal what did not reach a peer, and how many more were turned away than it has been told.
    pub(super) fn note_losses(&self) {
        for (peer, count) in self.links.undelivered() {
            let detail = "messages to an absent peer, lost";
            let kind = JournalKind::Undelivered;
            note(self.party, kind, Some(peer), detail, Some(count));
        }
        let untold = self.links.refusals_untold();
        if untold > 0 {
            let detail = "further connections turned away";
            note(self.party, JournalKind::Refused, None, detail, Some(untold));
        }
    }
}

/// Turns what links tell into reports, and passes messages on to `receive`.
fn listener(me: Party, peers: usize, receive: Receive) -> Listener {
    let connected = Mutex::new(BTreeSet::new());
    // A poisoned lock guards a plain set, which is whole whatever its holder did.
    let connected = move |change: &dyn Fn(&mut BTreeSet<Party>) -> bool| {
        change(&mut connected.lock().unwrap_or_else(PoisonError::into_inner))
    };
    Arc::new(move |links, event| match event {
        LinkEvent::Message(from, frame) => receive(links, from, frame),
        LinkEvent::Connected(peer) => {
            note(me, JournalKind::Connected, Some(peer), "", None);
            if connected(&|set| set.insert(peer) && set.len() == peers) {
                Reporter.send(&Report::Connected);
            }
        }
        LinkEvent::Lost(peer) => {
            connected(&|set| set.remove(&peer));
            Reporter.send(&Report::Lost { peer });
        }
        LinkEvent::Told(kind, peer, detail) => note(me, kind, peer, &detail, None),
        LinkEvent::Unreachable(_, problem) => Reporter.send(&Report::Failed { problem }),
    })
}

/// The network's thread: binds, reports, and serves until the process ends.
fn serve(
    setup: &Setup,
    receive: Receive,
    ready: oneshot::Sender<Result<Links, String>>,
    mut addresses: mpsc::UnboundedReceiver<Vec<(Party, SocketAddr)>>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return drop(ready.send(Err(format!("no network: {error}")))),
    };
    runtime.block_on(async move {
        let condition = &setup.manifest.condition;
        let identity = Identity {
            secret: setup.secret.clone(),
            trial: setup.manifest.trial,
            party: setup.party,
            peers: Topology::of(condition).peers(setup.party),
        };
        let redial = condition.on_disconnect == Some(OnDisconnect::Reconnect);
        let hear = listener(setup.party, identity.peers.len(), receive);
        let links = Links::new(identity, redial, hear);
        let address = match open(setup, &links).await {
            Ok(address) => address,
            Err(problem) => return drop(ready.send(Err(problem))),
        };
        if ready.send(Ok(links.clone())).is_err() {
            return;
        }
        let process = std::process::id();
        Reporter.send(&Report::Ready { address, process });
        while let Some(addresses) = addresses.recv().await {
            links.dial_all(&addresses);
        }
        // Orders have ended; the main thread ends the process.
        std::future::pending::<()>().await;
    });
}

/// Opens the door, if there is one; where it is.
async fn open(setup: &Setup, links: &Links) -> Result<Option<SocketAddr>, String> {
    let Some(door) = &setup.door else {
        return Ok(None);
    };
    let listener = bind(&door.host, door.port).await?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    tokio::spawn(links.clone().accept(listener));
    Ok(Some(address))
}
