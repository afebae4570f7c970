//! A link from its first frame to its last: what is read is heard, what is handed over is written, all that waits at once.

use std::sync::atomic::{AtomicU64, Ordering};

use event_log::{JournalKind, Party};
use futures_util::{SinkExt, StreamExt};
use tokio::sync::mpsc;

use super::super::handshake::Connection;
use super::super::wire::{Frame, WireError};
use super::{LinkEvent, Links};

/// Frames in one write.
const BATCH_FRAMES_MAX: usize = 256;

impl Links {
    /// Owns the stream of a link until it ends.
    pub(super) async fn converse(
        self,
        peer: Party,
        connection: Connection,
        mut frames: mpsc::UnboundedReceiver<Frame>,
    ) {
        self.hear(LinkEvent::Connected(peer));
        let (mut sink, mut stream) = connection.split();
        let reading = async {
            loop {
                match stream.next().await {
                    Some(Ok(
                        frame @ (Frame::Message(_)
                        | Frame::Relayed { .. }
                        | Frame::Addressed { .. }),
                    )) => {
                        self.hear(LinkEvent::Message(peer, frame));
                    }
                    Some(Ok(_)) => break "it spoke out of turn".to_owned(),
                    Some(Err(error)) => break error.to_string(),
                    None => break "it closed the connection".to_owned(),
                }
            }
        };
        let unsent = AtomicU64::new(0);
        // Both at once: two ends that write to each other without reading would wait for ever.
        let ended = tokio::select! {
            ended = reading => ended,
            error = write_all(&mut sink, &mut frames, &unsent) => error.to_string(),
        };
        self.release(peer, frames, unsent.into_inner());
        self.tell(JournalKind::Lost, Some(peer), ended);
        self.hear(LinkEvent::Lost(peer));
    }
}

/// Sends frames until the connection fails, all that wait in one write; `unsent` counts those taken but not flushed.
async fn write_all<S>(
    sink: &mut S,
    frames: &mut mpsc::UnboundedReceiver<Frame>,
    unsent: &AtomicU64,
) -> WireError
where
    S: futures_util::Sink<Frame, Error = WireError> + Unpin,
{
    let mut batch = Vec::new();
    loop {
        let count = frames.recv_many(&mut batch, BATCH_FRAMES_MAX).await;
        unsent.store(count as u64, Ordering::Relaxed);
        for frame in batch.drain(..) {
            if let Err(error) = sink.feed(frame).await {
                return error;
            }
        }
        if let Err(error) = sink.flush().await {
            return error;
        }
        unsent.store(0, Ordering::Relaxed);
    }
}
