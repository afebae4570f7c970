//! A link from its first frame to its last: what is read is heard, what is handed over is written, all that waits at once.

use std::io;

use bytes::BytesMut;
use event_log::{JournalKind, Party};
use tokio::net::TcpStream;
use tokio::task::yield_now;
use tokio_util::codec::{Decoder, FramedParts};

use super::super::handshake::Connection;
use super::super::wire::{Frame, FrameCodec, frames_beyond};
use super::{LinkEvent, Links, Peer};

/// Room for what one read brings.
const READ_BYTES: usize = 16 * 1024;

/// Whole frames that were taken to be written, and how far that has come.
#[derive(Default)]
struct Batch {
    bytes: BytesMut,
    written: usize,
}

impl Batch {
    /// Frames that are not written to the last byte: the peer cannot have heard them.
    fn unsent(&self) -> u64 {
        frames_beyond(&self.bytes, self.written)
    }
}

impl Links {
    /// Owns the stream of a link until it ends.
    pub(super) async fn converse(self, peer: Party, connection: Connection) {
        self.hear(LinkEvent::Connected(peer));
        let FramedParts { io, read_buf, .. } = connection.into_parts();
        let mut batch = Batch::default();
        let ended = match self.shared.peers.get(&peer) {
            // Both at once: two ends that write to each other without reading would wait for ever.
            Some(place) => tokio::select! {
                ended = self.read_all(peer, &io, read_buf) => ended,
                error = write_all(place, &io, &mut batch) => error.to_string(),
            },
            None => "it is no peer".to_owned(),
        };
        self.release(peer, batch.unsent());
        self.tell(JournalKind::Lost, Some(peer), ended);
        self.hear(LinkEvent::Lost(peer));
    }

    /// Hears messages until the connection fails; `bytes` are those that came with the handshake's last. Why it ended.
    async fn read_all(&self, peer: Party, stream: &TcpStream, mut bytes: BytesMut) -> String {
        loop {
            loop {
                match FrameCodec.decode(&mut bytes) {
                    Ok(Some(
                        frame @ (Frame::Message(_)
                        | Frame::Relayed { .. }
                        | Frame::Addressed { .. }),
                    )) => self.hear(LinkEvent::Message(peer, frame)),
                    Ok(Some(_)) => return "it spoke out of turn".to_owned(),
                    Ok(None) => break,
                    Err(error) => return error.to_string(),
                }
            }
            bytes.reserve(READ_BYTES);
            match read(stream, &mut bytes).await {
                Ok(0) if bytes.is_empty() => return "it closed the connection".to_owned(),
                Ok(0) => return "it closed the connection in the middle of a frame".to_owned(),
                Ok(_) => {}
                Err(error) => return error.to_string(),
            }
        }
    }
}

/// Waits for bytes and appends them; none at the end of the stream.
async fn read(stream: &TcpStream, bytes: &mut BytesMut) -> io::Result<usize> {
    loop {
        stream.readable().await?;
        match stream.try_read_buf(bytes) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            read => return read,
        }
    }
}

/// Writes what is handed to a link, all that waits at once, until the connection fails; `batch` tells then, or whenever
/// this is given up, what was taken and how much of it is written.
async fn write_all(place: &Peer, stream: &TcpStream, batch: &mut Batch) -> io::Error {
    loop {
        if place.take(&mut batch.bytes) == 0 {
            place.waiting.notified().await;
            continue;
        }
        if let Err(error) = write(stream, batch).await {
            return error;
        }
        batch.bytes.clear();
        batch.written = 0;
        // Whoever hands over without a pause must not keep this thread from reading.
        yield_now().await;
    }
}

/// Writes what is left of a batch.
async fn write(stream: &TcpStream, batch: &mut Batch) -> io::Result<()> {
    while batch.written < batch.bytes.len() {
        match stream.try_write(&batch.bytes[batch.written..]) {
            Ok(written) => batch.written += written,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => stream.writable().await?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
