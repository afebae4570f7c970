//! A client of gRPC: it finds the server that serves, and asks again what has no answer.
//!
//! It takes the requests of the wire and gives its answers, so that whoever can ask on one transport can ask on the other.
//!
//! **Invariant.** A request that is asked again is the same request: its sequence or nonce says so. What has no answer when
//! the time is over may have been done, and is called so.

use std::task::{Context, Poll};
use std::time::Duration;

use chat::answer::{Answer, Message};
use chat::identity::{Offset, ServerId, Token, View};
use chat::limits::FRAME_BYTES_MAX;
use chat::refusal::Refusal;
use chat::wire::request::{Login, Request};
use chat::wire::response::{Notice, Response};
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::time::{Instant, sleep, timeout_at};
use tonic::codegen::{BoxFuture, Service};
use tonic::metadata::MetadataValue;
use tonic::transport::{Channel, Endpoint, Uri};
use tonic::{Code, Request as Call, Response as Reply, Status, Streaming};

use super::caller::VIEW_METADATA;
use super::generated as proto;
use super::generated::chat_client::ChatClient;
use super::refusals::refusal;
use super::values;
use crate::settings::Address;
use crate::transport::security::ConnectError;
use crate::transport::{Connector, Stream};

/// Bytes of the longest message that is read: a page of 1000 accounts, or of a history, with room to spare.
const MESSAGE_BYTES_MAX: usize = 4 * FRAME_BYTES_MAX;
/// How long a server is given to take a connection.
const CONNECT: Duration = Duration::from_secs(2);
/// The pause before the second attempt; it doubles up to the last.
const PAUSE_FIRST: Duration = Duration::from_millis(10);
const PAUSE_LAST: Duration = Duration::from_millis(500);

/// Why a request has no answer.
#[derive(Debug, Error)]
pub enum ClientError {
    /// It may have been done, or may still be.
    #[error("no answer in time, it may have been done; the last attempt: {0}")]
    Unknown(String),
    /// An address is none.
    #[error("`{address}` cannot be called over HTTP: {problem}")]
    Address {
        /// What was given.
        address: String,
        /// What is wrong with it.
        problem: String,
    },
    /// gRPC has no such call: it has means of its own.
    #[error("gRPC has no call for a hello or a ping")]
    NoCall,
    /// The server says what no server says.
    #[error("the server's reply is not as the .proto says")]
    Reply,
    /// gRPC itself fails: a connection broke, a deadline passed, or a bound was crossed. It may have been done.
    #[error("{0}")]
    Failed(#[from] Status),
}

/// A client.
#[derive(Debug, Clone)]
pub struct GrpcClient {
    servers: Vec<ChatClient<Channel>>,
    current: usize,
    token: Option<Token>,
    view: View,
    /// How long a request is asked again.
    patience: Duration,
}

impl GrpcClient {
    /// A client of the servers at these addresses, in the order of their numbers. It connects with the first request, and
    /// asks each one for this time at most.
    ///
    /// # Errors
    ///
    /// [`ClientError::Address`].
    pub fn new(
        addresses: &[Address],
        connector: &Connector,
        patience: Duration,
    ) -> Result<GrpcClient, ClientError> {
        let client = |address: &Address| {
            // What the address is called; the connector knows whether there is TLS beneath.
            let endpoint = Endpoint::from_shared(format!("http://{address}"));
            let endpoint = endpoint.map_err(|problem| ClientError::Address {
                address: address.to_string(),
                problem: problem.to_string(),
            })?;
            let dial = Dial {
                connector: connector.clone(),
                address: address.clone(),
            };
            let client = ChatClient::new(endpoint.connect_with_connector_lazy(dial));
            Ok(client.max_decoding_message_size(MESSAGE_BYTES_MAX))
        };
        let servers = addresses.iter().map(client);
        Ok(GrpcClient {
            servers: servers.collect::<Result<_, ClientError>>()?,
            current: 0,
            token: None,
            view: View(0),
            patience,
        })
    }

