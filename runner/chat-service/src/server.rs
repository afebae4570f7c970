//! A server as a program: its folder, its ports, its end.
//!
//! Everything but the disk and the hashes of passwords runs on one thread: the core is one value, and what surrounds it copies
//! bytes. The disk has a thread of its own because it waits for it.
//!
//! **Invariant.** It says that it listens once all its ports are open, and takes nobody before its state is read.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use chat::door::Passwords as DoorPasswords;
use chat::identity::ServerId;
use chat::rule::Rules as DoorRules;
use cluster::server::setup::{Hashing, ServerSetup};
use cluster::service::Service;
use replica::durable::Durable;
use replica::rules::Rules;
use replica::setup::{Limits, Setup};
use replica::units::ReplicaId;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tracing::{info, warn};

use crate::core::{Core, Source};
use crate::listener::counters::ListenerCounters;
use crate::listener::limits::ConnectionLimits;
use crate::listener::{self, ListenerSettings};
use crate::metrics;
use crate::peers::{self, PeerSettings};
use crate::secret::Secret;
use crate::settings::{Passwords, Push, ServerSettings};
use crate::signals::Requests;
use crate::store::{Membership, Store};
use crate::transport::Security;

/// How a server is started, beyond its settings.
#[derive(Debug, Clone, Copy, Default)]
pub struct Start {
    /// This is the first start of a server of a new cluster: its folder is made.
    pub founds: bool,
    /// Its disk was lost, and the operator says so.
    pub has_empty_disk: bool,
    /// It ends when its standard input does.
    pub watches_input: bool,
}

/// How a server has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It has handed over.
    InOrder,
    /// It was asked a second time.
    AtOnce,
}

/// Runs a server until it is asked to end.
///
/// # Errors
///
/// When it cannot begin, or its disk fails; with what to do.
pub fn run(settings: &ServerSettings, start: Start) -> anyhow::Result<Ending> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime cannot start")?;
    let ending = runtime.block_on(serve(settings, start));
    // Passwords that are being hashed concern nobody any more.
    runtime.shutdown_background();
    ending
}

async fn serve(settings: &ServerSettings, start: Start) -> anyhow::Result<Ending> {
    let mut requests = match start.watches_input {
        true => Requests::listen_with_input(),
        false => Requests::listen(),
    }
    .context("signals cannot be heard")?;
    let secret = Secret::read(&settings.secret_file)?;
    let setup = setup(settings, start)?;
    let security = match &settings.tls {
        Some(files) => Security::of_server(files)?,
        None => Security::bare(settings.insecure),
    };
    let clients = open(settings, "clients").await?;
    let (store, durable) = store(settings, start)?;
    let metrics = match settings.listens_for("metrics") {
        Some(_) => Some(open(settings, "metrics").await?),
        None => None,
    };
    let peers = PeerSettings::new(settings, secret, &security)?;
    let of_links = peers.counters.clone();
    let links = peers::start(peers, open(settings, "servers").await?);
    let (mut core, hub) = Core::begin(&setup, durable, store, links)?;
    let of_clients = Arc::new(ListenerCounters::default());
    let wire = ListenerSettings::new(&security, ConnectionLimits::default(), of_clients.clone())?;
    core.count_with(Source::new(move || of_clients.figures()));
    core.count_with(Source::new(move || of_links.figures()));
    let mut ports: JoinSet<()> = JoinSet::new();
    ports.spawn(listener::listen(clients, hub.clone(), wire));
    if let Some(listener) = metrics {
        ports.spawn(metrics::listen(listener, hub.clone()));
    }
    let bare = settings.bare();
    if !bare.is_empty() {
        let count = bare.len() as u64;
        warn!(addresses = ?bare, "INSECURE: whoever is on the way to these addresses can read and change everything; use [tls], see `runner chat keys`");
        core.count_with(Source::new(move || vec![("insecure_addresses", count)]));
    }
    announce(settings)?;
    let mut core = std::pin::pin!(core.run());
    tokio::select! {
        ended = &mut core => return ended.map(|()| Ending::InOrder).context(DISK_FAILED),
        Some(ended) = ports.join_next() => {
            ended.context("a port is closed, so clients cannot come: this server ends")?;
        }
        () = requests.next() => {}
    }
    info!("asked to end: handing over");
    // Nobody new is taken.
    ports.abort_all();
    hub.stop();
    drop(hub);
    tokio::select! {
        ended = core => ended.map(|()| Ending::InOrder).context(DISK_FAILED),
        () = requests.next() => Ok(Ending::AtOnce),
    }
}

