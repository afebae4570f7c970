//! A network without chance: every message takes a millisecond, every flush two.

use std::collections::BTreeMap;

use machine::process::outbox::Departure;
use machine::process::units::{Peer, Time};

use super::place::{Call, Home, Place, Said};
use crate::client::setup::ClientSetup;
use crate::message::Message;
use crate::server::Server;
use crate::server::setup::ServerSetup;

const MESSAGE_NS: u64 = 1_000_000;
const FLUSH_NS: u64 = 2_000_000;
const REDIAL_NS: u64 = 50_000_000;

pub(super) const SECOND_NS: u64 = 1_000_000_000;

enum Happening {
    Arrival {
        from: u32,
        to: u32,
        connection: u32,
        message: Box<Message>,
    },
    Link {
        about: u32,
        to: u32,
        is_up: bool,
    },
    Wake(u32),
    Flushed(u32, u32),
}

/// Servers and clients.
pub(super) struct Network {
    pub(super) now: Time,
    queue: BTreeMap<(Time, u64), Happening>,
    pushed: u64,
    places: Vec<Box<dyn Place>>,
    lives: Vec<u32>,
    /// When each is to be woken.
    wakes: Vec<Option<Time>>,
    /// Which connection two have.
    connections: BTreeMap<(u32, u32), u32>,
    pub(super) servers: u32,
    pub(super) log: Vec<(Time, u32, Said)>,
    pub(super) events: u64,
}

impl Network {
    pub(super) fn new(servers: Vec<ServerSetup>, clients: Vec<ClientSetup>) -> Network {
        let count = servers.len() as u32;
        let servers = servers.into_iter().map(Home::of_server);
        let servers = servers.map(|home| Box::new(home) as Box<dyn Place>);
        let clients = clients.into_iter().map(Home::of_client);
        let clients = clients.map(|home| Box::new(home) as Box<dyn Place>);
        let places: Vec<_> = servers.chain(clients).collect();
        let mut network = Network {
            now: Time(0),
            queue: BTreeMap::new(),
            pushed: 0,
            lives: vec![0; places.len()],
            wakes: vec![None; places.len()],
            connections: BTreeMap::new(),
            places,
            servers: count,
            log: Vec::new(),
            events: 0,
        };
        (0..network.places.len() as u32).for_each(|who| network.begin(who));
        network
    }

    pub(super) fn server(&self, who: u32) -> Option<&Server> {
        self.places[who as usize].server()
    }

    /// The server that serves.
    pub(super) fn primary(&self) -> Option<u32> {
        (0..self.servers).find(|&who| {
            let server = self.server(who);
            server.is_some_and(|server| server.replica().is_serving())
        })
    }

    /// Whether every client has done everything.
    pub(super) fn is_done(&self) -> bool {
        let mut clients = self.places[self.servers as usize..].iter();
        clients.all(|place| place.client().is_some_and(|client| client.is_done()))
    }

    pub(super) fn begin(&mut self, who: u32) {
        self.lives[who as usize] += 1;
        self.call(who, Call::Begin);
        for peer in self.others(who) {
            self.tell_of_link(who, peer, true, MESSAGE_NS);
        }
    }

    pub(super) fn kill(&mut self, who: u32) {
        self.call(who, Call::Kill);
        for peer in self.others(who) {
            *self.connection(who, peer) += 1;
            self.push(
                MESSAGE_NS,
                Happening::Link {
                    about: who,
                    to: peer,
                    is_up: false,
                },
            );
        }
    }

    pub(super) fn run(&mut self, until: Time) {
        while let Some(entry) = self.queue.first_entry() {
            if entry.key().0 >= until {
                break;
            }
            let ((time, _), happening) = entry.remove_entry();
            self.now = time;
            self.events += 1;
            self.step(happening);
        }
        self.now = until;
    }

    fn step(&mut self, happening: Happening) {
        match happening {
            Happening::Arrival {
                from,
                to,
                connection,
                message,
            } => {
                if *self.connection(from, to) == connection {
                    self.call(to, Call::Receive(Peer(from), message));
                }
            }
            Happening::Link { about, to, is_up } => self.call(to, Call::Link(Peer(about), is_up)),
            Happening::Wake(who) => {
                if self.wakes[who as usize] == Some(self.now) {
                    self.wakes[who as usize] = None;
                    self.call(who, Call::Wake);
                }
            }
            Happening::Flushed(who, life) => {
                if self.lives[who as usize] == life {
                    self.call(who, Call::Flushed);
                }
            }
        }
    }

    fn call(&mut self, who: u32, call: Call) {
        let deeds = self.places[who as usize].call(self.now, call);
        for departure in deeds.departures {
            match departure {
                Departure::Record(said) => self.log.push((self.now, who, said)),
                Departure::Send { to, message } => self.send(who, to.0, message),
                Departure::HangUp(peer) => {
                    *self.connection(who, peer.0) += 1;
                    self.tell_of_link(who, peer.0, false, 0);
                    self.tell_of_link(who, peer.0, true, REDIAL_NS);
                }
            }
        }
        if deeds.writes {
            let life = self.lives[who as usize];
            self.push(FLUSH_NS, Happening::Flushed(who, life));
        }
        if let Some(time) = deeds.wake {
            let time = time.max(self.now);
            self.wakes[who as usize] = Some(time);
            self.push(time.since_ns(self.now), Happening::Wake(who));
        }
    }

    fn send(&mut self, from: u32, to: u32, message: Message) {
        let connection = *self.connection(from, to);
        let arrival = Happening::Arrival {
            from,
            to,
            connection,
            message: Box::new(message),
        };
        if self.places[to as usize].is_there() {
            self.push(MESSAGE_NS, arrival);
        }
    }

    /// Both ends hear of a link if both are there.
    fn tell_of_link(&mut self, one: u32, other: u32, is_up: bool, delay_ns: u64) {
        if self.places[one as usize].is_there() && self.places[other as usize].is_there() {
            for (about, to) in [(one, other), (other, one)] {
                self.push(delay_ns, Happening::Link { about, to, is_up });
            }
        }
    }

    fn connection(&mut self, one: u32, other: u32) -> &mut u32 {
        let key = (one.min(other), one.max(other));
        self.connections.entry(key).or_default()
    }

    fn push(&mut self, delay_ns: u64, happening: Happening) {
        self.pushed += 1;
        let key = (self.now.after_ns(delay_ns), self.pushed);
        self.queue.insert(key, happening);
    }

    fn others(&self, who: u32) -> Vec<u32> {
        let all = 0..self.places.len() as u32;
        all.filter(|&other| other != who).collect()
    }
}