    /// The token of its session.
    pub fn token(&self) -> Option<Token> {
        self.token
    }

    /// Goes on with this session from the next request on; without one, with none.
    pub fn set_token(&mut self, token: Option<Token>) {
        self.token = token;
    }

    /// The highest view that it has seen.
    pub fn view(&self) -> View {
        self.view
    }

    /// The generated client of the server that was asked last, for calls that this one does not make.
    ///
    /// # Panics
    ///
    /// If it was made without addresses.
    pub fn raw(&mut self) -> &mut ChatClient<Channel> {
        &mut self.servers[self.current]
    }

    /// Asks until there is an answer, at one server after the other.
    ///
    /// # Errors
    ///
    /// When there is none in time, or can be none.
    pub async fn ask(&mut self, request: &Request) -> Result<Response, ClientError> {
        let deadline = Instant::now() + self.patience;
        let mut pause = PAUSE_FIRST;
        loop {
            let attempt = timeout_at(deadline, self.ask_once(request)).await;
            let attempt =
                attempt.map_err(|_| ClientError::Unknown("its time was over".to_owned()))?;
            let problem = match attempt {
                Ok(Response::Refused(refusal @ Refusal::NotPrimary { hint })) => {
                    self.turn_to(hint);
                    refusal.to_string()
                }
                Ok(Response::Refused(Refusal::Unsettled)) => {
                    self.turn_to(None);
                    Refusal::Unsettled.to_string()
                }
                Err(ClientError::Failed(status)) if is_passing(&status) => {
                    self.turn_to(None);
                    status.to_string()
                }
                settled => return settled,
            };
            if Instant::now() + pause > deadline {
                return Err(ClientError::Unknown(problem));
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSE_LAST);
        }
    }

    /// Asks the server that was asked last, once.
    ///
    /// # Errors
    ///
    /// When gRPC itself fails, or has no such call.
    pub async fn ask_once(&mut self, request: &Request) -> Result<Response, ClientError> {
        let (token, view) = (self.token, self.view);
        let server = self.server()?;
        match (Asked {
            server,
            token,
            view,
        })
        .ask(request)
        .await
        {
            Ok((response, view)) => {
                self.view = self.view.max(view);
                Ok(self.keep(request, response.ok_or(ClientError::Reply)?))
            }
            Err(ClientError::Failed(status)) => {
                let refused = refusal(&status).map(Response::Refused);
                refused.ok_or(ClientError::Failed(status))
            }
            Err(error) => Err(error),
        }
    }

    /// Messages after an offset. The stream ends with its server: ask again then.
    ///
    /// # Errors
    ///
    /// The refusal, or why there is no answer.
    pub async fn deliver(&mut self, after: Offset) -> Result<Deliveries, Status> {
        let (token, view) = (self.token, self.view);
        let server = self.server()?;
        let asked = Asked {
            server,
            token,
            view,
        };
        let after = after.0;
        let reply = asked
            .server
            .deliver(call(token, view, proto::DeliverRequest { after })?)
            .await;
        let reply = reply.inspect_err(|status| {
            if let Some(Refusal::NotPrimary { hint }) = refusal(status) {
                self.turn_to(hint);
            }
        })?;
        Ok(Deliveries {
            stream: reply.into_inner(),
        })
    }

    fn server(&mut self) -> Result<&mut ChatClient<Channel>, Status> {
        let none = || Status::failed_precondition("no server is known");
        self.servers.get_mut(self.current).ok_or_else(none)
    }

    fn turn_to(&mut self, hint: Option<ServerId>) {
        let count = self.servers.len().max(1);
        let hint = hint.map(|server| server.0 as usize);
        let next = (self.current + 1) % count;
        self.current = hint.filter(|&hint| hint < count).unwrap_or(next);
    }

