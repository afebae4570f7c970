//! Honest clients beside all the others at once: they lose nothing.

use std::time::Duration;

use chat::answer::Answer;
use chat::identity::Offset;
use chat::wire::request::{Login, Request};
use chat::wire::response::{Notice, Response};
use tokio::io::AsyncWriteExt;
use tokio::task::JoinSet;

use super::bench::{Bench, Visitor, send, until};
use crate::settings::ConnectionLimits;

const MESSAGES: u64 = 300;

/// Reads what was sent until all is there, each message once and in order.
async fn receive_all(mut receiver: Visitor) {
    receiver.say(Request::Deliver { after: Offset(0) }).await;
    let mut next = 1;
    while next <= MESSAGES {
        let heard = receiver.hear().await.expect("the server stays");
        if let Response::Noticed(Notice::Message { message }) = heard.response {
            assert_eq!(message.text, format!("message {next}"));
            let through = message.offset;
            receiver.say(Request::Acknowledge { through }).await;
            next += 1;
        }
    }
}

async fn send_all(mut sender: Visitor) {
    for number in 1..=MESSAGES {
        let sent = sender
            .ask(send(number, "bob", format!("message {number}")))
            .await;
        assert!(
            matches!(sent, Response::Answered(Answer::Sent { .. })),
            "{sent:?}"
        );
    }
}

/// Asks for its history, again and again, and reads none of the answers.
async fn never_read(mut reader: Visitor) {
    for number in 1..=20 {
        let text = "x".repeat(16_000);
        reader.ask(send(number, "eve", text)).await;
    }
    reader
        .ask(Request::Acknowledge {
            through: Offset(20),
        })
        .await;
    let history = Request::History {
        before: Offset(0),
        most: 100,
    };
    let mut frames = Vec::new();
    for number in 0..10_000 {
        let message = chat::wire::request::ToServer {
            id: chat::identity::RequestId(1000 + number),
            view: chat::identity::View(0),
            request: history.clone(),
        };
        message.encode(&mut frames);
    }
    // The server stops reading, and hangs up in the end.
    let _ = reader.stream.write_all(&frames).await;
    until(|| {
        reader
            .stream
            .try_write(&[0])
            .is_err_and(|error| error.kind() != std::io::ErrorKind::WouldBlock)
    })
    .await;
}

#[tokio::test]
async fn honest_clients_lose_nothing_beside_all_kinds_of_attacks() {
    let limits = ConnectionLimits {
        hello: Duration::from_secs(2),
        write: Duration::from_millis(300),
        frames_per_second: 100,
        frames_burst: 100,
        ..ConnectionLimits::default()
    };
    let bench = Bench::new(limits).await;
    let (sender, _) = bench.member("ada").await;
    let (receiver, _) = bench.member("bob").await;
    let (slow, _) = bench.member("eve").await;
    let (mut gone, dead_token) = bench.member("mallory").await;
    gone.ask(Request::LogOut).await;

    let mut attacks = JoinSet::new();
    for round in 0..20_u8 {
        // Silent, oversized, malformed; a flood that reads nothing; a wrong version; a token of a session that has ended.
        let mut visitors = Vec::new();
        for _ in 0..5 {
            visitors.push(bench.connect().await);
        }
        let login = Login::Again { token: dead_token };
        attacks.spawn(async move {
            let mut visitors = visitors.into_iter();
            let mut next = || visitors.next().expect("five");
            let _silent = next();
            let mut oversized = next();
            let _ = oversized.stream.write_all(&[0xff; 64]).await;
            let mut malformed = next();
            let _ = malformed.stream.write_all(&[0, 0, 0, 1, round, 0]).await;
            let mut flood = next();
            let flood = async move {
                let _ = flood.stream.write_all(&[0, 0, 0, 0, 99].repeat(2000)).await;
                for _ in 0..150 {
                    flood.hear().await;
                }
            };
            let mut wrong = next();
            let hello = Request::Hello {
                lowest: 2,
                highest: 3,
            };
            wrong.ask(hello).await;
            wrong.ask(Request::LogIn { login }).await;
            while oversized.hear().await.is_some() {}
            malformed.hear().await;
            flood.await;
        });
    }
    attacks.spawn(never_read(slow));
    let mut honest = JoinSet::new();
    honest.spawn(send_all(sender));
    honest.spawn(receive_all(receiver));
    while let Some(ended) = honest.join_next().await {
        ended.expect("an honest client lost nothing");
    }
    while let Some(ended) = attacks.join_next().await {
        ended.expect("an attack was answered as it should");
    }
    let counters = bench.counters.clone();
    until(|| counters.slow_readers.get() > 0).await;
    assert!(counters.floods.get() > 0, "{counters:?}");
    let seen = [
        &counters.oversized,
        &counters.malformed,
        &counters.wrong_versions,
        &counters.dead_tokens,
    ];
    assert!(seen.iter().all(|count| count.get() >= 20), "{counters:?}");
}
