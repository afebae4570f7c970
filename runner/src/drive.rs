//! Drivers: they own time, transport and files, and perform what machines ask for.
//!
//! What they promise stands with what they share, in the crate [`driver`].
//!
//! [`virtual_time`] one event queue, no waiting · [`sockets`] processes of one machine or several, and a coordinator.

pub mod sockets;
pub mod virtual_time;
