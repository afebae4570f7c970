//! One fault: when, what, whom, how long.
//!
//! **Invariant.** A fault that was read has a deed that suits its target, and what the deed needs.

use serde::{Deserialize, Serialize};

use super::deed::Deed;
use super::point::Point;
use super::rate::ByteRate;
use super::severity::{Given, Severity};
use super::span::{OffsetRange, Span, SpanRange};
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
    /// How much it does, where the deed needs to know.
    pub severity: Severity,
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
    by: Option<OffsetRange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chance: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<ByteRate>,
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
        let FaultTable {
            by, chance, rate, ..
        } = table;
        let severity = Given { by, chance, rate }.suit(&[table.deed], &[table.target])?;
        Ok(Fault {
            when,
            deed: table.deed,
            target: table.target,
            lasts: table.lasts,
            severity,
        })
    }
}

impl From<Fault> for FaultTable {
    fn from(fault: Fault) -> FaultTable {
        let (at, on) = match fault.when {
            When::At(at) => (Some(at), None),
            When::On(point) => (None, Some(point)),
        };
        let Given { by, chance, rate } = Given::of(fault.severity, &[fault.deed]);
        FaultTable {
            at,
            on,
            deed: fault.deed,
            target: fault.target,
            lasts: fault.lasts,
            by,
            chance,
            rate,
        }
    }
}
