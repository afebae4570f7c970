//! A server without a disk, and who speaks to it in frames.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chat::answer::Answer;
use chat::identity::{Nonce, RequestId, Sequence, Token, View};
use chat::name::Name;
use chat::wire::frame::FrameReader;
use chat::wire::request::{Login, Request, ToServer};
use chat::wire::response::{Response, ToClient};
use cluster::server::setup::ServerSetup;
use replica::rules::{Rules, Tolerance};
use replica::setup::{Limits, Setup};
use replica::timing::Timing;
use replica::units::ReplicaId;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::core::Core;
use crate::disk::NoDisk;
use crate::hub::view_seal::ViewSeal;
use crate::listener::counters::ListenerCounters;
use crate::listener::{ListenerSettings, listen};
use crate::peers::Links;
use crate::secret::Secret;
use crate::settings::ConnectionLimits;
use crate::transport::Security;

/// Nothing here takes that long.
pub(super) const LONG: Duration = Duration::from_secs(60);

/// A server and what its port counts.
pub(super) struct Bench {
    pub(super) address: SocketAddr,
    pub(super) counters: Arc<ListenerCounters>,
    pub(super) views: Arc<ViewSeal>,
}

impl Bench {
    /// A server whose port has these limits.
    pub(super) async fn new(limits: ConnectionLimits) -> Bench {
        let replica = Setup {
            id: ReplicaId(0),
            replicas: 1,
            tolerance: Tolerance::Crashes,
            timing: Timing::default(),
            limits: Limits::default(),
            may_recover: false,
            seed: 7,
            trial: 0,
            rules: Rules::ALL,
        };
        let mut setup = ServerSetup::new(replica);
        // What is tested are the limits of connections.
        setup.settings.sends_per_second = 1_000_000;
        setup.settings.sends_burst = 1_000_000;
        setup.settings.sessions_max = 1000;
        let durable = setup.founding_disk();
        let (core, hub) = Core::begin(&setup, durable, NoDisk, Links::none()).expect("a server");
        tokio::spawn(core.run());
        let views = Arc::new(ViewSeal::new(&Secret([1; 32])));
        let hub = hub.seal_views(views.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let counters = Arc::new(ListenerCounters::default());
        let security = Security::bare(false);
        let settings = ListenerSettings::new(&security, limits, counters.clone());
        tokio::spawn(listen(listener, hub, settings.expect("no keys")));
        Bench {
            address,
            counters,
            views,
        }
    }

    pub(super) async fn connect(&self) -> Visitor {
        let stream = TcpStream::connect(self.address).await;
        Visitor {
            stream: stream.expect("a connection"),
            frames: FrameReader::new(1 << 20),
            asked: 0,
            claim: View(0),
        }
    }

    /// Somebody who has an account and has logged in.
    pub(super) async fn member(&self, name: &str) -> (Visitor, Token) {
        let mut visitor = self.connect().await;
        let name = Name::new(name).expect("a name");
        let nonce = Nonce([name.as_str().len() as u8; 16]);
        let create = Request::Create {
            name: name.clone(),
            password: None,
            nonce,
        };
        visitor.ask(create).await;
        let password = None;
        let login = Login::New {
            name,
            password,
            nonce,
        };
        let answer = visitor.ask(Request::LogIn { login }).await;
        let Response::Answered(Answer::LoggedIn { token, .. }) = answer else {
            panic!("no log-in: {answer:?}");
        };
        (visitor, token.expect("a token"))
    }
}

/// Somebody on a connection.
pub(super) struct Visitor {
    pub(super) stream: TcpStream,
    frames: FrameReader,
    asked: u32,
    /// The view that it claims to have seen.
    pub(super) claim: View,
}

impl Visitor {
    /// Sends a request; its number.
    pub(super) async fn say(&mut self, request: Request) -> RequestId {
        self.asked += 1;
        let message = ToServer {
            id: RequestId(self.asked),
            view: self.claim,
            request,
        };
        let mut frame = Vec::new();
        message.encode(&mut frame);
        self.stream.write_all(&frame).await.expect("a reader");
        RequestId(self.asked)
    }

    /// The next thing that the server says; none when it has hung up.
    pub(super) async fn hear(&mut self) -> Option<ToClient> {
        let mut buffer = [0; 4096];
        loop {
            if let Some(frame) = self.frames.take().expect("the server's frames") {
                return Some(ToClient::decode(&frame).expect("the server's words"));
            }
            let read = timeout(LONG, self.stream.read(&mut buffer)).await;
            match read.expect("something in time") {
                Ok(0) | Err(_) => return None,
                Ok(count) => self.frames.feed(&buffer[..count]),
            }
        }
    }

    /// Asks, and waits for the answer; what the server says of its own meanwhile is dropped. While the server does not serve yet
    /// it is asked again.
    pub(super) async fn ask(&mut self, request: Request) -> Response {
        loop {
            let id = self.say(request.clone()).await;
            let response = loop {
                let heard = self.hear().await.expect("an answer");
                if heard.id == id {
                    break heard.response;
                }
            };
            match response {
                Response::Refused(chat::refusal::Refusal::NotPrimary { .. }) => {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                response => return response,
            }
        }
    }
}

/// A message to somebody.
pub(super) fn send(sequence: u64, to: &str, text: String) -> Request {
    Request::Send {
        sequence: Sequence(sequence),
        confirmed: Sequence(sequence.saturating_sub(1)),
        to: Name::new(to).expect("a name"),
        text,
    }
}

/// Waits until something holds.
pub(super) async fn until(mut holds: impl FnMut() -> bool) {
    let wait = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(LONG, wait).await.expect("it holds in the end");
}
