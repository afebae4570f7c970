//! Connections that end between any two bytes, and a client that ends between any two messages: nothing is lost, nothing comes
//! twice.

use chat::answer::Answer;
use chat::client::operation::{Operation, Settlement};
use machine::chance::{Purpose, Stream};

use super::bench::{PATIENCE, Person, breaking_way, name, server};
use crate::client::{Device, News};

const MESSAGES: u64 = 120;

#[tokio::test]
async fn messages_come_once_and_in_order_over_connections_that_break() {
    let server = server().await;
    for seed in 0..4 {
        let (author, reader) = (format!("ada{seed}"), format!("bob{seed}"));
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bob.json");
        let there = [breaking_way(server, 2 * seed, 60).await];
        let back = [breaking_way(server, 2 * seed + 1, 60).await];
        let bob = Person::on(&back, &path);
        bob.enter(&reader).await;
        let ada = Person::begin(&there, Device::ephemeral());
        ada.enter(&author).await;
        let sending = async {
            let asked: Vec<_> = (0..MESSAGES)
                .map(|number| {
                    let operation = Operation::Send {
                        to: name(&reader),
                        text: number.to_string(),
                    };
                    ada.handle.ask(operation, PATIENCE)
                })
                .collect();
            for one in asked {
                let settlement = one.settled().await;
                assert!(
                    matches!(settlement, Settlement::Done(Answer::Sent { .. })),
                    "seed {seed}: {settlement:?}"
                );
            }
        };
        let ((), shown) = tokio::join!(sending, read(bob, &back, &path, seed));
        let expected: Vec<String> = (0..MESSAGES).map(|number| number.to_string()).collect();
        assert_eq!(shown, expected, "seed {seed}");
    }
}

/// Reads all messages, with a client that is killed now and then.
async fn read(
    mut bob: Person,
    way: &[std::net::SocketAddr],
    path: &std::path::Path,
    seed: u64,
) -> Vec<String> {
    let mut chance = Stream::new(seed, 0, Purpose::Client(1));
    let mut shown = Vec::new();
    while shown.len() < MESSAGES as usize {
        let News::Message { message, receipt } = bob.next().await else {
            continue;
        };
        shown.push(message.text);
        bob.handle.shown(receipt);
        if chance.below(15) == 0 {
            // The driver ends as soon as it has taken the receipt, with whatever else was under way.
            drop(bob);
            let device = loop {
                match Device::open(path) {
                    Ok(device) => break device,
                    Err(_) => tokio::task::yield_now().await,
                }
            };
            bob = Person::begin(way, device);
        }
    }
    shown
}
