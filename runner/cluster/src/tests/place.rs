//! A process in its place: its lives, its disk, its outbox.

use machine::process::effects::Effects;
use machine::process::outbox::{Departure, Outbox};
use machine::process::units::{Peer, Time};
use machine::process::{EffectsOf, Process};

use crate::client::Client;
use crate::client::event::ClientEvent;
use crate::message::Message;
use crate::server::Server;
use crate::server::event::ServerEvent;

/// What the log of some process says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    Server(ServerEvent),
    Client(ClientEvent),
}

/// What befalls a process.
pub(super) enum Call {
    Begin,
    Receive(Peer, Box<Message>),
    Link(Peer, bool),
    Wake,
    /// What was taken to the disk is there.
    Flushed,
    Kill,
}

/// What it does then.
#[derive(Default)]
pub(super) struct Deeds {
    pub(super) departures: Vec<Departure<Message, Said>>,
    pub(super) wake: Option<Time>,
    /// Whether changes were taken to the disk.
    pub(super) writes: bool,
}

/// A place for a process of either kind.
pub(super) trait Place {
    fn call(&mut self, now: Time, call: Call) -> Deeds;
    fn is_there(&self) -> bool;
    fn server(&self) -> Option<&Server>;
    fn client(&self) -> Option<&Client>;
}

/// A place for a process of one kind.
pub(super) struct Home<P: Process> {
    setup: P::Setup,
    durable: P::Durable,
    process: Option<P>,
    outbox: Outbox<Message, P::Event, P::Change>,
    writing: Vec<P::Change>,
    wrap: fn(P::Event) -> Said,
    as_server: fn(&P) -> Option<&Server>,
    as_client: fn(&P) -> Option<&Client>,
}

impl Home<Server> {
    pub(super) fn of_server(setup: crate::server::setup::ServerSetup) -> Home<Server> {
        Home {
            durable: setup.founding_disk(),
            setup,
            process: None,
            outbox: Outbox::new(),
            writing: Vec::new(),
            wrap: Said::Server,
            as_server: |process| Some(process),
            as_client: |_| None,
        }
    }
}

impl Home<Client> {
    pub(super) fn of_client(setup: crate::client::setup::ClientSetup) -> Home<Client> {
        Home {
            durable: Default::default(),
            setup,
            process: None,
            outbox: Outbox::new(),
            writing: Vec::new(),
            wrap: Said::Client,
            as_server: |_| None,
            as_client: |process| Some(process),
        }
    }
}

impl<P: Process<Message = Message, Durable: Clone, Change: Clone>> Home<P> {
    fn kill(&mut self) {
        self.process = None;
        self.outbox = Outbox::new();
        self.writing.clear();
    }

    fn leave(&mut self) -> Deeds {
        let mut deeds = Deeds::default();
        while let Some(departure) = self.outbox.depart() {
            deeds.departures.push(match departure {
                Departure::Send { to, message } => Departure::Send { to, message },
                Departure::Record(event) => Departure::Record((self.wrap)(event)),
                Departure::HangUp(peer) => Departure::HangUp(peer),
            });
        }
        if self.writing.is_empty() {
            self.writing = self.outbox.take_changes();
            deeds.writes = !self.writing.is_empty();
        }
        deeds.wake = self.outbox.take_wake();
        deeds
    }
}

impl<P: Process<Message = Message, Durable: Clone, Change: Clone>> Place for Home<P> {
    fn call(&mut self, now: Time, call: Call) -> Deeds {
        let mut effects: EffectsOf<P> = Effects::new();
        match (call, &mut self.process) {
            (Call::Begin, process @ None) => {
                let durable = self.durable.clone();
                *process = Some(P::begin(&self.setup, durable, now, &mut effects));
            }
            (Call::Receive(from, message), Some(process)) => {
                process.receive(now, from, *message, &mut effects);
            }
            (Call::Link(peer, is_up), Some(process)) => {
                process.link(now, peer, is_up, &mut effects);
            }
            (Call::Wake, Some(process)) => process.wake(now, &mut effects),
            (Call::Flushed, Some(_)) => {
                self.outbox.flushed(self.writing.len());
                for change in self.writing.drain(..) {
                    P::replay(&mut self.durable, change);
                }
            }
            (Call::Kill, _) => self.kill(),
            _ => {}
        }
        self.outbox.put(&mut effects);
        self.leave()
    }

    fn is_there(&self) -> bool {
        self.process.is_some()
    }

    fn server(&self) -> Option<&Server> {
        (self.as_server)(self.process.as_ref()?)
    }

    fn client(&self) -> Option<&Client> {
        (self.as_client)(self.process.as_ref()?)
    }
}
