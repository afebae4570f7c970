//! The chat service as values.
//!
//! [`application`] accounts, sessions, mailboxes: entries in, answers out · [`door`] between connections and the log ·
//! [`client`] the other end of a connection ·
//! [`wire`] frames and what they say · [`name`], [`identity`] what things are called · [`limits`] every bound ·
//! [`answer`], [`refusal`] what the service says to a request · [`rule`] what tests can switch off · `field` how values become bytes
//!
//! **Invariant.** Nothing here reads a clock, opens a socket or file, is `async`, or draws chance that was not handed in;
//! `clippy.toml` beside this crate bans the means. Nothing here knows how the service is replicated.

pub mod answer;
pub mod application;
pub mod client;
pub mod door;
mod field;
pub mod identity;
pub mod limits;
pub mod name;
pub mod refusal;
pub mod rule;
pub mod wire;

pub use field::Malformed;

#[cfg(test)]
mod tests;
