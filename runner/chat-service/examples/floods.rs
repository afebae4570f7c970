//! Random and mutated frames into every port of a real cluster, beside two people who talk.
//!
//! ```sh
//! cargo build --release --bin runner
//! cargo run --release -p chat-service --example floods -- target/release/runner 10000000
//! ```
//!
//! With a further word, `strangers`, nobody creates an account or logs in: then what servers keep does not grow either.
//!
//! It starts `runner chat cluster --servers 3` in a temporary folder, and sends so many frames into the ports of all three
//! servers: for clients, for servers, for gRPC. Nine of ten go to the ports of clients: frames of requests with some bytes
//! changed, and frames of anything. Meanwhile two people send each other messages. In the end it says how long these took, how
//! much memory each server had at most (`VmHWM`), and what the servers counted; the exit code is 1 if a server has ended, a
//! message was lost, or the two were ever without their server.
//!
//! **Invariant.** A frame counts once all its bytes were handed to a connection.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use chat::answer::Answer;
use chat::client::operation::{ClientSettings, Operation, Settlement};
use chat::identity::{Nonce, Offset, RequestId, Sequence, Token, View};
use chat::name::Name;
use chat::wire::request::{Login, Request, ToServer};
use chat_service::client::{ClientSetup, Device, Directory, Handle, News, start};
use chat_service::counter::Counter;
use chat_service::settings::ClusterFile;
use chat_service::transport::{Purpose, Security};
use machine::chance::{Purpose as ChancePurpose, Stream};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpSocket;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// Attackers at once; each has an address of its own.
const ATTACKERS: u64 = 24;
/// Frames of one connection.
const FRAMES_PER_CONNECTION: usize = 1000;
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

async fn run() -> anyhow::Result<bool> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (program, frames, log_in) = match &arguments[..] {
        [program, frames] => (program, frames, true),
        [program, frames, who] if who == "strangers" => (program, frames, false),
        _ => bail!("expected: floods PATH-OF-RUNNER FRAMES [strangers]"),
    };
    let frames: u64 = frames.parse().context("FRAMES is a number")?;
    let folder = tempfile::tempdir()?;
    let folder = folder.path().join("chat");
    let cluster = Cluster::start(program, &folder).await?;
    let file = ClusterFile::read(&folder)?;
    let servers = cluster.servers()?;
    ensure!(servers.len() == file.servers.len(), "servers: {servers:?}");
    let before = memory(&servers)?;

    let talk = Arc::new(Talk::default());
    let talking = tokio::spawn(talk.clone().go_on(file.clone()));
    until(|| talk.delivered.get() > 3).await?;
    let began = Instant::now();
    attack(&file, (frames, log_in), &talk).await;
    let took = began.elapsed();
    let at_end = talk.delivered.get();
    // They go on afterwards as well.
    until(|| talk.delivered.get() > at_end + 3).await?;
    talking.abort();

    let alive = servers.iter().filter(|&&server| is_alive(server)).count();
    println!(
        "{frames} frames in {:.0} s; servers that live: {alive} of {}",
        took.as_secs_f64(),
        servers.len()
    );
    let after = memory(&servers)?;
    for ((server, before), after) in servers.iter().zip(&before).zip(&after) {
        println!("process {server}: {before} kB at most before, {after} kB at most after (VmHWM)");
    }
    print!("{}", talk.report());
    status(program, &folder)?;
    cluster.end()?;
    Ok(alive == servers.len() && talk.is_well())
}

/// The servers, as processes.
struct Cluster(Child);

