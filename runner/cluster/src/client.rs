//! A client: the core of a chat client, the disk of its device, and the work of its user.
//!
//! A connection is a link to a server: while the link is up the client connects at once, while it is down the attempt fails at
//! once and the client tries another server. The end that hangs up closes the link, and the driver brings it back.
//!
//! [`setup`] what it knows before · [`event`] what its log says · [`durable`] what it keeps · `open` operations without an end ·
//! `reports` what the core and the servers say
//!
//! **Invariant.** A message is shown once, also over the ends of lives, and is on the disk before its acknowledgement leaves.
//! What comes on a connection that has ended is ignored.

pub mod durable;
pub mod event;
mod open;
mod reports;
pub mod setup;

use std::collections::{BTreeSet, VecDeque};

use chat::client::Client as Core;
use chat::client::operation::Effect;
use chat::identity::{AccountId, ServerId, TimeMs};
use chat::wire::request::ToServer;
use machine::chance::{Purpose, Stream};
use machine::process::units::{Peer, Time};
use machine::process::{EffectsOf, Process};

use crate::client::durable::{ClientChange, ClientDisk, KeptSession};
use crate::client::event::ClientEvent;
use crate::client::open::OpenOperations;
use crate::client::setup::ClientSetup;
use crate::clock::{beginning, milliseconds};
use crate::message::{Message, request_kind};
use crate::workload::Workload;

/// A client.
#[derive(Debug)]
pub struct Client {
    setup: ClientSetup,
    core: Core,
    disk: ClientDisk,
    workload: Workload,
    /// Servers to which the link is up.
    reachable: BTreeSet<ServerId>,
    /// The server to which it is connected.
    connected: Option<ServerId>,
    /// The server to which it connected last, or tried to.
    server: ServerId,
    open: OpenOperations,
    /// The account of the session.
    account: Option<AccountId>,
    /// When the core wants to be woken.
    core_wake: Option<TimeMs>,
    /// When the driver was asked to wake this client.
    asked_wake: Option<Time>,
}

impl Client {
    /// What it keeps, once all that it has pushed is on its disk.
    pub fn disk(&self) -> &ClientDisk {
        &self.disk
    }

    /// Operations that have no end yet, or one that may still change.
    pub fn open_operations(&self) -> usize {
        self.open.len()
    }

    /// Whether its user has nothing more to do, is logged in, and has the end of every operation.
    pub fn is_done(&self) -> bool {
        self.workload.is_done() && self.open.len() == 0
    }

    /// What the core wants done, then what the user wants, until nothing is left to do now.
    fn carry_out(&mut self, now: Time, wanted: Vec<Effect>, effects: &mut EffectsOf<Self>) {
        let mut wanted = VecDeque::from(wanted);
        self.keep_session(effects);
        loop {
            while let Some(effect) = wanted.pop_front() {
                let mut news = Vec::new();
                self.perform(now, effect, &mut news, effects);
                self.keep_session(effects);
                wanted.extend(news);
            }
            if self.workload.due().is_none_or(|due| due > now) {
                break;
            }
            for (operation, is_hasty) in self.workload.take(now) {
                let mut news = Vec::new();
                let deadline = milliseconds(now).plus(self.setup.patience_ms(is_hasty));
                let id = self
                    .core
                    .ask(milliseconds(now), operation.clone(), deadline, &mut news);
                effects.record(ClientEvent::Invoked {
                    operation: id,
                    asked: operation.clone(),
                });
                self.open.insert(id, operation);
                wanted.extend(news);
            }
        }
        self.ask_wake(now, effects);
    }

    /// Keeps the session of the core, before anything is said in it.
    fn keep_session(&mut self, effects: &mut EffectsOf<Self>) {
        let session = self.core.saved().zip(self.account);
        let session = session.map(|(saved, account)| KeptSession {
            account,
            token: saved.token,
            view: saved.view,
        });
        if session != self.disk.session {
            self.persist(ClientChange::Session(session), effects);
        }
    }

    fn persist(&mut self, change: ClientChange, effects: &mut EffectsOf<Self>) {
        self.disk.change(change.clone());
        effects.persist(change);
    }

    fn perform(
        &mut self,
        now: Time,
        effect: Effect,
        news: &mut Vec<Effect>,
        effects: &mut EffectsOf<Self>,
    ) {
        match effect {
            Effect::Connect(server) => {
                let is_reachable = self.reachable.contains(&server);
                self.server = server;
                self.connected = is_reachable.then_some(server);
                match is_reachable {
                    true => self.core.connected(milliseconds(now), news),
                    false => self.core.lost(milliseconds(now), news),
                }
            }
            Effect::HangUp => {
                if let Some(server) = self.connected.take()
                    && self.reachable.remove(&server)
                {
                    effects.hang_up(Peer(server.0));
                }
            }
            Effect::Send(message) => self.send(message, effects),
            Effect::WakeAt(time) => self.core_wake = Some(time),
            Effect::Report(report) => self.report(now, report, effects),
        }
    }

