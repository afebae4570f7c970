//! Faults in a world: from a schedule as people write it to what was done.
//!
//! ```text
//! Faults ─→ limits (what a driver cannot do) ─→ draw (nothing left to chance) ─→ nemesis (strikes, undoes, keeps account)
//! ```
//!
//! `targets` says whom the nemesis means, `blows` what each deed does. What made a trial fail [`shrink`] makes small;
//! [`catalog`] shows what there is.
//!
//! **Invariant.** What is done follows from the plain schedule and the world alone.

mod blows;
pub mod catalog;
pub mod draw;
pub mod limits;
pub mod nemesis;
pub mod shrink;
mod targets;

#[cfg(test)]
mod tests;