impl Cluster {
    async fn start(program: &str, folder: &Path) -> anyhow::Result<Cluster> {
        let child = Command::new(program)
            .args(["chat", "cluster", "--servers", "3", "--folder"])
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("{program} cannot be run"))?;
        let cluster = Cluster(child);
        until(|| folder.join("cluster.toml").exists()).await?;
        until(|| cluster.servers().is_ok_and(|servers| servers.len() == 3)).await?;
        Ok(cluster)
    }

    /// Their numbers as processes.
    fn servers(&self) -> anyhow::Result<Vec<u32>> {
        let mut all = Vec::new();
        for task in std::fs::read_dir(format!("/proc/{}/task", self.0.id()))? {
            let children = std::fs::read_to_string(task?.path().join("children"))?;
            for child in children.split_whitespace() {
                all.push(child.parse()?);
            }
        }
        Ok(all)
    }

    /// Ends them in order.
    fn end(mut self) -> anyhow::Result<()> {
        let number = i32::try_from(self.0.id())?;
        let process = rustix::process::Pid::from_raw(number).context("a process")?;
        rustix::process::kill_process(process, rustix::process::Signal::TERM)?;
        self.0.wait()?;
        Ok(())
    }
}

fn is_alive(process: u32) -> bool {
    Path::new(&format!("/proc/{process}")).exists()
}

/// The most memory that each process has had, in kB.
fn memory(processes: &[u32]) -> anyhow::Result<Vec<u64>> {
    let of_one = |process: &u32| {
        let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        number.context("VmHWM")?.parse().context("a number")
    };
    processes.iter().map(of_one).collect()
}

fn status(program: &str, folder: &Path) -> anyhow::Result<()> {
    let output = Command::new(program)
        .args(["chat", "status", "--json", "--folder"])
        .arg(folder)
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    for line in text.lines() {
        let is_counter = ["wire_", "link_", "forged_", "clients_", "views_"]
            .iter()
            .any(|word| line.contains(word));
        if is_counter && !line.trim_end().trim_end_matches(',').ends_with(" 0") {
            println!("{}", line.trim());
        }
    }
    Ok(())
}

