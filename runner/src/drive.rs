//! Drivers: they own time, transport and files, and perform what machines ask for.
//!
//! A driver promises that it calls [`machine::Machine::tick`] at each due time of the machine's schedule and at no
//! other, that it performs all effects of a tick before its next call, that a message handed to it reaches the
//! recipient's queue in the order of its channel, and that a row is in the log before the messages of its event leave.
//!
//! [`virtual_time`] one event queue, no waiting · [`sockets`] a process for each machine, and a coordinator.

pub mod sockets;
pub mod virtual_time;
