//! One server process, driven: clients, peers, disk and clock are its world.
//!
//! **Invariant.** It keeps the contract of [`machine::process`]: effects in order, and nothing that follows a change leaves before
//! the change is on disk.

use std::collections::BTreeMap;
use std::future::pending;
use std::time::Duration;

use chat::identity::ServerId;
use chat::wire::response::ToClient;
use cluster::message::Message;
use cluster::server::Server;
use cluster::server::event::ServerEvent;
use cluster::server::setup::ServerSetup;
use cluster::service::Service;
use machine::process::Process;
use machine::process::effects::Effects;
use machine::process::outbox::{Departure, Outbox};
use machine::process::units::{Peer, Time};
use replica::durable::{Change, Durable};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::disk::{Disk, DiskError, DiskThread};
use crate::hash::Hashes;
use crate::hub::{Call, Hub};
use crate::peers::{Links, PeerEvent, PeerOrder};

/// Calls that are taken before what follows from them is performed.
const CALLS_AT_ONCE: usize = 64;

/// A server that runs.
#[derive(Debug)]
pub struct Core {
    server: Server,
    effects: Effects<Message, ServerEvent, Change<Service>>,
    outbox: Outbox<Message, ServerEvent, Change<Service>>,
    disk: DiskThread,
    hashes: Hashes,
    links: Links,
    calls: mpsc::UnboundedReceiver<Call>,
    clients: BTreeMap<Peer, mpsc::Sender<ToClient>>,
    next_client: u32,
    replicas: u32,
    began: Instant,
    wake: Option<Time>,
}

impl Core {
    /// Begins a life with what the disk kept.
    ///
    /// # Errors
    ///
    /// When no thread can be started for the disk.
    pub fn begin(
        setup: &ServerSetup,
        durable: Durable<Service>,
        disk: impl Disk,
        links: Links,
    ) -> std::io::Result<(Core, Hub)> {
        let disk = DiskThread::start(disk)?;
        let (hub, calls) = Hub::new();
        let mut effects = Effects::new();
        let server = Server::begin(setup, durable, Time(0), &mut effects);
        let core = Core {
            server,
            effects,
            outbox: Outbox::new(),
            disk,
            hashes: Hashes::new(),
            links,
            calls,
            clients: BTreeMap::new(),
            next_client: setup.replica.replicas,
            replicas: setup.replica.replicas,
            began: Instant::now(),
            wake: None,
        };
        Ok((core, hub))
    }

    /// Runs until the disk fails.
    ///
    /// # Errors
    ///
    /// [`DiskError`]: the process must end, what it would say may not be true.
    pub async fn run(mut self) -> Result<(), DiskError> {
        loop {
            self.perform();
            tokio::select! {
                biased;
                written = self.disk.written.recv() => match written {
                    Some(Ok(changes)) => self.outbox.flushed(changes),
                    Some(Err(error)) => return Err(error),
                    None => return Err(DiskError("the thread of the disk has ended".to_owned())),
                },
                Some((ticket, digest)) = self.hashes.done.recv() => {
                    self.hashes.finished();
                    let now = self.now();
                    self.server.hashed(now, ticket, digest, &mut self.effects);
                }
                Some(event) = self.links.events.recv() => self.hear_peer(event),
                Some(call) = self.calls.recv() => self.answer_calls(call),
                () = wait_until(self.began, self.wake) => {
                    self.wake = None;
                    let now = self.now();
                    self.server.wake(now, &mut self.effects);
                }
            }
        }
    }

    fn now(&self) -> Time {
        let elapsed = self.began.elapsed().as_nanos();
        Time(u64::try_from(elapsed).unwrap_or(u64::MAX))
    }

    fn hear_peer(&mut self, event: PeerEvent) {
        let now = self.now();
        let effects = &mut self.effects;
        match event {
            PeerEvent::Up(server) => self.server.link(now, Peer(server.0), true, effects),
            PeerEvent::Down(server) => self.server.link(now, Peer(server.0), false, effects),
            PeerEvent::Message { from, message } => {
                self.server.receive(now, Peer(from.0), message, effects);
            }
        }
    }

    fn answer_calls(&mut self, first: Call) {
        let mut next = Some(first);
        for _ in 0..CALLS_AT_ONCE {
            let Some(call) = next.take().or_else(|| self.calls.try_recv().ok()) else {
                return;
            };
            self.answer(call);
        }
    }

    fn answer(&mut self, call: Call) {
        let now = self.now();
        match call {
            Call::Open { responses, peer } => {
                let client = Peer(self.next_client);
                self.next_client += 1;
                self.clients.insert(client, responses);
                self.server.link(now, client, true, &mut self.effects);
                if peer.send(client).is_err() {
                    self.hang_up(client);
                }
            }
            Call::Say { peer, message } if self.clients.contains_key(&peer) => {
                let message = Message::ToServer(Box::new(message));
                self.server.receive(now, peer, message, &mut self.effects);
            }
            Call::Say { .. } => {}
            Call::Malformed { peer, id, error } => {
                let what = (id, &error);
                self.server.malformed(now, peer, what, &mut self.effects);
            }
            Call::Close { peer } => self.hang_up(peer),
        }
    }

    fn hang_up(&mut self, client: Peer) {
        if self.clients.remove(&client).is_some() {
            let now = self.now();
            self.server.link(now, client, false, &mut self.effects);
        }
    }

    /// Performs what may be performed.
    fn perform(&mut self) {
        for wanted in self.server.take_hashes() {
            if let Err(ticket) = self.hashes.ask(wanted) {
                let now = self.now();
                self.server.hashed(now, ticket, None, &mut self.effects);
            }
        }
        loop {
            self.outbox.put(&mut self.effects);
            let changes = self.outbox.take_changes();
            if !changes.is_empty() {
                self.disk.write(changes);
            }
            if let Some(time) = self.outbox.take_wake() {
                self.wake = Some(time);
            }
            let Some(departure) = self.outbox.depart() else {
                return;
            };
            match departure {
                Departure::Record(_) => {}
                Departure::Send { to, message } => self.send(to, message),
                Departure::HangUp(peer) if peer.0 < self.replicas => {
                    let _ = self.links.orders.send(PeerOrder::HangUp(ServerId(peer.0)));
                }
                Departure::HangUp(peer) => self.hang_up(peer),
            }
        }
    }

    fn send(&mut self, to: Peer, message: Message) {
        match message {
            Message::ToClient(message) => {
                let client = self.clients.get(&to);
                // Whoever does not read is left: nobody waits for a client.
                if client.is_some_and(|client| client.try_send(*message).is_err()) {
                    self.hang_up(to);
                }
            }
            message => {
                let to = ServerId(to.0);
                // Links that have ended lose what is said on them.
                let _ = self.links.orders.send(PeerOrder::Send { to, message });
            }
        }
    }
}

async fn wait_until(began: Instant, time: Option<Time>) {
    match time {
        Some(time) => sleep_until(began + Duration::from_nanos(time.0)).await,
        None => pending().await,
    }
}
