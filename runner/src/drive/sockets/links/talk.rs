//! A link from its first frame to its last: it reads frames, and writes all that waits at once.

use std::io;
use std::pin::pin;
use std::sync::atomic::Ordering;

use bytes::BytesMut;
use event_log::{JournalKind, Party};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::Notify;
use tokio::task::yield_now;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};
use tokio_util::codec::Decoder;

use super::super::pace::system_time_ns;
use super::super::wire::{Frame, FrameCodec, messages_beyond};
use super::peer::{Peer, Waiting};
use super::pulse::{Ear, Sign};
use super::{LinkEvent, Links};

/// Room for the bytes of one read.
const READ_BYTES: usize = 16 * 1024;

/// A connection that is the link of its peer.
pub(super) struct Talk {
    pub(super) stream: TcpStream,
    /// Turns bytes into frames.
    pub(super) codec: FrameCodec,
    /// Bytes that came with the last frame of the handshake.
    pub(super) bytes: BytesMut,
    /// Messages that the peer had received before, if it has already said so.
    pub(super) received: Option<u64>,
    /// Whether the peer had a link before.
    pub(super) again: bool,
}

/// Why a connection has ended.
struct Ended {
    why: String,
    /// Whether this end ended it, because of an act of the other.
    fault: bool,
}

impl Ended {
    /// The other end, or the network.
    fn there(why: impl ToString) -> Ended {
        Ended {
            why: why.to_string(),
            fault: false,
        }
    }

    /// This end, because of a frame that came or did not come.
    fn here(why: impl ToString) -> Ended {
        Ended {
            why: why.to_string(),
            fault: true,
        }
    }
}

/// Whole frames on their way to the socket, and how much of them is written.
#[derive(Default)]
struct Batch {
    bytes: BytesMut,
    written: usize,
}

impl Batch {
    /// Messages without their last byte written: the peer cannot have received them.
    fn unsent(&self) -> u64 {
        messages_beyond(&self.bytes, self.written)
    }
}

impl Links {
    /// Owns the stream of a link until it ends; returns whether the peer had said farewell by then.
    pub(super) async fn converse(self, peer: Party, talk: Talk) -> bool {
        let Some(place) = self.shared.peers.get(&peer) else {
            return true;
        };
        let listed = place.connections.admits();
        if listed && talk.again {
            let address = talk.stream.peer_addr();
            let address = address.map_or_else(|_| String::new(), |address| address.to_string());
            self.report(JournalKind::Reconnected, Some(peer), address);
        }
        if listed {
            self.report(JournalKind::Connected, Some(peer), String::new());
        }
        self.hear(LinkEvent::Connected(peer));
        let (reader, writer) = talk.stream.into_split();
        let mut batch = Batch::default();
        let (codec, bytes) = (talk.codec, talk.bytes);
        let ended = match talk.received.map(|count| self.confirm(peer, place, count)) {
            Some(Err(ended)) => ended,
            _ => {
                let mut ear = Ear::new();
                // A welcome was a word already; who gave it has not heard any yet.
                if talk.received.is_some() {
                    ear.hear(system_time_ns());
                }
                let mut reading = pin!(self.read_all(peer, place, &reader, (codec, bytes), ear));
                let writing = write_all(place, &self.shared.changed, writer, &mut batch);
                // Both at once: two ends that write to each other without reading would wait for ever. What has arrived is
                // heard even if nothing can be written any more.
                tokio::select! {
                    ended = &mut reading => ended,
                    () = writing => reading.await,
                }
            }
        };
        let over = place.release(batch.unsent());
        self.shared.changed.notify_waiters();
        if !over {
            if listed {
                self.report(JournalKind::Lost, Some(peer), ended.why.clone());
            }
            self.hear(LinkEvent::Lost(peer, ended.fault.then_some(ended.why)));
        }
        over
    }