    fn send(&mut self, message: ToServer, effects: &mut EffectsOf<Self>) {
        let Some(server) = self.connected else {
            return;
        };
        if let Some((operation, sequence)) = self.open.attempted(&message.request) {
            effects.record(ClientEvent::Attempted {
                operation,
                kind: request_kind(&message.request),
                sequence,
                server,
                view: message.view,
            });
        }
        effects.send(Peer(server.0), Message::ToServer(Box::new(message)));
    }

    /// Asks to be woken when the core or the user has something to do.
    fn ask_wake(&mut self, now: Time, effects: &mut EffectsOf<Self>) {
        // The core counts milliseconds: what is due in this one was done.
        let next_ms = milliseconds(now).plus(1);
        let core = self.core_wake.map(|due| due.max(next_ms));
        let core = core.map(beginning);
        let due = core.into_iter().chain(self.workload.due()).min();
        if let Some(due) = due
            && self.asked_wake != Some(due)
        {
            self.asked_wake = Some(due);
            effects.wake_at(due);
        }
    }

    /// The link to a server is gone.
    fn unlink(&mut self, now: Time, server: ServerId, wanted: &mut Vec<Effect>) {
        self.reachable.remove(&server);
        if self.connected == Some(server) {
            self.connected = None;
            self.core.lost(milliseconds(now), wanted);
        }
    }

    /// Calls the core if its time has come.
    fn wake_core(&mut self, now: Time, wanted: &mut Vec<Effect>) {
        if self.core_wake.is_some_and(|due| due <= milliseconds(now)) {
            self.core_wake = None;
            self.core.wake(milliseconds(now), wanted);
        }
    }
}

impl Process for Client {
    type Setup = ClientSetup;
    type Message = Message;
    type Event = ClientEvent;
    type Change = ClientChange;
    type Durable = ClientDisk;

    fn begin(
        setup: &ClientSetup,
        disk: ClientDisk,
        now: Time,
        effects: &mut EffectsOf<Self>,
    ) -> Client {
        let (work, life) = (setup.workload, disk.lives.saturating_add(1));
        let purpose = Purpose::ClientLife(work.client, life);
        let chance = Stream::new(work.seed, work.trial, purpose);
        let (settings, rules) = (setup.settings.clone(), setup.rules);
        let mut core = match disk.saved() {
            Some(saved) => Core::restore_with_rules(settings, chance, saved, rules),
            None => Core::with_rules(settings, chance, rules),
        };
        if let Some((owner, seen)) = disk.shown() {
            core.remember(owner, seen);
        }
        let mut client = Client {
            setup: setup.clone(),
            core,
            workload: Workload::begin(work, now, disk.session.is_some()),
            reachable: BTreeSet::new(),
            connected: None,
            server: ServerId(0),
            open: OpenOperations::default(),
            account: disk.session.map(|session| session.account),
            core_wake: None,
            asked_wake: None,
            disk,
        };
        client.persist(ClientChange::Begin(life), effects);
        effects.record(ClientEvent::Begun { life });
        let mut wanted = Vec::new();
        client.core.wake(milliseconds(now), &mut wanted);
        client.carry_out(now, wanted, effects);
        client
    }

    fn receive(&mut self, now: Time, from: Peer, message: Message, effects: &mut EffectsOf<Self>) {
        let mut wanted = Vec::new();
        match message {
            Message::ToClient(message) if self.connected == Some(ServerId(from.0)) => {
                self.overhear(&message, effects);
                self.core.receive(milliseconds(now), *message, &mut wanted);
            }
            // It comes on a connection that has ended.
            Message::ToClient(_) => {}
            // The peer breaks the protocol.
            Message::ToServer(_) | Message::Peer { .. } => {
                effects.hang_up(from);
                self.unlink(now, ServerId(from.0), &mut wanted);
            }
        }
        self.carry_out(now, wanted, effects);
    }

    fn link(&mut self, now: Time, peer: Peer, is_up: bool, effects: &mut EffectsOf<Self>) {
        let server = ServerId(peer.0);
        if server.0 >= self.setup.settings.servers {
            return;
        }
        let mut wanted = Vec::new();
        if is_up {
            self.reachable.insert(server);
        } else {
            self.unlink(now, server, &mut wanted);
        }
        self.carry_out(now, wanted, effects);
    }

    fn wake(&mut self, now: Time, effects: &mut EffectsOf<Self>) {
        self.asked_wake = None;
        let mut wanted = Vec::new();
        self.wake_core(now, &mut wanted);
        self.carry_out(now, wanted, effects);
    }

    fn replay(disk: &mut ClientDisk, change: ClientChange) {
        disk.change(change);
    }
}
