//! The log of trials of the replicated chat service: the second system that can be on trial.
//!
//! # Manual of a run directory (format version 2)
//!
//! ```text
//! logs/2026-11-21T021405Z-chat/   one run; `run.json` has `"system": "chat"` and `"format_version": 2`
//!   run.json                [`RunManifest`](crate::RunManifest): tool, commit, seed, host, the full validated configuration
//!   summary.csv             [`TrialSummary`] rows, one a trial, in the order of the trials
//!   trial-003/              of a trial that found something, or that was asked for in detail; others leave their row alone
//!     trial.json            [`ChatTrialManifest`]: condition, processes, verdict, what was found
//!     client-0.csv          [`ClientRow`] rows: the steps of a client's operations
//!     server-0.csv          [`ServerRow`] rows: what a server did
//!     journal.jsonl         [`JournalEntry`](crate::JournalEntry) lines: lives that began and ended, messages that never arrived
//!     faults.toml           [`Faults`](crate::Faults): what was to be done, nothing left to chance
//!     faults.jsonl          [`FaultEntry`](crate::FaultEntry) lines: what was done, when, and how that is known
//! ```
//!
//! Processes have numbers: servers from 0, then the clients, so that with three servers process 5 is client 2; `trial.json`
//! lists them. Journal and fault log name a server by its number and a client in words, `"client-2"`.
//!
//! `client-*.csv` has the columns of [`ClientRow`], one row a step:
//!
//! | column | meaning |
//! |---|---|
//! | `time_ns` | system time, nanoseconds since the Unix epoch (virtual time starts at [`crate::VIRTUAL_EPOCH_NS`]) |
//! | `life` | how often the client has begun, from 1 |
//! | `event` | [`ClientStep`] |
//! | `number` | which operation of the client, in the order of asking; across its lives no two have the same |
//! | `operation` | [`OperationKind`] |
//! | `session`, `sequence` | the session's ordinal and the operation's place in it: together they name a message for ever |
//! | `server`, `view` | the server that is spoken to, and the view in which it answered |
//! | `mailbox`, `offset` | the account whose mailbox holds the message, by ordinal, and the place there, from 1 |
//! | `author`, `author_session`, `author_sequence` | on `deliver`: who sent it, by ordinal of account and session |
//! | `bytes`, `text` | length of the text and a hash of it: with them sends are matched to deliveries |
//!
//! An *ordinal* is the number in the first six bytes of a uuid of the service: accounts and sessions in the order in which
//! the service made them.
//!
//! `server-*.csv` has the columns of [`ServerRow`]:
//!
//! | column | meaning |
//! |---|---|
//! | `time_ns`, `life` | as above |
//! | `event` | [`ServerStep`]; `append` to `push` only in trials that were asked for in detail |
//! | `view`, `op` | the view, and a place in the replicated log, from 1 |
//! | `peer` | another process, by its number |
//! | `count` | how many, or which: see the step |
//! | `took_ns` | how long |
//!
//! Cells that say nothing are empty. A view is one number: the ballot's number times the number of servers, plus its
//! proposer; so a later view has a greater one.
//!
//! # Map
//!
//! [`condition`] what trials share · [`manifest`] `trial.json` · [`client`], [`server`] rows · [`summary`] `summary.csv` ·
//! [`property`] what must hold, and what was found against it · `words` words in columns.
//!
//! **Invariant.** As for the whole crate: what is written is read back, both directions side by side.

pub mod client;
pub mod condition;
pub mod manifest;
pub mod property;
pub mod server;
pub mod summary;
mod words;

pub use client::{ClientRow, ClientStep, OperationKind};
pub use condition::{ChatCondition, Tolerate};
pub use manifest::{ChatTrialManifest, ProcessEntry};
pub use property::{Property, Violation};
pub use server::{ServerRow, ServerStep};
pub use summary::{TrialSummary, Verdict};
pub use words::WordError;

/// The number of a view, as rows have it: ordered as ballots are.
pub fn view_number(ballot_number: u64, proposer: u32, servers: u32) -> u64 {
    let servers = u64::from(servers.max(1));
    ballot_number
        .saturating_mul(servers)
        .saturating_add(u64::from(proposer))
}
