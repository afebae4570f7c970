//! Servers and clients of the replicated chat service, as processes that touch nothing.
//!
//! A [`Server`](server::Server) is a replica and a door: what clients ask for becomes commands of the replicated log, and what is
//! committed is answered and pushed. A [`Client`](client::Client) is the core of a chat client and somebody who uses it. Both
//! are [`machine::process::Process`]es with one type of [`Message`](message::Message), so that any driver can run them: a world
//! in virtual time, or sockets.
//!
//! ```text
//! client: workload ─→ core ═ requests ═→ door ─→ replica ═ peers ═→ replicas
//!            └── reports ←┘ ←═ responses ═┘ ←─ committed ┘                  :server
//! ```
//!
//! # Map
//!
//! [`service`] the application that is replicated · [`view`] its views, for clients · [`message`] what is said · [`kinds`] words
//! for what is said and logged · [`server`] replica and door · [`client`] core and disk of a device · [`workload`] what its
//! user does · [`text`] hashes of texts · [`codec`] bytes ·
//! `clock` milliseconds
//!
//! **Invariant.** Nothing here reads a clock, opens a socket or file, is `async`, or draws chance that is not keyed by seed, trial,
//! process and life; `clippy.toml` beside this crate bans the means. No driver is known here.

pub mod client;
mod clock;
pub mod codec;
pub mod kinds;
pub mod message;
pub mod server;
pub mod service;
pub mod text;
pub mod view;
pub mod workload;

#[cfg(test)]
mod tests;
