//! A server of one and its port, with clients that keep the protocol and clients that do not.

mod bench;
mod bytes;
mod honest;
mod refused;
