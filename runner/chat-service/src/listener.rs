//! Wire clients: frames on a stream, each connection a task.
//!
//! Whoever connects costs a task and some kilobytes until it has logged in, and has a time for each step. A client that is read
//! has few requests without an answer, sends no faster than it may, and reads what it is told, or loses its connection; nobody
//! waits for it. All responses that wait leave in one write.
//!
//! # Map
//!
//! `settings` how clients are taken · [`counters`] what has happened · `places` who may connect · `bucket` how fast a client may send ·
//! `talk` a connection until it ends
//!
//! **Invariant.** What a client sends is bounded before it is kept, and what it does costs no other client its connection.

mod bucket;
pub mod counters;
mod places;
mod settings;
mod talk;
#[cfg(test)]
mod tests;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use chat::identity::{RequestId, View};
use chat::wire::response::{Notice, Response, ToClient};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;
use tracing::warn;

use crate::hub::Hub;
use places::Places;
pub use settings::ListenerSettings;

/// How long nobody is accepted after the system had no connection to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Over which time clients that find no place spread their return, in milliseconds.
const RETURN_SPREAD_MS: u32 = 1000;

/// Takes clients until it is dropped. Those that are there then stay, until the server hangs up or they go.
pub async fn listen(listener: TcpListener, hub: Hub, settings: ListenerSettings) {
    let settings = Arc::new(settings);
    let (limits, counters) = (&settings.limits, &settings.counters);
    let places = Places::new(
        limits.connections_max,
        limits.connections_per_address_max,
        counters.clone(),
    );
    let places = Arc::new(places);
    loop {
        let (connection, address) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                if counters.accept_errors.get() == 0 {
                    warn!(%error, "the port of clients gives no connection; it is tried again, and counted");
                }
                counters.accept_errors.increase();
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        counters.accepted.increase();
        let Some(place) = places.take(address.ip()) else {
            send_away(&connection, &settings);
            continue;
        };
        let (hub, settings) = (hub.clone(), settings.clone());
        tokio::spawn(async move {
            talk::talk(connection, hub, &settings).await;
            drop(place);
        });
    }
}

/// Tells a client that finds no place to come again; at once or not at all.
fn send_away(connection: &TcpStream, settings: &ListenerSettings) {
    if settings.acceptor.is_tls() {
        return;
    }
    let notice = Notice::GoingAway {
        spread_ms: RETURN_SPREAD_MS,
    };
    let message = ToClient {
        id: RequestId(0),
        view: View(0),
        response: Response::Noticed(notice),
    };
    let mut frame = Vec::new();
    message.encode(&mut frame);
    let _: io::Result<usize> = connection.try_write(&frame);
}
