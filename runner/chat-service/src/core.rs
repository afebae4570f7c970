//! One server process, driven: clients, peers, disk, hashes and clock are its world.
//!
//! `figures` what it counts · `events` what its log says
//!
//! **Invariant.** It keeps the contract of [`machine::process`]: effects in order, and nothing that follows a change leaves
//! before the change is on disk.

mod events;
mod figures;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::future::pending;
use std::time::Duration;

use chat::identity::ServerId;
use chat::wire::response::{Notice, Response, ToClient};
use chat::wire::status::Status;
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
use tokio::time::{Instant, sleep_until, timeout};
use tracing::warn;

use crate::clock::Clock;
use crate::disk::{Disk, DiskError, DiskThread, Written};
use crate::hash::Hashes;
use crate::hub::{Call, Hub, Responses};
use crate::peers::{Links, PeerEvent, PeerOrder};
use figures::Figures;
pub use figures::Source;

/// Calls of clients, or messages of servers, that are taken before what follows from them is performed: a flush serves all of
/// them.
const AT_ONCE_MAX: usize = 64;
/// How much longer than it says a server that is asked to stop may take.
const STOP_GRACE: Duration = Duration::from_secs(2);
/// How long what was said last may take to leave this process.
const LEAVING_MAX: Duration = Duration::from_secs(2);

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
    clients: BTreeMap<Peer, Responses>,
    next_client: u32,
    replicas: u32,
    clock: Clock,
    wake: Option<Time>,
    /// How long it may take to stop.
    drain: Duration,
    /// When it ends though it has not left, if it was asked to stop.
    ends_at: Option<Instant>,
    figures: Figures,
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
            clock: Clock::start(),
            wake: None,
            drain: Duration::from_millis(setup.drain_ms),
            ends_at: None,
            figures: Figures::default(),
        };
        Ok((core, hub))
    }

    /// Shows these figures too when somebody asks how the server is.
    pub fn count_with(&mut self, source: Source) {
        self.figures.add(source);
    }

    /// Runs until it was asked to stop and has handed over, or the disk fails.
    ///
    /// # Errors
    ///
    /// [`DiskError`]: the process must end, what it would say may not be true.
    pub async fn run(mut self) -> Result<(), DiskError> {
        // What happened between begin and run was no stall.
        self.clock = Clock::start();
        loop {
            self.perform();
            if self.ends_at.is_some() && self.server.has_left() && self.outbox.is_empty() {
                break;
            }
            tokio::select! {
                biased;
                written = self.disk.written.recv() => self.written(written)?,
                Some((ticket, digest)) = self.hashes.done.recv() => {
                    self.hashes.finished();
                    let now = self.now();
                    self.server.hashed(now, ticket, digest, &mut self.effects);
                }
                Some(event) = self.links.events.recv() => self.hear_peers(event),
                Some(call) = self.calls.recv() => {
                    self.answer_calls(call);
                    // Clients that never pause do not keep it from what is due; servers that have spoken are heard out before.
                    if self.links.events.is_empty() && self.wake.is_some_and(|time| time <= self.now()) {
                        self.wake_up();
                    }
                }
                () = at(self.wake.map(|time| self.clock.instant(time))) => self.wake_up(),
                () = at(self.ends_at) => {
                    warn!("this server did not hand over in time, and ends all the same");
                    break;
                }
            }
        }
        self.leave().await;
        Ok(())
    }

    /// Lets what was said last leave: clients, servers and disk end when nothing more comes.
    async fn leave(self) {
        let Core {
            mut disk,
            links,
            mut calls,
            clients,
            ..
        } = self;
        drop(clients);
        let Links { orders, mut events } = links;
        drop(orders);
        disk.close();
        // Who takes longer is left.
        let _ = timeout(LEAVING_MAX, async {
            while disk.written.recv().await.is_some() {}
            while events.recv().await.is_some() {}
            while calls.recv().await.is_some() {}
        })
        .await;
    }

    fn now(&self) -> Time {
        self.clock.now()
    }

    fn written(&mut self, written: Option<Result<Written, DiskError>>) -> Result<(), DiskError> {
        let ended = || DiskError("the thread of the disk has ended".to_owned());
        let written = written.ok_or_else(ended)??;
        self.figures.flushed(&written);
        self.outbox.flushed(written.changes);
        Ok(())
    }

    fn wake_up(&mut self) {
        self.wake = None;
        let now = self.now();
        self.server.wake(now, &mut self.effects);
    }

    fn hear_peers(&mut self, first: PeerEvent) {
        let mut next = Some(first);
        for _ in 0..AT_ONCE_MAX {
            let Some(event) = next.take().or_else(|| self.links.events.try_recv().ok()) else {
                return;
            };
            self.hear_peer(event);
        }
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
        for _ in 0..AT_ONCE_MAX {
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
                self.figures.requests += 1;
                let message = Message::ToServer(Box::new(message));
                self.server.receive(now, peer, message, &mut self.effects);
            }
            Call::Say { .. } => {}
            Call::Malformed { peer, id, error } => {
                let what = (id, &error);
                self.server.malformed(now, peer, what, &mut self.effects);
            }
            Call::Close { peer } => self.hang_up(peer),
            Call::Status(sender) => {
                let mut status = self.server.status(now);
                self.fill_in(&mut status);
                // Whoever asked may have gone.
                let _ = sender.send(status);
            }
            Call::Stop if self.ends_at.is_none() => {
                self.ends_at = Some(Instant::now() + self.drain + STOP_GRACE);
                self.server.stop(now, &mut self.effects);
            }
            Call::Stop => {}
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
                Departure::Record(event) => {
                    self.figures.happened(&event);
                    events::write(&event);
                }
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
            Message::ToClient(message) => self.respond(to, *message),
            message => {
                let to = ServerId(to.0);
                // Links that have ended lose what is said on them.
                let _ = self.links.orders.send(PeerOrder::Send { to, message });
            }
        }
    }

    fn respond(&mut self, to: Peer, mut message: ToClient) {
        if let Response::Noticed(Notice::Status { status }) = &mut message.response {
            self.fill_in(status);
        }
        let Some(client) = self.clients.get(&to) else {
            return;
        };
        self.figures.responses += 1;
        // Whoever does not read is left: nobody waits for a client.
        if !client.put(message) {
            self.figures.slow_clients += 1;
            self.hang_up(to);
        }
    }

    /// Says what the server process does not know of itself.
    fn fill_in(&self, status: &mut Status) {
        status.figures = self.figures.all(self.hashes.counts());
    }
}

async fn at(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => pending().await,
    }
}
