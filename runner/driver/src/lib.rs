//! What all drivers share, and virtual time.
//!
//! ```text
//! seat (a machine, when it ticks, where its log goes) · sink (the log) · storage (what is wrong with a file)
//!   └─→ engine (the event queue, of any machines) ─→ virtual_time (of the scale model)
//! world (processes with links, disks and lives) ─→ faults (what strikes them) ─→ world_trial (of the scale model)
//! ```
//!
//! A driver promises that it calls [`machine::Machine::tick`] at each time of the machine's [`Beat`] and at no other,
//! that it performs all effects of a tick before its next call, that a message handed to it reaches the recipient's
//! queue in the order of its channel, and that a row is in the log before the messages of its event leave.
//!
//! **Invariant.** Nothing here knows of processes, sockets, threads or the clock on the wall.

pub mod engine;
pub mod faults;
mod order;
pub mod seat;
pub mod sink;
pub mod storage;
pub mod virtual_time;
pub mod world;
pub mod world_trial;

pub use seat::{Beat, Seat};
pub use sink::Sink;
pub use storage::StorageError;
