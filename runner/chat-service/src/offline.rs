//! What an operator does with the disks of servers that do not run.
//!
//! [`disks`] which disks a folder has · [`verify`] whether they are whole, and agree · [`backup`] the state of a service as one
//! file · [`restore`] a new cluster from such a file · [`force_view`] the last server goes on alone
//!
//! **Invariant.** A disk that a server uses is refused: it is locked. Nothing is overwritten.

pub mod backup;
pub mod disks;
pub mod force_view;
pub mod restore;
pub mod verify;

#[cfg(test)]
mod tests;
