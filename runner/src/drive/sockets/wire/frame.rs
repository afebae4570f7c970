//! Frames: what parties say to each other.

use std::io;

use bytes::Bytes;
use event_log::{MachineId, Party};
use thiserror::Error;

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
    /// A frame that is too long.
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

/// The number by which the wire, and proofs, know a party. No client has a part in this wire.
pub fn party_number(party: Party) -> u32 {
    party.machine().map_or(HUB, |id| id.0)
}

/// The party that a number names; every number names one.
pub(super) fn party(number: u32) -> Party {
    match number {
        HUB => Party::Hub,
        id => Party::Machine(MachineId(id)),
    }
}
