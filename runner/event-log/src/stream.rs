//! A run as one stream of bytes, for a program that wants logs and keeps none: what `runner … --stream` writes.
//!
//! ```text
//! {"events":8400,"trials":10}                       StreamStart
//! {"log_bytes":[5120,20480,40960],"trial":0,…}      StreamedTrial
//! tick,time_ns,event,…                              the logs of its machines one after another, as their files would be
//! {"log_bytes":[…],"trial":1,…}
//! …
//! ```
//!
//! **Invariant.** Trials come in the order of their numbers. A stream that ends before its last trial was cut off.

use serde::{Deserialize, Serialize};

use crate::journal::JournalEntry;
use crate::manifest::TrialManifest;

/// The first line of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamStart {
    /// The most events that the trials can have together.
    pub events: u64,
    /// Number of trials that follow; none if they may have more events than was allowed, and do not begin.
    pub trials: Option<u64>,
}

/// The line before the logs of a trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StreamedTrial {
    /// Length of the log of each machine, bytes, in the order of the manifest's machines.
    pub log_bytes: Vec<u64>,
    /// Of what `journal.jsonl` holds elsewhere: messages that did not arrive, and machines that began again. None without faults.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub journal: Vec<JournalEntry>,
    /// What `trial.json` holds elsewhere.
    #[serde(flatten)]
    pub manifest: TrialManifest,
}