    /// Reads frames until the connection ends; `bytes` came with the last frame of the handshake.
    async fn read_all(
        &self,
        peer: Party,
        place: &Peer,
        stream: &OwnedReadHalf,
        (mut codec, mut bytes): (FrameCodec, BytesMut),
        mut ear: Ear,
    ) -> Ended {
        let mut beats = self.beats();
        let mut said = 0;
        loop {
            let mut heard = false;
            loop {
                match codec.decode(&mut bytes) {
                    Ok(Some(frame)) => {
                        heard = true;
                        if let Err(ended) = self.take_in(peer, place, frame) {
                            return ended;
                        }
                    }
                    Ok(None) => break,
                    Err(error) => return Ended::here(error),
                }
            }
            if heard && let Some(since_ns) = ear.hear(system_time_ns()) {
                self.set_silent(peer, place, false, since_ns);
            }
            bytes.reserve(READ_BYTES);
            tokio::select! {
                read = read(stream, &mut bytes) => match read {
                    Ok(0) if bytes.is_empty() => return Ended::there("it closed the connection"),
                    Ok(0) => return Ended::there("it closed the connection in the middle of a frame"),
                    Ok(_) => {}
                    Err(error) => return Ended::there(error),
                },
                _ = beats.tick() => {
                    said = place.beat(said);
                    match ear.beat() {
                        Sign::None => {}
                        Sign::Silent { since_ns } => self.set_silent(peer, place, true, since_ns),
                        Sign::Dead => return Ended::here(format!(
                            "nothing was heard from it for {:.0} s: it hangs, or the network between is cut",
                            self.shared.pulse.dead_time().as_secs_f64()
                        )),
                    }
                }
            }
        }
    }

    fn beats(&self) -> Interval {
        let beat = self.shared.pulse.beat;
        let mut beats = interval_at(Instant::now() + beat, beat);
        // A process that was stopped has missed what it did not hear: it must not count that as silence.
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beats
    }

    fn take_in(&self, peer: Party, place: &Peer, frame: Frame) -> Result<(), Ended> {
        match frame {
            Frame::Tally { received } => self.confirm(peer, place, received),
            Frame::Farewell => {
                place.farewell();
                self.shared.changed.notify_waiters();
                Ok(())
            }
            message if message.carries_message() => {
                // Only the task of the one connection counts, so that nothing is added in between.
                let received = place.received.load(Ordering::Relaxed);
                place.received.store(received + 1, Ordering::Relaxed);
                self.hear(LinkEvent::Message(peer, message));
                Ok(())
            }
            _ => Err(Ended::here("it spoke out of turn")),
        }
    }

    /// The peer says how many messages it has received.
    fn confirm(&self, peer: Party, place: &Peer, received: u64) -> Result<(), Ended> {
        let listed = place.connections.unlisted() == 0;
        let lost = place.confirm(received, listed).map_err(Ended::here)?;
        self.shared.changed.notify_waiters();
        if lost > 0 {
            let detail = "lost with the connection before this one, or while there was none";
            self.hear(LinkEvent::Journal(
                self.entry(JournalKind::Undelivered, Some(peer), detail)
                    .with_count(lost),
            ));
        }
        Ok(())
    }

    fn set_silent(&self, peer: Party, place: &Peer, silent: bool, since_ns: u64) {
        place.set_silent(silent);
        self.shared.changed.notify_waiters();
        let (kind, detail) = match silent {
            true if !place.silences.admits() => return,
            false if place.silences.unlisted() > 0 => return,
            true => (JournalKind::Silent, "nothing is heard from it"),
            false => (JournalKind::Heard, "it is heard again"),
        };
        let entry = self.entry(kind, Some(peer), detail);
        let seconds = entry.time_ns.saturating_sub(since_ns) as f64 / 1e9;
        let detail = format!("{detail}, after {seconds:.1} s");
        let entry = event_log::JournalEntry { detail, ..entry };
        self.hear(LinkEvent::Journal(entry.with_since(since_ns)));
    }
}

/// Waits for bytes and appends them; none at the end of the stream.
async fn read(stream: &OwnedReadHalf, bytes: &mut BytesMut) -> io::Result<usize> {
    loop {
        stream.readable().await?;
        match stream.try_read_buf(bytes) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            read => return read,
        }
    }
}

/// Writes all that waits for a link, until the connection fails or nothing follows, and then closes
/// this end of it; `batch` then says what was taken and how much of it is written, even if this future is dropped. `changed`
/// is notified when nothing is left to write.
async fn write_all(place: &Peer, changed: &Notify, stream: OwnedWriteHalf, batch: &mut Batch) {
    loop {
        match place.take(&mut batch.bytes) {
            Waiting::Bytes => {}
            Waiting::End => return,
            Waiting::Nothing => {
                changed.notify_waiters();
                place.waiting.notified().await;
                continue;
            }
        }
        if write(&stream, batch).await.is_err() {
            return;
        }
        batch.bytes.clear();
        batch.written = 0;
        // A sender that hands over without a pause must not keep this thread from reading.
        yield_now().await;
    }
}

/// Writes the rest of a batch.
async fn write(stream: &OwnedWriteHalf, batch: &mut Batch) -> io::Result<()> {
    while batch.written < batch.bytes.len() {
        match stream.try_write(&batch.bytes[batch.written..]) {
            Ok(written) => batch.written += written,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => stream.writable().await?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
