//! Frames as bytes, and back.
//!
//! **Invariant.** Decoding an encoded frame gives the same frame; bytes that are not a frame, or not the next one, are an error
//! and never a panic. No frame is longer than [`FRAME_BYTES_MAX`].

use bytes::{Buf, BufMut, Bytes, BytesMut};
use event_log::MachineId;
use tokio_util::codec::{Decoder, Encoder};

use super::frame::{FRAME_BYTES_MAX, Frame, WIRE_VERSION, WireError, party, party_number};
use seal::{SEAL_BYTES, Seal};

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
        let seal_bytes = self.outgoing.as_ref().map_or(0, |_| SEAL_BYTES);
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
