//! The wire format between machines, and between machine and hub.
//!
//! A frame is a length (4 bytes, unsigned, big-endian, not counting itself, at most [`FRAME_BYTES_MAX`]) and that many
//! bytes: version, kind, body. All numbers are unsigned and big-endian.
//!
//! | kind | name | body |
//! |---|---|---|
//! | 1 | hello | trial (8), from (4), to (4), nonce (16): the dialler says who it is and whom it wants |
//! | 2 | challenge | nonce (16), proof (32): the listener proves that it knows the secret and asks for the same |
//! | 3 | proof | proof (32): the dialler proves it |
//! | 4 | welcome | nothing: messages may follow, both ways |
//! | 5 | message | the message's own bytes: between two machines |
//! | 6 | relayed | machine (4), the message's own bytes: to the hub with the recipient, from the hub with the sender |
//! | 7 | addressed | from (4), to (4), the message's own bytes: where a process has several machines |
//!
//! A process is named by its first machine.
//!
//! The number of a machine is its id, the hub's is the greatest of all.
//!
//! A partial frame is an ordinary value: the decoder waits for the rest. A frame that is too long, of another version or
//! of no known form is an error, and the connection is closed: after it nothing on the stream can be trusted.

use std::io;

use bytes::{BufMut, Bytes, BytesMut};
use event_log::{MachineId, Party};
use thiserror::Error;
use tokio_util::codec::{Decoder, Encoder, LengthDelimitedCodec};

/// Version of this format, the first byte of every frame.
pub const WIRE_VERSION: u8 = 1;
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
    Welcome,
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
}

/// Why bytes are not a frame.
#[derive(Debug, Error)]
pub enum WireError {
    /// The connection failed, or ended inside a frame.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A frame of another version.
    #[error("wire version {0}, expected {WIRE_VERSION}")]
    Version(u8),
    /// No frame has this form.
    #[error("{0}")]
    Malformed(&'static str),
}

/// Turns bytes into frames and back.
#[derive(Debug)]
pub struct FrameCodec {
    lengths: LengthDelimitedCodec,
}

impl Default for FrameCodec {
    fn default() -> FrameCodec {
        FrameCodec {
            lengths: LengthDelimitedCodec::builder()
                .max_frame_length(FRAME_BYTES_MAX)
                .new_codec(),
        }
    }
}

impl Encoder<Frame> for FrameCodec {
    type Error = WireError;

    fn encode(&mut self, frame: Frame, bytes: &mut BytesMut) -> Result<(), WireError> {
        let mut body = BytesMut::with_capacity(64);
        body.put_u8(WIRE_VERSION);
        match frame {
            Frame::Hello {
                trial,
                from,
                to,
                nonce,
            } => {
                body.put_u8(1);
                body.put_u64(trial);
                body.put_u32(party_number(from));
                body.put_u32(party_number(to));
                body.put_slice(&nonce);
            }
            Frame::Challenge { nonce, proof } => {
                body.put_u8(2);
                body.put_slice(&nonce);
                body.put_slice(&proof);
            }
            Frame::Proof(proof) => {
                body.put_u8(3);
                body.put_slice(&proof);
            }
            Frame::Welcome => body.put_u8(4),
            Frame::Message(message) => {
                body.put_u8(5);
                body.put_slice(&message);
            }
            Frame::Relayed { machine, message } => {
                body.put_u8(6);
                body.put_u32(machine.0);
                body.put_slice(&message);
            }
            Frame::Addressed { from, to, message } => {
                body.put_u8(7);
                body.put_u32(from.0);
                body.put_u32(to.0);
                body.put_slice(&message);
            }
        }
        Ok(self.lengths.encode(body.freeze(), bytes)?)
    }
}

impl Decoder for FrameCodec {
    type Item = Frame;
    type Error = WireError;

    fn decode(&mut self, bytes: &mut BytesMut) -> Result<Option<Frame>, WireError> {
        match self.lengths.decode(bytes)? {
            None => Ok(None),
            Some(body) => parse(body.freeze()).map(Some),
        }
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
        },
        2 => Frame::Challenge {
            nonce: rest.take()?,
            proof: rest.take()?,
        },
        3 => Frame::Proof(rest.take()?),
        4 => Frame::Welcome,
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
