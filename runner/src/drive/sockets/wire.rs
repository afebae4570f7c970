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
//! [`frame`] the frames · `codec` frames as bytes, and back · [`seal`] (a crate of its own) the proof that a frame is
//! the next one.

mod codec;
pub mod frame;

pub use codec::{FrameCodec, messages_beyond};
pub use frame::{FRAME_BYTES_MAX, Frame, Nonce, Proof, WIRE_VERSION, WireError, party_number};
