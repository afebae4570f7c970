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
//!
//! `codec` frames as bytes, and back · [`seal`] the proof that a frame is the one that is due.

use std::io;

use bytes::Bytes;
use event_log::{MachineId, Party};
use thiserror::Error;

mod codec;
pub mod seal;

pub use codec::{FrameCodec, messages_beyond};
use seal::BrokenSeal;

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
