//! Measurements of programs: how fast, how large, and beside what; for pages on performance.
//!
//! Scripts and benches write them, not `analyze`: a folder of CSV files with one row for each case. A page shows them as
//! tables and figures without typing a number, and verification compares it with these files. Nothing is run again:
//! durations depend on the machine, which the folder describes.
//!
//! | column | meaning |
//! |---|---|
//! | `target` | what is measured: the title of a table and of a figure |
//! | `case` | which variant of it; rows of one case are points of one panel |
//! | `size` | how much was asked: machines, events; empty where there is only one size |
//! | `ours` | what Driftlab needed or reached, in `unit` |
//! | `peer` | what the other program needed or reached; empty if there is none |
//! | `peer_name` | the other program, or the limit |
//! | `unit` | of both: a rate (`…/s`) is better when it is higher, anything else when it is lower |
//! | `command` | what was run |
//!
//! `goals.csv` beside them says what was wanted, `target,case,of,against,goal`: `of` is `ours`, then `against` is the unit,
//! or `ratio`, then it is the peer's name; an empty `case` or `against` is every one. `machine.json` is an object of texts that describes the machine; its `processor`, `processors` and `memory` stand
//! on figures.
//!
//! # Map
//!
//! [`read`] files to [`Measures`] · [`Measure::ratio`], [`Goal::is_met`] what they mean · `table::measures` and
//! `figures::measures` show them.
//!
//! **Invariant.** What was not measured is `None`, never 0.

mod read;

use std::collections::BTreeMap;

pub use read::{MeasuresError, read};

/// All that a folder holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Measures {
    /// Name and fingerprint (the first 16 hexadecimal digits of SHA-256) of each file, by name.
    pub files: Vec<(String, String)>,
    /// The machine: what, and what it is.
    pub machine: BTreeMap<String, String>,
    /// Rows, in the order of files and lines.
    pub rows: Vec<Measure>,
    /// What was wanted.
    pub goals: Vec<Goal>,
}

/// A case that was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// What is measured.
    pub target: String,
    /// Which variant of it.
    pub case: String,
    /// How much was asked.
    pub size: Option<f64>,
    /// What ours reached or needed.
    pub ours: Option<f64>,
    /// What the other reached or needed.
    pub peer: Option<f64>,
    /// The other program, or the limit; empty if there is none.
    pub peer_name: String,
    /// Unit of both.
    pub unit: String,
    /// What was run.
    pub command: String,
}

/// What was wanted of a target.
#[derive(Debug, Clone, PartialEq)]
pub struct Goal {
    /// The target.
    pub target: String,
    /// The case; empty means every case.
    pub case: String,
    /// Which number is meant.
    pub of: Subject,
    /// The unit of what is bounded, or the peer of the ratio; empty means any.
    pub against: String,
    /// The bound: at least this much of a rate or a ratio, at most this much of anything else.
    pub goal: f64,
}

/// Which number a goal bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// What ours reached or needed.
    Ours,
    /// How many times as good as the peer.
    Ratio,
}

impl Measure {
    /// Whether more is better.
    pub fn is_rate(&self) -> bool {
        self.unit.ends_with("/s")
    }

    /// How many times as good ours is as the peer: of rates ours over the peer's, of needs the peer's over ours; `None`
    /// where either is not above 0.
    pub fn ratio(&self) -> Option<f64> {
        let (ours, peer) = (self.ours?, self.peer?);
        let ratio = if self.is_rate() {
            ours / peer
        } else {
            peer / ours
        };
        (ours > 0.0 && peer > 0.0).then_some(ratio)
    }
}

impl Goal {
    /// Whether this measure meets the goal; `None` where the goal is not about it or the number is not known.
    pub fn is_met(&self, measure: &Measure) -> Option<bool> {
        let against = match self.of {
            Subject::Ours => &measure.unit,
            Subject::Ratio => &measure.peer_name,
        };
        let meant = |wanted: &str, found: &str| wanted.is_empty() || wanted == found;
        let is_meant = meant(&self.case, &measure.case) && meant(&self.against, against);
        if self.target != measure.target || !is_meant {
            return None;
        }
        match self.of {
            Subject::Ours if measure.is_rate() => Some(measure.ours? >= self.goal),
            Subject::Ours => Some(measure.ours? <= self.goal),
            Subject::Ratio => Some(measure.ratio()? >= self.goal),
        }
    }
}

impl Measures {
    /// Targets in the order in which they first stand.
    pub fn targets(&self) -> Vec<&str> {
        let mut targets: Vec<&str> = Vec::new();
        for row in &self.rows {
            if !targets.contains(&row.target.as_str()) {
                targets.push(&row.target);
            }
        }
        targets
    }

    /// The rows of a target.
    pub fn of<'a>(&'a self, target: &'a str) -> impl Iterator<Item = &'a Measure> {
        self.rows.iter().filter(move |row| row.target == target)
    }

    /// Cases of a target in the order in which they first stand.
    pub fn cases<'a>(&'a self, target: &'a str) -> Vec<&'a str> {
        let mut cases: Vec<&str> = Vec::new();
        for row in self.of(target) {
            if !cases.contains(&row.case.as_str()) {
                cases.push(&row.case);
            }
        }
        cases
    }

    /// The goals that a row is judged by.
    pub fn goals_of<'a>(&'a self, row: &'a Measure) -> impl Iterator<Item = (&'a Goal, bool)> {
        let goals = self.goals.iter();
        goals.filter_map(|goal| Some((goal, goal.is_met(row)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(unit: &str, ours: f64, peer: f64) -> Measure {
        Measure {
            target: "t".to_owned(),
            case: "c".to_owned(),
            size: None,
            ours: Some(ours),
            peer: Some(peer),
            peer_name: "p".to_owned(),
            unit: unit.to_owned(),
            command: String::new(),
        }
    }

    #[test]
    fn twice_as_good_is_two_for_rates_and_for_needs() {
        assert_eq!(measure("events/s", 10.0, 5.0).ratio(), Some(2.0));
        assert_eq!(measure("ms", 5.0, 10.0).ratio(), Some(2.0));
    }

    #[test]
    fn a_goal_bounds_rates_from_below_and_needs_from_above() {
        let goal = |of, goal| Goal {
            target: "t".to_owned(),
            case: String::new(),
            of,
            against: String::new(),
            goal,
        };
        let ours = goal(Subject::Ours, 5.0);
        assert_eq!(ours.is_met(&measure("events/s", 6.0, 1.0)), Some(true));
        assert_eq!(ours.is_met(&measure("ms", 6.0, 1.0)), Some(false));
        let ratio = goal(Subject::Ratio, 2.0);
        assert_eq!(ratio.is_met(&measure("ms", 6.0, 1.0)), Some(false));
        assert_eq!(ratio.is_met(&measure("ms", 1.0, 2.0)), Some(true));
        let other = Measure {
            target: "u".to_owned(),
            ..measure("ms", 1.0, 2.0)
        };
        assert_eq!(ratio.is_met(&other), None);
        let of_others = Goal {
            against: "somebody else".to_owned(),
            ..ratio
        };
        assert_eq!(of_others.is_met(&measure("ms", 1.0, 2.0)), None);
    }
}
