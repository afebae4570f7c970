//! A server that is its whole group, called by hand.

use chat::application::command::Command;
use chat::identity::{Nonce, RequestId, TimeMs, View};
use chat::name::Name;
use chat::wire::request::{Request, ToServer};
use chat::wire::response::ToClient;
use machine::process::effects::{Effect, Effects};
use machine::process::units::{Peer, Time};
use machine::process::{EffectsOf, Process};
use replica::durable::Change;
use replica::rules::{Rules, Tolerance};
use replica::setup::{Limits, Setup};
use replica::timing::Timing;
use replica::units::ReplicaId;

use crate::message::Message;
use crate::server::Server;
use crate::server::event::ServerEvent;
use crate::server::setup::ServerSetup;
use crate::service::Service;

pub(super) const CLIENT: Peer = Peer(7);
pub(super) const SECOND_NS: u64 = 1_000_000_000;

pub(super) type Pushed = Effect<Message, ServerEvent, Change<Service>>;

/// A server that is its whole group.
pub(super) struct Alone {
    pub(super) server: Server,
    pub(super) now: Time,
    pub(super) effects: EffectsOf<Server>,
}

impl Alone {
    pub(super) fn new(limits: Limits) -> Alone {
        let setup = ServerSetup::new(Setup {
            id: ReplicaId(0),
            replicas: 1,
            tolerance: Tolerance::Crashes,
            timing: Timing::default(),
            limits,
            may_recover: false,
            seed: 7,
            trial: 0,
            rules: Rules::ALL,
        });
        let mut effects = Effects::new();
        let server = Server::begin(&setup, setup.founding_disk(), Time(0), &mut effects);
        let mut alone = Alone {
            server,
            now: Time(0),
            effects,
        };
        alone.pass(3 * SECOND_NS);
        assert!(alone.server.replica().is_serving());
        alone
    }

    /// Time passes.
    pub(super) fn pass(&mut self, nanoseconds: u64) -> Vec<Pushed> {
        let until = self.now.after_ns(nanoseconds);
        while self.now < until {
            self.now = self.now.after_ns(SECOND_NS / 10);
            self.server.wake(self.now, &mut self.effects);
        }
        self.effects.drain().collect()
    }

    pub(super) fn connect(&mut self) {
        self.server.link(self.now, CLIENT, true, &mut self.effects);
        let _ = self.effects.drain().count();
    }

    pub(super) fn ask(&mut self, id: u32, view: View, request: Request) -> Vec<Pushed> {
        let message = Message::ToServer(Box::new(ToServer {
            id: RequestId(id),
            view,
            request,
        }));
        self.server
            .receive(self.now, CLIENT, message, &mut self.effects);
        self.effects.drain().collect()
    }
}

pub(super) fn create(name: &str) -> Request {
    Request::Create {
        name: Name::new(name).expect("a name"),
        password: None,
        nonce: Nonce([1; 16]),
    }
}

pub(super) fn position(pushed: &[Pushed], is: impl Fn(&Pushed) -> bool) -> usize {
    let place = pushed.iter().position(is);
    place.unwrap_or_else(|| panic!("not in {pushed:#?}"))
}

pub(super) fn responses(pushed: &[Pushed]) -> Vec<&ToClient> {
    let sends = pushed.iter().filter_map(|effect| match effect {
        Effect::Send {
            to: CLIENT,
            message: Message::ToClient(message),
        } => Some(&**message),
        _ => None,
    });
    sends.collect()
}

pub(super) fn commands(pushed: &[Pushed]) -> Vec<(TimeMs, &Command)> {
    let appended = pushed.iter().filter_map(|effect| match effect {
        Effect::Persist(Change::Append(entries)) => Some(entries),
        _ => None,
    });
    let entries = appended.flatten();
    entries
        .map(|entry| (entry.command.time, &entry.command.command))
        .collect()
}
