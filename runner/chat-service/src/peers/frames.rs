//! Messages as sealed frames, and back.
//!
//! A frame is `u32 length | u8 kind | body | seal (24)`; the length is that of all that follows it. Kinds: 0 a whole message,
//! 1 a part of a longer one, 2 its last part. Parts of one message follow one another, with whole messages between them.
//! An empty whole message says nothing but that the link is there.
//!
//! **Invariant.** Of a stream no more is kept than one frame and the parts of one message; a length is checked first.

use bytes::{Buf, BytesMut};
use seal::{BrokenSeal, SEAL_BYTES, Seal};
use thiserror::Error;

/// Bytes of the longest piece of a message in one frame.
pub const PIECE_BYTES_MAX: usize = 64 << 10;
/// Bytes of the longest message: the largest state that a server that has lost its own can be given.
pub const MESSAGE_BYTES_MAX: usize = 1 << 30;

const LENGTH_BYTES: usize = 4;
const FRAME_BYTES_MIN: usize = 1 + SEAL_BYTES;
const FRAME_BYTES_MAX: usize = FRAME_BYTES_MIN + PIECE_BYTES_MAX;

/// How a piece goes with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole message.
    Whole,
    /// A part of one, and another one follows.
    Part,
    /// The last part.
    Last,
}

/// Why a link cannot be read on.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadFrame {
    /// A length that no frame has.
    #[error(
        "a frame says that it has {length} bytes; it has {FRAME_BYTES_MIN} to {FRAME_BYTES_MAX}"
    )]
    Length {
        /// The length.
        length: u32,
    },
    /// It is not the next one of the other end.
    #[error(transparent)]
    Seal(#[from] BrokenSeal),
    /// A kind that there is not.
    #[error("no frame is of kind {kind}")]
    Kind {
        /// The kind.
        kind: u8,
    },
    /// A message has too many parts.
    #[error("a message has more than {MESSAGE_BYTES_MAX} bytes")]
    TooLong,
}

/// Appends a piece of a message as a frame.
///
/// # Panics
///
/// If the piece is longer than [`PIECE_BYTES_MAX`].
pub fn write_frame(kind: Kind, piece: &[u8], seal: &mut Seal, bytes: &mut Vec<u8>) {
    assert!(piece.len() <= PIECE_BYTES_MAX, "a piece is bounded");
    let length = u32::try_from(FRAME_BYTES_MIN + piece.len()).expect("a piece is bounded");
    bytes.extend_from_slice(&length.to_be_bytes());
    let start = bytes.len();
    bytes.push(match kind {
        Kind::Whole => 0,
        Kind::Part => 1,
        Kind::Last => 2,
    });
    bytes.extend_from_slice(piece);
    let tag = seal.close(&bytes[start..]);
    bytes.extend_from_slice(&tag);
}

/// What has come of a link and is no whole message yet.
#[derive(Debug)]
pub struct MessageReader {
    waiting: BytesMut,
    parts: Vec<u8>,
    seal: Seal,
}

impl MessageReader {
    /// A reader at the start of a link whose other end closes frames with this seal.
    pub fn new(seal: Seal) -> MessageReader {
        MessageReader {
            waiting: BytesMut::new(),
            parts: Vec::new(),
            seal,
        }
    }

    /// The seal, as far as frames were opened.
    pub fn into_seal(self) -> Seal {
        self.seal
    }

    /// Where bytes that come are put.
    pub fn buffer(&mut self) -> &mut BytesMut {
        &mut self.waiting
    }

    /// Takes the next whole message, if it is there.
    ///
    /// # Errors
    ///
    /// [`BadFrame`]; after it nothing on the link can be trusted.
    pub fn take(&mut self) -> Result<Option<Vec<u8>>, BadFrame> {
        loop {
            let mut head = &self.waiting[..];
            let Ok(length) = head.try_get_u32() else {
                return Ok(None);
            };
            if !(FRAME_BYTES_MIN..=FRAME_BYTES_MAX).contains(&(length as usize)) {
                return Err(BadFrame::Length { length });
            }
            let Some(frame) = head.get(..length as usize) else {
                // The whole frame has its place at once.
                let missing = length as usize - head.len();
                self.waiting.reserve(missing);
                return Ok(None);
            };
            let opened = self.seal.open(frame)?;
            let (kind, piece) = (frame[0], &frame[1..opened]);
            let message = match kind {
                0 => Some(piece.to_vec()),
                1 | 2 => {
                    if self.parts.len() + piece.len() > MESSAGE_BYTES_MAX {
                        return Err(BadFrame::TooLong);
                    }
                    self.parts.extend_from_slice(piece);
                    (kind == 2).then(|| std::mem::take(&mut self.parts))
                }
                kind => return Err(BadFrame::Kind { kind }),
            };
            self.waiting.advance(LENGTH_BYTES + length as usize);
            if message.is_some() {
                return Ok(message);
            }
        }
    }
}
