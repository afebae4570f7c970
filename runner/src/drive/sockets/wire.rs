//! The wire format between machines, and between machine and hub.
//!
//! A frame is a length (4 bytes, unsigned, big-endian, not counting itself, at most [`FRAME_BYTES_MAX`]) and that many
//! bytes: version, kind, body, and from the welcome on a [`seal`]. All numbers are unsigned and big-endian.
//!
//! | kind | name | body |
//! |---|---|---|
//! | 1 | hello | trial (8), from (4), to (4), nonce (16), round trip in milliseconds (4): the dialler says who it is, whom it wants and how far away that is |
//! | 2 | challenge | nonce (16), proof (32): the listener proves that it knows the secret and asks for the same |
//! | 3 | proof | proof (32): the dialler proves it |
//! | 4 | welcome | received (8): messages may follow, both ways |
//! | 5 | message | the message's own bytes: between two machines |
//! | 6 | relayed | machine (4), the message's own bytes: to the hub with the recipient, from the hub with the sender |
//! | 7 | addressed | from (4), to (4), the message's own bytes: where a process has several machines |
//! | 8 | tally | received (8): first thing the dialler says, when there is nothing else to say, and in answer to a farewell |
//! | 9 | farewell | nothing: no message follows |
//!
//! `received` is how many messages an end has received from the other, over all connections that the two have had. A
//! sealed frame ends with its number in its direction (8), from 0, and a keyed hash (16).
//!
//! A process is named by its first machine.
//!
//! The number of a machine is its id, the hub's is the greatest of all.
//!
//! A partial frame is an ordinary value: the decoder waits for the rest. A frame that is too long, of another version, of
//! no known form or without the seal that is due is an error, and the connection is closed: after it nothing on the stream
//! can be trusted.

use std::io;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use event_log::{MachineId, Party};
use thiserror::Error;
use tokio_util::codec::{Decoder, Encoder};

pub mod seal;

use seal::{BrokenSeal, Seal};

/// Version of this format, the first byte of every frame.
pub const WIRE_VERSION: u8 = 2;
/// The longest frame, without its length field. A stranger cannot make a machine hold more than this.
pub const FRAME_BYTES_MAX: usize = 1024;

/// A number used once.
pub type Nonce = [u8; 16];
/// A keyed hash that proves knowledge of the run's secret.
pub type Proof = [u8; 32];

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// The dialler says who it is.
    Hello {
        /// Number of the trial that it belongs to.
        trial: u64,
        /// Who it claims to be.
        from: Party,
        /// Whom it wants to talk to.
        to: Party,
        /// Its fresh number.
        nonce: Nonce,
        /// How long an answer takes to come, as far as it knows, milliseconds.
        round_trip_ms: u32,
    },
    /// The listener proves itself, and asks.
    Challenge {
        /// Its fresh number.
        nonce: Nonce,
        /// Proof over both numbers.
        proof: Proof,
    },
    /// The dialler proves itself.
    Proof(Proof),
    /// The listener agrees.
    Welcome {
        /// Messages that it has received from the dialler, over all their connections.
        received: u64,
    },
    /// A message between two machines that share a connection.
    Message(Bytes),
    /// A message on its way through the hub.
    Relayed {
        /// On the way to the hub its recipient, on the way from it its sender.
        machine: MachineId,
        /// The message.
        message: Bytes,
    },
    /// A message between machines of processes that house several.
    Addressed {
        /// Its sender.
        from: MachineId,
        /// Its recipient.
        to: MachineId,
        /// The message.
        message: Bytes,
    },
    /// What an end has received so far.
    Tally {
        /// Messages from the other end, over all their connections.
        received: u64,
    },
    /// No message follows.
    Farewell,
}

impl Frame {
    /// Whether it carries a message.
    #[inline]
    pub fn carries_message(&self) -> bool {
        matches!(
            self,
            Frame::Message(_) | Frame::Relayed { .. } | Frame::Addressed { .. }
        )
    }
}

