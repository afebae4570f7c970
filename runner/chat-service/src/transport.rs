//! Streams of bytes, with TLS or without: one type for wire clients, gRPC, links between servers, and both their ends.
//!
//! [`security`] what a program has to prove who it is, and whom it believes · [`certificates`] keys and certificates in files ·
//! [`stream`] a connection · [`problem`] what is wrong, in words that say what to do
//!
//! **Invariant.** Nothing but loopback is spoken to without TLS, unless the operator says so.

pub mod certificates;
pub mod problem;
pub mod security;
pub mod stream;

#[cfg(test)]
mod tests;

pub use security::{Acceptor, Connector, Purpose, Security};
pub use stream::Stream;
