//! The chat service as programs: what carries the pure servers and clients of [`cluster`] and [`chat`] on sockets and disks.
//!
//! ```text
//! clients ═ frames, TLS ═→ listener ─┐                         ┌─→ peers ═ sealed frames ═→ other servers
//! clients ═ gRPC ════════→ grpc ─────┴→ hub ─→ core (Server) ──┤
//!                                                              └─→ disk ─→ store (redb), one flush for all that waits
//! terminal, scripts ─→ client (chat::client on a socket)
//! ```
//!
//! # Map
//!
//! [`settings`] what an operator says of a server, and of a cluster · [`server`] a server as a program · [`local_cluster`]
//! several of this host · [`status`], [`metrics`] how servers are, for people and for machines · [`secret`], `new_file`,
//! [`signals`], [`log`], [`counter`], `clock` what they need of the host · [`hash`] passwords · [`hub`] connections of clients,
//! however they come · [`core`] one server process, driven · [`disk`] the thread that writes, and what it writes to · [`store`]
//! a server's folder · [`offline`] what is done with folders of servers that do not run · [`peers`] links between servers ·
//! [`transport`] streams, with TLS or without · [`keys`] what TLS needs · [`listener`] wire clients · [`grpc`] gRPC clients ·
//! [`client`] the other end of a connection · [`terminal`] a person at it · [`doctor`] what a host can do
//!
//! **Invariant.** This crate carries and never decides: what is committed, refused or delivered the pure crates say. It is the
//! only one that knows redb, rustls, tonic and rustyline.

pub mod client;
mod clock;
pub mod core;
pub mod counter;
pub mod disk;
pub mod doctor;
pub mod grpc;
pub mod hash;
pub mod hub;
pub mod keys;
pub mod listener;
pub mod local_cluster;
pub mod log;
pub mod metrics;
mod new_file;
pub mod offline;
pub mod peers;
pub mod secret;
pub mod server;
pub mod settings;
pub mod signals;
pub mod status;
pub mod store;
pub mod terminal;
pub mod transport;
