//! Who may connect, and how much strangers may send.
//!
//! **Invariant.** Before a log-in a connection costs a place among a bounded number, a minute, and a few kilobytes a call.

use std::convert::Infallible;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use chat::limits::{FRAME_BYTES_BEFORE_LOGIN_MAX, FRAME_BYTES_MAX};
use http_body_util::{BodyExt as _, Limited};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Sleep, sleep, timeout};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::metadata::MetadataMap;
use tonic::server::NamedService;
use tonic::transport::server::Connected;

use super::caller::token;
use super::sessions::Sessions;
use super::visitor::Visitor;
use crate::transport::{Acceptor, Stream};

/// Bytes of gRPC before each message.
const MESSAGE_HEAD_BYTES: usize = 5;

/// Connections that are made and wait to be served.
const CONNECTIONS_WAITING_MAX: usize = 16;

/// After an error of the socket, such as no descriptor left, this passes before the next client is taken.
const BREATH: Duration = Duration::from_millis(50);

/// A connection that was let in. It ends when nobody logs in on it for too long.
#[derive(Debug)]
pub(super) struct Admitted {
    stream: Stream,
    visitor: Visitor,
    patience: Pin<Box<Sleep>>,
    _place: OwnedSemaphorePermit,
}

impl Connected for Admitted {
    type ConnectInfo = Visitor;

    fn connect_info(&self) -> Visitor {
        self.visitor.clone()
    }
}

impl AsyncRead for Admitted {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.visitor.is_welcome() && this.patience.as_mut().poll(context).is_ready() {
            let error = io::Error::new(io::ErrorKind::TimedOut, "nobody has logged in");
            return Poll::Ready(Err(error));
        }
        Pin::new(&mut this.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Admitted {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

/// How connections are let in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gate {
    /// Connections at once; a further one is closed.
    pub(super) connections_max: usize,
    /// How long a connection may be made secure.
    pub(super) handshake: Duration,
    /// How long nobody need log in on it.
    pub(super) patience: Duration,
}

impl Gate {
    /// Lets connections in until the receiver is dropped.
    pub(super) fn open(
        self,
        listener: TcpListener,
        acceptor: Acceptor,
    ) -> mpsc::Receiver<io::Result<Admitted>> {
        let (admitted, receiver) = mpsc::channel(CONNECTIONS_WAITING_MAX);
        let places = Arc::new(Semaphore::new(self.connections_max));
        tokio::spawn(async move {
            loop {
                let accepted = tokio::select! {
                    accepted = listener.accept() => accepted,
                    () = admitted.closed() => return,
                };
                let Ok((socket, _)) = accepted else {
                    sleep(BREATH).await;
                    continue;
                };
                let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                    continue;
                };
                let (acceptor, admitted) = (acceptor.clone(), admitted.clone());
                tokio::spawn(async move {
                    let accepted = timeout(self.handshake, acceptor.accept(socket)).await;
                    let Ok(Ok(stream)) = accepted else {
                        return;
                    };
                    let stream = Admitted {
                        stream,
                        visitor: Visitor::default(),
                        patience: Box::pin(sleep(self.patience)),
                        _place: place,
                    };
                    // A server that stops takes nobody.
                    let _ = admitted.send(Ok(stream)).await;
                });
            }
        });
        receiver
    }
}

/// All services of the address: which one is meant, and how long its message may be.
#[derive(Debug, Clone)]
pub(super) struct Reception<C, H> {
    pub(super) chat: C,
    pub(super) health: H,
    pub(super) sessions: Arc<Sessions>,
}

impl<C, H> Reception<C, H> {
    /// Bytes of the longest message that a call may bring.
    fn bytes_max(&self, headers: &http::HeaderMap) -> usize {
        let metadata = MetadataMap::from_headers(headers.clone());
        let token = token(&metadata).ok().flatten();
        match token.is_some_and(|token| self.sessions.is_known(&token)) {
            true => FRAME_BYTES_MAX,
            false => FRAME_BYTES_BEFORE_LOGIN_MAX,
        }
    }
}

impl<C, H> Service<http::Request<Body>> for Reception<C, H>
where
    C: OneService,
    H: OneService + NamedService,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<http::Response<Body>, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let bytes_max = self.bytes_max(request.headers());
        let request = request.map(|body| {
            let body = Limited::new(body, MESSAGE_HEAD_BYTES + bytes_max);
            Body::new(body.map_err(move |error| match error.downcast::<Status>() {
                Ok(status) => *status,
                Err(_) => too_long(bytes_max),
            }))
        });
        let path = request.uri().path().trim_start_matches('/');
        match path.split_once('/') {
            Some((service, _)) if service == H::NAME => self.health.call(request),
            _ => self.chat.call(request),
        }
    }
}

fn too_long(bytes_max: usize) -> Status {
    Status::resource_exhausted(format!(
        "the message has more than {bytes_max} bytes; before a session is open on this server it may have \
         {FRAME_BYTES_BEFORE_LOGIN_MAX}, then {FRAME_BYTES_MAX}: call OpenSession or ResumeSession first"
    ))
}

/// A service as generated code makes it.
pub(super) trait OneService:
    Service<
        http::Request<Body>,
        Response = http::Response<Body>,
        Error = Infallible,
        Future = BoxFuture<http::Response<Body>, Infallible>,
    > + Clone
    + Send
    + 'static
{
}

impl<S> OneService for S where
    S: Service<
            http::Request<Body>,
            Response = http::Response<Body>,
            Error = Infallible,
            Future = BoxFuture<http::Response<Body>, Infallible>,
        > + Clone
        + Send
        + 'static
{
}
