//! `faults.jsonl`: what became of each fault of a trial, one JSON object a line, in the order of their times.
//!
//! ```text
//! {"time_ns":…,"fault":0,"step":"effect","do":"kill","target":"any","machine":1,"evidence":"…"}
//! {"time_ns":…,"fault":0,"step":"undone","do":"kill","target":"any","machine":1,"evidence":"…"}
//! ```
//!
//! A fault that strikes several has a line for each. A fault without an `effect` line did not take effect, and the trial is
//! not one with that fault.

use serde::{Deserialize, Serialize};

use super::deed::Deed;
use super::target::Target;
use crate::party::Party;

/// One line of `faults.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultEntry {
    /// When: system time, nanoseconds since the Unix epoch.
    pub time_ns: u64,
    /// The fault, by its place in the plain schedule of the trial, from 0.
    pub fault: u32,
    /// What happened.
    pub step: FaultStep,
    /// What the fault does.
    #[serde(rename = "do")]
    pub deed: Deed,
    /// Whom it was meant for.
    pub target: Target,
    /// Whom it struck; of a link the one end, or the sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<Party>,
    /// Of a link the other end, or the recipient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<Party>,
    /// How that is known.
    pub evidence: String,
}

/// What happened with a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultStep {
    /// It took effect.
    Effect,
    /// It could not take effect: what it was meant for was not there.
    NoEffect,
    /// Its effect ended.
    Undone,
}
