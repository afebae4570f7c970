mod attacks;
mod handshake;
mod links;
mod pieces;

use std::sync::Arc;
use std::time::Duration;

use chat::identity::ServerId;
use chat::rule::Rules;
use tokio::net::TcpListener;
use uuid::Uuid;

use super::counters::PeerCounters;
use super::handshake::Membership;
use super::{PeerEvent, PeerSettings};
use crate::secret::Secret;
use crate::settings::Address;
use crate::transport::{Purpose, Security};

const LONG: Duration = Duration::from_secs(60);

fn membership(server: u32) -> Membership {
    Membership {
        cluster: Uuid::from_u128(7),
        common: [1; 32],
        secret: Secret([2; 32]),
        server: ServerId(server),
        servers: 3,
    }
}

fn settings(server: u32, addresses: &[Address]) -> PeerSettings {
    let security = Security::bare(false);
    PeerSettings {
        membership: membership(server),
        addresses: addresses.to_vec(),
        acceptor: security.acceptor(Purpose::Servers).expect("no keys"),
        connector: security.connector(Purpose::Servers).expect("no keys"),
        rules: Rules::default(),
        handshake: LONG,
        silence: LONG,
        counters: Arc::new(PeerCounters::new(ServerId(server), 3)),
    }
}

/// Ports of so many servers.
async fn ports(count: usize) -> (Vec<TcpListener>, Vec<Address>) {
    let (mut listeners, mut addresses) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        listeners.push(listener);
        addresses.push(Address::from(address));
    }
    (listeners, addresses)
}

/// Whether an event is a link that has come up.
fn is_up(event: &PeerEvent, server: u32) -> bool {
    matches!(event, PeerEvent::Up(up) if up.0 == server)
}

/// Waits until something holds.
async fn until(mut holds: impl FnMut() -> bool) {
    let wait = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LONG, wait)
        .await
        .expect("it holds in the end");
}
