//! What is refused, in which words, and what is counted.

use std::time::Duration;

use chat::identity::View;
use chat::limits::{FRAME_BYTES_BEFORE_LOGIN_MAX, FRAME_BYTES_MAX};
use chat::refusal::Refusal;
use chat::wire::request::{Login, Request};
use chat::wire::response::{Notice, Response};
use tokio::io::AsyncWriteExt;

use super::bench::{Bench, send, until};
use crate::settings::ConnectionLimits;

fn frame(length: usize, op: u8, body: usize) -> Vec<u8> {
    let mut bytes = u32::try_from(length)
        .expect("a length")
        .to_be_bytes()
        .to_vec();
    bytes.push(op);
    bytes.resize(bytes.len() + body, 0);
    bytes
}

#[tokio::test]
async fn a_malformed_frame_is_refused_and_the_next_one_counts() {
    let bench = Bench::new(ConnectionLimits::default()).await;
    let mut visitor = bench.connect().await;
    for body in [0, 3, 40] {
        visitor
            .stream
            .write_all(&frame(body, 99, body))
            .await
            .expect("a reader");
        let heard = visitor.hear().await.expect("a refusal");
        assert!(
            matches!(heard.response, Response::Refused(Refusal::Malformed { .. })),
            "{heard:?}"
        );
    }
    assert_eq!(
        visitor.ask(Request::Ping).await,
        Response::Noticed(Notice::Pong)
    );
    assert_eq!(bench.counters.malformed.get(), 3);
}

#[tokio::test]
async fn a_frame_that_is_too_long_is_refused_and_ends_the_connection() {
    let bench = Bench::new(ConnectionLimits::default()).await;
    let (member, _) = bench.member("ada").await;
    for (mut visitor, longest) in [
        (bench.connect().await, FRAME_BYTES_BEFORE_LOGIN_MAX),
        (member, FRAME_BYTES_MAX),
    ] {
        // The longest is malformed, and read; one byte more is too long, whatever of it comes.
        visitor
            .stream
            .write_all(&frame(longest, 20, longest))
            .await
            .expect("a reader");
        let heard = visitor.hear().await.expect("a refusal");
        assert!(matches!(
            heard.response,
            Response::Refused(Refusal::Malformed { .. })
        ));
        visitor
            .stream
            .write_all(&frame(longest + 1, 20, 10))
            .await
            .expect("a reader");
        let heard = visitor.hear().await.expect("a refusal").response;
        let Response::Refused(Refusal::Malformed { why }) = heard else {
            panic!("{heard:?}");
        };
        assert!(why.contains(&format!("at most {longest}")), "{why}");
        assert_eq!(visitor.hear().await, None);
    }
    assert_eq!(bench.counters.oversized.get(), 2);
    // Also where it is the first thing that is said.
    let mut visitor = bench.connect().await;
    visitor
        .stream
        .write_all(&[0xff; 5])
        .await
        .expect("a reader");
    assert!(visitor.hear().await.is_some());
    assert_eq!(visitor.hear().await, None);
    assert_eq!(bench.counters.oversized.get(), 3);
}

#[tokio::test]
async fn who_says_nothing_or_does_not_log_in_has_to_go() {
    let short = Duration::from_millis(200);
    let bench = Bench::new(ConnectionLimits {
        hello: short,
        ..ConnectionLimits::default()
    });
    let bench = bench.await;
    let mut silent = bench.connect().await;
    let mut half = bench.connect().await;
    half.stream.write_all(&[0, 0, 0]).await.expect("a reader");
    assert_eq!((silent.hear().await, half.hear().await), (None, None));
    until(|| bench.counters.open() == 0).await;
    assert_eq!(bench.counters.silent.get(), 2);

    let bench = Bench::new(ConnectionLimits {
        login: short,
        ..ConnectionLimits::default()
    });
    let bench = bench.await;
    let mut talker = bench.connect().await;
    talker.say(Request::Ping).await;
    while talker.hear().await.is_some() {}
    until(|| bench.counters.open() == 0).await;
    assert_eq!(bench.counters.without_login.get(), 1);

    let bench = Bench::new(ConnectionLimits {
        idle: short,
        ..ConnectionLimits::default()
    });
    let bench = bench.await;
    let (mut member, _) = bench.member("ada").await;
    assert_eq!(member.hear().await, None);
    until(|| bench.counters.open() == 0).await;
    assert_eq!(bench.counters.idle.get(), 1);
}

