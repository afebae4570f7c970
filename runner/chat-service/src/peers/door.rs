//! Where servers of greater numbers are let in.
//!
//! Whoever has not proved anything costs one task and some kilobytes, for a time that is bounded, and there are at most
//! [`STRANGERS_MAX`] of them: one more, and the oldest has to go. So a stranger who connects and says nothing keeps no server out.
//!
//! **Invariant.** Nothing that a stranger says is kept.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{sleep, timeout};
use tracing::warn;

use super::handshake::{self, Refusal};
use super::link::{Table, confirm};

/// Connections at once that have not proved anything.
pub(super) const STRANGERS_MAX: usize = 16;
/// How long nobody is accepted after the system had no connection to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

struct Stranger {
    task: AbortHandle,
    is_proved: Arc<AtomicBool>,
}

pub(super) async fn open(table: Arc<Table>, listener: TcpListener) {
    let mut strangers: VecDeque<Stranger> = VecDeque::new();
    // Dropped with this task, they end.
    let mut tasks = JoinSet::new();
    let counters = table.settings.counters.clone();
    loop {
        let connection = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((connection, _)) => connection,
                Err(error) => {
                    if counters.accept_errors.get() == 0 {
                        warn!(%error, "the port of servers gives no connection; it is tried again");
                    }
                    counters.accept_errors.increase();
                    sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
            Some(_) = tasks.join_next() => continue,
        };
        counters.accepted.increase();
        strangers.retain(|one| !one.task.is_finished() && !one.is_proved.load(Ordering::Relaxed));
        if strangers.len() >= STRANGERS_MAX
            && let Some(oldest) = strangers.pop_front()
        {
            oldest.task.abort();
            counters.crowded_out.increase();
        }
        let is_proved = Arc::new(AtomicBool::new(false));
        let task = tasks.spawn(meet(table.clone(), connection, is_proved.clone()));
        strangers.push_back(Stranger { task, is_proved });
    }
}

async fn meet(table: Arc<Table>, connection: TcpStream, is_proved: Arc<AtomicBool>) {
    let settings = &table.settings;
    let proof = async {
        let mut stream = settings.acceptor.accept(connection).await?;
        let (from, mut seals) = handshake::listen(&mut stream, &settings.membership).await?;
        confirm(&mut stream, &mut seals).await?;
        Ok::<_, Refusal>((from, stream, seals))
    };
    match timeout(settings.handshake, proof).await {
        Ok(Ok((from, stream, seals))) => {
            is_proved.store(true, Ordering::Relaxed);
            table.carry(from, stream, seals).await;
        }
        // Counted, and not logged one by one: strangers must not fill a disk.
        Ok(Err(_)) | Err(_) => settings.counters.refused.increase(),
    }
}
