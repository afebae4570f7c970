//! gRPC clients.
//!
//! The service is that of the wire, call by call; `proto/chat.proto` says how, and how to try it by hand. Each session is a
//! connection of the [`hub`](crate::hub), so that what holds on the wire holds here.
//!
//! # Map
//!
//! `generated` what the .proto says · `service` calls become requests · `caller` what a call says besides its message ·
//! `deliveries` the stream of a Deliver · `session`, `sessions` connections kept for their tokens · [`refusals`] refusals as
//! statuses · `values` everything else as messages · `admission` who may connect · `health` whether this server serves ·
//! [`client`] the other end
//!
//! **Invariant.** Nothing is decided here: what is committed, refused or delivered comes from the hub.

mod admission;
mod caller;
pub mod client;
mod deliveries;
#[allow(
    clippy::all,
    missing_docs,
    unreachable_pub,
    reason = "generated code is not ours to polish"
)]
#[rustfmt::skip]
pub mod generated;
mod health;
pub mod refusals;
mod service;
mod session;
mod sessions;
mod values;
mod visitor;

use std::io;
use std::sync::Arc;
use std::time::Duration;

pub use caller::VIEW_METADATA;
use chat::limits::FRAME_BYTES_MAX;
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::server::NamedService;
use tonic::transport::Server;

use crate::grpc::admission::{Gate, Reception};
use crate::grpc::generated::chat_server::ChatServer;
use crate::grpc::service::ChatService;
use crate::grpc::sessions::Sessions;
use crate::hub::Hub;
use crate::transport::Acceptor;

/// Calls of one connection that are under way, streams among them.
const CALLS_MAX: u32 = 64;
/// Bytes that a client may send on a stream, and on a connection, before the server has read them.
const WINDOW_BYTES: u32 = FRAME_BYTES_MAX as u32;
/// Bytes of the metadata of a call.
const METADATA_BYTES_MAX: u32 = 8 << 10;
/// A connection that is quiet for this time is asked whether somebody is there.
const KEEPALIVE: Duration = Duration::from_secs(20);
/// Who does not answer then within this time is gone.
const KEEPALIVE_ANSWER: Duration = Duration::from_secs(10);
/// How long a stop waits for the core, which is asked to end at the same time.
const HAND_OVER_MAX: Duration = Duration::from_secs(10);
/// How long a stop waits for the last replies.
const FAREWELL: Duration = Duration::from_secs(5);

/// What the gRPC side of a server is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrpcSettings {
    /// Addresses of all servers for gRPC, in the order of their numbers, empty where there is none: clients are sent there.
    pub addresses: Vec<String>,
    /// Connections at once; a further one is closed.
    pub connections_max: usize,
    /// Sessions that are kept at once.
    pub sessions_max: usize,
    /// A session without calls and streams leaves its connection after this time; the next call takes it up again.
    pub idle: Duration,
    /// How long nobody need log in on a connection.
    pub patience: Duration,
    /// How long the handshake of TLS may take.
    pub handshake: Duration,
    /// The longest that a call may take.
    pub call_max: Duration,
}

impl Default for GrpcSettings {
    fn default() -> GrpcSettings {
        GrpcSettings {
            addresses: Vec::new(),
            connections_max: 1024,
            sessions_max: 10_000,
            idle: Duration::from_secs(60),
            patience: Duration::from_secs(60),
            handshake: Duration::from_secs(10),
            call_max: Duration::from_secs(30),
        }
    }
}

/// Serves until `stop` is done. Then nobody new is let in; once the core has ended, or after a while, streams end, and the
/// last replies leave.
///
/// # Errors
///
/// When gRPC itself fails.
pub async fn serve(
    listener: TcpListener,
    acceptor: Acceptor,
    hub: Hub,
    settings: GrpcSettings,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let gate = Gate {
        connections_max: settings.connections_max,
        handshake: settings.handshake,
        patience: settings.patience,
    };
    let sessions = Sessions::new(hub.clone(), settings.sessions_max, settings.idle);
    let sessions = Arc::new(sessions);
    let chat = ChatServer::new(ChatService {
        sessions: Arc::clone(&sessions),
        addresses: settings.addresses.into(),
        call_max: settings.call_max,
    });
    let (reporter, health) = tonic_health::server::health_reporter();
    let names = ["", ChatServer::<ChatService>::NAME];
    let mut watch = tokio::spawn(async move { health::watch(hub, reporter, &names).await });
    let reception = Reception {
        chat: chat.max_decoding_message_size(FRAME_BYTES_MAX),
        health,
        sessions: Arc::clone(&sessions),
    };
    let (stopping, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = Server::builder()
        .concurrency_limit_per_connection(CALLS_MAX as usize)
        .max_concurrent_streams(CALLS_MAX)
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(4 * WINDOW_BYTES)
        .http2_max_header_list_size(METADATA_BYTES_MAX)
        .http2_keepalive_interval(Some(KEEPALIVE))
        .http2_keepalive_timeout(Some(KEEPALIVE_ANSWER))
        .timeout(settings.call_max)
        .serve_with_incoming_shutdown(
            reception,
            ReceiverStream::new(gate.open(listener, acceptor)),
            async {
                // Either way it is time.
                let _ = stopped.await;
            },
        );
    let mut server = std::pin::pin!(server);
    let ended = tokio::select! {
        ended = &mut server => ended,
        () = stop => {
            let _ = stopping.send(());
            // While it hands over the server still answers, and tells those who listen.
            let _ = timeout(HAND_OVER_MAX, &mut watch).await;
            sessions.end();
            timeout(FAREWELL, server).await.unwrap_or(Ok(()))
        }
    };
    watch.abort();
    ended.map_err(io::Error::other)
}
