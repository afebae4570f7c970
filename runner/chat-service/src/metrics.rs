//! Figures for machines: `GET /metrics` in Prometheus' text form, `/healthz` (the process runs) and `/readyz` (it serves, or
//! is a backup).
//!
//! A responder of HTTP/1.1 that closes after each answer: it reads a head of bounded length within a bounded time, and nothing
//! more.
//!
//! **Invariant.** A request costs at most `HEAD_BYTES_MAX` and `REQUEST_TIME`; at most `AT_ONCE_MAX` are served at a time.

use std::fmt::Write as _;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use chat::wire::status::Status;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use crate::hub::Hub;

/// Bytes of the longest head of a request.
const HEAD_BYTES_MAX: usize = 4 << 10;
/// How long a request and its answer may take.
const REQUEST_TIME: Duration = Duration::from_secs(5);
/// Requests that are served at one time.
const AT_ONCE_MAX: usize = 16;
/// How long it waits when the system has no connection to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Answers until it is dropped.
pub async fn listen(listener: TcpListener, hub: Hub) {
    let room = Arc::new(Semaphore::new(AT_ONCE_MAX));
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            sleep(ACCEPT_PAUSE).await;
            continue;
        };
        // Who finds no room is hung up on.
        let Ok(place) = room.clone().try_acquire_owned() else {
            continue;
        };
        let hub = hub.clone();
        tokio::spawn(async move {
            // A reader that goes, or takes too long, has no answer.
            let _ = timeout(REQUEST_TIME, answer(stream, hub)).await;
            drop(place);
        });
    }
}

async fn answer(mut stream: TcpStream, hub: Hub) -> io::Result<()> {
    let mut head = Vec::new();
    let mut input = [0; 1024];
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        let count = stream.read(&mut input).await?;
        if count == 0 || head.len() + count > HEAD_BYTES_MAX {
            return say(
                &mut stream,
                "400 Bad Request",
                "expected the head of a short GET\n",
            )
            .await;
        }
        head.extend_from_slice(&input[..count]);
    }
    let line = head.split(|&byte| byte == b'\r').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let mut words = line.split(' ');
    let (method, path) = (words.next(), words.next().unwrap_or_default());
    if method != Some("GET") {
        return say(&mut stream, "405 Method Not Allowed", "expected GET\n").await;
    }
    let path = path.split('?').next().unwrap_or_default();
    match path {
        "/healthz" => say(&mut stream, "200 OK", "it runs\n").await,
        "/readyz" | "/metrics" => {
            let Some(status) = hub.status().await else {
                return say(&mut stream, "503 Service Unavailable", "it ends\n").await;
            };
            let is_ready = status.standing.is_serving
                || (status.replica.is_live && status.standing.primary.is_some());
            match (path, is_ready) {
                ("/metrics", _) => say(&mut stream, "200 OK", &text(&status)).await,
                (_, true) => {
                    say(
                        &mut stream,
                        "200 OK",
                        "it is a member of a view that is served\n",
                    )
                    .await
                }
                _ => {
                    say(
                        &mut stream,
                        "503 Service Unavailable",
                        "no view is served that it is a member of\n",
                    )
                    .await
                }
            }
        }
        _ => {
            say(
                &mut stream,
                "404 Not Found",
                "expected /metrics, /healthz or /readyz\n",
            )
            .await
        }
    }
}

async fn say(stream: &mut TcpStream, status: &str, body: &str) -> io::Result<()> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: \
         {length}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}

/// The figures of a server, as Prometheus reads them.
fn text(status: &Status) -> String {
    let Status {
        standing,
        connections,
        pending,
        replica,
        totals,
        figures,
    } = status;
    let mut text = String::new();
    let own = [
        ("serving", u64::from(standing.is_serving)),
        ("live", u64::from(replica.is_live)),
        ("view_members", replica.members.len() as u64),
        ("log_end", replica.end),
        ("committed", replica.committed),
        ("connections", u64::from(*connections)),
        ("operations_pending", *pending),
        ("accounts", totals.accounts),
        ("sessions", totals.sessions),
        ("queued_messages", totals.queued_messages),
        ("queued_messages_most", totals.queued_messages_most),
    ];
    let more = figures.iter().map(|(name, value)| (name.as_str(), *value));
    for (name, value) in own.into_iter().chain(more) {
        let kind = if name.ends_with("_total") {
            "counter"
        } else {
            "gauge"
        };
        // Nothing that is written to a String fails.
        let _ = writeln!(text, "# TYPE chat_{name} {kind}\nchat_{name} {value}");
    }
    if !replica.stored.is_empty() {
        text.push_str("# TYPE chat_backup_lag gauge\n");
    }
    for (server, through) in &replica.stored {
        let lag = replica.end.saturating_sub(*through);
        let _ = writeln!(text, "chat_backup_lag{{server=\"{}\"}} {lag}", server.0);
    }
    text
}

#[cfg(test)]
mod tests {
    use chat::identity::ServerId;
    use chat::wire::response::Standing;
    use chat::wire::status::{ReplicaStatus, Totals};

    use super::*;

    #[test]
    fn figures_are_counters_and_gauges_by_their_names() {
        let status = Status {
            standing: Standing {
                server: ServerId(0),
                is_serving: true,
                primary: Some(ServerId(0)),
            },
            connections: 3,
            pending: 0,
            replica: ReplicaStatus {
                members: vec![ServerId(0), ServerId(2)],
                is_live: true,
                end: 9,
                committed: 7,
                stored: vec![(ServerId(2), 6)],
            },
            totals: Totals::default(),
            figures: vec![("requests_total".to_owned(), 5)],
        };
        let text = text(&status);
        for line in [
            "# TYPE chat_requests_total counter",
            "chat_requests_total 5",
            "# TYPE chat_serving gauge",
            "chat_serving 1",
            "chat_backup_lag{server=\"2\"} 3",
        ] {
            assert!(text.lines().any(|of| of == line), "{line} in\n{text}");
        }
    }
}
