//! One fault: when, what, whom, how long.
//!
//! **Invariant.** A fault that was read has a deed that suits its target, and what the deed needs.

use serde::{Deserialize, Serialize};

use super::deed::Deed;
use super::needs::needs;
use super::point::Point;
use super::span::{Span, SpanRange};
use super::target::Target;

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
