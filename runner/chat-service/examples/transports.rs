//! What a message costs on each transport: bytes on the socket, and processor time of the server and of its clients.
//!
//! ```sh
//! cargo run --release -p chat-service --example transports -- 100000
//! ```
//!
//! One server without a disk, on a thread of its own; clients on another, each with a connection and one send under way, to a
//! mailbox that nobody reads. Processor time is that of the two threads. Bytes are counted in a second, shorter pass, by a relay
//! between them: the payload of TCP, both ways, connections and log-ins left out.
//!
//! **Invariant.** Both transports do the same: the same requests, with the same texts, to the same server.

use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use chat::answer::Answer;
use chat::identity::{Nonce, RequestId, Sequence, View};
use chat::limits::FRAME_BYTES_MAX;
use chat::name::Name;
use chat::wire::frame::FrameReader;
use chat::wire::request::{Login, Request, ToServer};
use chat::wire::response::{Notice, Response, ToClient};
use chat_service::core::Core;
use chat_service::disk::NoDisk;
use chat_service::grpc::client::GrpcClient;
use chat_service::grpc::{self, GrpcSettings};
use chat_service::listener::{self, ListenerSettings};
use chat_service::peers::Links;
use chat_service::settings::Address;
use chat_service::settings::ConnectionLimits;
use chat_service::transport::{Purpose, Security};
use cluster::server::setup::ServerSetup;
use replica::rules::{Rules, Tolerance};
use replica::setup::{Limits, Setup};
use replica::timing::Timing;
use replica::units::ReplicaId;
use rustix::time::{ClockId, clock_gettime};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Barrier, mpsc, oneshot};

/// Bytes of each text: those of a line that somebody types.
const TEXT_BYTES: usize = 64;
const CLIENTS: [u64; 3] = [1, 16, 64];

fn main() -> anyhow::Result<()> {
    let sends = match std::env::args().nth(1) {
        None => 10_000,
        Some(text) => text
            .parse()
            .with_context(|| format!("`{text}`: how many sends, as 10000"))?,
    };
    println!("{sends} sends of {TEXT_BYTES} bytes; processor time in µs a send\n");
    println!("transport clients   sends/s  bytes up  bytes down  server µs  clients µs");
    for clients in CLIENTS {
        for transport in [Transport::Wire, Transport::Grpc] {
            let direct = pass(transport, clients, sends / clients, false)?;
            let relayed = pass(transport, clients, (sends / clients / 10).max(10), true)?;
            let each = |time: Duration| time.as_secs_f64() * 1e6 / direct.sends as f64;
            let bytes = |bytes: u64| bytes as f64 / relayed.sends as f64;
            println!(
                "{:9} {clients:7} {:9.0} {:9.1} {:11.1} {:10.1} {:11.1}",
                transport.word(),
                direct.sends as f64 / direct.wall.as_secs_f64(),
                bytes(relayed.up),
                bytes(relayed.down),
                each(direct.server),
                each(direct.clients),
            );
        }
    }
    Ok(())
}

#[derive(Debug, Clone, Copy)]
enum Transport {
    Wire,
    Grpc,
}

impl Transport {
    fn word(self) -> &'static str {
        match self {
            Transport::Wire => "wire",
            Transport::Grpc => "gRPC",
        }
    }
}

/// What a pass took.
struct Pass {
    sends: u64,
    wall: Duration,
    server: Duration,
    clients: Duration,
    up: u64,
    down: u64,
}

fn runtime() -> anyhow::Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

/// Processor time of this thread.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}

fn pass(transport: Transport, clients: u64, each: u64, is_relayed: bool) -> anyhow::Result<Pass> {
    let server = Server::start(transport)?;
    let bytes = Arc::new(Bytes::default());
    let address = match is_relayed {
        true => relay(server.address.clone(), Arc::clone(&bytes))?,
        false => server.address.clone(),
    };
    let measured = runtime()?.block_on(async {
        let start = Arc::new(Barrier::new(usize::try_from(clients)? + 1));
        let mut first = Client::connect(transport, &address).await?;
        first.ask(creation("sink")).await?;
        let mut tasks = Vec::new();
        for number in 0..clients {
            let mut client = Client::connect(transport, &address).await?;
            client.log_in(&format!("client-{number}")).await?;
            let start = Arc::clone(&start);
            tasks.push(tokio::spawn(async move {
                start.wait().await;
                client.send(each).await
            }));
        }
        let before = (server.time().await?, processor_time(), bytes.counts());
        let began = Instant::now();
        start.wait().await;
        for task in tasks {
            task.await??;
        }
        let after = (server.time().await?, processor_time(), bytes.counts());
        anyhow::Ok(Pass {
            sends: clients * each,
            wall: began.elapsed(),
            server: after.0 - before.0,
            clients: after.1 - before.1,
            up: after.2.0 - before.2.0,
            down: after.2.1 - before.2.1,
        })
    })?;
    Ok(measured)
}

