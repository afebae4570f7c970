//! Trials of the replicated chat service: whole clusters and their clients in virtual time, as many as it takes to find
//! what is wrong with them.
//!
//! ```text
//! flags → config (condition, schedule) → run → campaign ⇄ chat_trial::run
//!                                         │
//!                                         ├→ files (summary.csv, folders of trials)
//!                                         └→ outcome → report (JSON) → summary::chat (table, what to type next)
//! shrink: a trial that found something → a smaller one that still does
//! ```
//!
//! [`config`] a run that is asked for · [`condition`] what trials share, from flags and back · [`schedule`] their faults · [`campaign`] trials on all processors,
//! in their order · [`files`] what is kept of them · [`run`] a run of them from its first to its last, [`outcome`] how it ended · [`report`] what came of them ·
//! [`commands`] what to type to have a trial again · [`shrink`] smaller trials.
//!
//! **Invariant.** What is printed and written depends on the flags and the seed, and not on how many processors there are;
//! only the time it took does.

pub mod campaign;
pub mod commands;
pub mod condition;
pub mod config;
pub mod files;
pub mod outcome;
pub mod report;
pub mod run;
pub mod schedule;
pub mod shrink;
