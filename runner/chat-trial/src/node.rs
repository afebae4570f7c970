//! A process of a trial: a server or a client, as one type that a world can run.
//!
//! **Invariant.** A node does what its process does, and nothing else: what it counts, nobody but the judge reads.

use std::sync::Arc;

use chat::application::command::Entry;
use cluster::client::Client;
use cluster::client::durable::{ClientChange, ClientDisk};
use cluster::client::event::ClientEvent;
use cluster::client::setup::ClientSetup;
use cluster::message::Message;
use cluster::server::Server;
use cluster::server::event::ServerEvent;
use cluster::server::setup::ServerSetup;
use cluster::service::Service;
use driver::world::actor::{Actor, Role};
use machine::process::effects::{Effect, Effects};
use machine::process::units::{Peer, Time};
use machine::process::{EffectsOf, Process};
use replica::durable::{Change, Durable};

use crate::heard::Heard;

/// A command in the log of a server.
pub(crate) type LogEntry = replica::log::Entry<Arc<Entry>>;

/// What a node knows before it begins.
#[derive(Debug, Clone)]
pub(crate) enum NodeSetup {
    Server(ServerSetup),
    Client(ClientSetup),
}

/// What a node's log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NodeEvent {
    Server(ServerEvent),
    Client(Box<ClientEvent>),
}

/// A change to the disk of a node.
#[derive(Debug, Clone)]
pub(crate) enum NodeChange {
    Server(Change<Service>),
    Client(ClientChange),
}

/// The disk of a node.
#[derive(Debug, Clone, Default)]
pub(crate) enum NodeDisk {
    /// Never written to, or wiped.
    #[default]
    Empty,
    Server(Durable<Service>),
    Client(ClientDisk),
}

/// A server or a client.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) part: Part,
    pub(crate) heard: Heard,
    /// Commands that a server has put in its log in the last call, if it is the only member of its view: it may have
    /// swallowed them in the same call.
    pub(crate) alone: Vec<LogEntry>,
}

/// Which of the two, with what a call pushes; that memory is used again.
#[derive(Debug)]
pub(crate) enum Part {
    Server(Box<Server>, EffectsOf<Server>),
    Client(Box<Client>, EffectsOf<Client>),
}

/// What a world calls a node for.
enum Call {
    Receive(Peer, Message),
    Link(Peer, bool),
    Wake,
    Stop,
}

fn perform<P: Process<Message = Message>>(
    process: &mut P,
    now: Time,
    call: Call,
    effects: &mut EffectsOf<P>,
) {
    match call {
        Call::Receive(from, message) => process.receive(now, from, message, effects),
        Call::Link(peer, is_up) => process.link(now, peer, is_up, effects),
        Call::Wake => process.wake(now, effects),
        Call::Stop => process.stop(now, effects),
    }
}

/// Passes on effects, as those of a node.
fn pass<E, C>(
    from: &mut Effects<Message, E, C>,
    to: &mut EffectsOf<Node>,
    event: fn(E) -> NodeEvent,
    mut change: impl FnMut(C) -> NodeChange,
) {
    for effect in from.drain() {
        to.push(match effect {
            Effect::Send { to, message } => Effect::Send { to, message },
            Effect::Record(of) => Effect::Record(event(of)),
            Effect::Persist(of) => Effect::Persist(change(of)),
            Effect::WakeAt(time) => Effect::WakeAt(time),
            Effect::HangUp(peer) => Effect::HangUp(peer),
        });
    }
}

fn of_client(event: ClientEvent) -> NodeEvent {
    NodeEvent::Client(Box::new(event))
}

impl Node {
    /// The server, if it is one.
    pub(crate) fn server(&self) -> Option<&Server> {
        match &self.part {
            Part::Server(server, _) => Some(server),
            Part::Client(..) => None,
        }
    }

    /// The client, if it is one.
    pub(crate) fn client(&self) -> Option<&Client> {
        match &self.part {
            Part::Server(..) => None,
            Part::Client(client, _) => Some(client),
        }
    }

    /// Calls the process, and passes on what it wants.
    fn call(&mut self, now: Time, call: Call, out: &mut EffectsOf<Node>) {
        match &mut self.part {
            Part::Server(server, effects) => {
                perform(&mut **server, now, call, effects);
                self.alone.clear();
                let is_alone = server.replica().disk().view.members.len() == 1;
                pass(effects, out, NodeEvent::Server, |change| {
                    if let (true, Change::Append(entries)) = (is_alone, &change) {
                        self.alone.extend_from_slice(entries);
                    }
                    NodeChange::Server(change)
                });
            }
            Part::Client(client, effects) => {
                perform(&mut **client, now, call, effects);
                pass(effects, out, of_client, NodeChange::Client);
            }
        }
    }
}