async fn until(mut holds: impl FnMut() -> bool) -> anyhow::Result<()> {
    let wait = async {
        while !holds() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    let waited = timeout(PATIENCE, wait).await;
    waited.context("it does not come about within a minute")
}

/// Two people, and how they fare.
#[derive(Default)]
struct Talk {
    delivered: Counter,
    lost_servers: Counter,
    failures: Counter,
    out_of_order: Counter,
    longest_us: AtomicU64,
    total_us: Counter,
}

impl Talk {
    async fn go_on(self: Arc<Talk>, file: ClusterFile) {
        let (ada, mut of_ada) = person(&file, "ada").await;
        let (bob, mut of_bob) = person(&file, "bob").await;
        for number in 1.. {
            let began = Instant::now();
            let send = Operation::Send {
                to: Name::new("bob").expect("a name"),
                text: number.to_string(),
            };
            let settled = ada.ask(send, PATIENCE).settled().await;
            if !matches!(settled, Settlement::Done(Answer::Sent { .. })) {
                self.failures.increase();
            }
            let heard = timeout(PATIENCE, self.hear(&bob, &mut of_bob)).await;
            if heard.ok().flatten() != Some(number.to_string()) {
                self.out_of_order.increase();
            }
            let took_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
            self.longest_us.fetch_max(took_us, Ordering::Relaxed);
            self.total_us.add(took_us);
            self.delivered.increase();
            while let Ok(news) = of_ada.try_recv() {
                self.note(&news);
            }
            sleep(Duration::from_millis(80)).await;
        }
    }

    async fn hear(
        &self,
        reader: &Handle,
        news: &mut mpsc::UnboundedReceiver<News>,
    ) -> Option<String> {
        loop {
            match news.recv().await? {
                News::Message { message, receipt } => {
                    // Who shows nothing acknowledges nothing, and is sent no more.
                    reader.shown(receipt);
                    return Some(message.text);
                }
                other => self.note(&other),
            }
        }
    }

    fn note(&self, news: &News) {
        if matches!(news, News::Lost | News::Unserved(_)) {
            eprintln!("disturbed: {news:?}");
            self.lost_servers.increase();
        }
    }

    fn is_well(&self) -> bool {
        self.failures.get() + self.out_of_order.get() + self.lost_servers.get() == 0
    }

    fn report(&self) -> String {
        let delivered = self.delivered.get();
        format!(
            "two people: {delivered} messages from send to delivery, mean {:.1} ms, longest {:.1} ms; {} not acknowledged, \
             {} lost or out of order, their server was lost {} times\n",
            self.total_us.get() as f64 / 1000.0 / delivered.max(1) as f64,
            self.longest_us.load(Ordering::Relaxed) as f64 / 1000.0,
            self.failures.get(),
            self.out_of_order.get(),
            self.lost_servers.get(),
        )
    }
}

async fn person(file: &ClusterFile, name: &str) -> (Handle, mpsc::UnboundedReceiver<News>) {
    let connector = Security::bare(false).connector(Purpose::Clients);
    let setup = ClientSetup {
        directory: Directory::of_cluster(file),
        device: Device::ephemeral(),
        connector: connector.expect("no keys"),
        most: None,
        settings: ClientSettings::default(),
    };
    let (handle, mut news) = start(setup).expect("a client");
    let name = Name::new(name).expect("a name");
    let create = Operation::Create {
        name: name.clone(),
        password: None,
    };
    handle.ask(create, PATIENCE).settled().await;
    let password = None;
    let login = Operation::LogIn { name, password };
    handle.ask(login, PATIENCE).settled().await;
    handle.listen();
    // What happened before the two talk is no disturbance.
    while let Some(news) = news.recv().await {
        if matches!(news, News::Listening { .. }) {
            break;
        }
    }
    (handle, news)
}

/// Where frames go.
#[derive(Clone, Copy)]
enum Port {
    Clients,
    Servers,
    Grpc,
}

async fn attack(file: &ClusterFile, (frames, log_in): (u64, bool), talk: &Talk) {
    let mut targets = Vec::new();
    for server in &file.servers {
        // Of ten connections eight are to the port of clients.
        targets.extend((0..8).map(|_| (Port::Clients, server.client.clone())));
        targets.push((Port::Servers, server.peer.clone()));
        targets.extend(server.grpc.clone().map(|address| (Port::Grpc, address)));
    }
    let sent = Arc::new(AtomicU64::new(0));
    let mut attackers = JoinSet::new();
    for attacker in 0..ATTACKERS {
        let (targets, sent) = (targets.clone(), sent.clone());
        attackers.spawn(async move {
            let mut chance = Stream::new(7, attacker, ChancePurpose::Network);
            while sent.load(Ordering::Relaxed) < frames {
                let place = chance.below(targets.len() as u64) as usize;
                let (port, address) = &targets[place];
                let Ok(target) = address.resolve().await else {
                    continue;
                };
                let stream = frames_for(*port, log_in, &mut chance);
                if let Ok(count) = hurl(attacker, target[0], &stream).await {
                    sent.fetch_add(count, Ordering::Relaxed);
                }
            }
        });
    }
    let progress = async {
        loop {
            sleep(Duration::from_secs(10)).await;
            let delivered = talk.delivered.get();
            eprintln!(
                "{} frames; {delivered} messages",
                sent.load(Ordering::Relaxed)
            );
        }
    };
    let all = async { while attackers.join_next().await.is_some() {} };
    tokio::select! {
        () = all => {}
        () = progress => {}
    }
}

/// Sends frames on a connection of their own, and reads what comes back; how many were sent.
async fn hurl(attacker: u64, target: SocketAddr, frames: &[Vec<u8>]) -> io::Result<u64> {
    let socket = TcpSocket::new_v4()?;
    // Loopback has sixteen million addresses, all of this host.
    let own = Ipv4Addr::new(127, 0, 1, u8::try_from(attacker + 1).unwrap_or(1));
    socket.set_reuseaddr(true)?;
    socket.bind((IpAddr::V4(own), 0).into())?;
    let stream = timeout(PATIENCE, socket.connect(target)).await??;
    let (mut reader, mut writer) = stream.into_split();
    let read =
        tokio::spawn(async move { tokio::io::copy(&mut reader, &mut tokio::io::sink()).await });
    let mut count = 0;
    // Some dozens at once, as a fast attacker has them.
    for batch in frames.chunks(50) {
        let written = timeout(PATIENCE, writer.write_all(&batch.concat())).await;
        if !matches!(written, Ok(Ok(()))) {
            break;
        }
        count += batch.len() as u64;
    }
    drop(writer);
    // What was sent is read before the connection ends, or the server has ended it.
    let _ = timeout(Duration::from_secs(5), read).await;
    Ok(count)
}

fn frames_for(port: Port, log_in: bool, chance: &mut Stream) -> Vec<Vec<u8>> {
    let count = FRAMES_PER_CONNECTION;
    match port {
        Port::Clients if chance.below(20) == 0 => (0..50).map(|_| anything(chance)).collect(),
        Port::Clients => (0..count).map(|_| mutated(log_in, chance)).collect(),
        Port::Servers => {
            let mut frames = vec![b"chatlink\0\x01".to_vec()];
            frames.extend((0..50).map(|_| anything(chance)));
            frames
        }
        Port::Grpc => {
            let mut frames = vec![b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec()];
            frames.extend((0..100).map(|_| http2(chance)));
            frames
        }
    }
}

/// Bytes of anything, as long as a short frame.
fn anything(chance: &mut Stream) -> Vec<u8> {
    let length = chance.below(100) as usize;
    let mut bytes = Vec::new();
    while bytes.len() < length {
        bytes.extend(chance.bytes());
    }
    bytes.truncate(length);
    bytes
}

/// A frame of HTTP/2 whose length is right and whose rest is anything.
fn http2(chance: &mut Stream) -> Vec<u8> {
    let body = anything(chance);
    let kind = chance.below(12) as u8;
    let mut frame = vec![0, 0, u8::try_from(body.len()).unwrap_or(0), kind];
    frame.push(chance.below(256) as u8);
    frame.extend((chance.below(8) as u32).to_be_bytes());
    frame.extend(body);
    frame
}

/// A frame of a request with some bytes of its body changed, and now and then its op code.
fn mutated(log_in: bool, chance: &mut Stream) -> Vec<u8> {
    let message = ToServer {
        id: RequestId(chance.below(1 << 20) as u32),
        view: View(0),
        request: request(log_in, chance),
    };
    let mut frame = Vec::new();
    message.encode(&mut frame);
    // Length stays, or nothing behind it would be a frame.
    for _ in 0..chance.below(4) {
        let at = 4 + chance.below(frame.len() as u64 - 4) as usize;
        frame[at] ^= 1 << chance.below(8);
    }
    frame
}

fn request(log_in: bool, chance: &mut Stream) -> Request {
    let name =
        |chance: &mut Stream| Name::new(&format!("m{}", chance.below(1000))).expect("a name");
    match chance.below(12) {
        0 => Request::List {
            pattern: "*".to_owned(),
            after: None,
            most: 10,
        },
        1 if log_in => Request::LogIn {
            login: Login::New {
                name: name(chance),
                password: None,
                nonce: Nonce([1; 16]),
            },
        },
        2 => Request::LogIn {
            login: Login::Again {
                token: Token(chance.bytes()),
            },
        },
        3 => Request::Send {
            sequence: Sequence(chance.below(5)),
            confirmed: Sequence(0),
            to: name(chance),
            text: "x".repeat(chance.below(200) as usize),
        },
        4 => Request::Deliver { after: Offset(0) },
        5 => Request::Acknowledge {
            through: Offset(chance.below(9)),
        },
        6 => Request::History {
            before: Offset(0),
            most: 100,
        },
        7 => Request::Who {
            names: vec![name(chance)],
        },
        8 => Request::Status,
        9 if log_in => Request::Create {
            name: name(chance),
            password: None,
            nonce: Nonce([1; 16]),
        },
        10 => Request::Hello {
            lowest: chance.below(3) as u16,
            highest: 1,
        },
        _ => Request::Ping,
    }
}
