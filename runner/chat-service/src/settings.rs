//! What an operator says of a server, and of a cluster.
//!
//! A server reads one file, `server.toml`; whoever talks to a cluster reads `cluster.toml` of its folder. Flags take the place of
//! what the file says before anything is checked.
//!
//! # Map
//!
//! [`server`] one server · [`cluster_file`] a cluster, as its clients see it · [`limits`] the bounds of the service ·
//! [`connection_limits`] those of connections, [`connections`] as they are written · [`words`] choices that are words · [`address`], [`span`] values that say what is
//! wrong with them · `file` how files are read
//!
//! **Invariant.** What is read here is checked: a server that starts has addresses, a folder and peers that can go together.

pub mod address;
pub mod cluster_file;
pub mod connection_limits;
pub mod connections;
mod file;
pub mod limits;
pub mod server;
pub mod span;
#[cfg(test)]
mod tests;
pub mod words;

pub use address::Address;
pub use cluster_file::{ClusterFile, ServerEntry};
pub use connection_limits::ConnectionLimits;
pub use file::SettingsError;
pub use server::{ServerSettings, TlsFiles};
pub use span::Span;
pub use words::{LogFormat, Passwords, Push, Tolerate};
