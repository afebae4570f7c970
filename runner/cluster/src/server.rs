//! A server: a replica, and the door of the chat service.
//!
//! Peers with numbers below the number of replicas are servers, all others are clients. A link to a client that comes up is a
//! connection, and ends with it. Reads of the state go through the log like all commands, so that no server
//! answers them after its view has ended without its knowledge. Only presence and status are answered at once.
//!
//! Asked to stop, it takes nothing new, answers what it has taken, sends each client away behind its last answer, and says
//! farewell to the other servers: another one serves after an election, without a suspicion.
//!
//! [`setup`] what it knows before · [`event`] what its log says · `calendar` the time of the service · `connections` links as
//! connections · `consequences` what follows from a call · `status` what it says of itself
//!
//! **Invariant.** What is answered or pushed is committed, and leaves after it is on the disk of the server: it is pushed behind
//! the change. A request is answered by the server that proposed its command, in the view in which it did.

mod calendar;
mod connections;
mod consequences;
pub mod event;
pub mod setup;
mod status;

use std::collections::BTreeMap;

use chat::application::Application;
use chat::application::command::Command;
use chat::door::{ConnectionId, Door, Ticket};
use chat::field::Malformed;
use chat::identity::{Nonce, Password, RequestId, ServerId, View};
use chat::wire::request::{Request, ToServer};
use chat::wire::response::Standing;
use chat::wire::status::Totals;
use machine::chance::{Purpose, Stream};
use machine::process::effects::Effects;
use machine::process::units::{Peer, Time};
use machine::process::{EffectsOf, Process};
use replica::durable::{Change, Durable};
use replica::replica::{EffectsFor, Replica};
use replica::units::{Incarnation, Mark, ReplicaId};

use crate::clock::MILLISECOND_NS;
use crate::message::Message;
use crate::server::calendar::Calendar;
use crate::server::connections::Connections;
use crate::server::event::ServerEvent;
use crate::server::setup::ServerSetup;
use crate::service::{Digest, Service};
use crate::view::view_of;

/// A server of the chat service.
#[derive(Debug)]
pub struct Server {
    setup: ServerSetup,
    replica: Replica<Service>,
    door: Door,
    connections: Connections,
    /// The requests whose commands wait to be committed, by the places of these.
    tickets: BTreeMap<Mark, Ticket>,
    /// What tokens and nonces are drawn from, and the life that it is for.
    chance: (Incarnation, Stream),
    /// The last view that a client claimed to have seen and that this server stepped down for: once for each.
    fence: View,
    calendar: Calendar,
    /// When it looks for what is too old.
    next_expiry: Time,
    /// The last digest that its log has.
    digest: Option<Digest>,
    /// The service while there is none: before an emptied disk has a log again.
    blank: Service,
    /// Passwords that the driver is to hash.
    hashes: Vec<WantedHash>,
    /// How large the state was when it was last looked at, and when that was.
    totals: (Option<Time>, Totals),
    /// What the replica pushes; its memory is used again.
    inner: EffectsFor<Service>,
}

/// A password that is to be hashed.
#[derive(Debug)]
pub struct WantedHash {
    /// What to give back.
    pub ticket: Ticket,
    /// The password.
    pub password: Password,
    /// The salt.
    pub salt: Nonce,
}

impl Server {
    /// Its replica.
    pub fn replica(&self) -> &Replica<Service> {
        &self.replica
    }

    /// Its door.
    pub fn door(&self) -> &Door {
        &self.door
    }

    /// Its service, as far as the log is known to be committed here.
    pub fn application(&self) -> &Application {
        self.replica.state().unwrap_or(&self.blank).application()
    }

    /// Passwords that are to be hashed: each is answered with [`Self::hashed`].
    pub fn take_hashes(&mut self) -> Vec<WantedHash> {
        std::mem::take(&mut self.hashes)
    }

    /// A password is hashed; or it is not, because too many are, and its client is told to ask again.
    pub fn hashed(
        &mut self,
        now: Time,
        ticket: Ticket,
        digest: Option<[u8; 32]>,
        effects: &mut EffectsOf<Self>,
    ) {
        if self.has_left() {
            return;
        }
        self.replica.wake(now, &mut self.inner);
        self.settle(now, Vec::new(), effects);
        let mut wanted = Vec::new();
        match digest {
            Some(digest) => self.door.hashed(ticket, digest, &mut wanted),
            None => self.door.not_hashed(ticket, &mut wanted),
        }
        self.settle(now, wanted, effects);
        self.go_on_leaving(now, effects);
    }

    /// Moves the calendar of this life, nanoseconds, forward or back.
    pub fn shift_clock(&mut self, by_ns: i64) {
        self.calendar.shift(by_ns);
    }

    /// A client has sent a frame whose body is not what its op code says: it hears so, and its next frame counts.
    pub fn malformed(
        &mut self,
        now: Time,
        from: Peer,
        (id, error): (RequestId, &Malformed),
        effects: &mut EffectsOf<Self>,
    ) {
        if let Some((connection, _)) = self.connections.take_up(from) {
            let mut wanted = Vec::new();
            self.door.malformed(connection, id, error, &mut wanted);
            self.settle(now, wanted, effects);
        }
    }

    fn is_server(&self, peer: Peer) -> bool {
        peer.0 < self.setup.replica.replicas
    }

    /// A client has another connection from now on.
    fn reconnect(&mut self, peer: Peer) -> ConnectionId {
        self.disconnect(peer);
        let connection = self.connections.open(peer);
        self.door.open(connection);
        connection
    }

    fn disconnect(&mut self, peer: Peer) {
        if let Some(connection) = self.connections.close(peer) {
            self.door.close(connection);
        }
    }

