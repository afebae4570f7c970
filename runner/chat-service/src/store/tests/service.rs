//! A server with clients, whose disk loses its power at every write and every flush.

use std::time::Duration;

use chat::answer::Answer;
use chat::identity::{Nonce, Offset, RequestId, Sequence, View};
use chat::limits::Settings;
use chat::name::Name;
use chat::refusal::Refusal;
use chat::wire::request::{Login, Request, ToServer};
use chat::wire::response::{Notice, Response};
use cluster::server::setup::ServerSetup;
use replica::rules::{Rules, Tolerance};
use replica::setup::{Limits, Setup};
use replica::timing::Timing;
use replica::units::ReplicaId;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::script::membership;
use super::volatile::{Kept, Volatile, Walk};
use crate::core::Core;
use crate::hub::{Connection, Hub};
use crate::peers::Links;
use crate::store::{Membership, Store};

const MESSAGES: u64 = 16;
/// What nothing takes, however busy the host is.
const PATIENCE: Duration = Duration::from_secs(60);

fn setup() -> ServerSetup {
    let second_ns = 1_000_000_000;
    let mut setup = ServerSetup::new(Setup {
        id: ReplicaId(0),
        replicas: 1,
        tolerance: Tolerance::Crashes,
        timing: Timing::new(second_ns, 6 * second_ns).expect("they go together"),
        // Snapshots take the place of commands all the time.
        limits: Limits {
            log_max: 8,
            ..Limits::default()
        },
        may_recover: false,
        seed: 7,
        trial: 0,
        rules: Rules::ALL,
    });
    setup.settings = Settings {
        sends_per_second: 1_000_000,
        sends_burst: 1_000_000,
        ..Settings::default()
    };
    setup
}

/// A server that runs. Dropped, it is gone.
struct Server {
    hub: Hub,
    core: JoinHandle<()>,
}

