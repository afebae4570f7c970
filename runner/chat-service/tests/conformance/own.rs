//! What gRPC has of its own: deadlines, streams, tokens in metadata, trailers, bounds of the transport, health.

use std::time::Duration;

use chat::answer::Answer;
use chat::identity::{Offset, Sequence, Token};
use chat::refusal::Refusal;
use chat::wire::request::{Login, Request};
use chat::wire::response::Response;
use chat_service::grpc::generated as proto;
use chat_service::grpc::generated::chat_client::ChatClient;
use chat_service::grpc::refusals::{DEFINITE_TRAILER, refusal};
use tokio::time::{sleep, timeout};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request as Call, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::grpc::{GrpcDevice, client};
use crate::person::{Person, answered, creation, login, name};
use crate::world::{PATIENCE, World};

async fn channel(world: &World) -> Channel {
    let endpoint = Endpoint::from_shared(format!("http://{}", world.grpc)).expect("an address");
    endpoint.connect().await.expect("the server listens")
}

fn digits(token: Token) -> String {
    token.0.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A call with a token.
fn with<T>(token: Token, message: T) -> Call<T> {
    let mut call = Call::new(message);
    let value = format!("Bearer {}", digits(token)).parse().expect("ASCII");
    call.metadata_mut().insert("authorization", value);
    call
}

fn send(sequence: u64, text: &str) -> proto::SendRequest {
    proto::SendRequest {
        sequence,
        confirmed_through: 0,
        to: "ada".to_owned(),
        text: text.to_owned(),
    }
}

/// Calls with one token at once, on a server that does not know it yet, share one session.
#[tokio::test]
async fn first_calls_with_a_token_take_it_up_once() {
    let world = World::usual().await;
    let ada: Person<crate::wire::WireDevice> = Person::new(&world, "ada").await;
    let chat = ChatClient::new(channel(&world).await);
    let calls = (0..20).map(|_| {
        let (mut chat, token) = (chat.clone(), ada.token);
        tokio::spawn(async move { chat.who(with(token, proto::WhoRequest::default())).await })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.expect("no panic").expect("an answer");
    }
    let status = world.hub.status().await.expect("the server runs");
    // One of the session, one of the health service: that of the wire was replaced.
    assert_eq!(status.connections, 2);
}

/// Before its session is open on a server a call has four kibibytes, afterwards the longest text fits.
#[tokio::test]
async fn strangers_send_little() {
    let world = World::usual().await;
    let ada: Person<crate::wire::WireDevice> = Person::new(&world, "ada").await;
    let mut chat = ChatClient::new(channel(&world).await);
    let long = "x".repeat(16 << 10);
    for token in [Token([7; 32]), ada.token] {
        let refused = chat.send(with(token, send(1, &long))).await;
        let status = refused.expect_err("too long for a stranger");
        assert_eq!(status.code(), Code::ResourceExhausted, "{status}");
        assert!(status.message().contains("ResumeSession"), "{status}");
    }
    let resumed = chat
        .resume_session(with(ada.token, proto::ResumeSessionRequest {}))
        .await;
    assert_eq!(resumed.expect("it is hers").into_inner().next_sequence, 1);
    chat.send(with(ada.token, send(1, &long)))
        .await
        .expect("it fits");
    let beyond = "x".repeat(65 << 10);
    let refused = chat.send(with(ada.token, send(2, &beyond))).await;
    let status = refused.expect_err("too long for anybody");
    assert!(
        matches!(status.code(), Code::ResourceExhausted | Code::OutOfRange),
        "{status}"
    );
    chat.send(with(ada.token, send(2, "short")))
        .await
        .expect("the connection goes on");
}

/// What has no answer in time says so, and that it may have been done.
#[tokio::test]
async fn a_deadline_passes() {
    let world = World::usual().await;
    let ada: Person<GrpcDevice> = Person::new(&world, "ada").await;
    let mut chat = ChatClient::new(channel(&world).await);
    // A stream that names its time has that long.
    let mut call = with(ada.token, proto::DeliverRequest { after: 0 });
    call.metadata_mut()
        .insert("grpc-timeout", "300m".parse().expect("ASCII"));
    let mut stream = chat.deliver(call).await.expect("a stream").into_inner();
    assert!(stream.message().await.expect("its first word").is_some());
    let status = timeout(PATIENCE, stream.message())
        .await
        .expect("it ends")
        .expect_err("its time");
    assert_eq!(status.code(), Code::DeadlineExceeded, "{status}");
    // No time at all: there is no answer, or it is one of the two.
    let mut call = with(ada.token, send(1, "in no time"));
    call.metadata_mut()
        .insert("grpc-timeout", "1n".parse().expect("ASCII"));
    let status = chat.send(call).await.expect_err("no time");
    assert!(
        matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled),
        "{status}"
    );
    // Asked again it is done, once.
    chat.send(with(ada.token, send(1, "in no time")))
        .await
        .expect("an answer");
    let history = chat
        .history(with(ada.token, proto::HistoryRequest::default()))
        .await;
    assert_eq!(history.expect("a page").into_inner().messages.len(), 1);
}

/// A core that is gone leaves what is under way open, and says so.
#[tokio::test]
async fn the_end_of_a_server_is_not_definite() {
    let world = World::usual().await;
    let ada: Person<GrpcDevice> = Person::new(&world, "ada").await;
    let mut chat = ChatClient::new(channel(&world).await);
    let mut stream = chat
        .deliver(with(ada.token, proto::DeliverRequest { after: 0 }))
        .await
        .expect("a stream")
        .into_inner();
    assert!(stream.message().await.expect("its first word").is_some());
    world.core.abort();
    let status = timeout(PATIENCE, stream.message())
        .await
        .expect("it ends")
        .expect_err("its server");
    assert_eq!(status.code(), Code::Unavailable, "{status}");
    assert_eq!(refusal(&status), Some(Refusal::NotPrimary { hint: None }));
    let status = chat
        .send(with(ada.token, send(1, "hello?")))
        .await
        .expect_err("nobody is there");
    assert_eq!(
        refusal(&status),
        Some(Refusal::NotPrimary { hint: None }),
        "{status}"
    );
    assert_eq!(
        status
            .metadata()
            .get(DEFINITE_TRAILER)
            .expect("the trailer"),
        "true"
    );
}

/// A stream that is dropped is no longer pushed to, and another one begins where it is told.
#[tokio::test]
async fn a_dropped_stream_ends_pushes() {
    let world = World::usual().await;
    let mut ada: Person<GrpcDevice> = Person::new(&world, "ada").await;
    let mut chat = ChatClient::new(channel(&world).await);
    let listen = |after| with(ada.token, proto::DeliverRequest { after });
    let first = chat
        .deliver(listen(0))
        .await
        .expect("a stream")
        .into_inner();
    let mut second = chat
        .deliver(listen(0))
        .await
        .expect("a stream")
        .into_inner();
    // The second has taken over.
    let mut first = first;
    assert!(first.message().await.expect("its first word").is_some());
    let status = timeout(PATIENCE, first.message())
        .await
        .expect("it ends")
        .expect_err("replaced");
    assert_eq!(status.code(), Code::Aborted, "{status}");
    assert!(second.message().await.expect("its first word").is_some());
    drop(second);
    // More than a window: nobody reads, nobody acknowledges, and calls go on.
    for _ in 0..70 {
        ada.send("ada", "x").await;
    }
    ada.listen(60).await;
    assert_eq!(ada.texts(60, 10).await.len(), 10);
}

/// A session without calls leaves its connection, and the next call takes it up.
#[tokio::test]
async fn a_session_that_is_idle_is_taken_up_again() {
    let world = World::with(|plan| plan.grpc.idle = Duration::from_millis(20)).await;
    let mut ada: Person<GrpcDevice> = Person::new(&world, "ada").await;
    let left = async {
        while world
            .hub
            .status()
            .await
            .expect("the server runs")
            .connections
            > 1
        {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, left)
        .await
        .expect("the session leaves its connection");
    // The longest text too: the token is known.
    ada.send("ada", &"x".repeat(16 << 10)).await;
}

/// A client of several servers finds the one that serves, and keeps its session.
#[tokio::test]
async fn a_client_finds_the_server_that_serves() {
    let idle = World::with(|plan| plan.servers = 3).await;
    let world = World::usual().await;
    let mut client = client(&[&idle, &world]);
    let mut ask = async |request| client.ask(&request).await.expect("an answer");
    answered(ask(creation("ada", None)).await);
    let Answer::LoggedIn { token, .. } = answered(ask(login("ada", None)).await) else {
        panic!("a log-in is answered")
    };
    let request = Request::Send {
        sequence: Sequence(1),
        confirmed: Sequence(0),
        to: name("ada"),
        text: "found".to_owned(),
    };
    answered(ask(request).await);
    let token = token.expect("a new session has a token");
    let login = Login::Again { token };
    answered(ask(Request::LogIn { login }).await);
    assert_eq!(client.token(), Some(token));
    let mut deliveries = client.deliver(Offset(0)).await.expect("a stream");
    deliveries.next().await.expect("its first word");
}

/// The health service says whether this server serves, and hears its end.
#[tokio::test]
async fn health() {
    let check = async |world: &World, service: &str| -> Result<i32, Status> {
        let service = service.to_owned();
        let mut health = HealthClient::new(channel(world).await);
        let reply = health.check(HealthCheckRequest { service }).await?;
        Ok(reply.into_inner().status)
    };
    let (serving, not_serving) = (1, 2);
    let idle = World::with(|plan| plan.servers = 3).await;
    let world = World::usual().await;
    for service in ["", "driftlab.chat.v1.Chat"] {
        let until = async |world: &World, expected| {
            while check(world, service).await.ok() != Some(expected) {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, until(&world, serving))
            .await
            .expect("it serves");
        timeout(PATIENCE, until(&idle, not_serving))
            .await
            .expect("it does not serve");
    }
    world.core.abort();
    let gone = async {
        while check(&world, "").await.ok() != Some(not_serving) {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, gone).await.expect("it no longer serves");
    let unknown = check(&world, "another.Service")
        .await
        .expect_err("no such service");
    assert_eq!(unknown.code(), Code::NotFound);
}

/// A connection beyond the bound is closed; when another has gone there is a place again.
#[tokio::test]
async fn connections_are_bounded() {
    let world = World::with(|plan| plan.grpc.connections_max = 1).await;
    let ask = async || {
        let endpoint = Endpoint::from_shared(format!("http://{}", world.grpc));
        let channel = endpoint.expect("an address").connect().await.ok()?;
        let mut chat = ChatClient::new(channel);
        chat.status(proto::StatusRequest {}).await.ok()?;
        Some(chat)
    };
    let first = ask().await.expect("there is a place");
    assert!(ask().await.is_none(), "two where one is allowed");
    drop(first);
    let place = async {
        while ask().await.is_none() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, place).await.expect("a place gets free");
}

/// A connection on which nobody logs in ends.
#[tokio::test]
async fn strangers_do_not_stay() {
    let world = World::with(|plan| plan.grpc.patience = Duration::from_millis(50)).await;
    let stream = tokio::net::TcpStream::connect(world.grpc.to_string()).await;
    let mut stream = stream.expect("the server listens");
    let mut heard = Vec::new();
    let ended = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut heard);
    // Its end is an end either way: closed, or reset.
    let _ = timeout(PATIENCE, ended)
        .await
        .expect("the server closes it");
}

/// What HTTP/2 does itself has no call.
#[tokio::test]
async fn a_hello_has_no_call() {
    let world = World::usual().await;
    let mut client = client(&[&world]);
    for request in [
        Request::Ping,
        Request::Hello {
            lowest: 1,
            highest: 1,
        },
    ] {
        assert!(client.ask_once(&request).await.is_err());
    }
    assert!(matches!(
        client.ask_once(&Request::Status).await,
        Ok(Response::Noticed(_))
    ));
}