    /// A client asks for something.
    fn serve(&mut self, now: Time, from: Peer, message: ToServer, effects: &mut EffectsOf<Self>) {
        // A server that did not run for too long learns it here, before it answers anything.
        self.replica.wake(now, &mut self.inner);
        self.settle(now, Vec::new(), effects);
        let Some((mut connection, was_used)) = self.connections.take_up(from) else {
            return;
        };
        if was_used && matches!(message.request, Request::Hello { .. }) {
            connection = self.reconnect(from);
        }
        let incarnation = self.replica.disk().incarnation;
        if self.chance.0 != incarnation {
            self.chance = chance(&self.setup, incarnation);
        }
        let stream = &mut self.chance.1;
        let state = self.replica.state().unwrap_or(&self.blank);
        let (application, mut wanted) = (state.application(), Vec::new());
        let mut draw = || stream.bytes();
        self.door
            .receive(connection, message, application, &mut draw, &mut wanted);
        self.settle(now, wanted, effects);
    }

    /// Says farewell to the other servers, once it was asked to stop and nothing is left to wait for.
    fn go_on_leaving(&mut self, now: Time, effects: &mut EffectsOf<Self>) {
        if self.replica.may_end() && !self.replica.has_left() {
            self.replica.say_farewell(now, &mut self.inner);
            self.settle(now, Vec::new(), effects);
        }
    }

    /// Looks from time to time for what is too old, while it serves.
    fn expire(&mut self, now: Time, effects: &mut EffectsOf<Self>) {
        if now < self.next_expiry || !self.replica.is_serving() {
            return;
        }
        self.next_expiry = now.after_ns(self.setup.expire_ms.saturating_mul(MILLISECOND_NS));
        if self.propose(now, Command::Expire).is_ok() {
            self.settle(now, Vec::new(), effects);
        }
    }
}

/// The chance of a server in one life: numbers of one life say nothing of those of another.
fn chance(setup: &ServerSetup, life: Incarnation) -> (Incarnation, Stream) {
    let setup = &setup.replica;
    let number = (u64::from(life.disk) << 32) | u64::from(life.life);
    let purpose = Purpose::ServerLife(setup.id.0, number);
    (life, Stream::new(setup.seed, setup.trial, purpose))
}

impl Process for Server {
    type Setup = ServerSetup;
    type Message = Message;
    type Event = ServerEvent;
    type Change = Change<Service>;
    type Durable = Durable<Service>;

    fn begin(
        setup: &ServerSetup,
        durable: Durable<Service>,
        now: Time,
        effects: &mut EffectsOf<Self>,
    ) -> Server {
        let mut inner = Effects::new();
        let replica = Replica::begin(setup.replica, durable, now, &mut inner);
        let standing = Standing {
            server: ServerId(setup.replica.id.0),
            is_serving: false,
            primary: None,
        };
        let ballot = replica.disk().view.ballot;
        let view = view_of(ballot, setup.replica.replicas);
        let mut server = Server {
            door: Door::new(standing, view, setup.door),
            connections: Connections::default(),
            tickets: BTreeMap::new(),
            chance: chance(setup, replica.disk().incarnation),
            fence: View(0),
            calendar: Calendar::new(setup.epoch_ms),
            next_expiry: now.after_ns(setup.expire_ms.saturating_mul(MILLISECOND_NS)),
            digest: replica.state().and_then(Service::last_digest),
            blank: Service::new(setup.settings.clone(), setup.door.rules),
            setup: setup.clone(),
            replica,
            hashes: Vec::new(),
            totals: (None, Totals::default()),
            inner,
        };
        server.settle(now, Vec::new(), effects);
        server
    }

    fn receive(&mut self, now: Time, from: Peer, message: Message, effects: &mut EffectsOf<Self>) {
        if self.has_left() {
            return;
        }
        match message {
            Message::Peer { incarnation, body } if self.is_server(from) => {
                let from = ReplicaId(from.0);
                self.replica
                    .receive(now, from, incarnation, *body, &mut self.inner);
                self.settle(now, Vec::new(), effects);
            }
            Message::ToServer(message) if !self.is_server(from) => {
                self.serve(now, from, *message, effects);
            }
            // The peer breaks the protocol.
            _ => {
                self.disconnect(from);
                effects.hang_up(from);
            }
        }
        self.expire(now, effects);
        self.go_on_leaving(now, effects);
    }

    fn link(&mut self, now: Time, peer: Peer, is_up: bool, effects: &mut EffectsOf<Self>) {
        if self.has_left() {
            return;
        }
        if self.is_server(peer) {
            if is_up {
                self.replica.greet(now, ReplicaId(peer.0), &mut self.inner);
            }
        } else if is_up {
            self.reconnect(peer);
        } else {
            self.disconnect(peer);
        }
        self.settle(now, Vec::new(), effects);
        self.go_on_leaving(now, effects);
    }

    fn wake(&mut self, now: Time, effects: &mut EffectsOf<Self>) {
        if self.has_left() {
            return;
        }
        self.replica.wake(now, &mut self.inner);
        self.settle(now, Vec::new(), effects);
        self.expire(now, effects);
        self.go_on_leaving(now, effects);
    }

    fn stop(&mut self, now: Time, effects: &mut EffectsOf<Self>) {
        let drained_ns = self.setup.drain_ms.saturating_mul(MILLISECOND_NS);
        self.replica
            .leave(now, now.after_ns(drained_ns), &mut self.inner);
        let mut wanted = Vec::new();
        self.door.leave(self.setup.spread_ms, &mut wanted);
        self.settle(now, wanted, effects);
        self.go_on_leaving(now, effects);
    }

    fn has_left(&self) -> bool {
        self.replica.has_left()
    }

    fn replay(durable: &mut Durable<Service>, change: Change<Service>) {
        durable.change(change);
    }
}
