//! Load for a cluster, and what came of it: acknowledged messages a second, latencies, and whether each message that was
//! acknowledged came once and in order.
//!
//! ```text
//! cargo run --release -p chat-service --example load -- --folder chat --clients 16 --seconds 10 --bytes 100
//! cargo run --release -p chat-service --example load -- --folder chat --clients 64 --seconds 60 --rate 5
//! ```
//!
//! Each client sends to the next one, and all read. With `--rate` each sends so many messages a second, whether answers come or
//! not, and a latency counts from when the message was to be sent; without it each has `--window` messages (1) under way.
//! A cluster allows an account 20 messages a second by default: for more it is founded with `[limits] sends_per_second` and
//! `sends_burst` in the settings of all its servers.
//!
//! Prints one JSON object. Exit code 1 if a message was lost, came twice or out of order, or had no answer.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use chat::answer::Answer;
use chat::client::operation::{ClientSettings, Operation, Settlement};
use chat::name::Name;
use chat_service::client::entry::{Entry, Step};
use chat_service::client::{ClientSetup, Device, Directory, Handle, News, start};
use chat_service::settings::{Address, ClusterFile};
use chat_service::transport::{Purpose, Security};
use serde_json::json;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug, Clone)]
struct Load {
    folder: Option<PathBuf>,
    servers: Vec<Address>,
    authority: Option<PathBuf>,
    clients: u64,
    seconds: f64,
    bytes: usize,
    rate_per_s: Option<f64>,
    window: u64,
}

/// What came of one client's messages.
#[derive(Debug, Default)]
struct Sent {
    acknowledged: u64,
    latencies_ms: Vec<f64>,
    errors: BTreeMap<String, u64>,
}

/// What one client has read: the numbers of the messages of its author, in the order of coming.
type Read = Vec<u64>;

fn main() -> anyhow::Result<ExitCode> {
    let load = arguments(std::env::args().skip(1))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run(load))
}

fn arguments(mut words: impl Iterator<Item = String>) -> anyhow::Result<Load> {
    let mut load = Load {
        folder: None,
        servers: Vec::new(),
        authority: None,
        clients: 16,
        seconds: 10.0,
        bytes: 100,
        rate_per_s: None,
        window: 1,
    };
    while let Some(flag) = words.next() {
        let value = words
            .next()
            .with_context(|| format!("{flag}: a value is missing"))?;
        let problem = || format!("{flag} {value}: not a value for it");
        match flag.as_str() {
            "--folder" => load.folder = Some(value.into()),
            "--server" => {
                let addresses = value.split(',').map(str::parse);
                let addresses: Result<Vec<Address>, String> = addresses.collect();
                load.servers = addresses.map_err(anyhow::Error::msg)?;
            }
            "--tls-authority" => load.authority = Some(value.into()),
            "--clients" => load.clients = value.parse().with_context(problem)?,
            "--seconds" => load.seconds = value.parse().with_context(problem)?,
            "--bytes" => load.bytes = value.parse().with_context(problem)?,
            "--rate" => load.rate_per_s = Some(value.parse().with_context(problem)?),
            "--window" => load.window = value.parse().with_context(problem)?,
            _ => bail!(
                "{flag}: expected --folder, --server, --tls-authority, --clients, --seconds, --bytes, --rate or --window"
            ),
        }
    }
    Ok(load)
}

async fn run(load: Load) -> anyhow::Result<ExitCode> {
    let mut authority = load.authority.clone();
    let directory = match &load.folder {
        Some(folder) => {
            let file = ClusterFile::read(folder)?;
            authority = authority.or(file.authority.clone());
            Directory::of_cluster(&file)
        }
        None if load.servers.is_empty() => {
            bail!("which cluster? --folder FOLDER or --server HOST:PORT,…")
        }
        None => Directory::of_addresses(load.servers.clone()),
    };
    let security = match &authority {
        Some(authority) => Security::of_client(authority)?,
        None => Security::bare(false),
    };
    // Accounts of this run alone.
    let run = getrandom::u64()? % 1_000_000;
    let name = |client: u64| Name::new(&format!("load-{run}-{}", client % load.clients));
    let (is_over, over) = watch::channel(false);
    let mut handles = Vec::new();
    let mut readers = JoinSet::new();
    for client in 0..load.clients {
        let setup = ClientSetup {
            directory: directory.clone(),
            device: Device::ephemeral(),
            connector: security.connector(Purpose::Clients)?,
            most: None,
            settings: ClientSettings {
                silence_ms: 4_000,
                quiet_ms: 5_000,
                ..ClientSettings::default()
            },
        };
        let (handle, news) = start(setup)?;
        enter(&handle, name(client)?).await?;
        let (over, reader) = (over.clone(), handle.clone());
        readers.spawn(async move { (client, read(reader, news, over).await) });
        handles.push(handle);
    }
    let began = Instant::now();
    let mut senders = JoinSet::new();
    for (client, handle) in (0..).zip(handles) {
        let (load, to) = (load.clone(), name(client + 1)?);
        senders.spawn(async move { (client, send(&load, &handle, &to, began).await) });
    }
    let mut sent: BTreeMap<u64, Sent> = BTreeMap::new();
    while let Some(one) = senders.join_next().await {
        let (client, one) = one?;
        sent.insert(client, one);
    }
    let took_s = began.elapsed().as_secs_f64();
    // Readers stop when nothing has come for a while.
    is_over.send(true)?;
    let mut received: BTreeMap<u64, Read> = BTreeMap::new();
    while let Some(one) = readers.join_next().await {
        let (client, one) = one?;
        received.insert(client, one);
    }
    report(&load, sent, &received, took_s)
}

