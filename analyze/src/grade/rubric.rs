//! What is judged, by which thresholds and for how many points: a TOML file.
//!
//! The default rubric is `rubric.toml` beside this file; a teacher's file changes what it names and leaves the rest.
//!
//! **Invariant.** A rubric that was read makes sense: every name in it is known, and no number is negative.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use toml::Table;

use super::criterion::Criterion;
use super::overlay;
use files::input;

/// The default rubric, as text.
pub const DEFAULT: &str = include_str!("rubric.toml");

/// A rubric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rubric {
    /// What it is called.
    pub name: String,
    /// Number of trials.
    pub trials: Rule<TrialsLimits>,
    /// Length of a trial.
    pub run_length: Rule<LengthLimits>,
    /// Number of machines.
    pub machines: Rule<MachinesLimits>,
    /// Rates in range.
    pub rate_range: Rule<RangeLimits>,
    /// Rates drawn for each trial.
    pub rates_drawn: Rule<DrawnLimits>,
    /// Ticks per second as stated.
    pub tick_rate: Rule<Tolerance>,
    /// One event in each tick.
    pub one_event: Rule<Tolerance>,
    /// No roll while a message waits.
    pub drained: Rule<DeliveryLimits>,
    /// Outcomes of the die.
    pub dice: Rule<DiceLimits>,
    /// Which peer a message goes to.
    pub peers: Rule<PeersLimits>,
    /// Machines roll dice of their own.
    pub independent: Rule<IndependentLimits>,
    /// Messages arrive.
    pub messages: Rule<DeliveryLimits>,
    /// Lamport's rule.
    pub clock: Rule<Tolerance>,
    /// What every event must tell.
    pub fields: Rule<Tolerance>,
}

/// One criterion of a rubric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule<T> {
    /// What it is called in tables.
    pub name: String,
    /// What it is worth; 0 or more.
    pub points: f64,
    /// Whether it is judged.
    #[serde(default = "judged")]
    pub on: bool,
    /// Its thresholds.
    #[serde(flatten)]
    pub limits: T,
}

fn judged() -> bool {
    true
}

/// How many trials.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TrialsLimits {
    /// The fewest.
    pub at_least: u64,
    /// Shorter ones are aborted starts, in seconds.
    pub aborted_below_s: f64,
}

/// How long a trial lasts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LengthLimits {
    /// The shortest, in seconds.
    pub at_least_s: f64,
    /// How much may be missing, in seconds.
    pub tolerance_s: f64,
}

/// How many machines.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MachinesLimits {
    /// The fewest.
    pub at_least: u64,
}

/// Which rates.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RangeLimits {
    /// The lowest, in ticks per second.
    pub low_hz: f64,
    /// The highest, in ticks per second.
    pub high_hz: f64,
    /// How far, as a share, a measured rate may lie beyond.
    pub measured_tolerance: f64,
}

/// Whether rates are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DrawnLimits {
    /// How rarely equal rates in all trials must come by chance.
    pub alpha: f64,
}

/// What share may be out of order.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Tolerance {
    /// The share, 0 to 1.
    pub tolerance: f64,
}

/// What share may be out of order, and how long messages take.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DeliveryLimits {
    /// The share, 0 to 1.
    pub tolerance: f64,
    /// The longest a message is under way, in seconds.
    pub delivery_s: f64,
}

/// The die.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DiceLimits {
    /// How often a right die is called wrong.
    pub alpha: f64,
    /// Fewer rolls tell nothing.
    pub rolls_at_least: u64,
    /// Chance of an internal event.
    pub internal: f64,
    /// Chance of a message to one peer, whichever.
    pub send: f64,
    /// Chance of a message to all.
    pub broadcast: f64,
}

/// Which peer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PeersLimits {
    /// How often an even choice is called uneven.
    pub alpha: f64,
    /// Fewer sends of a machine tell nothing.
    pub sends_at_least: u64,
}

/// Whether dice are the machines' own.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct IndependentLimits {
    /// How rarely such agreement must come by chance.
    pub alpha: f64,
    /// Fewer rolls tell nothing.
    pub rolls_at_least: u64,
    /// Share of equal rolls from which two sequences are one.
    pub agreement: f64,
}

/// Why a rubric cannot be used.
#[derive(Debug, Error)]
pub enum RubricError {
    /// The file cannot be read.
    #[error("cannot read the rubric {}; `analyze grade --print-rubric` prints one to start from", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A line of it makes no sense.
    #[error("{}:{line}: expected {expected}, found {found}; `analyze grade --print-rubric` shows every name and value", file.display())]
    Line {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What should stand there.
        expected: String,
        /// What does.
        found: String,
    },
}

impl Default for Rubric {
    fn default() -> Rubric {
        let table: Table = DEFAULT.parse().expect("rubric.toml is TOML");
        table.try_into().expect("rubric.toml is a rubric")
    }
}

impl Rubric {
    /// A teacher's rubric: the default, changed as the file says.
    ///
    /// # Errors
    ///
    /// [`RubricError`] when the file cannot be read or a line of it makes no sense.
    pub fn read(file: &Path) -> Result<Rubric, RubricError> {
        let text = input::text(file).map_err(|source| RubricError::Read {
            file: file.to_owned(),
            source,
        })?;
        Rubric::parse(&text, file)
    }

