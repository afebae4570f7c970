//! Links that carry the messages of servers.

use std::sync::Arc;
use std::time::Duration;

use chat::application::command::{Command, Entry};
use chat::identity::{Nonce, RequestId, Sequence, ServerId, TimeMs, View};
use chat::name::Name;
use chat::wire::request::{Login, Request, ToServer};
use chat::wire::response::Response;
use cluster::message::Message;
use cluster::server::setup::ServerSetup;
use replica::log::Entry as LogEntry;
use replica::message::Body;
use replica::rules::{Rules, Tolerance};
use replica::setup::{Limits, Setup};
use replica::timing::Timing;
use replica::units::{Ballot, Incarnation, OpNumber, ReplicaId};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::{LONG, is_up, ports, settings, until};
use crate::core::Core;
use crate::disk::NoDisk;
use crate::hub::{Connection, Hub};
use crate::keys::make_keys;
use crate::peers::{PeerEvent, PeerOrder, PeerSettings, start};
use crate::settings::{Address, TlsFiles};
use crate::transport::{Purpose, Security};

/// A message with about so many bytes.
fn prepare(bytes: usize) -> Message {
    let entry = LogEntry {
        ballot: Ballot::ZERO,
        command: Arc::new(Entry {
            time: TimeMs(1),
            command: Command::Expire,
        }),
    };
    let size = 16;
    Message::Peer {
        incarnation: Incarnation::default(),
        body: Box::new(Body::Prepare {
            ballot: Ballot::ZERO,
            after: OpNumber(0),
            entries: vec![entry; bytes / size],
            committed: OpNumber(0),
        }),
    }
}

fn recover(attempt: u64) -> Message {
    Message::Peer {
        incarnation: Incarnation::default(),
        body: Box::new(Body::Recover { attempt }),
    }
}