/// Why bytes are not a frame.
#[derive(Debug, Error)]
pub enum WireError {
    /// The connection failed, or ended inside a frame.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A frame that nobody may send.
    #[error("a frame of {0} bytes, expected at most {FRAME_BYTES_MAX}")]
    TooLong(u64),
    /// A frame of another version.
    #[error("wire version {0}, expected {WIRE_VERSION}")]
    Version(u8),
    /// No frame has this form.
    #[error("{0}")]
    Malformed(&'static str),
    /// A frame that is not the next of the other end.
    #[error(transparent)]
    Seal(#[from] BrokenSeal),
}

/// Turns bytes into frames and back.
///
/// Frames are written where they leave from, and a message read is a part of what has arrived: neither is copied on the
/// way. Without seals it speaks as in a handshake.
#[derive(Debug, Default)]
pub struct FrameCodec {
    outgoing: Option<Seal>,
    incoming: Option<Seal>,
}

impl FrameCodec {
    /// From now on each frame that leaves is sealed, and each that comes must be.
    pub fn seal(&mut self, outgoing: Seal, incoming: Seal) {
        (self.outgoing, self.incoming) = (Some(outgoing), Some(incoming));
    }

    /// One that turns frames into bytes, and one for the way back.
    pub fn split(self) -> (FrameCodec, FrameCodec) {
        let (outgoing, incoming) = (self.outgoing, self.incoming);
        let encoder = FrameCodec {
            outgoing,
            incoming: None,
        };
        let decoder = FrameCodec {
            outgoing: None,
            incoming,
        };
        (encoder, decoder)
    }
}

/// Bytes of a frame's length field.
const LENGTH_BYTES: usize = 4;
/// Where a frame's kind stands, counted from its length field.
const KIND_AT: usize = LENGTH_BYTES + 1;
/// The kinds that carry a message.
const MESSAGE_KINDS: std::ops::RangeInclusive<u8> = 5..=7;

impl Encoder<Frame> for FrameCodec {
    type Error = WireError;

    #[inline]
    fn encode(&mut self, frame: Frame, bytes: &mut BytesMut) -> Result<(), WireError> {
        let start = bytes.len();
        bytes.put_u32(0);
        bytes.put_u8(WIRE_VERSION);
        put_body(frame, bytes);
        let seal_bytes = self.outgoing.as_ref().map_or(0, |_| seal::SEAL_BYTES);
        let length = bytes.len() - start - LENGTH_BYTES + seal_bytes;
        if length > FRAME_BYTES_MAX {
            bytes.truncate(start);
            return Err(WireError::TooLong(length as u64));
        }
        if let Some(seal) = &mut self.outgoing {
            let seal = seal.close(&bytes[start + LENGTH_BYTES..]);
            bytes.put_slice(&seal);
        }
        bytes[start..start + LENGTH_BYTES].copy_from_slice(&(length as u32).to_be_bytes());
        Ok(())
    }
}

/// How many messages are in those of these whole frames that end beyond the first `written` bytes.
pub fn messages_beyond(frames: &[u8], written: usize) -> u64 {
    let (mut end, mut count) = (0, 0);
    while let Some(length) = frames.get(end..).and_then(<[u8]>::first_chunk) {
        let kind = frames.get(end + KIND_AT);
        end += LENGTH_BYTES + u32::from_be_bytes(*length) as usize;
        let message = kind.is_some_and(|kind| MESSAGE_KINDS.contains(kind));
        count += u64::from(message && end > written);
    }
    count
}

/// Kind and body of a frame.
#[inline]
fn put_body(frame: Frame, bytes: &mut BytesMut) {
    match frame {
        Frame::Hello {
            trial,
            from,
            to,
            nonce,
            round_trip_ms,
        } => {
            bytes.put_u8(1);
            bytes.put_u64(trial);
            bytes.put_u32(party_number(from));
            bytes.put_u32(party_number(to));
            bytes.put_slice(&nonce);
            bytes.put_u32(round_trip_ms);
        }
        Frame::Challenge { nonce, proof } => {
            bytes.put_u8(2);
            bytes.put_slice(&nonce);
            bytes.put_slice(&proof);
        }
        Frame::Proof(proof) => {
            bytes.put_u8(3);
            bytes.put_slice(&proof);
        }
        Frame::Welcome { received } => {
            bytes.put_u8(4);
            bytes.put_u64(received);
        }
        Frame::Message(message) => {
            bytes.put_u8(5);
            bytes.put_slice(&message);
        }
        Frame::Relayed { machine, message } => {
            bytes.put_u8(6);
            bytes.put_u32(machine.0);
            bytes.put_slice(&message);
        }
        Frame::Addressed { from, to, message } => {
            bytes.put_u8(7);
            bytes.put_u32(from.0);
            bytes.put_u32(to.0);
            bytes.put_slice(&message);
        }
        Frame::Tally { received } => {
            bytes.put_u8(8);
            bytes.put_u64(received);
        }
        Frame::Farewell => bytes.put_u8(9),
    }
}

impl Decoder for FrameCodec {
    type Item = Frame;
    type Error = WireError;

    #[inline]
    fn decode(&mut self, bytes: &mut BytesMut) -> Result<Option<Frame>, WireError> {
        let Some((length, rest)) = bytes.split_first_chunk::<LENGTH_BYTES>() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes(*length) as usize;
        if length > FRAME_BYTES_MAX {
            return Err(WireError::TooLong(length as u64));
        }
        if rest.len() < length {
            let missing = length - rest.len();
            bytes.reserve(missing);
            return Ok(None);
        }
        bytes.advance(LENGTH_BYTES);
        let mut frame = bytes.split_to(length);
        if let Some(seal) = &mut self.incoming {
            let length = seal.open(&frame)?;
            frame.truncate(length);
        }
        parse(frame.freeze()).map(Some)
    }
}

/// No machine has this id: there are fewer.
const HUB: u32 = u32::MAX;

/// The number by which the wire, and proofs, know a party.
pub fn party_number(party: Party) -> u32 {
    party.machine().map_or(HUB, |id| id.0)
}

fn party(number: u32) -> Party {
    match number {
        HUB => Party::Hub,
        id => Party::Machine(MachineId(id)),
    }
}

#[inline]
fn parse(body: Bytes) -> Result<Frame, WireError> {
    let (&version, rest) = body
        .split_first()
        .ok_or(WireError::Malformed("an empty frame"))?;
    if version != WIRE_VERSION {
        return Err(WireError::Version(version));
    }
    let (&kind, rest) = rest
        .split_first()
        .ok_or(WireError::Malformed("a frame without a kind"))?;
    let mut rest = Cursor(rest);
    let frame = match kind {
        1 => Frame::Hello {
            trial: u64::from_be_bytes(rest.take()?),
            from: party(u32::from_be_bytes(rest.take()?)),
            to: party(u32::from_be_bytes(rest.take()?)),
            nonce: rest.take()?,
            round_trip_ms: u32::from_be_bytes(rest.take()?),
        },
        2 => Frame::Challenge {
            nonce: rest.take()?,
            proof: rest.take()?,
        },
        3 => Frame::Proof(rest.take()?),
        4 => Frame::Welcome {
            received: u64::from_be_bytes(rest.take()?),
        },
        5 => return Ok(Frame::Message(body.slice(2..))),
        6 => {
            let machine = MachineId(u32::from_be_bytes(rest.take()?));
            let message = body.slice(6..);
            return Ok(Frame::Relayed { machine, message });
        }
        7 => {
            let from = MachineId(u32::from_be_bytes(rest.take()?));
            let to = MachineId(u32::from_be_bytes(rest.take()?));
            let message = body.slice(10..);
            return Ok(Frame::Addressed { from, to, message });
        }
        8 => Frame::Tally {
            received: u64::from_be_bytes(rest.take()?),
        },
        9 => Frame::Farewell,
        _ => return Err(WireError::Malformed("a frame of no known kind")),
    };
    if rest.0.is_empty() {
        Ok(frame)
    } else {
        Err(WireError::Malformed("a frame with bytes to spare"))
    }
}

struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    #[inline]
    fn take<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let (taken, rest) = self
            .0
            .split_first_chunk::<N>()
            .ok_or(WireError::Malformed("a frame cut short"))?;
        self.0 = rest;
        Ok(*taken)
    }
}

#[cfg(test)]
mod tests;
