//! A server in this process, with ports for both transports.

use std::str::FromStr;
use std::time::Duration;

use chat::identity::{RequestId, View};
use chat::limits::Settings;
use chat::wire::request::{Request, ToServer};
use chat::wire::response::{Notice, Response};
use chat_service::core::Core;
use chat_service::disk::NoDisk;
use chat_service::grpc::{self, GrpcSettings};
use chat_service::hub::Hub;
use chat_service::listener::{self, ListenerSettings};
use chat_service::peers::Links;
use chat_service::settings::Address;
use chat_service::transport::{Purpose, Security};
use cluster::server::setup::ServerSetup;
use replica::rules::{Rules, Tolerance};
use replica::setup::{Limits, Setup};
use replica::timing::Timing;
use replica::units::ReplicaId;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// What no step of a scenario takes, however busy the host is.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A server and where it listens. Dropped, it is gone with all its connections.
pub(crate) struct World {
    pub(crate) wire: Address,
    pub(crate) grpc: Address,
    pub(crate) hub: Hub,
    pub(crate) core: JoinHandle<()>,
    others: Vec<JoinHandle<()>>,
}

/// How a world is made.
pub(crate) struct Plan {
    pub(crate) settings: Settings,
    pub(crate) pushes_from_login: bool,
    /// Servers of its cluster; with more than one it never serves, for it is alone.
    pub(crate) servers: u32,
    pub(crate) grpc: GrpcSettings,
    pub(crate) security: Security,
}

impl Default for Plan {
    fn default() -> Plan {
        let settings = Settings {
            // Scenarios say when they mean the rates.
            sends_per_second: 1_000_000,
            sends_burst: 1_000_000,
            ..Settings::default()
        };
        Plan {
            settings,
            pushes_from_login: false,
            servers: 1,
            grpc: GrpcSettings::default(),
            security: Security::bare(false),
        }
    }
}

impl World {
    /// A server that serves.
    pub(crate) async fn usual() -> World {
        World::with(|_| ()).await
    }

    /// One with bounds of its own.
    pub(crate) async fn bounded(change: impl FnOnce(&mut Settings)) -> World {
        World::with(|plan| change(&mut plan.settings)).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Plan)) -> World {
        let mut plan = Plan::default();
        change(&mut plan);
        let mut setup = ServerSetup::new(replica(plan.servers));
        setup.settings = plan.settings;
        setup.door.pushes_from_login = plan.pushes_from_login;
        let durable = setup.founding_disk();
        let (core, hub) = Core::begin(&setup, durable, NoDisk, Links::none()).expect("a core");
        let core = tokio::spawn(async move { core.run().await.expect("the disk is none") });
        let wire = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let rpc = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let (wire_address, grpc_address) = (address(&wire), address(&rpc));
        let acceptor = plan.security.acceptor(Purpose::Grpc).expect("keys");
        let (of_wire, of_grpc) = (hub.clone(), hub.clone());
        let others = vec![
            tokio::spawn(async move {
                listener::listen(wire, of_wire, ListenerSettings::default()).await;
            }),
            tokio::spawn(async move {
                let never = std::future::pending();
                let served = grpc::serve(rpc, acceptor, of_grpc, plan.grpc, never);
                served.await.expect("gRPC serves");
            }),
        ];
        let world = World {
            wire: wire_address,
            grpc: grpc_address,
            hub,
            core,
            others,
        };
        world.until_serving(plan.servers == 1).await;
        world
    }

    /// Waits until the server says that it serves, or that it does not.
    async fn until_serving(&self, expected: bool) {
        let asked = async {
            let mut connection = self.hub.connect().await.expect("the server runs");
            loop {
                let message = ToServer {
                    id: RequestId(1),
                    view: View(0),
                    request: Request::Status,
                };
                connection.say(message);
                if let Response::Noticed(Notice::Status { status }) =
                    connection.hear().await.expect("a status").response
                    && status.standing.is_serving == expected
                {
                    return;
                }
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, asked).await.expect("it serves in time");
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.core.abort();
        self.others.iter().for_each(JoinHandle::abort);
    }
}

fn address(listener: &TcpListener) -> Address {
    let address = listener.local_addr().expect("an address").to_string();
    Address::from_str(&address).expect("HOST:PORT")
}

fn replica(servers: u32) -> Setup {
    Setup {
        id: ReplicaId(0),
        replicas: servers,
        tolerance: Tolerance::Crashes,
        timing: Timing::new(1_000_000_000, 3_000_000_000).expect("they go together"),
        limits: Limits::default(),
        may_recover: false,
        seed: 7,
        trial: 0,
        rules: Rules::ALL,
    }
}
