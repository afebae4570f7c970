//! Faults that are drawn.
//!
//! **Invariant.** A storm that was read does something, to targets that suit all of its deeds.

use serde::{Deserialize, Serialize};

use super::deed::Deed;
use super::needs::needs;
use super::span::{Span, SpanRange};
use super::target::Target;

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