#[tokio::test]
async fn messages_of_all_lengths_arrive_once_and_both_ways() {
    let (mut listeners, addresses) = ports(2).await;
    let [mut zero, mut one] = [0, 1].map(|server| {
        let listener = listeners.remove(0);
        start(settings(server, &addresses), listener)
    });
    for links in [&mut zero, &mut one] {
        let event = timeout(LONG, links.events.recv()).await;
        assert!(matches!(event, Ok(Some(PeerEvent::Up(_)))), "{event:?}");
    }
    for (links, other) in [(&zero, 1), (&one, 0)] {
        for attempt in 0..100 {
            let to = ServerId(other);
            let message = match attempt % 10 {
                0 => prepare(2 << 20),
                _ => recover(attempt),
            };
            links
                .orders
                .send(PeerOrder::Send { to, message })
                .expect("links");
        }
    }
    for links in [&mut zero, &mut one] {
        let (mut short, mut long) = (Vec::new(), 0);
        while short.len() + long < 100 {
            let event = timeout(LONG, links.events.recv()).await;
            match event.expect("in time").expect("links") {
                PeerEvent::Message {
                    message: Message::Peer { body, .. },
                    ..
                } => match *body {
                    Body::Recover { attempt } => short.push(attempt),
                    Body::Prepare { entries, .. } => {
                        assert_eq!(entries.len(), (2 << 20) / 16);
                        long += 1;
                    }
                    other => panic!("{other:?}"),
                },
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(long, 10);
        // Short ones keep their order.
        assert_eq!(
            short,
            (0..100)
                .filter(|attempt| attempt % 10 != 0)
                .collect::<Vec<_>>()
        );
    }
}

#[tokio::test]
async fn a_link_that_is_hung_up_is_made_again_and_none_is_lost_without_a_count() {
    let (mut listeners, addresses) = ports(2).await;
    let zero = settings(0, &addresses);
    let counters = zero.counters.clone();
    let mut zero = start(zero, listeners.remove(0));
    // Nobody is there yet.
    let to = ServerId(1);
    let lost = PeerOrder::Send {
        to,
        message: recover(1),
    };
    zero.orders.send(lost).expect("links");
    until(|| counters.servers[&to].messages_lost.get() == 1).await;
    let _one = start(settings(1, &addresses), listeners.remove(0));
    for _ in 0..3 {
        let event = timeout(LONG, zero.events.recv()).await;
        assert!(is_up(&event.expect("in time").expect("links"), 1));
        zero.orders.send(PeerOrder::HangUp(to)).expect("links");
        let event = timeout(LONG, zero.events.recv()).await;
        assert!(
            matches!(event, Ok(Some(PeerEvent::Down(ServerId(1))))),
            "{event:?}"
        );
    }
    assert!(counters.servers[&to].links.get() >= 3);
}

/// A server of three; it ends when it is dropped.
struct Process {
    hub: Hub,
    core: JoinHandle<()>,
}

impl Drop for Process {
    fn drop(&mut self) {
        self.core.abort();
    }
}

impl Process {
    fn start(peers: PeerSettings, listener: TcpListener) -> Process {
        let replica = Setup {
            id: ReplicaId(peers.membership.server.0),
            replicas: 3,
            tolerance: Tolerance::Crashes,
            timing: Timing::new(50_000_000, 1_000_000_000).expect("spans that go together"),
            limits: Limits::default(),
            may_recover: false,
            seed: 7,
            trial: peers.membership.server.0.into(),
            rules: Rules::ALL,
        };
        let setup = ServerSetup::new(replica);
        let links = start(peers, listener);
        let durable = setup.founding_disk();
        let (core, hub) = Core::begin(&setup, durable, NoDisk, links).expect("a server");
        let core = tokio::spawn(async move {
            let _ = core.run().await;
        });
        Process { hub, core }
    }
}

/// What a server answers, if it does.
async fn ask(connection: &mut Connection, id: u32, request: Request) -> Option<Response> {
    let id = RequestId(id);
    connection.say(ToServer {
        id,
        view: View(0),
        request,
    });
    let answer = async {
        loop {
            let heard = connection.hear().await?;
            if heard.id == id {
                return Some(heard.response);
            }
        }
    };
    timeout(LONG, answer).await.ok().flatten()
}

/// Asks one server after another until one serves and has done it.
async fn done_somewhere(servers: &[Process], request: &Request) -> usize {
    loop {
        for (number, server) in servers.iter().enumerate() {
            let mut connection = server.hub.connect().await.expect("a server");
            let answer = ask(&mut connection, 1, request.clone()).await;
            if matches!(answer, Some(Response::Answered(_))) {
                return number;
            }
        }
        sleep(Duration::from_millis(20)).await;
    }
}

fn create(name: &str) -> Request {
    Request::Create {
        name: Name::new(name).expect("a name"),
        password: None,
        nonce: Nonce([1; 16]),
    }
}

async fn serve_and_fail_over(
    security: [Security; 3],
    addresses: Vec<Address>,
    listeners: Vec<TcpListener>,
) {
    let start = |(server, listener): (u32, TcpListener)| {
        let security = &security[server as usize];
        let mut peers = settings(server, &addresses);
        peers.acceptor = security.acceptor(Purpose::Servers).expect("keys");
        peers.connector = security.connector(Purpose::Servers).expect("keys");
        Process::start(peers, listener)
    };
    let mut servers: Vec<Process> = (0..).zip(listeners).map(start).collect();
    let primary = timeout(LONG, done_somewhere(&servers, &create("ada"))).await;
    let primary = primary.expect("the service begins");
    drop(servers.remove(primary));
    let other = timeout(LONG, done_somewhere(&servers, &create("bob"))).await;
    let other = other.expect("the service goes on without its primary");
    // What was done before is known.
    let mut connection = servers[other].hub.connect().await.expect("a server");
    let login = Login::New {
        name: Name::new("ada").expect("a name"),
        password: None,
        nonce: Nonce([2; 16]),
    };
    let answer = ask(&mut connection, 1, Request::LogIn { login }).await;
    assert!(matches!(answer, Some(Response::Answered(_))), "{answer:?}");
    let send = Request::Send {
        sequence: Sequence(1),
        confirmed: Sequence(0),
        to: Name::new("bob").expect("a name"),
        text: "x".repeat(16_000),
    };
    let answer = ask(&mut connection, 2, send).await;
    assert!(matches!(answer, Some(Response::Answered(_))), "{answer:?}");
}

#[tokio::test]
async fn three_servers_serve_and_go_on_without_their_primary() {
    let (listeners, addresses) = ports(3).await;
    let security = [(); 3].map(|()| Security::bare(false));
    serve_and_fail_over(security, addresses, listeners).await;
}

#[tokio::test]
async fn and_so_they_do_in_tls() {
    let (listeners, addresses) = ports(3).await;
    let folder = tempfile::tempdir().expect("a folder");
    let made = make_keys(folder.path(), &["127.0.0.1".to_owned()]).expect("keys");
    let files = TlsFiles {
        certificate: made.hosts[0].certificate.clone(),
        key: made.hosts[0].key.clone(),
        authority: made.authority,
    };
    let security = [(); 3].map(|()| Security::of_server(&files).expect("keys"));
    serve_and_fail_over(security, addresses, listeners).await;
}
