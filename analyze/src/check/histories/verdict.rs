//! What a check of a history found, plain and serialisable, and how it reads.
//!
//! **Invariant.** A law that was decided for nothing says why; it does not look as if it held.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use super::law::HistoryLaw;
use crate::check::LogLine;
use crate::check::verdict::proof;
use crate::history::Dialect;
use crate::history::matching::Inferred;
use crate::visible_text::visible;

/// The outcome of checking one trial.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HistoryVerdict {
    /// What the trial belongs to.
    pub group: String,
    /// The trial's name.
    pub trial: String,
    /// The folder of its files.
    pub dir: PathBuf,
    /// Name of the format that its logs were read in.
    pub format: String,
    /// The dialect that it was checked in.
    pub dialect: Dialect,
    /// What was settled by the log itself, in words.
    pub readings: Vec<String>,
    /// What matching inferred.
    pub inferred: Inferred,
    /// How many machines it has.
    pub machines: usize,
    /// How many events.
    pub events: u64,
    /// How many of them are receives.
    pub receives: u64,
    /// How many receives have a certain send.
    pub matched: u64,
    /// How many receives have several possible sends.
    pub ambiguous: u64,
    /// The clock condition at the receives of each machine: what the metric of that name counts.
    #[serde(skip)]
    pub conditions: Vec<Conditions>,
    /// One entry for each law that applies to its kind of clock, in the order of [`HistoryLaw::ALL`].
    pub laws: Vec<Finding>,
}

/// How often the clock condition was decided for the receives of a machine, and how often it is broken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Conditions {
    /// Receives for which it was decided.
    pub examined: u64,
    /// Those of them whose clock does not exceed that of the send.
    pub broken: u64,
}

impl Conditions {
    /// Share of the receives that break it, from 0 to 1; none if it was decided for none.
    pub fn share(self) -> Option<f64> {
        (self.examined > 0).then(|| self.broken as f64 / self.examined as f64)
    }
}

/// What was found of one law.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The law.
    pub law: HistoryLaw,
    /// What it demands.
    pub rule: &'static str,
    /// What it is demanded of, in the plural.
    pub unit: &'static str,
    /// For how many it was decided.
    pub examined: u64,
    /// How many of them break it.
    pub violated: u64,
    /// `violated / examined`; none if nothing was decided.
    pub share: Option<f64>,
    /// For how many the log cannot tell.
    pub undecided: u64,
    /// Why it cannot tell, or why nothing was to be decided.
    pub not_decidable: Option<String>,
    /// What most violations have in common, in words.
    pub explanation: Option<String>,
    /// How often each cause was found, most often first.
    pub causes: Vec<(String, u64)>,
    /// Telling examples, the smallest first.
    pub examples: Vec<Example>,
}

/// A violation, with its proof.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Example {
    /// The machine whose log breaks the law.
    pub machine: String,
    /// The lines that prove it, the offending one first.
    pub evidence: Vec<LogLine>,
    /// What should have been.
    pub expected: String,
    /// What was found instead.
    pub found: String,
    /// What most likely went wrong.
    pub cause: String,
}

impl HistoryVerdict {
    /// How many violations there are in all.
    pub fn violated(&self) -> u64 {
        self.laws.iter().map(|finding| finding.violated).sum()
    }

    /// How often any law was decided; where it is 0, nothing was checked.
    pub fn examined(&self) -> u64 {
        self.laws.iter().map(|finding| finding.examined).sum()
    }

    /// Whether nothing is wrong.
    pub fn holds(&self) -> bool {
        self.violated() == 0
    }

    /// What was found of one law, if it applies.
    pub fn of(&self, law: HistoryLaw) -> Option<&Finding> {
        self.laws.iter().find(|finding| finding.law == law)
    }

    /// Group and trial.
    pub fn name(&self) -> String {
        match (self.group.as_str(), self.trial.as_str()) {
            (group, "") => group.to_owned(),
            ("", trial) => trial.to_owned(),
            (group, trial) => format!("{group}/{trial}"),
        }
    }
}

impl fmt::Display for Finding {
    /// The sentence of a law, then its smallest example.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding {
            law,
            examined,
            violated,
            undecided,
            unit,
            ..
        } = self;
        let why = self
            .not_decidable
            .as_deref()
            .unwrap_or("the log does not say");
        if *examined == 0 {
            return write!(f, "{law}: not decidable: {why}");
        }
        if *violated == 0 {
            write!(f, "{law}: holds in all {examined} {unit} examined")?;
        } else {
            let percent = 100.0 * *violated as f64 / *examined as f64;
            write!(
                f,
                "{law}: VIOLATED in {violated} of {examined} {unit} ({percent:.1} %): {}",
                self.rule
            )?;
        }
        if *undecided > 0 {
            write!(f, "; not decidable for {undecided}: {why}")?;
        }
        if let Some(explanation) = &self.explanation {
            write!(f, "\n    {explanation}")?;
        }
        if let Some(example) = self.examples.first() {
            write!(f, "\n{example}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Example {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Example {
            evidence,
            expected,
            found,
            cause,
            ..
        } = self;
        proof(f, "      ", evidence, [expected, found, cause])
    }
}

impl fmt::Display for HistoryVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}: {} machines, {} events, {} receives ({} matched with their send, {} ambiguous); format {}",
            visible(&self.name()),
            self.machines,
            self.events,
            self.receives,
            self.matched,
            self.ambiguous,
            visible(&self.format)
        )?;
        for reading in &self.readings {
            writeln!(f, "  read as: {reading}")?;
        }
        for finding in self.laws.iter().filter(|finding| finding.violated > 0) {
            writeln!(f, "  {finding}")?;
        }
        for finding in self.laws.iter().filter(|finding| finding.violated == 0) {
            writeln!(f, "  {finding}")?;
        }
        Ok(())
    }
}
