//! A link: the connection to one other server, from its proof to its end.
//!
//! **Invariant.** For each other server one connection at most has its turn: a newer one ends it and waits until it is gone, so
//! that for the core each link is up, speaks and is down before the next one is up.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::BytesMut;
use chat::Malformed;
use chat::identity::ServerId;
use cluster::message::Message;
use replica::message::Body;
use seal::Seal;
use thiserror::Error;
use tokio::io::{self, AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::{Notify, mpsc};
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tracing::{info, warn};

use super::counters::PeerCounter;
use super::event::PeerEvent;
use super::frames::{BadFrame, Kind, MessageReader, write_frame};
use super::handshake::{Refusal, Seals};
use super::outgoing::Outgoing;
use super::settings::PeerSettings;
use crate::transport::Stream;
use crate::transport::problem::problem_of;

/// Bytes that are read at once.
const READ_BYTES: usize = 64 << 10;
/// A message with more bytes is read beside the core, which must not wait for it.
const READ_BESIDE_BYTES: usize = 1 << 20;

/// All links of a server.
pub(super) struct Table {
    pub(super) settings: PeerSettings,
    events: mpsc::Sender<PeerEvent>,
    places: BTreeMap<ServerId, Place>,
}

/// The place of the link to one other server.
#[derive(Default)]
struct Place {
    /// Held by the connection that has its turn.
    turn: tokio::sync::Mutex<()>,
    claims: Mutex<Claims>,
}

#[derive(Default)]
struct Claims {
    /// How many connections have claimed the place.
    count: u64,
    current: Option<Current>,
}

struct Current {
    outgoing: Arc<Outgoing>,
    end: Arc<Notify>,
}

/// Why a link has ended.
#[derive(Debug, Error)]
enum LinkEnd {
    #[error("the other server closed it")]
    Closed,
    #[error("nothing was heard for {:.1} s: stopped, overloaded, or the network is cut", .0.as_secs_f64())]
    Silent(Duration),
    #[error("{}", problem_of(.0))]
    Io(#[from] io::Error),
    #[error("a bad frame: {0}")]
    Frame(#[from] BadFrame),
    #[error("a message that is none: {0}; is it the same program?")]
    Message(#[from] Malformed),
    #[error("this server ended it")]
    Ended,
}

impl Place {
    fn claims(&self) -> MutexGuard<'_, Claims> {
        // Nothing that panics runs under it.
        self.claims.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the current link, if there is one.
    fn end(&self) {
        if let Some(current) = &self.claims().current {
            current.end.notify_one();
        }
    }
}

impl Table {
    pub(super) fn new(settings: PeerSettings, events: mpsc::Sender<PeerEvent>) -> Table {
        let servers = settings.counters.servers.keys();
        let places = servers.map(|&server| (server, Place::default())).collect();
        Table {
            settings,
            events,
            places,
        }
    }

    /// What has happened with another server, if there is one of this number.
    pub(super) fn counter(&self, server: ServerId) -> Option<&PeerCounter> {
        self.settings.counters.servers.get(&server)
    }

    /// Hands a message to a link, or loses it.
    pub(super) fn send(self: &Arc<Table>, to: ServerId, message: Message) {
        let Some(place) = self.places.get(&to) else {
            return;
        };
        let current = place.claims();
        let Some(outgoing) = (current.current.as_ref()).map(|link| link.outgoing.clone()) else {
            return self.lose(to);
        };
        drop(current);
        if !has_snapshot(&message) {
            return self.push(to, &outgoing, &message);
        }
        // As large as the whole state: its bytes are made beside the core, which must not wait for it.
        let table = self.clone();
        spawn_blocking(move || table.push(to, &outgoing, &message));
    }

    fn push(&self, to: ServerId, outgoing: &Outgoing, message: &Message) {
        let mut bytes = Vec::new();
        message.encode(&mut bytes);
        match (outgoing.push(bytes), self.counter(to)) {
            (true, Some(counter)) => counter.messages_sent.increase(),
            _ => self.lose(to),
        }
    }

    fn lose(&self, to: ServerId) {
        if let Some(counter) = self.counter(to) {
            counter.messages_lost.increase();
        }
    }

    /// Ends the link to a server; another one is made.
    pub(super) fn hang_up(&self, server: ServerId) {
        if let Some(place) = self.places.get(&server) {
            place.end();
        }
    }

    /// Lets what waits leave, and ends all links.
    pub(super) async fn leave(&self) {
        for place in self.places.values() {
            let mut claims = place.claims();
            // Who comes now comes too late.
            claims.count = u64::MAX / 2;
            if let Some(current) = &claims.current {
                current.outgoing.close();
            }
        }
        for place in self.places.values() {
            let _gone = place.turn.lock().await;
        }
    }

    /// The link to a server could not be made.
    pub(super) fn fail(&self, server: ServerId, problem: &str) {
        let Some(counter) = self.counter(server) else {
            return;
        };
        if !counter.is_up() && counter.fall(problem) {
            warn!(server = server.0, problem, "no link to a server");
        }
    }

    /// A connection whose ends are proved is the link to a server until it ends.
    pub(super) async fn carry(&self, server: ServerId, stream: Stream, seals: Seals) {
        let (Some(place), Some(counter)) = (self.places.get(&server), self.counter(server)) else {
            return;
        };
        let claim = {
            let mut claims = place.claims();
            claims.count += 1;
            claims.count
        };
        place.end();
        let _turn = place.turn.lock().await;
        let (outgoing, end) = (Arc::new(Outgoing::default()), Arc::new(Notify::new()));
        {
            let mut claims = place.claims();
            if claims.count != claim {
                return;
            }
            let (outgoing, end) = (outgoing.clone(), end.clone());
            claims.current = Some(Current { outgoing, end });
        }
        counter.rise();
        info!(server = server.0, "linked to a server");
        if self.events.send(PeerEvent::Up(server)).await.is_ok() {
            let (reader, writer) = io::split(stream);
            let Seals {
                outgoing: seal,
                incoming,
            } = seals;
            let ended = tokio::select! {
                ended = self.read(server, counter, reader, incoming) => ended,
                ended = write(counter, &outgoing, writer, seal) => ended,
                () = end.notified() => Err(LinkEnd::Ended),
            };
            let ended = ended.err().unwrap_or(LinkEnd::Closed);
            if matches!(ended, LinkEnd::Frame(_) | LinkEnd::Message(_)) {
                counter.bad_frames.increase();
            }
            let problem = ended.to_string();
            counter.fall(&problem);
            info!(server = server.0, problem, "the link to a server has ended");
        }
        place.claims().current = None;
        let _ = self.events.send(PeerEvent::Down(server)).await;
    }

    async fn read(
        &self,
        from: ServerId,
        counter: &PeerCounter,
        mut stream: ReadHalf<Stream>,
        seal: Seal,
    ) -> Result<(), LinkEnd> {
        let mut reader = MessageReader::new(seal);
        let (silence, rules) = (self.settings.silence, self.settings.rules);
        loop {
            while let Some(bytes) = reader.take()? {
                if bytes.is_empty() {
                    continue;
                }
                let message = match bytes.len() > READ_BESIDE_BYTES {
                    true => spawn_blocking(move || Message::decode_peer(&bytes, rules))
                        .await
                        .map_err(io::Error::other)?,
                    false => Message::decode_peer(&bytes, rules),
                }?;
                counter.messages_received.increase();
                let event = PeerEvent::Message { from, message };
                if self.events.send(event).await.is_err() {
                    return Ok(());
                }
            }
            let read = timeout(silence, read_more(&mut stream, reader.buffer())).await;
            match read.map_err(|_| LinkEnd::Silent(silence))?? {
                0 => return Ok(()),
                count => counter.bytes_received.add(count as u64),
            }
        }
    }
}

async fn read_more(stream: &mut ReadHalf<Stream>, buffer: &mut BytesMut) -> io::Result<usize> {
    buffer.reserve(READ_BYTES);
    stream.read_buf(buffer).await
}

async fn write(
    counter: &PeerCounter,
    outgoing: &Outgoing,
    mut stream: WriteHalf<Stream>,
    mut seal: Seal,
) -> Result<(), LinkEnd> {
    let mut frames = Vec::new();
    loop {
        frames.clear();
        outgoing.take(&mut seal, &mut frames).await;
        if frames.is_empty() {
            stream.shutdown().await?;
            return Err(LinkEnd::Ended);
        }
        stream.write_all(&frames).await?;
        stream.flush().await?;
        counter.bytes_sent.add(frames.len() as u64);
    }
}

/// Both ends say an empty message, and hear that of the other: now both know that the other has proved itself. How long that may
/// take is the caller's to bound.
pub(super) async fn confirm(stream: &mut Stream, seals: &mut Seals) -> Result<(), Refusal> {
    let mut own = Vec::new();
    write_frame(Kind::Whole, &[], &mut seals.outgoing, &mut own);
    stream.write_all(&own).await?;
    stream.flush().await?;
    // That of the other has the same length.
    let mut theirs = vec![0; own.len()];
    stream
        .read_exact(&mut theirs)
        .await
        .map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => Refusal::Unproven,
            _ => Refusal::Io(error),
        })?;
    let mut reader = MessageReader::new(seals.incoming.clone());
    reader.buffer().extend_from_slice(&theirs);
    match reader.take() {
        Ok(Some(message)) if message.is_empty() => {
            seals.incoming = reader.into_seal();
            Ok(())
        }
        _ => Err(Refusal::Unproven),
    }
}

fn has_snapshot(message: &Message) -> bool {
    let Message::Peer { body, .. } = message else {
        return false;
    };
    match &**body {
        Body::Promise { tail, .. } | Body::Install { tail, .. } | Body::Supply { tail, .. } => {
            tail.snapshot.is_some()
        }
        _ => false,
    }
}