impl Server {
    async fn begin(store: Store) -> Server {
        let durable = store.durable().clone();
        let (core, hub) = Core::begin(&setup(), durable, store, Links::none()).expect("a core");
        let core = tokio::spawn(async move {
            core.run().await.expect("the disk is there");
        });
        let server = Server { hub, core };
        let served = async {
            while !server
                .hub
                .status()
                .await
                .expect("it runs")
                .standing
                .is_serving
            {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, served).await.expect("it serves in time");
        server
    }

    async fn person(&self) -> Person {
        let connection = self.hub.connect().await.expect("it runs");
        Person {
            connection,
            asked: 0,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.core.abort();
    }
}

struct Person {
    connection: Connection,
    asked: u32,
}

impl Person {
    fn say(&mut self, request: Request) -> RequestId {
        self.asked += 1;
        let id = RequestId(self.asked);
        let view = View(0);
        assert!(self.connection.say(ToServer { id, view, request }));
        id
    }

    async fn hear(&mut self) -> (RequestId, Response) {
        let heard = timeout(PATIENCE, self.connection.hear()).await;
        let heard = heard.expect("an answer in time").expect("the server stays");
        (heard.id, heard.response)
    }

    async fn ask(&mut self, request: Request) -> Answer {
        loop {
            let asked = self.say(request.clone());
            let response = loop {
                match self.hear().await {
                    (id, response) if id == asked => break response,
                    _ => {}
                }
            };
            match response {
                Response::Answered(answer) => return answer,
                // The host did not run it for a while, and it begins a new life: that is no end of it.
                Response::Refused(Refusal::NotPrimary { .. } | Refusal::Unsettled) => {
                    sleep(Duration::from_millis(5)).await;
                }
                other => panic!("an answer is due: {other:?}"),
            }
        }
    }

    async fn create(&mut self, text: &str) {
        let (password, nonce) = (None, Nonce([text.as_bytes()[0]; 16]));
        let name = name(text);
        self.ask(Request::Create {
            name,
            password,
            nonce,
        })
        .await;
    }

    async fn log_in(&mut self, text: &str, device: u8) {
        let login = Login::New {
            name: name(text),
            password: None,
            nonce: Nonce([device; 16]),
        };
        self.ask(Request::LogIn { login }).await;
    }

    async fn send(&mut self, sequence: u64, text: &str) {
        let confirmed = Sequence(sequence - 1);
        let answer = self.ask(Request::Send {
            sequence: Sequence(sequence),
            confirmed,
            to: name("bob"),
            text: text.to_owned(),
        });
        let answer = answer.await;
        assert!(matches!(answer, Answer::Sent { .. }), "{answer:?}");
    }

    /// The next messages of the mailbox, acknowledged as they come.
    async fn receive(&mut self, count: usize) -> Vec<String> {
        self.ask(Request::Deliver { after: Offset(0) }).await;
        let mut texts = Vec::new();
        while texts.len() < count {
            if let (_, Response::Noticed(Notice::Message { message })) = self.hear().await {
                let through = message.offset;
                texts.push(message.text);
                self.say(Request::Acknowledge { through });
            }
        }
        texts
    }
}

fn name(text: &str) -> Name {
    Name::new(text).expect("a name")
}

fn text(number: u64) -> String {
    format!("message {number}")
}

/// The messages that a disk has for bob, in order.
fn on_disk(store: &Store) -> Vec<String> {
    let log = &store.durable().log;
    let snapshot = log.snapshot().expect("a disk that was founded");
    let mut application = snapshot.state.application().clone();
    for entry in log.entries() {
        // What was answered was answered.
        let _ = application.apply(&entry.command);
    }
    let bob = application.account(&name("bob"));
    let messages = bob.map(|bob| application.messages_after(bob, Offset(0)));
    let messages = messages.into_iter().flatten();
    messages.map(|message| message.text.clone()).collect()
}

/// Sends messages, and says how much was done to the disk when each was acknowledged.
async fn talk(disk: &Volatile) -> Vec<usize> {
    let membership = Membership {
        servers: 1,
        ..membership()
    };
    let store = Store::create_on(disk.clone(), &membership, setup().founding_disk());
    let server = Server::begin(store.expect("a new disk")).await;
    let mut ada = server.person().await;
    ada.create("ada").await;
    ada.create("bob").await;
    ada.log_in("ada", 1).await;
    let mut acknowledged = Vec::new();
    for number in 1..=MESSAGES {
        ada.send(number, &text(number)).await;
        acknowledged.push(disk.count());
    }
    acknowledged
}

/// A server on this disk gives bob all of these, and takes more.
async fn go_on(image: Vec<u8>, expected: &[String]) {
    let (store, _) = Store::open_on(Volatile::holding(image)).expect("it is whole");
    let server = Server::begin(store).await;
    let mut bob = server.person().await;
    bob.create("bob").await;
    bob.log_in("bob", 2).await;
    let received = bob.receive(expected.len()).await;
    assert_eq!(received, expected);
    bob.send(1, "to myself").await;
}

#[tokio::test]
async fn what_was_acknowledged_is_there_wherever_the_power_goes() {
    let disk = Volatile::default();
    let acknowledged = talk(&disk).await;
    let deeds = disk.deeds();
    let all: Vec<String> = (1..=MESSAGES).map(text).collect();
    let mut walk = Walk::new(&deeds);
    let (mut cuts, mut images, mut servers) = (0, 0, 0);
    for cut in 0..=deeds.len() {
        walk.to(cut);
        cuts += 1;
        let due = acknowledged.iter().filter(|&&at| at <= cut).count();
        let ways = [Kept::All, Kept::Nothing, Kept::Sectors(3), Kept::Writes(4)];
        // Where nothing waits they are all the same, and where one write does some are.
        for how in ways.into_iter().take(1 + walk.waiting()) {
            images += 1;
            let image = walk.image(how);
            let found = match Store::open_on(Volatile::holding(image.clone())) {
                Ok((store, _)) => on_disk(&store),
                // It was not made yet.
                Err(_) if due == 0 => Vec::new(),
                Err(error) => panic!("cut {cut}, {how:?}: {error}"),
            };
            assert!(all.starts_with(&found), "cut {cut}, {how:?}: {found:?}");
            assert!(
                found.len() >= due,
                "cut {cut}, {how:?}: {due} acknowledged, {found:?}"
            );
            if due > 0 && cut % 32 == 0 && matches!(how, Kept::All) {
                servers += 1;
                go_on(image, &found).await;
            }
        }
    }
    println!(
        "{MESSAGES} messages, {cuts} cuts, {images} disks, {servers} servers begun again on them"
    );
    assert!(servers > 0);
}
