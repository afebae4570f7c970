//! Where a server listens.
//!
//! **Invariant.** All sockets are open before anybody is served on one; a server that ends takes nobody new.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use crate::core::{Core, Source};
use crate::grpc::{self, GrpcSettings};
use crate::hub::Hub;
use crate::listener::counters::ListenerCounters;
use crate::listener::{self, ListenerSettings};
use crate::metrics;
use crate::settings::{Address, ServerSettings};
use crate::transport::{Purpose, Security};

/// How long last replies of gRPC may take once the core has ended.
const FAREWELL_MAX: Duration = Duration::from_secs(6);

/// Open sockets.
pub(super) struct Sockets {
    /// For the other servers.
    pub(super) servers: TcpListener,
    pub(super) of_clients: ClientSockets,
}

/// Open sockets for whoever is no server.
pub(super) struct ClientSockets {
    wire: TcpListener,
    grpc: Option<TcpListener>,
    metrics: Option<TcpListener>,
}

impl Sockets {
    pub(super) async fn open(settings: &ServerSettings) -> anyhow::Result<Sockets> {
        let needed = |kind: &str| format!("server {} has no address for {kind}", settings.server);
        Ok(Sockets {
            servers: open(settings, "servers")
                .await?
                .with_context(|| needed("servers"))?,
            of_clients: ClientSockets {
                wire: open(settings, "clients")
                    .await?
                    .with_context(|| needed("clients"))?,
                grpc: open(settings, "gRPC").await?,
                metrics: open(settings, "metrics").await?,
            },
        })
    }
}

/// Listens for these, if the settings say where.
async fn open(settings: &ServerSettings, kind: &str) -> anyhow::Result<Option<TcpListener>> {
    let Some(address) = settings.listens_for(kind) else {
        return Ok(None);
    };
    let listener = address.listen().await;
    let listener =
        listener.with_context(|| format!("server {} cannot listen for {kind}", settings.server));
    listener.map(Some)
}

/// Ports at which clients are taken.
pub(super) struct Ports {
    /// These take clients until they are dropped.
    accepting: JoinSet<()>,
    /// gRPC is asked to end, and ends in order.
    grpc: Option<(oneshot::Sender<()>, JoinHandle<io::Result<()>>)>,
}

impl Ports {
    /// Takes clients from now on. Needs a runtime.
    pub(super) fn open(
        settings: &ServerSettings,
        security: &Security,
        sockets: ClientSockets,
        hub: &Hub,
        core: &mut Core,
    ) -> anyhow::Result<Ports> {
        let counters = Arc::new(ListenerCounters::default());
        let limits = settings.connections.limits();
        let wire = ListenerSettings::new(security, limits, counters.clone())?;
        core.count_with(Source::new(move || counters.figures()));
        let mut accepting = JoinSet::new();
        accepting.spawn(listener::listen(sockets.wire, hub.clone(), wire));
        if let Some(socket) = sockets.metrics {
            accepting.spawn(metrics::listen(socket, hub.clone()));
        }
        let grpc = match sockets.grpc {
            None => None,
            Some(socket) => {
                let acceptor = security.acceptor(Purpose::Grpc)?;
                let (stop, stopped) = oneshot::channel::<()>();
                let stopped = async {
                    // Dropped, it means the same.
                    let _ = stopped.await;
                };
                let serving =
                    grpc::serve(socket, acceptor, hub.clone(), of_grpc(settings), stopped);
                Some((stop, tokio::spawn(serving)))
            }
        };
        Ok(Ports { accepting, grpc })
    }

    /// Waits for a port that ends though nobody asked it to.
    pub(super) async fn failure(&mut self) -> anyhow::Error {
        let what = "a port has closed, so clients cannot come: this server ends";
        let grpc = async {
            match &mut self.grpc {
                Some((_, serving)) => serving.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            Some(ended) = self.accepting.join_next() => match ended {
                Ok(()) => anyhow!(what),
                Err(error) => anyhow::Error::from(error).context(what),
            },
            ended = grpc => match ended {
                Ok(Ok(())) => anyhow!(what),
                Ok(Err(error)) => anyhow::Error::from(error).context(what),
                Err(error) => anyhow::Error::from(error).context(what),
            },
        }
    }

    /// Nobody new is taken from now on.
    pub(super) fn stop(&mut self) {
        self.accepting.abort_all();
        if let Some((stop, _)) = &mut self.grpc {
            let (nobody, _) = oneshot::channel();
            // It may have ended.
            let _ = std::mem::replace(stop, nobody).send(());
        }
    }

    /// Waits until the last replies have left, or it takes too long.
    pub(super) async fn ended(self) {
        if let Some((_, serving)) = self.grpc {
            // Who takes longer is left.
            let _ = timeout(FAREWELL_MAX, serving).await;
        }
    }
}

fn of_grpc(settings: &ServerSettings) -> GrpcSettings {
    let limits = settings.connections.limits();
    let servers = settings.servers.iter();
    let addresses = servers.map(|server| server.grpc.as_ref().map(Address::to_string));
    GrpcSettings {
        addresses: addresses.map(Option::unwrap_or_default).collect(),
        connections_max: limits.connections_max,
        patience: limits.login,
        handshake: limits.hello,
        ..GrpcSettings::default()
    }
}
