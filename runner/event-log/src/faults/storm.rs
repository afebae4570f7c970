//! Faults that are drawn.
//!
//! **Invariant.** A storm that was read does something, to targets that suit all of its deeds.

use serde::{Deserialize, Serialize};

use super::deed::Deed;
use super::interval::{Count, Interval};
use super::point::PointKind;
use super::rate::ByteRate;
use super::severity::{Given, Severity};
use super::span::{OffsetRange, Span, SpanRange};
use super::target::Target;
use super::targets::Targets;

/// Faults that are drawn from the trial's seed, one after the other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StormTable", into = "StormTable")]
pub struct Storm {
    /// What each may do; at least one.
    pub deeds: Vec<Deed>,
    /// Whom each may strike; at least one.
    pub targets: Vec<Target>,
    /// How many there are.
    pub pace: Pace,
    /// At which effects they strike; at any time if there is none.
    pub moments: Option<Moments>,
    /// How long each lasts.
    pub lasts: SpanRange,
    /// The most servers that it ends, pauses or wipes at one time; none: no bound.
    pub most: Option<u32>,
    /// How much each does, where its deed needs to know.
    pub severity: Severity,
}

/// How many faults a storm has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// At exponential distances with this mean, which is not 0. Effects are counted from there on.
    Every(Span),
    /// This many. Effects are counted from the start of the trial.
    Count(Interval<Count>),
}

/// The effects at which a storm strikes. Those of the target count; of a link those of its sender; of `all` those of one server.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    /// Of which kinds; at least one.
    pub kinds: Vec<PointKind>,
    /// Which of them; from each doubling of the least with the same chance, so that what is rare is met as well as what is not.
    pub nth: Interval<Count>,
}

/// A storm as a file has it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StormTable {
    #[serde(rename = "do")]
    deeds: Vec<Deed>,
    #[serde(rename = "target")]
    targets: Targets,
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<Vec<PointKind>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nth: Option<Interval<Count>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    every: Option<Span>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<Interval<Count>>,
    #[serde(rename = "for")]
    lasts: SpanRange,
    #[serde(skip_serializing_if = "Option::is_none")]
    most: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<OffsetRange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chance: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<ByteRate>,
}

impl StormTable {
    /// How many faults there are, and at which effects.
    fn timing(&mut self) -> Result<(Pace, Option<Moments>), String> {
        let pace = match (self.every, self.count) {
            (Some(Span { ns: 0 }), _) => {
                return Err("every = \"0s\": expected the mean time between two faults".to_owned());
            }
            (Some(every), None) => Pace::Every(every),
            (None, Some(count)) => Pace::Count(count),
            _ => {
                return Err(
                    "a storm has faults `every` = \"6s\", or, with `on`, `count` = \"3..10\" of them: give one of the two"
                        .to_owned(),
                );
            }
        };
        let Some(kinds) = self.on.take() else {
            return match (pace, self.nth) {
                (Pace::Every(_), None) => Ok((pace, None)),
                (_, nth) => Err(format!(
                    "{}: it is for faults at effects: say which, on = [\"persist\"], or drop it",
                    if nth.is_some() { "nth" } else { "count" }
                )),
            };
        };
        if kinds.is_empty() {
            return Err("on = []: expected effects, such as on = [\"persist\"]".to_owned());
        }
        if self.most.is_some() {
            return Err(
                "most: nobody knows beforehand when an effect comes, nor who is down then: drop it, or drop `on`"
                    .to_owned(),
            );
        }
        let nth = self.nth.unwrap_or(Interval::exactly(Count(1)));
        Ok((pace, Some(Moments { kinds, nth })))
    }
}

impl TryFrom<StormTable> for Storm {
    type Error = String;

    fn try_from(mut table: StormTable) -> Result<Storm, String> {
        if table.deeds.is_empty() {
            return Err("do = []: a storm does something: do = [\"kill\"]".to_owned());
        }
        if table.most == Some(0) {
            return Err("most = 0: a storm that may strike nobody: drop it".to_owned());
        }
        let (pace, moments) = table.timing()?;
        let Targets(targets) = table.targets;
        let (by, chance, rate) = (table.by, table.chance, table.rate);
        let severity = Given { by, chance, rate }.suit(&table.deeds, &targets)?;
        Ok(Storm {
            deeds: table.deeds,
            targets,
            pace,
            moments,
            lasts: table.lasts,
            most: table.most,
            severity,
        })
    }
}

impl From<Storm> for StormTable {
    fn from(storm: Storm) -> StormTable {
        let Given { by, chance, rate } = Given::of(storm.severity, &storm.deeds);
        let (every, count) = match storm.pace {
            Pace::Every(every) => (Some(every), None),
            Pace::Count(count) => (None, Some(count)),
        };
        let (on, nth) = storm
            .moments
            .map(|moments| (moments.kinds, moments.nth))
            .unzip();
        StormTable {
            deeds: storm.deeds,
            targets: Targets(storm.targets),
            on,
            nth,
            every,
            count,
            lasts: storm.lasts,
            most: storm.most,
            by,
            chance,
            rate,
        }
    }
}