/// A server on a thread of its own. It ends when this is dropped.
struct Server {
    address: Address,
    /// Questions for the processor time of its thread.
    questions: mpsc::UnboundedSender<oneshot::Sender<Duration>>,
}

impl Server {
    fn start(transport: Transport) -> anyhow::Result<Server> {
        let (questions, mut asked) = mpsc::unbounded_channel::<oneshot::Sender<Duration>>();
        let (sender, address) = std::sync::mpsc::channel();
        thread::spawn(move || {
            let served = runtime()?.block_on(async move {
                let socket = TcpListener::bind("127.0.0.1:0").await?;
                let place = socket.local_addr()?.to_string();
                let (core, hub) =
                    Core::begin(&setup()?, setup()?.founding_disk(), NoDisk, Links::none())?;
                tokio::spawn(core.run());
                let security = Security::bare(false);
                match transport {
                    Transport::Wire => {
                        let limits = ConnectionLimits {
                            frames_per_second: u32::MAX,
                            frames_burst: u32::MAX,
                            ..ConnectionLimits::default()
                        };
                        let settings = ListenerSettings::new(&security, limits, Arc::default())?;
                        tokio::spawn(listener::listen(socket, hub, settings));
                    }
                    Transport::Grpc => {
                        let acceptor = security.acceptor(Purpose::Grpc)?;
                        let settings = GrpcSettings::default();
                        let never = std::future::pending();
                        tokio::spawn(grpc::serve(socket, acceptor, hub, settings, never));
                    }
                }
                sender.send(place)?;
                while let Some(question) = asked.recv().await {
                    // Whoever asked may have gone.
                    let _ = question.send(processor_time());
                }
                anyhow::Ok(())
            });
            if let Err(error) = &served {
                eprintln!("the server: {error:#}");
            }
            served
        });
        let address = address.recv().context("the server did not start")?;
        let address = Address::from_str(&address).map_err(|error| anyhow::anyhow!("{error}"))?;
        Ok(Server { address, questions })
    }

    async fn time(&self) -> anyhow::Result<Duration> {
        let (sender, time) = oneshot::channel();
        self.questions.send(sender)?;
        Ok(time.await?)
    }
}

fn setup() -> anyhow::Result<ServerSetup> {
    let replica = Setup {
        id: ReplicaId(0),
        replicas: 1,
        tolerance: Tolerance::Crashes,
        timing: Timing::new(1_000_000_000, 3_000_000_000)?,
        limits: Limits::default(),
        may_recover: false,
        seed: 1,
        trial: 0,
        rules: Rules::ALL,
    };
    let mut setup = ServerSetup::new(replica);
    setup.detail = false;
    let settings = &mut setup.settings;
    settings.sends_per_second = 1_000_000_000;
    settings.sends_burst = 1_000_000_000;
    settings.queued_messages_max = u64::MAX;
    settings.queued_bytes_max = u64::MAX / 2;
    settings.queued_sender_messages_max = u64::MAX;
    Ok(setup)
}

/// What a relay has carried.
#[derive(Debug, Default)]
struct Bytes {
    up: AtomicU64,
    down: AtomicU64,
}

impl Bytes {
    fn counts(&self) -> (u64, u64) {
        (
            self.up.load(Ordering::Relaxed),
            self.down.load(Ordering::Relaxed),
        )
    }
}

