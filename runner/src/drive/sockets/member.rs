//! The common part of the processes of machines and of the hub: orders in, reports out, and a thread for the network.
//!
//! Only the coordinator starts one. When stdin ends, the coordinator is gone, and the process ends
//! too.

use std::collections::BTreeSet;
use std::io::{BufRead, IsTerminal};
use std::net::SocketAddr;
use std::sync::mpsc::{self as blocking, Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};

use event_log::{JournalEntry, JournalKind, OnDisconnect, Party};
use tokio::sync::{mpsc, oneshot};

use super::control::{Order, Report, Reporter, Setup};
use super::handshake::Identity;
use super::links::listener::bind;
use super::links::pulse::Pulse;
use super::links::{LinkEvent, Links, Listener};
use super::pace::system_time_ns;
use super::quota::Quota;
use super::topology::Topology;
use super::wire::Frame;
use crate::terminal::say;

/// A callback that takes a message from a link; returns whether the party accepts it. It runs on the network's thread, so
/// it must not block.
pub(super) type Receive = Box<dyn Fn(&Links, Party, Frame) -> bool + Send + Sync>;

/// Runs a process to its end. It reports problems to the coordinator, which shows them to the user.
pub(super) fn run(take_part: impl FnOnce(Setup, Receiver<Order>) -> Result<(), String>) {
    let orders = read_orders();
    let setup = match orders.recv() {
        Ok(Order::Setup(setup)) => setup,
        // The coordinator is gone before it could say anything; nobody can hear an error.
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

/// The last order of a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Last {
    /// Everybody is done.
    Close,
    /// The trial ends early, or the coordinator is gone.
    Stop,
}

/// Once the trial is under way only a last order can come; the end of orders counts as one.
pub(super) fn wait_for_last(orders: &Receiver<Order>) -> Last {
    loop {
        match orders.recv() {
            Ok(Order::Close) => return Last::Close,
            Ok(Order::Stop) | Err(_) => return Last::Stop,
            Ok(_) => {}
        }
    }
}

/// A request to the network's thread.
enum Errand {
    /// Dial these.
    Dial(Vec<(Party, SocketAddr)>),
    /// Take leave of all peers, after reading all from them or at once, and say when that is done.
    Settle {
        hear_first: bool,
        done: blocking::Sender<()>,
    },
}

/// A party's place in the network.
pub(super) struct Place {
    party: Party,
    /// Its links.
    pub(super) links: Links,
    errands: mpsc::UnboundedSender<Errand>,
    /// Messages that the party did not accept.
    stray: Arc<Quota>,
}

impl Place {
    /// Starts the network's thread, which listens if the party has an address, and reports that it is ready.
    pub(super) fn take(setup: &Setup, receive: Receive) -> Result<Place, String> {
        let (ready, links) = oneshot::channel();
        let (errands, to_do) = mpsc::unbounded_channel();
        let stray = Arc::new(Quota::default());
        let party = setup.party;
        let hear = listener(setup, receive, Arc::clone(&stray));
        let setup = setup.clone();
        std::thread::spawn(move || serve(&setup, hear, ready, to_do));
        let links = links
            .blocking_recv()
            .map_err(|_| "its network thread ended early".to_owned())??;
        Ok(Place {
            party,
            links,
            errands,
            stray,
        })
    }

    /// Dials the peers when they are ready, and returns the common start; none when the trial ends before it.
    pub(super) fn wait_for_start(&self, orders: &Receiver<Order>) -> Option<u64> {
        loop {
            match orders.recv() {
                Ok(Order::Connect { addresses }) => {
                    let _ = self.errands.send(Errand::Dial(addresses));
                }
                Ok(Order::Start { started_ns }) => return Some(started_ns),
                Ok(Order::Stop | Order::Close | Order::Setup(_)) | Err(_) => return None,
            }
        }
    }

    /// Ends the party's part in the trial: takes leave of the peers if all are done, and reports to the journal the messages not
    /// delivered, those with an unknown fate, and how much there was beyond what is listed one by one.
    pub(super) fn leave(&self, last: Last, hear_first: bool) {
        if last == Last::Close {
            let (done, settled) = channel();
            let _ = self.errands.send(Errand::Settle { hear_first, done });
            // It ends within a bound; an error means that the network's thread is gone, and nobody answers any more.
            let _ = settled.recv();
            self.links.report_unconfirmed();
        }
        self.links.report_rest();
        let unlisted = self.stray.unlisted();
        if unlisted > 0 {
            report_stray(self.party, |entry| entry.with_count(unlisted));
        }
    }
}

/// Writes to the journal that the party did not accept messages.
fn report_stray(me: Party, of_what: impl FnOnce(JournalEntry) -> JournalEntry) {
    let detail = "messages of another system, or for somebody else, ignored";
    let entry = JournalEntry::of_party(system_time_ns(), me, JournalKind::Fault, detail);
    Reporter.send(&Report::Journal(of_what(entry)));
}

/// Turns the events of links into reports, and passes messages on to `receive`.
fn listener(setup: &Setup, receive: Receive, stray: Arc<Quota>) -> Listener {
    let me = setup.party;
    let peers = Topology::of(&setup.manifest.condition).peers(me).len();
    let connected = Mutex::new(BTreeSet::new());
    // A poisoned lock guards a plain set, which is whole whatever its holder did.
    let connected = move |change: &dyn Fn(&mut BTreeSet<Party>) -> bool| {
        change(&mut connected.lock().unwrap_or_else(PoisonError::into_inner))
    };
    Arc::new(move |links, event| match event {
        LinkEvent::Message(from, frame) => {
            if !receive(links, from, frame) && stray.admits() {
                report_stray(me, |entry| entry.with_peer(from));
            }
        }
        LinkEvent::Connected(peer) => {
            if connected(&|set| set.insert(peer) && set.len() == peers) {
                Reporter.send(&Report::Connected);
            }
        }
        LinkEvent::Lost(peer, fault) => {
            connected(&|set| set.remove(&peer));
            Reporter.send(&Report::Lost { peer, fault });
        }
        LinkEvent::Journal(entry) => Reporter.send(&Report::Journal(entry)),
        LinkEvent::Unreachable(_, problem) => Reporter.send(&Report::Failed { problem }),
    })
}

/// The network's thread: binds, reports, and serves until the process ends.
fn serve(
    setup: &Setup,
    hear: Listener,
    ready: oneshot::Sender<Result<Links, String>>,
    mut errands: mpsc::UnboundedReceiver<Errand>,
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
        let pulse = Pulse::of(condition.connections());
        let links = Links::new(identity, redial, pulse, hear);
        let address = match open(setup, &links).await {
            Ok(address) => address,
            Err(problem) => return drop(ready.send(Err(problem))),
        };
        if ready.send(Ok(links.clone())).is_err() {
            return;
        }
        let process = std::process::id();
        Reporter.send(&Report::Ready { address, process });
        while let Some(errand) = errands.recv().await {
            match errand {
                Errand::Dial(addresses) => links.dial_all(&addresses),
                Errand::Settle { hear_first, done } => {
                    links.settle(hear_first).await;
                    let _ = done.send(());
                }
            }
        }
        // Orders have ended; the main thread ends the process.
        std::future::pending::<()>().await;
    });
}

/// Listens, if the party has an address; returns where.
async fn open(setup: &Setup, links: &Links) -> Result<Option<SocketAddr>, String> {
    let Some(listen_addr) = &setup.listen_addr else {
        return Ok(None);
    };
    let listener = bind(&listen_addr.host, listen_addr.port).await?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    tokio::spawn(links.clone().accept(listener));
    Ok(Some(address))
}