const DISK_FAILED: &str =
    "the disk failed, and what this server would say may not be true: it ends";

/// Opens the disk of the server, or makes it.
fn store(settings: &ServerSettings, start: Start) -> anyhow::Result<(Store, Durable<Service>)> {
    let folder = &settings.folder;
    let new = match (start.founds, start.has_empty_disk) {
        (true, _) => return found(settings, folder),
        (_, true) => Durable::default(),
        _ => return Ok(Store::open(folder, &membership(settings)?)?),
    };
    let store = Store::create(folder, &membership(settings)?, new.clone())?;
    Ok((store, new))
}

/// Makes the disk of a server of a new cluster, in this folder.
pub(crate) fn found(
    settings: &ServerSettings,
    folder: &Path,
) -> anyhow::Result<(Store, Durable<Service>)> {
    let membership = membership(settings)?;
    let bounds = settings.limits.settings(settings.one_device);
    let service = Service::new(bounds, DoorRules::default());
    let durable = Durable::founding(membership.servers, service);
    let store = Store::create(folder, &membership, durable.clone())?;
    Ok((store, durable))
}

/// Whose disk a server with these settings has.
fn membership(settings: &ServerSettings) -> anyhow::Result<Membership> {
    Ok(Membership {
        cluster: settings.cluster,
        server: ServerId(settings.server),
        servers: u32::try_from(settings.servers.len())?,
    })
}

/// Listens for these.
async fn open(settings: &ServerSettings, kind: &str) -> anyhow::Result<TcpListener> {
    let address = settings
        .listens_for(kind)
        .context("an address to listen at")?;
    let listener = address.listen().await;
    listener.with_context(|| format!("server {} cannot listen for {kind}", settings.server))
}

/// Says on standard output that it listens: one line, for people and for whoever started it.
fn announce(settings: &ServerSettings) -> anyhow::Result<()> {
    let places = settings.listens().into_iter();
    let places: Vec<String> = places
        .map(|(kind, address)| format!("{kind} {address}"))
        .collect();
    let (number, name, process) = (settings.server, &settings.own().name, std::process::id());
    let mut output = std::io::stdout().lock();
    let written = writeln!(
        output,
        "server {number} ({name}, process {process}) listens: {}",
        places.join(", ")
    );
    match written.and_then(|()| output.flush()) {
        // Nobody wants to know.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("standard output"),
    }
}

/// What the server knows before it begins.
fn setup(settings: &ServerSettings, start: Start) -> anyhow::Result<ServerSetup> {
    let (mut seed, mut trial) = ([0; 8], [0; 8]);
    for chance in [&mut seed, &mut trial] {
        getrandom::fill(chance).context("the system has no chance to give")?;
    }
    let replicas = u32::try_from(settings.servers.len())?;
    let timing = settings.timing().map_err(anyhow::Error::msg)?;
    let replica = Setup {
        id: ReplicaId(settings.server),
        replicas,
        tolerance: settings.tolerate.tolerance(),
        timing,
        limits: Limits::default(),
        may_recover: start.has_empty_disk,
        seed: u64::from_be_bytes(seed),
        trial: u64::from_be_bytes(trial),
        rules: Rules::ALL,
    };
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    let since_1970 = since_1970.context("the clock of this host is before 1970: set it")?;
    let mut setup = ServerSetup::new(replica);
    setup.settings = settings.limits.settings(settings.one_device);
    setup.door.pushes_from_login = settings.push == Push::OnLogin;
    setup.door.passwords = match settings.passwords {
        Passwords::Off => DoorPasswords::Off,
        Passwords::Optional => DoorPasswords::Optional,
        Passwords::Required => DoorPasswords::Required,
    };
    setup.epoch_ms = u64::try_from(since_1970.as_millis())?;
    setup.hashing = Hashing::Elsewhere;
    setup.detail = false;
    Ok(setup)
}
