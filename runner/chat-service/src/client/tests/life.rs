//! Clients that end and begin again; hints; what is not shown.

use std::net::SocketAddr;

use chat::answer::{Answer, Delivery};
use chat::client::operation::{Operation, Settlement};
use chat::refusal::Refusal;
use tokio::net::TcpListener;

use super::bench::{PATIENCE, Person, name, server};
use crate::client::{Device, News};

fn send(text: &str) -> Operation {
    Operation::Send {
        to: name("bob"),
        text: text.to_owned(),
    }
}

/// The next message, and gives its receipt back if it was `shown`.
async fn message(person: &mut Person, is_shown: bool) -> String {
    loop {
        if let News::Message { message, receipt } = person.next().await {
            if is_shown {
                person.handle.shown(receipt);
            }
            return message.text;
        }
    }
}

#[tokio::test]
async fn what_was_not_shown_comes_again_and_what_was_shown_does_not() {
    let address = [server().await];
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bob.json");
    let ada = Person::begin(&address, Device::ephemeral());
    ada.enter("ada").await;
    let mut bob = Person::on(&address, &path);
    bob.enter("bob").await;
    for text in ["one", "two", "three"] {
        let sent = ada.ask(send(text)).await;
        let Settlement::Done(Answer::Sent { placement, .. }) = sent else {
            panic!("{sent:?}");
        };
        assert_eq!(placement.expect("a place").delivery, Delivery::AtOnce);
    }
    assert_eq!(message(&mut bob, true).await, "one");
    assert_eq!(message(&mut bob, true).await, "two");
    // Bob's client ends while the third is on its way to the screen. What was shown is kept; nobody waits for the rest.
    assert_eq!(message(&mut bob, false).await, "three");
    bob.handle.close(PATIENCE).await;
    drop(bob);
    let mut bob = open_when_free(&address, &path).await;
    assert_eq!(message(&mut bob, true).await, "three");
    bob.handle.close(PATIENCE).await;
    drop(bob);
    // It is the same session, so it goes on without a password, and nothing comes twice.
    let mut bob = open_when_free(&address, &path).await;
    ada.ask(send("four")).await;
    assert_eq!(message(&mut bob, true).await, "four");
}

/// The device is free once the driver of the client before has ended.
async fn open_when_free(addresses: &[SocketAddr], path: &std::path::Path) -> Person {
    let began = tokio::time::Instant::now();
    loop {
        match Device::open(path) {
            Ok(device) => return Person::begin(addresses, device),
            Err(error) => assert!(began.elapsed() < PATIENCE, "{error}"),
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn messages_come_when_they_are_asked_for() {
    let address = [server().await];
    let ada = Person::begin(&address, Device::ephemeral());
    ada.enter("ada").await;
    let bob = Person::begin(&address, Device::ephemeral());
    bob.enter("bob").await;
    bob.ask(Operation::LogOut).await;
    let sent = ada.ask(send("while bob is away")).await;
    let Settlement::Done(Answer::Sent { placement, .. }) = sent else {
        panic!("{sent:?}");
    };
    assert_eq!(placement.expect("a place").delivery, Delivery::Queued);
    let mut bob = Person::begin_quiet(&address);
    let log_in = Operation::LogIn {
        name: name("bob"),
        password: None,
    };
    let entered = bob.ask(log_in).await;
    let Settlement::Done(Answer::LoggedIn { opened, .. }) = entered else {
        panic!("{entered:?}");
    };
    assert_eq!(opened.end.0 - opened.acknowledged.0, 1);
    // An answer that comes later shows that nothing was pushed before.
    bob.ask(Operation::Status).await;
    while let Ok(news) = bob.news.try_recv() {
        assert!(!matches!(news, News::Message { .. }), "{news:?}");
    }
    bob.handle.listen();
    assert_eq!(message(&mut bob, true).await, "while bob is away");
}

#[tokio::test]
async fn an_operation_without_a_server_ends_at_its_deadline_and_the_reasons_are_told() {
    // Bound and let go of: nothing listens there.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = [listener.local_addr().expect("an address")];
    drop(listener);
    let mut ada = Person::begin(&address, Device::ephemeral());
    let log_in = Operation::LogIn {
        name: name("ada"),
        password: None,
    };
    let asked = ada.handle.ask(log_in, std::time::Duration::from_millis(50));
    assert_eq!(asked.settled().await, Settlement::NotDone);
    let unserved = loop {
        if let News::Unserved(unserved) = ada.next().await {
            break unserved.to_string();
        }
    };
    let expected = format!("no server serves: {}", address[0]);
    assert!(unserved.starts_with(&expected), "{unserved}");
}

#[tokio::test]
async fn nobody_is_logged_in_twice() {
    let address = [server().await];
    let ada = Person::begin(&address, Device::ephemeral());
    ada.enter("ada").await;
    let log_in = Operation::LogIn {
        name: name("bob"),
        password: None,
    };
    let refused = Settlement::Refused(Refusal::LoggedIn);
    assert_eq!(ada.ask(log_in).await, refused);
}