/// Carries bytes to a server, and counts them.
fn relay(server: Address, bytes: Arc<Bytes>) -> anyhow::Result<Address> {
    let socket = std::net::TcpListener::bind("127.0.0.1:0")?;
    socket.set_nonblocking(true)?;
    let place = socket.local_addr()?.to_string();
    thread::spawn(move || {
        runtime()?.block_on(async {
            let socket = TcpListener::from_std(socket)?;
            loop {
                let (client, _) = socket.accept().await?;
                let server = TcpStream::connect(server.to_string()).await?;
                client.set_nodelay(true)?;
                server.set_nodelay(true)?;
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                let (up, down) = (Arc::clone(&bytes), Arc::clone(&bytes));
                tokio::spawn(async move {
                    carry(from_client, to_server, |count| {
                        up.up.fetch_add(count, Ordering::Relaxed)
                    })
                    .await
                });
                tokio::spawn(async move {
                    carry(from_server, to_client, |count| {
                        down.down.fetch_add(count, Ordering::Relaxed)
                    })
                    .await
                });
            }
            #[allow(unreachable_code, reason = "it names the type of the error")]
            anyhow::Ok(())
        })
    });
    Address::from_str(&place).map_err(|error| anyhow::anyhow!("{error}"))
}

async fn carry(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    count: impl Fn(u64) -> u64,
) -> std::io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return to.shutdown().await;
        }
        count(read as u64);
        to.write_all(&buffer[..read]).await?;
    }
}

fn name(text: &str) -> anyhow::Result<Name> {
    Ok(Name::new(text)?)
}

fn creation(text: &str) -> Request {
    Request::Create {
        name: Name::new(text).expect("a name of ours"),
        password: None,
        nonce: Nonce([1; 16]),
    }
}

/// A client with one request under way.
enum Client {
    Wire {
        stream: TcpStream,
        frames: FrameReader,
        last_id: u32,
    },
    Grpc(Box<GrpcClient>),
}

impl Client {
    async fn connect(transport: Transport, address: &Address) -> anyhow::Result<Client> {
        let mut client = match transport {
            Transport::Wire => {
                let stream = TcpStream::connect(address.to_string()).await?;
                stream.set_nodelay(true)?;
                Client::Wire {
                    stream,
                    frames: FrameReader::new(FRAME_BYTES_MAX),
                    last_id: 0,
                }
            }
            Transport::Grpc => {
                let connector = Security::bare(false).connector(Purpose::Grpc)?;
                let addresses = [address.clone()];
                let client = GrpcClient::new(&addresses, &connector, Duration::from_secs(60))?;
                Client::Grpc(Box::new(client))
            }
        };
        loop {
            if let Response::Noticed(Notice::Status { status }) =
                client.ask(Request::Status).await?
                && status.standing.is_serving
            {
                return Ok(client);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn log_in(&mut self, text: &str) -> anyhow::Result<()> {
        self.ask(creation(text)).await?;
        let login = Login::New {
            name: name(text)?,
            password: None,
            nonce: Nonce([2; 16]),
        };
        match self.ask(Request::LogIn { login }).await? {
            Response::Answered(Answer::LoggedIn { .. }) => Ok(()),
            other => bail!("no log-in: {other:?}"),
        }
    }

    async fn send(&mut self, count: u64) -> anyhow::Result<()> {
        for sequence in 1..=count {
            let request = Request::Send {
                sequence: Sequence(sequence),
                confirmed: Sequence(sequence - 1),
                to: name("sink")?,
                text: "x".repeat(TEXT_BYTES),
            };
            match self.ask(request).await? {
                Response::Answered(Answer::Sent { .. }) => {}
                other => bail!("not sent: {other:?}"),
            }
        }
        Ok(())
    }

    async fn ask(&mut self, request: Request) -> anyhow::Result<Response> {
        let (stream, frames, last_id) = match self {
            Client::Grpc(client) => return Ok(client.ask_once(&request).await?),
            Client::Wire {
                stream,
                frames,
                last_id,
            } => (stream, frames, last_id),
        };
        *last_id += 1;
        let (id, view) = (RequestId(*last_id), View(0));
        let mut frame = Vec::new();
        ToServer { id, view, request }.encode(&mut frame);
        stream.write_all(&frame).await?;
        let mut buffer = [0; 4096];
        loop {
            if let Some(frame) = frames.take()? {
                return Ok(ToClient::decode(&frame)?.response);
            }
            let read = stream.read(&mut buffer).await?;
            anyhow::ensure!(read > 0, "the server has hung up");
            frames.feed(&buffer[..read]);
        }
    }
}
