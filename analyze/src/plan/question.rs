//! What a plan is asked for.

use std::fmt;
use std::str::FromStr;

use crate::compare::machines::{Machines, Rank};

/// The question: a change of a metric, and how surely it is to be seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Name of the metric.
    pub metric: String,
    /// The change.
    pub effect: Effect,
    /// How often it is to be seen, between 0 and 1.
    pub power: f64,
    /// How often a change may be seen where there is none, between 0 and 1.
    pub alpha: f64,
    /// Whose metric; of no matter for one of the whole trial.
    pub machine: Subject,
    /// The pilot's condition by number or part of its label; needed where there are several.
    pub condition: Option<String>,
}

/// A change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Effect {
    /// A share of the pilot's mean: 0.2 for `20%`.
    Relative(f64),
    /// In the metric's unit.
    Absolute(f64),
}

impl FromStr for Effect {
    type Err = String;

    fn from_str(text: &str) -> Result<Effect, String> {
        let (number, relative) = match text.trim().strip_suffix('%') {
            Some(number) => (number.trim_end(), true),
            None => (text.trim(), false),
        };
        let value = number.parse::<f64>().ok();
        let value = value.filter(|value| value.is_finite() && *value != 0.0);
        let value = value.ok_or("expected a change other than 0, such as 20% or 5")?;
        Ok(if relative {
            Effect::Relative(value / 100.0)
        } else {
            Effect::Absolute(value)
        })
    }
}

/// Whose metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject(pub Machines);

impl FromStr for Subject {
    type Err = String;

    fn from_str(text: &str) -> Result<Subject, String> {
        let ranks = [Rank::Slowest, Rank::Median, Rank::Fastest];
        if let Some(rank) = ranks.into_iter().find(|rank| rank.name() == text) {
            return Ok(Subject(Machines::Ranked(rank)));
        }
        let id = text.strip_prefix('M').unwrap_or(text).parse();
        let id = id.map_err(|_| "expected the id of a machine, slowest, median or fastest")?;
        Ok(Subject(Machines::Id(id)))
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Machines::Id(id) => write!(f, "M{id}"),
            Machines::Ranked(rank) => f.write_str(rank.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effects_are_relative_or_absolute() {
        assert_eq!("20%".parse(), Ok(Effect::Relative(0.2)));
        assert_eq!("-5 %".parse(), Ok(Effect::Relative(-0.05)));
        assert_eq!("5".parse(), Ok(Effect::Absolute(5.0)));
        assert_eq!("-0.5".parse(), Ok(Effect::Absolute(-0.5)));
        for bad in ["", "%", "0", "0%", "much", "inf", "NaN"] {
            assert!(bad.parse::<Effect>().is_err(), "`{bad}` is no change");
        }
    }

    #[test]
    fn machines_are_ids_or_ranks() {
        for (text, shown) in [("0", "M0"), ("M12", "M12"), ("slowest", "slowest")] {
            let subject: Subject = text.parse().expect("a machine");
            assert_eq!(subject.to_string(), shown);
        }
        assert!("slow".parse::<Subject>().is_err());
        assert!("-1".parse::<Subject>().is_err());
    }
}