    /// Keeps the token that a log-in gives, and forgets one that is over.
    fn keep(&mut self, request: &Request, response: Response) -> Response {
        match &response {
            Response::Answered(Answer::LoggedIn { token, .. }) => {
                let again = match request {
                    Request::LogIn {
                        login: Login::Again { token },
                    } => Some(*token),
                    _ => None,
                };
                self.token = token.or(again);
            }
            Response::Answered(Answer::LoggedOut | Answer::Deleted { .. }) => self.token = None,
            _ => {}
        }
        response
    }
}

/// Makes connections to one server.
struct Dial {
    connector: Connector,
    address: Address,
}

impl Service<Uri> for Dial {
    type Response = TokioIo<Stream>;
    type Error = ConnectError;
    type Future = BoxFuture<TokioIo<Stream>, ConnectError>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let (connector, address) = (self.connector.clone(), self.address.clone());
        Box::pin(async move { connector.connect(&address, CONNECT).await.map(TokioIo::new) })
    }
}

/// Whether another attempt, perhaps elsewhere, may succeed.
fn is_passing(status: &Status) -> bool {
    // Connections that break are said in all of these.
    matches!(
        status.code(),
        Code::Unavailable
            | Code::Unknown
            | Code::DeadlineExceeded
            | Code::Cancelled
            | Code::Internal
    )
}

/// Messages as they come.
#[derive(Debug)]
pub struct Deliveries {
    stream: Streaming<proto::Delivery>,
}

/// What comes on a stream of deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivered {
    /// It has begun.
    Began {
        /// The last message at that time.
        end: Offset,
        /// The first that is still kept.
        first: Offset,
    },
    /// A message.
    Message(Message),
    /// The server stops: come back elsewhere within this time, milliseconds.
    GoingAway(u32),
}

impl Deliveries {
    /// The next one; none when the stream has ended without a reason.
    ///
    /// # Errors
    ///
    /// Why it has ended.
    pub async fn next(&mut self) -> Result<Option<Delivered>, Status> {
        use proto::delivery::Event;
        let Some(delivery) = self.stream.message().await? else {
            return Ok(None);
        };
        let delivered = match delivery.event {
            Some(Event::Began(began)) => Some(Delivered::Began {
                end: Offset(began.end),
                first: Offset(began.first),
            }),
            Some(Event::Message(message)) => values::message_of(message).map(Delivered::Message),
            Some(Event::GoingAway(going)) => Some(Delivered::GoingAway(going.spread_ms)),
            None => None,
        };
        let wrong = || Status::internal("the delivery is not as the .proto says");
        delivered.map(Some).ok_or_else(wrong)
    }
}

/// A call with what all calls carry.
fn call<T>(token: Option<Token>, view: View, message: T) -> Result<Call<T>, Status> {
    let mut call = Call::new(message);
    if let Some(token) = token {
        let value = format!("Bearer {}", values::token_text(&token));
        let value = MetadataValue::try_from(value);
        let value = value.map_err(|error| Status::internal(error.to_string()))?;
        call.metadata_mut().insert("authorization", value);
    }
    call.metadata_mut().insert(VIEW_METADATA, view.0.into());
    Ok(call)
}

/// The view of a reply, and what it says.
fn open<T>(reply: Reply<T>) -> (View, T) {
    let view = reply.metadata().get(VIEW_METADATA);
    let view = view.and_then(|view| view.to_str().ok()?.parse().ok());
    (View(view.unwrap_or(0)), reply.into_inner())
}

/// One attempt at one server.
struct Asked<'a> {
    server: &'a mut ChatClient<Channel>,
    token: Option<Token>,
    view: View,
}

/// What an attempt gives: none if the reply is not as the .proto says.
type Attempt = Result<(Option<Response>, View), ClientError>;

/// Makes a call, and its reply a response.
macro_rules! attempt {
    ($asked:ident . $method:ident ($message:expr) => $read:expr) => {{
        let call = call($asked.token, $asked.view, $message)?;
        let (view, reply) = open($asked.server.$method(call).await?);
        let read: fn(_) -> Option<Response> = $read;
        Ok((read(reply), view))
    }};
}

