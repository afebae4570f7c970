//! Whether this server serves, for the health service.
//!
//! **Invariant.** It says SERVING only while the server says so; a server that stops serving hangs up, and is heard at once.

use std::time::Duration;

use chat::identity::{RequestId, View};
use chat::wire::request::{Request, ToServer};
use chat::wire::response::{Notice, Response, ToClient};
use tokio::time::sleep;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use crate::hub::{Connection, Hub};

/// Between two questions.
const PERIOD: Duration = Duration::from_millis(250);

/// Asks the server how it is, and reports it for these services, until the server ends.
pub(super) async fn watch(hub: Hub, reporter: HealthReporter, services: &[&str]) {
    let mut said = None;
    while let Some(mut connection) = hub.connect().await {
        while let Some(is_serving) = ask(&mut connection).await {
            report(&reporter, services, &mut said, is_serving).await;
            tokio::select! {
                () = sleep(PERIOD) => {}
                heard = connection.hear() => if heard.is_none() { break },
            }
        }
        report(&reporter, services, &mut said, false).await;
        sleep(PERIOD / 10).await;
    }
    report(&reporter, services, &mut said, false).await;
}

async fn report(
    reporter: &HealthReporter,
    services: &[&str],
    said: &mut Option<bool>,
    is_serving: bool,
) {
    if *said == Some(is_serving) {
        return;
    }
    *said = Some(is_serving);
    let status = match is_serving {
        true => ServingStatus::Serving,
        false => ServingStatus::NotServing,
    };
    for service in services {
        reporter.set_service_status(service, status).await;
    }
}

/// Whether the server serves; none if it has hung up.
async fn ask(connection: &mut Connection) -> Option<bool> {
    let message = ToServer {
        id: RequestId(1),
        view: View(0),
        request: Request::Status,
    };
    if !connection.say(message) {
        return None;
    }
    loop {
        if let ToClient {
            response: Response::Noticed(Notice::Status { status }),
            ..
        } = connection.hear().await?
        {
            return Some(status.standing.is_serving);
        }
    }
}
