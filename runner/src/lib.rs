//! Repeated trials of asynchronous machines: everything that happens during a trial.
//!
//! ```text
//! options → config → plan → machine ⇄ driver → storage
//!                              (sockets │ virtual time)
//! ```
//!
//! [`options`] what a user asked for · [`config`] the same, validated · [`plan`] rates and phases drawn ·
//! [`drive`] the two drivers · [`storage`] the run's folder · [`run`] a run from its first trial to its last ·
//! [`experiment`] a run of several conditions · [`chat`] trials of the chat service · [`shard`] a part of a run · [`resume`] what a run already holds ·
//! [`outcome`] how it ended · [`stream`] a run for another program, without a file · [`progress`] and [`summary`] what
//! a user sees · [`command`] what to type next · [`terminal`] lines on standard error · [`numerals`] numbers in them · [`interrupt`] Ctrl-C · [`cli`] the command line.
//!
//! **Invariant.** All input and output of a trial is here; machines have none. The log is described by `event-log`
//! alone.

pub mod chat;
pub mod cli;
pub mod command;
pub mod config;
pub mod drive;
pub mod experiment;
pub mod interrupt;
pub mod numerals;
pub mod options;
pub mod outcome;
pub mod plan;
pub mod progress;
pub mod resume;
pub mod run;
pub mod shard;
pub mod storage;
pub mod stream;
pub mod summary;
pub mod terminal;
