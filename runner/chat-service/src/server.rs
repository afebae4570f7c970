//! A server as a program: its folder, its ports, its end.
//!
//! Everything but the disk and the hashes of passwords runs on one thread: the core is one value, and what surrounds it copies
//! bytes. The disk has a thread of its own because it waits for it.
//!
//! `start` how it is started · `setup` what it knows before it begins · `ports` where it listens · `state` its folder
//!
//! **Invariant.** It says that it listens once all its ports are open, and takes nobody before its state is read.

mod ports;
mod setup;
mod start;
mod state;

use std::io::{self, Write};
use std::sync::Arc;

use anyhow::Context;
use tracing::{info, warn};

use crate::core::{Core, Source};
use crate::hub::view_seal::ViewSeal;
use crate::peers::{self, PeerSettings};
use crate::secret::Secret;
use crate::settings::ServerSettings;
use crate::signals::Requests;
use crate::transport::Security;
use ports::{Ports, Sockets};
use setup::setup;
pub use start::Start;
pub(crate) use state::{found, founding};

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
    // First, so that of two servers on one folder the second hears that, and not of a port.
    let (store, durable) = state::open(settings, start)?;
    let sockets = Sockets::open(settings).await?;
    let views = Arc::new(ViewSeal::new(&secret));
    let peers = PeerSettings::new(settings, secret, &security)?;
    let of_links = peers.counters.clone();
    let links = peers::start(peers, sockets.servers);
    let (mut core, hub) = Core::begin(&setup, durable, store, links)?;
    let hub = hub.seal_views(views.clone());
    core.count_with(Source::new(move || of_links.figures()));
    core.count_with(Source::new(move || {
        vec![("forged_views_total", views.forged.get())]
    }));
    warn_of_bare_addresses(settings, &mut core);
    let mut ports = Ports::open(settings, &security, sockets.of_clients, &hub, &mut core)?;
    announce(settings)?;
    let mut core = std::pin::pin!(core.run());
    tokio::select! {
        ended = &mut core => return ended.map(|()| Ending::InOrder).context(DISK_FAILED),
        problem = ports.failure() => return Err(problem),
        () = requests.next() => {}
    }
    info!("asked to end: handing over");
    ports.stop();
    hub.stop();
    drop(hub);
    let in_order = async {
        core.await.context(DISK_FAILED)?;
        ports.ended().await;
        Ok(Ending::InOrder)
    };
    tokio::select! {
        ended = in_order => ended,
        () = requests.next() => Ok(Ending::AtOnce),
    }
}

const DISK_FAILED: &str =
    "the disk failed, and what this server would say may not be true: it ends";

/// What is not encrypted though others may listen in is said where it is seen.
fn warn_of_bare_addresses(settings: &ServerSettings, core: &mut Core) {
    let bare = settings.bare();
    let count = bare.len() as u64;
    if count > 0 {
        warn!(
            addresses = ?bare,
            "INSECURE: whoever is on the way to these addresses can read and change everything; use [tls], see `runner \
             chat keys --help`"
        );
        core.count_with(Source::new(move || vec![("insecure_addresses", count)]));
    }
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
