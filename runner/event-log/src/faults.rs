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
//! [`deed`] what a fault does · [`target`] whom it strikes · [`point`] at which effect · [`span`] lengths of time ·
//! [`entry`] what became of it.
//!
//! **Invariant.** A fault that was read is one that some driver can carry out: its deed suits its target, and has what it needs.

pub mod deed;
pub mod entry;
pub mod point;
pub mod span;
pub mod target;

use serde::{Deserialize, Serialize};

pub use deed::{Deed, Sphere};
pub use entry::{FaultEntry, FaultStep};
pub use point::{EffectKind, Point};
pub use span::{Span, SpanRange};
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

/// When a fault happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// At a time, counted from the start of the trial.
    At(Span),
    /// At an effect.
    On(Point),
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "FaultTable", into = "FaultTable")]
pub struct Fault {
    /// When it happens.
    pub when: When,
    /// What it does.
    pub deed: Deed,
    /// Whom it strikes.
    pub target: Target,
    /// How long it lasts; to the calm at the end if it does not say.
    pub lasts: Option<SpanRange>,
    /// By how much, where the deed needs it.
    pub by: Span,
    /// With which chance, where the deed needs it; more than 0, at most 1.
    pub chance: f64,
}

/// Faults that are drawn from the trial's seed: one after the other, at exponential distances.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StormTable", into = "StormTable")]
pub struct Storm {
    /// What each may do; at least one.
    pub deeds: Vec<Deed>,
    /// Whom each strikes.
    pub target: Target,
    /// The mean time between two; not 0.
    pub every: Span,
    /// How long each lasts.
    pub lasts: SpanRange,
    /// The most servers that it ends, pauses or wipes at one time; none: no bound.
    pub most: Option<u32>,
    /// By how much, where a deed needs it.
    pub by: Span,
    /// With which chance, where a deed needs it.
    pub chance: f64,
}

/// A fault as a file has it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultTable {
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Span>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<Point>,
    #[serde(rename = "do")]
    deed: Deed,
    target: Target,
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    lasts: Option<SpanRange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<Span>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chance: Option<f64>,
}

/// A storm as a file has it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StormTable {
    #[serde(rename = "do")]
    deeds: Vec<Deed>,
    target: Target,
    every: Span,
    #[serde(rename = "for")]
    lasts: SpanRange,
    #[serde(skip_serializing_if = "Option::is_none")]
    most: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<Span>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chance: Option<f64>,
}

/// What deeds need beside their target, as given; or what is wrong with it.
fn needs(
    deeds: &[Deed],
    target: Target,
    by: Option<Span>,
    chance: Option<f64>,
) -> Result<(Span, f64), String> {
    for &deed in deeds {
        let (struck, example) = match deed.sphere() {
            Sphere::Link => ("a link", "link 0-1"),
            Sphere::Process => ("a process", "any"),
        };
        if (deed.sphere() == Sphere::Link) != matches!(target, Target::Link { .. }) {
            return Err(format!(
                "{deed} strikes {struck}, target = \"{target}\" is none: write for example \"{example}\""
            ));
        }
        let one_way = matches!(target, Target::Link { both_ways, .. } if !both_ways);
        if deed == Deed::Break && one_way {
            return Err(format!(
                "a connection ends for both directions, target = \"{target}\" names one: write - for ->, or hold one direction"
            ));
        }
        if deed.needs_by() && by.is_none_or(|by| by.ns == 0) {
            return Err(format!("{deed} needs by how much: by = \"200ms\""));
        }
        if deed.needs_chance() && chance.is_none() {
            return Err(format!(
                "{deed} needs the chance of each message: chance = 0.1"
            ));
        }
    }
    if by.is_some() && !deeds.iter().any(|deed| deed.needs_by()) {
        return Err("`by` is for delay and slow-disk: drop it".to_owned());
    }
    if chance.is_some() && !deeds.iter().any(|deed| deed.needs_chance()) {
        return Err("`chance` is for lose and duplicate: drop it".to_owned());
    }
    match chance {
        Some(chance) if !(chance > 0.0 && chance <= 1.0) => Err(format!(
            "chance = {chance}: expected a number above 0, at most 1"
        )),
        chance => Ok((by.unwrap_or_default(), chance.unwrap_or(1.0))),
    }
}

impl TryFrom<FaultTable> for Fault {
    type Error = String;

    fn try_from(table: FaultTable) -> Result<Fault, String> {
        let when = match (table.at, table.on) {
            (Some(at), None) => When::At(at),
            (None, Some(point)) => When::On(point),
            _ => {
                return Err(
                    "a fault happens `at` a time or `on` an effect: give one of them".to_owned(),
                );
            }
        };
        let (by, chance) = needs(&[table.deed], table.target, table.by, table.chance)?;
        Ok(Fault {
            when,
            deed: table.deed,
            target: table.target,
            lasts: table.lasts,
            by,
            chance,
        })
    }
}

impl From<Fault> for FaultTable {
    fn from(fault: Fault) -> FaultTable {
        let (at, on) = match fault.when {
            When::At(at) => (Some(at), None),
            When::On(point) => (None, Some(point)),
        };
        FaultTable {
            at,
            on,
            deed: fault.deed,
            target: fault.target,
            lasts: fault.lasts,
            by: fault.deed.needs_by().then_some(fault.by),
            chance: fault.deed.needs_chance().then_some(fault.chance),
        }
    }
}

impl TryFrom<StormTable> for Storm {
    type Error = String;

    fn try_from(table: StormTable) -> Result<Storm, String> {
        if table.deeds.is_empty() {
            return Err("a storm does something: do = [\"kill\"]".to_owned());
        }
        if table.every.ns == 0 {
            return Err("every = \"0s\": expected the mean time between two faults".to_owned());
        }
        if table.most == Some(0) {
            return Err("most = 0: a storm that may strike nobody: drop it".to_owned());
        }
        let (by, chance) = needs(&table.deeds, table.target, table.by, table.chance)?;
        Ok(Storm {
            deeds: table.deeds,
            target: table.target,
            every: table.every,
            lasts: table.lasts,
            most: table.most,
            by,
            chance,
        })
    }
}

impl From<Storm> for StormTable {
    fn from(storm: Storm) -> StormTable {
        let needs = |of: fn(Deed) -> bool| storm.deeds.iter().any(|&deed| of(deed));
        StormTable {
            by: needs(Deed::needs_by).then_some(storm.by),
            chance: needs(Deed::needs_chance).then_some(storm.chance),
            deeds: storm.deeds,
            target: storm.target,
            every: storm.every,
            lasts: storm.lasts,
            most: storm.most,
        }
    }
}

#[cfg(test)]
mod tests;