impl Process for Node {
    type Setup = NodeSetup;
    type Message = Message;
    type Event = NodeEvent;
    type Change = NodeChange;
    type Durable = NodeDisk;

    fn begin(setup: &NodeSetup, disk: NodeDisk, now: Time, out: &mut EffectsOf<Node>) -> Node {
        let part = match setup {
            NodeSetup::Server(setup) => {
                let disk = match disk {
                    NodeDisk::Server(disk) => disk,
                    NodeDisk::Empty | NodeDisk::Client(_) => Durable::default(),
                };
                let mut effects = Effects::new();
                let server = Server::begin(setup, disk, now, &mut effects);
                pass(&mut effects, out, NodeEvent::Server, NodeChange::Server);
                Part::Server(Box::new(server), effects)
            }
            NodeSetup::Client(setup) => {
                let disk = match disk {
                    NodeDisk::Client(disk) => disk,
                    NodeDisk::Empty | NodeDisk::Server(_) => ClientDisk::default(),
                };
                let mut effects = Effects::new();
                let client = Client::begin(setup, disk, now, &mut effects);
                pass(&mut effects, out, of_client, NodeChange::Client);
                Part::Client(Box::new(client), effects)
            }
        };
        Node {
            part,
            heard: Heard::default(),
            alone: Vec::new(),
        }
    }

    fn receive(&mut self, now: Time, from: Peer, message: Message, out: &mut EffectsOf<Node>) {
        self.heard.hear(&message);
        self.call(now, Call::Receive(from, message), out);
    }

    fn link(&mut self, now: Time, peer: Peer, is_up: bool, out: &mut EffectsOf<Node>) {
        self.call(now, Call::Link(peer, is_up), out);
    }

    fn wake(&mut self, now: Time, out: &mut EffectsOf<Node>) {
        self.call(now, Call::Wake, out);
    }

    fn stop(&mut self, now: Time, out: &mut EffectsOf<Node>) {
        self.call(now, Call::Stop, out);
    }

    fn has_left(&self) -> bool {
        match &self.part {
            Part::Server(server, _) => server.has_left(),
            Part::Client(client, _) => client.has_left(),
        }
    }

    fn replay(disk: &mut NodeDisk, change: NodeChange) {
        match change {
            NodeChange::Server(change) => {
                if !matches!(disk, NodeDisk::Server(_)) {
                    *disk = NodeDisk::Server(Durable::default());
                }
                if let NodeDisk::Server(disk) = disk {
                    Server::replay(disk, change);
                }
            }
            NodeChange::Client(change) => {
                if !matches!(disk, NodeDisk::Client(_)) {
                    *disk = NodeDisk::Client(ClientDisk::default());
                }
                if let NodeDisk::Client(disk) = disk {
                    Client::replay(disk, change);
                }
            }
        }
    }
}

impl Actor for Node {
    fn role(&self) -> Role {
        match self.server().map(Server::replica) {
            None => Role::None,
            Some(replica) if replica.is_serving() => Role::Primary,
            Some(replica) if replica.is_live() => Role::Backup,
            Some(_) => Role::None,
        }
    }

    fn shift_clock(&mut self, by_ns: i64) {
        if let Part::Server(server, _) = &mut self.part {
            server.shift_clock(by_ns);
        }
    }

    fn message_bytes(message: &Message) -> u64 {
        message.bytes()
    }

    fn message_kind(message: &Message) -> &'static str {
        message.kind()
    }

    fn event_kind(event: &NodeEvent) -> &'static str {
        match event {
            NodeEvent::Server(event) => event.kind(),
            NodeEvent::Client(event) => event.kind(),
        }
    }
}

/// The server that serves; of several, the one in the latest view.
pub(crate) fn serving(nodes: &[Option<&Node>]) -> Option<usize> {
    let replicas = nodes.iter().enumerate().filter_map(|(at, node)| {
        let replica = (*node)?.server()?.replica();
        let ballot = replica.disk().view.ballot;
        replica.is_serving().then_some((ballot, at))
    });
    replicas.max().map(|(_, at)| at)
}
