//! What the tests need: a server without a disk, a way to it that breaks, and somebody who uses a client.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use chat::client::operation::{ClientSettings, Operation, Settlement};
use chat::limits::Settings;
use chat::name::Name;
use cluster::server::setup::ServerSetup;
use machine::chance::{Purpose, Stream};
use replica::rules::{Rules, Tolerance};
use replica::setup::{Limits, Setup};
use replica::timing::Timing;
use replica::units::ReplicaId;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::client::{ClientSetup, Device, Directory, Handle, News, start};
use crate::core::Core;
use crate::disk::NoDisk;
use crate::listener;
use crate::peers::Links;
use crate::transport::{Purpose as StreamPurpose, Security};

/// Nothing here takes that long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A server of one, on a port of its own. It allows as much as anybody wants.
pub(crate) async fn server() -> SocketAddr {
    server_with(|settings| {
        settings.sends_per_second = 1_000_000;
        settings.sends_burst = 1_000_000;
    })
    .await
}

/// A server of one with other bounds.
pub(crate) async fn server_with(change: impl FnOnce(&mut Settings)) -> SocketAddr {
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
    change(&mut setup.settings);
    let durable = setup.founding_disk();
    let (core, hub) = Core::begin(&setup, durable, NoDisk, Links::none()).expect("a server");
    tokio::spawn(core.run());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(listener::listen(listener, hub, Default::default()));
    address
}

/// A way to a server on which each connection ends after some bytes, drawn from the seed, often in the middle of a frame; the last
/// ones hold.
pub(crate) async fn breaking_way(server: SocketAddr, seed: u64, breaks: u32) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let mut chance = Stream::new(seed, 0, Purpose::Network);
    tokio::spawn(async move {
        for number in 0.. {
            let Ok((client, _)) = listener.accept().await else {
                return;
            };
            let budget = match number < breaks {
                true => 20 + chance.below(1500),
                false => u64::MAX,
            };
            tokio::spawn(carry(client, server, budget));
        }
    });
    address
}

/// Carries this many bytes of both directions together, and then breaks.
async fn carry(mut client: TcpStream, server: SocketAddr, mut budget: u64) {
    let Ok(mut server) = TcpStream::connect(server).await else {
        return;
    };
    let (mut there, mut back) = ([0; 256], [0; 256]);
    while budget > 0 {
        let (target, bytes) = tokio::select! {
            count = client.read(&mut there) => (&mut server, &there[..count.unwrap_or(0)]),
            count = server.read(&mut back) => (&mut client, &back[..count.unwrap_or(0)]),
        };
        let length = bytes.len() as u64;
        let passed = &bytes[..length.min(budget) as usize];
        budget -= passed.len() as u64;
        if passed.is_empty() || target.write_all(passed).await.is_err() {
            return;
        }
    }
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).expect("a name")
}

/// The setup of a client that loses no time.
pub(crate) fn setup(addresses: &[SocketAddr], device: Device, listens: bool) -> ClientSetup {
    let addresses = addresses.iter().copied().map(Into::into);
    let connector = Security::bare(false).connector(StreamPurpose::Clients);
    ClientSetup {
        directory: Directory::of_addresses(addresses),
        device,
        connector: connector.expect("a connector"),
        most: None,
        settings: ClientSettings {
            silence_ms: 2_000,
            retry_first_ms: 5,
            retry_last_ms: 20,
            acknowledge_ms: 10,
            listens,
            ..ClientSettings::default()
        },
    }
}

/// Somebody with a client.
pub(crate) struct Person {
    pub(crate) handle: Handle,
    pub(crate) news: mpsc::UnboundedReceiver<News>,
}

impl Person {
    /// Begins a client on a device.
    pub(crate) fn begin(addresses: &[SocketAddr], device: Device) -> Person {
        Person::with(addresses, device, true)
    }

    /// Begins a client that asks for no messages by itself.
    pub(crate) fn begin_quiet(addresses: &[SocketAddr]) -> Person {
        Person::with(addresses, Device::ephemeral(), false)
    }

    fn with(addresses: &[SocketAddr], device: Device, listens: bool) -> Person {
        let (handle, news) = start(setup(addresses, device, listens)).expect("a client");
        Person { handle, news }
    }

    /// Begins on the device of a file.
    pub(crate) fn on(addresses: &[SocketAddr], path: &Path) -> Person {
        Person::begin(addresses, Device::open(path).expect("a device"))
    }

    pub(crate) async fn ask(&self, operation: Operation) -> Settlement {
        self.handle.ask(operation, PATIENCE).settled().await
    }

    /// Creates an account and logs in.
    pub(crate) async fn enter(&self, text: &str) {
        let (name, password) = (name(text), None);
        let create = Operation::Create {
            name: name.clone(),
            password: password.clone(),
        };
        let created = self.ask(create).await;
        assert!(matches!(created, Settlement::Done(_)), "{created:?}");
        let entered = self.ask(Operation::LogIn { name, password }).await;
        assert!(matches!(entered, Settlement::Done(_)), "{entered:?}");
    }

    pub(crate) async fn next(&mut self) -> News {
        let news = timeout(PATIENCE, self.news.recv()).await;
        news.expect("something happens").expect("the client runs")
    }
}
