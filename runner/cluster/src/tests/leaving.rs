//! A server that is asked to stop.

use chat::answer::Answer;
use chat::identity::{RequestId, View};
use chat::refusal::Refusal;
use chat::wire::request::{PROTOCOL_VERSION, Request, ToServer};
use chat::wire::response::{Notice, Response, ToClient};
use machine::process::effects::{Effect, Effects};
use machine::process::units::{Peer, Time};
use machine::process::{EffectsOf, Process};
use replica::durable::Durable;
use replica::message::{Body, Event};
use replica::rules::{Rules, Tolerance};
use replica::setup::{Limits, Setup};
use replica::timing::Timing;
use replica::units::ReplicaId;

use super::alone::{Alone, CLIENT, Pushed, SECOND_NS, create, position};
use crate::message::Message;
use crate::server::Server;
use crate::server::event::ServerEvent;
use crate::server::setup::ServerSetup;
use crate::service::Service;

const IDLE: Peer = Peer(8);

fn is_left(pushed: &Pushed) -> bool {
    matches!(pushed, Effect::Record(ServerEvent::Replica(Event::Left(_))))
}

fn is_away(message: &ToClient) -> bool {
    matches!(
        message.response,
        Response::Noticed(Notice::GoingAway { .. })
    )
}

fn hello() -> Request {
    Request::Hello {
        lowest: PROTOCOL_VERSION,
        highest: PROTOCOL_VERSION,
    }
}

#[test]
fn without_work_it_sends_its_clients_away_and_leaves_at_once() {
    let mut alone = Alone::new(Limits::default());
    alone.connect();
    alone.ask(1, View(0), create("ada"));
    assert!(alone.server.replica().is_serving());
    alone.server.stop(alone.now, &mut alone.effects);
    assert!(alone.server.has_left());
    let pushed: Vec<Pushed> = alone.effects.drain().collect();
    let away = position(
        &pushed,
        |one| matches!(one, Effect::Send { to: CLIENT, message: Message::ToClient(message) } if is_away(message)),
    );
    assert!(away < position(&pushed, is_left), "{pushed:#?}");
    // In this life nothing comes of anything any more.
    alone.connect();
    let asked = alone.ask(2, View(0), hello());
    assert!(asked.is_empty(), "{asked:#?}");
    let passed = alone.pass(10 * SECOND_NS);
    assert!(passed.is_empty(), "{passed:#?}");
}

/// The server that is stopped, and two others, whose messages arrive when the test wants.
struct Three {
    servers: Vec<Server>,
    now: Time,
    /// What was said to a server and has not arrived: from, to, what.
    under_way: Vec<(u32, u32, Message)>,
    /// What server 0 has said to clients.
    said: Vec<(Peer, ToClient)>,
    /// What server 0 has pushed.
    log: Vec<ServerEvent>,
}

impl Three {
    fn new() -> Three {
        let mut three = Three {
            servers: Vec::new(),
            now: Time(0),
            under_way: Vec::new(),
            said: Vec::new(),
            log: Vec::new(),
        };
        for id in 0..3 {
            let setup = ServerSetup::new(Setup {
                id: ReplicaId(id),
                replicas: 3,
                tolerance: Tolerance::Crashes,
                timing: Timing::default(),
                limits: Limits::default(),
                may_recover: false,
                seed: 7,
                trial: 0,
                rules: Rules::ALL,
            });
            let disk: Durable<Service> = setup.founding_disk();
            let mut effects = Effects::new();
            let server = Server::begin(&setup, disk, Time(0), &mut effects);
            three.servers.push(server);
            three.pass_on(id, effects);
        }
        while !three.servers[0].replica().is_serving() {
            three.now = three.now.after_ns(SECOND_NS / 10);
            assert!(three.now < Time(10 * SECOND_NS), "server 0 never serves");
            // The others are slower to propose.
            three.call(0, |server, now, effects| server.wake(now, effects));
            three.deliver();
        }
        for client in [CLIENT, IDLE] {
            three.call(0, |server, now, effects| {
                server.link(now, client, true, effects);
            });
        }
        three.said.clear();
        three.log.clear();
        three
    }

