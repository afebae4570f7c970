//! A core with clients that read and clients that do not, a disk that fails, and an end in order.

use chat::identity::{RequestId, View};
use chat::name::Name;
use chat::wire::request::{Request, ToServer};
use replica::rules::{Rules, Tolerance};
use replica::setup::{Limits, Setup};
use replica::timing::Timing;
use replica::units::ReplicaId;

use super::*;
use crate::disk::NoDisk;
use crate::hub::{Connection, WAITING_BYTES_MAX};

/// A disk that writes this many times and fails then.
struct Failing(usize);

impl Disk for Failing {
    fn write(&mut self, _changes: Vec<Change<Service>>) -> Result<(), DiskError> {
        self.0 = self.0.checked_sub(1).ok_or(DiskError("full".to_owned()))?;
        Ok(())
    }
}

/// A server of a cluster of one.
fn begin(disk: impl Disk) -> (Core, Hub) {
    let setup = ServerSetup::new(Setup {
        id: ReplicaId(0),
        replicas: 1,
        tolerance: Tolerance::Crashes,
        timing: Timing::default(),
        limits: Limits::default(),
        may_recover: false,
        seed: 1,
        trial: 0,
        rules: Rules::ALL,
    });
    let durable = setup.founding_disk();
    Core::begin(&setup, durable, disk, Links::none()).expect("a thread")
}

fn ask(connection: &Connection, request: Request) {
    let (id, view) = (RequestId(1), View(0));
    assert!(connection.say(ToServer { id, view, request }), "it runs");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_left_and_the_others_are_not() {
    let (core, hub) = begin(NoDisk);
    let core = tokio::spawn(core.run());
    let mut silent = hub.connect().await.expect("a connection");
    let mut other = hub.connect().await.expect("a connection");
    // Each answer takes at least 256 bytes.
    for _ in 0..WAITING_BYTES_MAX / 256 + 1 {
        ask(&silent, Request::Ping);
    }
    let left = ("clients_slow_total".to_owned(), 1);
    while !hub.status().await.expect("it runs").figures.contains(&left) {}
    ask(&other, Request::Status);
    let heard = other.hear().await.expect("an answer");
    let Response::Noticed(Notice::Status { status }) = heard.response else {
        panic!("another answer: {heard:?}");
    };
    assert_eq!(status.connections, 1);
    assert!(status.figures.contains(&left));
    let mut answers = 0;
    while silent.hear().await.is_some() {
        answers += 1;
    }
    assert!(answers <= WAITING_BYTES_MAX / 256, "{answers}");
    drop((silent, other));
    hub.stop();
    drop(hub);
    core.await.expect("no panic").expect("it ends in order");
}

#[tokio::test]
async fn a_core_that_is_asked_to_stop_answers_what_it_has_taken_and_hangs_up() {
    let (core, hub) = begin(NoDisk);
    let core = tokio::spawn(core.run());
    let mut client = hub.connect().await.expect("a connection");
    // Without a pause: what is due happens all the same.
    while !hub.status().await.expect("it runs").standing.is_serving {}
    ask(
        &client,
        Request::Create {
            name: Name::new("ada").expect("a name"),
            password: None,
            nonce: chat::identity::Nonce([1; 16]),
        },
    );
    hub.stop();
    drop(hub);
    let mut heard = Vec::new();
    while let Some(response) = client.hear().await {
        heard.push(response.response);
    }
    let is_created = |response: &Response| {
        matches!(
            response,
            Response::Answered(chat::answer::Answer::Created { .. })
        )
    };
    assert!(heard.iter().any(is_created), "{heard:?}");
    drop(client);
    core.await.expect("no panic").expect("it ends in order");
}

#[tokio::test]
async fn a_core_whose_disk_fails_says_nothing_that_depends_on_it() {
    // The first writes are of the life and of its view.
    let (core, hub) = begin(Failing(1));
    let client = hub.connect();
    let (ended, client) = tokio::join!(core.run(), client);
    assert_eq!(ended.expect_err("the disk fails").to_string(), "full");
    let mut client = client.expect("it was there before");
    assert!(client.hear().await.is_none());
}