#[tokio::test]
async fn who_finds_no_place_is_told_to_come_again() {
    let limits = ConnectionLimits {
        connections_max: 3,
        ..ConnectionLimits::default()
    };
    let bench = Bench::new(limits).await;
    let mut inside = Vec::new();
    for _ in 0..3 {
        let mut visitor = bench.connect().await;
        visitor.ask(Request::Ping).await;
        inside.push(visitor);
    }
    let mut outside = bench.connect().await;
    let heard = outside.hear().await.expect("a notice").response;
    assert!(
        matches!(heard, Response::Noticed(Notice::GoingAway { .. })),
        "{heard:?}"
    );
    assert_eq!(outside.hear().await, None);
    inside.pop();
    until(|| bench.counters.open() == 2).await;
    bench.connect().await.ask(Request::Ping).await;
    assert_eq!(bench.counters.crowded.get(), 1);
}

#[tokio::test]
async fn wrong_versions_and_dead_tokens_are_refused_and_counted() {
    let bench = Bench::new(ConnectionLimits::default()).await;
    let (mut member, token) = bench.member("ada").await;
    let mut visitor = bench.connect().await;
    let hello = Request::Hello {
        lowest: 7,
        highest: 9,
    };
    let refusal = visitor.ask(hello).await;
    assert!(
        matches!(refusal, Response::Refused(Refusal::Version { version: 1 })),
        "{refusal:?}"
    );
    member.ask(Request::LogOut).await;
    let login = Login::Again { token };
    let refusal = visitor.ask(Request::LogIn { login }).await;
    assert!(
        matches!(
            refusal,
            Response::Refused(Refusal::SessionEnded { .. } | Refusal::NoSession)
        ),
        "{refusal:?}"
    );
    let counters = &bench.counters;
    assert_eq!(
        (counters.wrong_versions.get(), counters.dead_tokens.get()),
        (1, 1)
    );
    // After a log-out a connection is a stranger's again.
    member
        .stream
        .write_all(&frame(FRAME_BYTES_BEFORE_LOGIN_MAX + 1, 5, 0))
        .await
        .expect("a reader");
    while member.hear().await.is_some() {}
    assert_eq!(counters.oversized.get(), 1);
}

#[tokio::test]
async fn who_sends_too_fast_is_held_and_loses_nothing() {
    let limits = ConnectionLimits {
        frames_per_second: 100,
        frames_burst: 10,
        ..ConnectionLimits::default()
    };
    let bench = Bench::new(limits).await;
    let (mut member, _) = bench.member("ada").await;
    for _ in 0..200 {
        member.say(Request::Ping).await;
    }
    for number in 3..203 {
        let heard = member.hear().await.expect("a pong");
        assert!(heard.id.0 >= number, "{heard:?}");
        if heard.id.0 == 202 {
            break;
        }
    }
    assert!(bench.counters.floods.get() > 0);
    let sent = member.ask(send(1, "ada", "to myself".to_owned())).await;
    assert!(matches!(sent, Response::Answered(_)), "{sent:?}");
}

#[tokio::test]
async fn nobody_stops_a_server_with_a_view_that_he_made_up() {
    let bench = Bench::new(ConnectionLimits::default()).await;
    let (mut member, _) = bench.member("ada").await;
    let mut liar = bench.connect().await;
    for view in 1..=50 {
        liar.claim = View(view << 40 | 7);
        liar.ask(Request::Ping).await;
    }
    assert_eq!(bench.views.forged.get(), 50);
    // A server that steps down ends its connections; this one still serves on it, in the view that the member was given.
    let id = member.say(Request::Ping).await;
    let heard = member.hear().await.expect("a pong");
    assert_eq!(heard.id, id);
    member.claim = heard.view;
    let sent = member.ask(send(1, "ada", "to myself".to_owned())).await;
    assert!(matches!(sent, Response::Answered(_)), "{sent:?}");
    assert!(member.claim > View(0));
    assert_eq!(bench.views.forged.get(), 50);
}
