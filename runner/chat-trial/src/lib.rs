//! Trials of the chat service in virtual time: a cluster, its clients, faults, and a judge of what users saw.
//!
//! ```text
//! condition, seed, trial, faults ─→ trial::run ─→ world of nodes ─→ judge ─→ Outcome ─→ campaign
//! ```
//!
//! A trial has a load, whose faults end at a *calm* before the load does, and then goes on until all is quiet: every operation has
//! an end, every mailbox is shown, every server has the same. The judge looks at every step; liveness it judges after the calm.
//!
//! # Map
//!
//! [`trial`] one of them · [`happened`] what must have happened for it to mean something, `reach` what can · [`logs`] what is written down · [`campaign`] many of them · `node` a
//! server or a client as one type, `heard` what came to it · `setups` what they know before · `judge` what is against the properties
//!
//! **Invariant.** What a trial is follows from condition, seed, number and faults alone, also when logs are asked for.

pub mod campaign;
pub mod happened;
mod heard;
mod judge;
pub mod logs;
mod node;
mod reach;
mod setups;
pub mod trial;

pub use campaign::Campaign;
pub use happened::{Happened, Happening};
pub use logs::{Detail, Logs};
pub use setups::{limits, rate_max_per_s};
pub use trial::{Outcome, run};

#[cfg(test)]
mod tests;
