//! Faults as data: a schedule of what is done to the processes, links and disks of a trial, and what became of it.
//!
//! A schedule is a file that people write, `faults.toml`, and the same in `run.json` and `trial.json`:
//!
//! ```toml
//! settle = "15s"             # no fault in the last 15 s: all are undone before, so that the end is calm
//!
//! [[fault]]
//! at = "20s"                 # counted from the start of the trial
//! do = "kill"
//! target = "primary"         # resolved when it happens
//! for = "8s"                 # undone after: the process begins again. Without it: not before the calm at the end
//!
//! [[fault]]                  # at a point of the protocol: before or after the n-th effect of a kind
//! on = { after = "send:install", by = "primary", nth = 2 }
//! do = "power"
//! target = "all"
//! for = "1s..3s"             # drawn
//!
//! [[fault]]
//! at = "5s"
//! do = "lose"
//! target = "link 0->1"       # one way; `link 0-1` both
//! chance = 0.25
//! for = "10s"
//!
//! [[storm]]                  # faults that are drawn
//! do = ["kill", "pause"]
//! target = "any"
//! every = "6s"               # the mean time between two, exponential
//! for = "0.5s..5s"
//! most = 2                   # servers that it has down at one time
//! ```
//!
//! The words after `do` are those of [`Deed`]; `delay` and `slow-disk` need `by`, `lose` and `duplicate` need `chance`.
//!
//! A schedule is *plain* if nothing in it is left to chance: no storm, no range, no `any`. A driver draws a plain one from the
//! trial's seed before the trial starts, and writes it beside the trial as `faults.toml`; given in place of the first it makes
//! the same trial. What became of each fault stands in `faults.jsonl`, one [`FaultEntry`] a line.
//!
//! # Map
//!
//! [`fault`] one of them · [`storm`] what is drawn · [`deed`] what a fault does, `needs` and what that needs · [`target`] whom
//! it strikes · [`point`] at which effect · [`span`] lengths of time · [`entry`] what became of it.
//!
//! **Invariant.** A fault that was read is one that some driver can carry out: its deed suits its target, and has what it needs.

pub mod deed;
pub mod entry;
pub mod fault;
mod needs;
pub mod point;
pub mod span;
pub mod storm;
pub mod target;

use serde::{Deserialize, Serialize};

pub use deed::{Deed, Sphere};
pub use entry::{FaultEntry, FaultStep};
pub use fault::{Fault, When};
pub use point::{EffectKind, Point};
pub use span::{Span, SpanRange};
pub use storm::Storm;
pub use target::{End, Target};

/// A schedule of faults.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(
    deny_unknown_fields,
    default,
    expecting = "a table of faults, with `[[fault]]` and `[[storm]]` in it"
)]
pub struct Faults {
    /// How long before the end of the trial all faults are over; 0 lets them last.
    #[serde(skip_serializing_if = "is_zero")]
    pub settle: Span,
    /// The faults.
    #[serde(rename = "fault", skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
    /// What is drawn.
    #[serde(rename = "storm", skip_serializing_if = "Vec::is_empty")]
    pub storms: Vec<Storm>,
}

fn is_zero(span: &Span) -> bool {
    span.ns == 0
}

impl Faults {
    /// Whether nothing is left to chance.
    pub fn is_plain(&self) -> bool {
        let by_chance = |target: Target| match target {
            Target::Any => true,
            Target::Link { from, to, .. } => from == End::Any || to == End::Any,
            _ => false,
        };
        let is_plain = |fault: &Fault| {
            !by_chance(fault.target) && fault.lasts.is_none_or(|range| range.min == range.max)
        };
        self.storms.is_empty() && self.faults.iter().all(is_plain)
    }
}

#[cfg(test)]
mod tests;