    /// A rubric of a text that stands in `file`.
    ///
    /// # Errors
    ///
    /// [`RubricError::Line`] when a line of it makes no sense.
    pub fn parse(text: &str, file: &Path) -> Result<Rubric, RubricError> {
        let refused = |line, expected, found| RubricError::Line {
            file: file.to_owned(),
            line,
            expected,
            found,
        };
        let mut table: Table = DEFAULT.parse().expect("rubric.toml is TOML");
        overlay::lay(text, &mut table)
            .map_err(|fault| refused(fault.line, fault.expected, fault.found))?;
        let rubric: Rubric = table.try_into().map_err(|error: toml::de::Error| {
            refused(1, "a rubric".to_owned(), error.to_string())
        })?;
        match rubric.fault() {
            None => Ok(rubric),
            Some((table, expected, found)) => {
                let line = overlay::line_of_table(text, table);
                Err(refused(line, expected, found))
            }
        }
    }

    /// What is wrong between numbers that are each possible: the table, what was expected, what was found.
    fn fault(&self) -> Option<(&'static str, String, String)> {
        let dice = self.dice.limits;
        let sum = dice.internal + dice.send + dice.broadcast;
        let range = self.rate_range.limits;
        let total: f64 = Criterion::ALL.iter().map(|&one| self.points(one)).sum();
        if (sum - 1.0).abs() > 1e-9 {
            let expected = "`internal`, `send` and `broadcast` that sum to 1".to_owned();
            Some(("dice", expected, format!("a sum of {sum}")))
        } else if range.low_hz > range.high_hz {
            let expected = format!("`high_hz` of at least `low_hz`, {}", range.low_hz);
            Some(("rate_range", expected, range.high_hz.to_string()))
        } else if total <= 0.0 {
            let expected = "points for at least one criterion that is on".to_owned();
            Some(("trials", expected, "none".to_owned()))
        } else {
            None
        }
    }

    /// What a criterion is called.
    pub fn name_of(&self, criterion: Criterion) -> &str {
        self.rule(criterion).0
    }

    /// What a criterion is worth; 0 when it is off.
    pub fn points(&self, criterion: Criterion) -> f64 {
        match self.rule(criterion) {
            (_, points, true) => points,
            (_, _, false) => 0.0,
        }
    }

    /// Whether a criterion is judged.
    pub fn is_on(&self, criterion: Criterion) -> bool {
        self.rule(criterion).2
    }

    fn rule(&self, criterion: Criterion) -> (&str, f64, bool) {
        fn of<T>(rule: &Rule<T>) -> (&str, f64, bool) {
            (&rule.name, rule.points, rule.on)
        }
        match criterion {
            Criterion::Trials => of(&self.trials),
            Criterion::RunLength => of(&self.run_length),
            Criterion::Machines => of(&self.machines),
            Criterion::RateRange => of(&self.rate_range),
            Criterion::RatesDrawn => of(&self.rates_drawn),
            Criterion::TickRate => of(&self.tick_rate),
            Criterion::OneEvent => of(&self.one_event),
            Criterion::Drained => of(&self.drained),
            Criterion::Dice => of(&self.dice),
            Criterion::Peers => of(&self.peers),
            Criterion::Independent => of(&self.independent),
            Criterion::Messages => of(&self.messages),
            Criterion::Clock => of(&self.clock),
            Criterion::Fields => of(&self.fields),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Rubric, String> {
        Rubric::parse(text, Path::new("mine.toml")).map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_changes_what_it_names_and_leaves_the_rest() {
        let text = "[run_length]\nat_least_s = 30\n\n[dice]\non = false\n";
        let rubric = parse(text).expect("a rubric");
        assert_eq!(rubric.run_length.limits.at_least_s, 30.0);
        assert_eq!(
            rubric.run_length.points,
            Rubric::default().run_length.points
        );
        assert!(!rubric.is_on(Criterion::Dice));
        assert_eq!(rubric.points(Criterion::Dice), 0.0);
        assert_eq!(parse("").expect("the default"), Rubric::default());
        assert_eq!(parse(DEFAULT).expect("the default"), Rubric::default());
    }

    #[test]
    fn errors_name_line_expected_and_found() {
        let refused = |text: &str| parse(text).expect_err("no rubric");
        let unknown = refused("[trials]\nat_most = 5\n");
        assert!(
            unknown.starts_with("mine.toml:2: expected one of `aborted_below_s`,"),
            "{unknown}"
        );
        assert!(unknown.contains("found `at_most`"), "{unknown}");
        let typed = refused("[trials]\n\nat_least = \"five\"\n");
        assert!(
            typed.starts_with("mine.toml:3: expected a whole number"),
            "{typed}"
        );
        let negative = refused("[clock]\npoints = -1");
        assert!(
            negative.starts_with("mine.toml:2: expected 0 or more, found -1"),
            "{negative}"
        );
        let sum = refused("\n[dice]\ninternal = 0.8");
        assert!(sum.starts_with("mine.toml:2: "), "{sum}");
        let syntax = refused("[trials]\nat_least 5");
        assert!(syntax.starts_with("mine.toml:2: "), "{syntax}");
    }

    #[test]
    fn the_default_alphas_sum_to_less_than_one_percent() {
        let rubric = Rubric::default();
        let sum = rubric.rates_drawn.limits.alpha
            + rubric.dice.limits.alpha
            + rubric.peers.limits.alpha
            + rubric.independent.limits.alpha;
        assert!(sum < 0.01, "{sum}");
    }
}
