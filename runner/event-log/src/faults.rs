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
//!
//! [[storm]]                  # faults at points that are drawn: at its own effect each strikes whom it was drawn for
//! do = ["kill", "power"]
//! target = ["any", "primary"] # one of these each time; also "any client", "link any client-any"
//! on = ["send:install", "before persist"] # whether before or after is drawn too where it does not say
//! nth = "1..40"              # the n-th from a drawn moment on, a mean of `every` apart; each doubling is as likely
//! every = "10s"              # or count = "3..10": this many, counted from the start
//! for = "0.5s..5s"
//! ```
//!
//! The words after `do` are those of [`Deed`]; `delay`, `slow-disk` and `clock` need `by`, `lose` and `duplicate` need `chance`,
//! `slow` needs `rate`.
//!
//! A schedule is *plain* if nothing in it is left to chance: no storm, no range, no `any`. A driver draws a plain one from the
//! trial's seed before the trial starts, and writes it beside the trial as `faults.toml`; given in place of the first it makes
//! the same trial. What became of each fault stands in `faults.jsonl`, one [`FaultEntry`] a line.
//!
//! # Map
//!
//! [`fault`] one of them · [`storm`] what is drawn · [`deed`] what a fault does, [`severity`] how much of it · [`target`]
//! whom it strikes · [`point`] at which effect · [`span`] lengths of time · [`rate`] of links · [`interval`] what is drawn ·
//! [`entry`] what became of it.
//!
//! **Invariant.** A fault that was read is one that some driver can carry out: its deed suits its target, and has what it needs.

pub mod deed;
pub mod entry;
pub mod fault;
pub mod interval;
pub mod point;
pub mod rate;
pub mod severity;
pub mod span;
pub mod storm;
pub mod target;
mod targets;

use serde::{Deserialize, Serialize};

pub use deed::{Deed, Need, Sphere};
pub use entry::{FaultEntry, FaultStep};
pub use fault::{Fault, When};
pub use interval::{Count, Interval};
pub use point::{EffectKind, Point, PointKind};
pub use rate::ByteRate;
pub use severity::Severity;
pub use span::{Offset, OffsetRange, Span, SpanRange};
pub use storm::{Moments, Pace, Storm};
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
        let is_plain = |fault: &Fault| {
            !fault.target.is_by_chance()
                && fault.lasts.is_none_or(|range| range.is_exact())
                && fault.severity.by.is_exact()
        };
        self.storms.is_empty() && self.faults.iter().all(is_plain)
    }
}

#[cfg(test)]
mod tests;
