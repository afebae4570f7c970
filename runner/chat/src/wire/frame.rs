//! Frames in a stream of bytes.
//!
//! A stream has no packets: bytes come in any pieces, and a frame is whole when all its bytes are there. A length is checked
//! before anything is kept of its frame.

use bytes::{Buf, BufMut, BytesMut};
use thiserror::Error;

/// Bytes before a frame's body: its length and its op code.
pub const FRAME_HEAD_BYTES: usize = 5;

/// One frame: what its body means is the op code's matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// What it is.
    pub op: u8,
    /// The rest.
    pub body: Vec<u8>,
}

/// Why a stream cannot be read on.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a frame (op {op}) has {length} bytes, at most {length_max} are allowed here")]
pub struct FrameTooLong {
    /// Its op code.
    pub op: u8,
    /// The length that it says.
    pub length: u32,
    /// The longest that is allowed.
    pub length_max: usize,
}

/// Appends a frame with a body that `write` appends.
///
/// # Panics
///
/// If the body has 2³² bytes or more: what is written is bounded far below that.
pub fn write_frame(op: u8, bytes: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = bytes.len();
    bytes.put_u32(0);
    bytes.put_u8(op);
    write(bytes);
    let length = bytes.len() - start - FRAME_HEAD_BYTES;
    let length = u32::try_from(length).expect("limits keep frames below 2^32 bytes");
    bytes[start..start + 4].copy_from_slice(&length.to_be_bytes());
}

/// What has come of a stream and is no whole frame yet.
#[derive(Debug, Clone)]
pub struct FrameReader {
    waiting: BytesMut,
    length_max: usize,
}

impl FrameReader {
    /// A reader at the start of a stream. Bodies have at most this number of bytes.
    pub fn new(length_max: usize) -> FrameReader {
        FrameReader {
            waiting: BytesMut::new(),
            length_max,
        }
    }

    /// From the next frame on, bodies have at most this number of bytes.
    pub fn allow(&mut self, length_max: usize) {
        self.length_max = length_max;
    }

    /// Bytes have come.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
    }

    /// Takes the next frame; none while it is not whole.
    ///
    /// # Errors
    ///
    /// [`FrameTooLong`], and again at each further call: the stream is lost.
    pub fn take(&mut self) -> Result<Option<Frame>, FrameTooLong> {
        let mut head = &self.waiting[..];
        let (Ok(length), Ok(op)) = (head.try_get_u32(), head.try_get_u8()) else {
            return Ok(None);
        };
        if length as usize > self.length_max {
            return Err(FrameTooLong {
                op,
                length,
                length_max: self.length_max,
            });
        }
        if head.len() < length as usize {
            return Ok(None);
        }
        self.waiting.advance(FRAME_HEAD_BYTES);
        let body = self.waiting.split_to(length as usize).to_vec();
        Ok(Some(Frame { op, body }))
    }
}