/// Creates an account, and logs in.
async fn enter(handle: &Handle, name: Name) -> anyhow::Result<()> {
    let mut entry = Entry::new(name, None);
    loop {
        let settlement = handle.ask(entry.begin(), PATIENCE).settled().await;
        match entry.settled(settlement) {
            Step::Ask(_) => {}
            Step::Wait(wait_ms) => sleep(Duration::from_millis(wait_ms.into())).await,
            Step::Entered { .. } => return Ok(()),
            step => bail!("{} is not logged in: {step:?}", entry.name()),
        }
    }
}

/// Reads until the senders are done and nothing has come for five seconds.
async fn read(
    handle: Handle,
    mut news: mpsc::UnboundedReceiver<News>,
    over: watch::Receiver<bool>,
) -> Read {
    let mut read = Vec::new();
    loop {
        let next = match timeout(Duration::from_secs(5), news.recv()).await {
            Ok(Some(next)) => next,
            Ok(None) => return read,
            Err(_) if *over.borrow() => return read,
            Err(_) => continue,
        };
        if let News::Message { message, receipt } = next {
            let number = message
                .text
                .split(' ')
                .next()
                .and_then(|word| word.parse::<u64>().ok());
            read.extend(number);
            handle.shown(receipt);
        }
    }
}

async fn send(load: &Load, handle: &Handle, to: &Name, began: Instant) -> Sent {
    let mut sent = Sent::default();
    let mut under_way = JoinSet::new();
    let end = began + Duration::from_secs_f64(load.seconds);
    for number in 0_u64.. {
        let due = match load.rate_per_s {
            Some(rate) => began + Duration::from_secs_f64(number as f64 / rate),
            None => {
                while under_way.len() as u64 >= load.window.max(1) {
                    note(&mut sent, under_way.join_next().await);
                }
                Instant::now()
            }
        };
        if due >= end {
            break;
        }
        sleep_until(due).await;
        let mut text = format!("{number} ");
        text.extend(std::iter::repeat_n(
            'x',
            load.bytes.saturating_sub(text.len()),
        ));
        let asked = handle.ask(
            Operation::Send {
                to: to.clone(),
                text,
            },
            PATIENCE,
        );
        under_way.spawn(async move {
            let settlement = asked.settled().await;
            (settlement, due.elapsed())
        });
        while let Some(one) = under_way.try_join_next() {
            note(&mut sent, Some(one));
        }
    }
    while let Some(one) = under_way.join_next().await {
        note(&mut sent, Some(one));
    }
    sent
}

fn note(sent: &mut Sent, one: Option<Result<(Settlement, Duration), tokio::task::JoinError>>) {
    match one {
        Some(Ok((Settlement::Done(Answer::Sent { .. }), took))) => {
            sent.acknowledged += 1;
            sent.latencies_ms.push(took.as_secs_f64() * 1000.0);
        }
        Some(Ok((other, _))) => *sent.errors.entry(format!("{other:?}")).or_default() += 1,
        Some(Err(error)) => *sent.errors.entry(error.to_string()).or_default() += 1,
        None => {}
    }
}

fn report(
    load: &Load,
    sent: BTreeMap<u64, Sent>,
    received: &BTreeMap<u64, Read>,
    took_s: f64,
) -> anyhow::Result<ExitCode> {
    let mut latencies_ms = Vec::new();
    let mut errors: BTreeMap<String, u64> = BTreeMap::new();
    let (mut acknowledged, mut delivered, mut lost, mut duplicated, mut reordered) =
        (0, 0, 0, 0, 0);
    for (client, one) in sent {
        let none = Vec::new();
        let read = received
            .get(&((client + 1) % load.clients))
            .unwrap_or(&none);
        let mut different = read.clone();
        different.sort_unstable();
        different.dedup();
        let count = different.len() as u64;
        acknowledged += one.acknowledged;
        delivered += count;
        // Messages that nobody knows of may be there too.
        lost += one.acknowledged.saturating_sub(count);
        duplicated += read.len() as u64 - count;
        reordered += read.windows(2).filter(|pair| pair[1] < pair[0]).count();
        latencies_ms.extend(one.latencies_ms);
        for (error, count) in one.errors {
            *errors.entry(error).or_default() += count;
        }
    }
    latencies_ms.sort_by(f64::total_cmp);
    let quantile = |share: f64| {
        let last = latencies_ms.len().saturating_sub(1);
        latencies_ms
            .get((last as f64 * share).round() as usize)
            .copied()
    };
    let report = json!({
        "clients": load.clients,
        "seconds": load.seconds,
        "bytes": load.bytes,
        "rate_per_s": load.rate_per_s,
        "window": load.window,
        "took_s": took_s,
        "acknowledged": acknowledged,
        "acknowledged_per_s": acknowledged as f64 / took_s,
        "latency_ms": { "p50": quantile(0.5), "p99": quantile(0.99), "max": quantile(1.0) },
        "delivered": delivered,
        "lost": lost,
        "duplicated": duplicated,
        "reordered": reordered,
        "errors": errors,
    });
    println!("{report:#}");
    let is_good = lost == 0 && duplicated == 0 && reordered == 0 && errors.is_empty();
    Ok(ExitCode::from(u8::from(!is_good)))
}