impl Asked<'_> {
    async fn ask(self, request: &Request) -> Attempt {
        match request.clone() {
            Request::Create {
                name,
                password,
                nonce,
            } => {
                let request = proto::CreateAccountRequest {
                    name: name.to_string(),
                    password: password.map(|password| password.0),
                    nonce: nonce.0.to_vec(),
                };
                attempt!(self.create_account(request) => |reply| values::created(&reply).map(Response::Answered))
            }
            Request::LogIn { login } => self.log_in(login).await,
            Request::LogOut => {
                attempt!(self.close_session(proto::CloseSessionRequest {}) => |_| Some(Response::Answered(Answer::LoggedOut)))
            }
            Request::Delete { sequence } => {
                let request = proto::DeleteAccountRequest {
                    sequence: sequence.0,
                };
                attempt!(self.delete_account(request) => |reply: proto::DeleteAccountReply| {
                    let dropped = reply.dropped;
                    Some(Response::Answered(Answer::Deleted { dropped }))
                })
            }
            Request::Send {
                sequence,
                confirmed,
                to,
                text,
            } => {
                let request = proto::SendRequest {
                    sequence: sequence.0,
                    confirmed_through: confirmed.0,
                    to: to.to_string(),
                    text,
                };
                attempt!(self.send(request) => |reply| values::sent(&reply).map(Response::Answered))
            }
            Request::Acknowledge { through } => {
                let request = proto::AcknowledgeRequest { through: through.0 };
                attempt!(self.acknowledge(request) => |reply: proto::AcknowledgeReply| {
                    let through = Offset(reply.through);
                    Some(Response::Answered(Answer::Acknowledged { through }))
                })
            }
            request => self.look(request).await,
        }
    }

    async fn log_in(self, login: Login) -> Attempt {
        match login {
            Login::New {
                name,
                password,
                nonce,
            } => {
                let request = proto::OpenSessionRequest {
                    name: name.to_string(),
                    password: password.map(|password| password.0),
                    nonce: nonce.0.to_vec(),
                };
                attempt!(self.open_session(request) => |reply| values::opened(&reply).map(Response::Answered))
            }
            Login::Again { token } => {
                let asked = Asked {
                    token: Some(token),
                    ..self
                };
                attempt!(asked.resume_session(proto::ResumeSessionRequest {}) => |reply| {
                    values::opened(&reply).map(Response::Answered)
                })
            }
        }
    }

    /// Requests that only look.
    async fn look(self, request: Request) -> Attempt {
        match request {
            Request::List {
                pattern,
                after,
                most,
            } => {
                let request = proto::ListAccountsRequest {
                    pattern,
                    after: after.map(|name| name.to_string()),
                    limit: Some(most),
                };
                attempt!(self.list_accounts(request) => |reply| values::listed(&reply).map(Response::Answered))
            }
            Request::History { before, most } => {
                let request = proto::HistoryRequest {
                    before: before.0,
                    limit: Some(most),
                };
                attempt!(self.history(request) => |reply: proto::HistoryReply| {
                    let more = reply.more;
                    let messages = reply.messages.into_iter().map(values::message_of);
                    let messages = messages.collect::<Option<_>>()?;
                    Some(Response::Answered(Answer::History { messages, more }))
                })
            }
            Request::Who { names } => {
                let names = names.iter().map(ToString::to_string).collect();
                attempt!(self.who(proto::WhoRequest { names }) => |reply: proto::WhoReply| {
                    let presence = reply.presence().map(values::presence_of);
                    let presence = presence.collect::<Option<_>>()?;
                    Some(Response::Noticed(Notice::Present { presence }))
                })
            }
            Request::Status => {
                attempt!(self.status(proto::StatusRequest {}) => |reply| {
                    let status = values::status_of(reply);
                    Some(Response::Noticed(Notice::Status { status }))
                })
            }
            _ => Err(ClientError::NoCall),
        }
    }
}
