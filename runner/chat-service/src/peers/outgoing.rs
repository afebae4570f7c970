//! What waits to be sent on a link.
//!
//! Short messages go first, in the order in which they were handed over; long ones behind them, one part at a time.
//!
//! **Invariant.** What waits is bounded: [`SHORT_BYTES_WAITING_MAX`], and [`LONG_BYTES_WAITING_MAX`] or one long message. What finds
//! no room is lost.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::PoisonError;

use seal::Seal;
use tokio::sync::Notify;

use super::frames::{Kind, MESSAGE_BYTES_MAX, PIECE_BYTES_MAX, write_frame};

/// Bytes of short messages that wait; one more is lost.
pub const SHORT_BYTES_WAITING_MAX: usize = 4 << 20;
/// Bytes of long messages that wait; one more is lost. A single one may be longer.
pub const LONG_BYTES_WAITING_MAX: usize = 64 << 20;
/// Short messages that are written at once, in bytes.
const BATCH_BYTES_MAX: usize = 256 << 10;

/// What waits for one link. It ends with the link.
#[derive(Debug, Default)]
pub struct Outgoing {
    queues: Mutex<Queues>,
    /// Something waits.
    more: Notify,
}

#[derive(Debug, Default)]
struct Queues {
    short: VecDeque<Vec<u8>>,
    short_bytes: usize,
    long: VecDeque<Vec<u8>>,
    long_bytes: usize,
    /// Bytes of the first long message that have been written.
    written: usize,
    is_closed: bool,
}

impl Outgoing {
    /// Hands over a message; whether there was room for it.
    pub fn push(&self, message: Vec<u8>) -> bool {
        let bytes = message.len();
        let mut queues = self.lock();
        if bytes <= PIECE_BYTES_MAX {
            if queues.short_bytes + bytes > SHORT_BYTES_WAITING_MAX {
                return false;
            }
            queues.short_bytes += bytes;
            queues.short.push_back(message);
        } else {
            let is_full = queues.long_bytes + bytes > LONG_BYTES_WAITING_MAX;
            if bytes > MESSAGE_BYTES_MAX || is_full && !queues.long.is_empty() {
                return false;
            }
            queues.long_bytes += bytes;
            queues.long.push_back(message);
        }
        drop(queues);
        self.more.notify_one();
        true
    }

    /// Nothing more is handed over; what waits still leaves.
    pub fn close(&self) {
        self.lock().is_closed = true;
        self.more.notify_one();
    }

    /// Waits for something, and appends it as frames: all short messages that wait, as far as they are one write, and one part of
    /// a long one. Nothing is appended if nothing more will come.
    pub async fn take(&self, seal: &mut Seal, frames: &mut Vec<u8>) {
        loop {
            let is_closed = {
                let mut queues = self.lock();
                queues.take(seal, frames);
                queues.is_closed
            };
            if is_closed || !frames.is_empty() {
                return;
            }
            self.more.notified().await;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Queues> {
        // Whoever panicked left whole messages.
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queues {
    fn take(&mut self, seal: &mut Seal, frames: &mut Vec<u8>) {
        while frames.len() < BATCH_BYTES_MAX
            && let Some(message) = self.short.pop_front()
        {
            self.short_bytes -= message.len();
            write_frame(Kind::Whole, &message, seal, frames);
        }
        let Some(message) = self.long.front() else {
            return;
        };
        let end = (self.written + PIECE_BYTES_MAX).min(message.len());
        let is_last = end == message.len();
        let kind = if is_last { Kind::Last } else { Kind::Part };
        write_frame(kind, &message[self.written..end], seal, frames);
        self.written = end;
        if is_last {
            self.long_bytes -= message.len();
            self.long.pop_front();
            self.written = 0;
        }
    }
}