    fn call(&mut self, at: u32, call: impl FnOnce(&mut Server, Time, &mut EffectsOf<Server>)) {
        let mut effects = Effects::new();
        call(&mut self.servers[at as usize], self.now, &mut effects);
        self.pass_on(at, effects);
    }

    fn pass_on(&mut self, at: u32, mut effects: EffectsOf<Server>) {
        for effect in effects.drain() {
            match effect {
                Effect::Send { to, message } => match message {
                    Message::ToClient(message) if at == 0 => self.said.push((to, *message)),
                    message if to.0 < 3 => self.under_way.push((at, to.0, message)),
                    _ => {}
                },
                Effect::Record(event) if at == 0 => self.log.push(event),
                _ => {}
            }
        }
    }

    fn deliver(&mut self) {
        while !self.under_way.is_empty() {
            let (from, to, message) = self.under_way.remove(0);
            self.call(to, |server, now, effects| {
                server.receive(now, Peer(from), message, effects);
            });
        }
    }

    fn ask(&mut self, client: Peer, id: u32, request: Request) {
        let message = Message::ToServer(Box::new(ToServer {
            id: RequestId(id),
            view: View(0),
            request,
        }));
        self.call(0, |server, now, effects| {
            server.receive(now, client, message, effects);
        });
    }

    fn stop(&mut self) {
        self.call(0, |server, now, effects| server.stop(now, effects));
    }

    fn to(&self, client: Peer) -> Vec<&Response> {
        let said = self.said.iter().filter(|(to, _)| *to == client);
        said.map(|(_, message)| &message.response).collect()
    }

    fn farewells(&self) -> usize {
        let is_farewell = |message: &Message| matches!(message, Message::Peer { body, .. } if matches!(**body, Body::Farewell));
        let from = self.under_way.iter();
        from.filter(|(_, _, message)| is_farewell(message)).count()
    }
}

#[test]
fn what_it_has_taken_is_answered_before_it_leaves_and_nothing_new_is_taken() {
    let mut three = Three::new();
    three.ask(CLIENT, 1, create("ada"));
    three.stop();
    // Who waits for nothing goes at once.
    let away = Response::Noticed(Notice::GoingAway { spread_ms: 250 });
    assert_eq!((three.to(IDLE), three.to(CLIENT)), (vec![&away], vec![]));
    assert!(!three.servers[0].has_left());
    // Nothing new is taken, and whoever comes hears that it does not serve.
    three.ask(CLIENT, 2, create("bob"));
    let refused = Response::Refused(Refusal::NotPrimary { hint: None });
    assert_eq!(three.to(CLIENT), [&refused]);
    three.ask(IDLE, 1, hello());
    let is_greeted = |standing: &chat::wire::response::Standing| {
        !standing.is_serving && standing.primary.is_none()
    };
    assert!(matches!(
        three.said.last(),
        Some((IDLE, ToClient { response: Response::Noticed(Notice::Welcome { standing, .. }), .. }))
            if is_greeted(standing)
    ));
    assert_eq!(three.farewells(), 0);
    three.deliver();
    let to_client = three.to(CLIENT);
    assert!(
        matches!(
            to_client[1..],
            [
                Response::Answered(Answer::Created { .. }),
                Response::Noticed(Notice::GoingAway { .. })
            ]
        ),
        "{to_client:?}"
    );
    assert!(three.servers[0].has_left());
    // The others have heard of it, and one of them serves in the same moment.
    assert!((1..3).any(|at| three.servers[at].replica().is_serving()));
}

#[test]
fn what_cannot_be_committed_is_waited_for_no_longer_than_the_bound() {
    let mut three = Three::new();
    three.ask(CLIENT, 1, create("ada"));
    three.under_way.clear();
    three.stop();
    for _ in 0..29 {
        three.now = three.now.after_ns(SECOND_NS / 10);
        three.call(0, |server, now, effects| server.wake(now, effects));
        three.under_way.clear();
        assert!(!three.servers[0].has_left());
    }
    three.now = three.now.after_ns(SECOND_NS / 10);
    three.call(0, |server, now, effects| server.wake(now, effects));
    assert!(three.servers[0].has_left());
    assert_eq!(three.farewells(), 2);
    let unsettled = Response::Refused(Refusal::Unsettled);
    assert_eq!(three.to(CLIENT), [&unsettled]);
}
