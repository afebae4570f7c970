//! What a check found, plain and serialisable.
//!
//! **Invariant.** Counts are of everything; violations are a few, with their proof. A law that was decided for nothing says
//! why; it does not look as if it held.

use std::path::PathBuf;

use event_log::MachineId;
use events::{At, Dialect, Inferred};
use serde::{Deserialize, Serialize};

use crate::law::Law;

/// The outcome of checking one trial.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Verdict {
    /// What the trial belongs to: its run, or its folder.
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
    /// How many messages are known: of our own trials those sent, where one to all counts once for each recipient; of
    /// others' those whose receive has a certain send.
    pub messages: u64,
    /// How many events are receives.
    pub receives: u64,
    /// How many receives have a certain send.
    pub matched: u64,
    /// How many receives have several possible sends.
    pub ambiguous: u64,
    /// The clock condition at the receives of each machine: what the metric of that name counts.
    #[serde(skip)]
    pub conditions: Vec<Conditions>,
    /// One entry for each law that applies to the trial, in the order of [`Law::ALL`].
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

/// How often a law was put to the test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LawCount {
    /// The law.
    pub law: Law,
    /// What it demands.
    pub rule: &'static str,
    /// How many of its unit ([`Law::unit`]) it was decided for.
    pub examined: u64,
    /// How many times it was broken. One event may break one law in more than one way.
    pub violated: u64,
    /// For how many nothing can be said.
    pub undecided: u64,
}

impl LawCount {
    /// Counts of a law not yet put to the test.
    pub fn new(law: Law) -> LawCount {
        LawCount {
            law,
            rule: law.rule(),
            examined: 0,
            violated: 0,
            undecided: 0,
        }
    }
}

/// What was found of one law.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// How often it was put to the test.
    #[serde(flatten)]
    pub count: LawCount,
    /// What it is demanded of, in the plural.
    pub unit: &'static str,
    /// `violated / examined`; none if nothing was decided.
    pub share: Option<f64>,
    /// Why it cannot tell, or why nothing was to be decided.
    pub not_decidable: Option<String>,
    /// What most violations have in common, in words.
    pub explanation: Option<String>,
    /// How often each cause was found, most often first.
    pub causes: Vec<(String, u64)>,
    /// Telling violations: of each cause a few, the most frequent cause first, those of fewest lines first.
    pub examples: Vec<Violation>,
}

impl Finding {
    /// A finding whose counts and some violations are known, and no more.
    pub fn of_count(count: LawCount, examples: Vec<Violation>) -> Finding {
        Finding {
            count,
            unit: count.law.unit(),
            share: (count.examined > 0).then(|| count.violated as f64 / count.examined as f64),
            not_decidable: None,
            explanation: None,
            causes: Vec::new(),
            examples,
        }
    }
}

/// One violation, with its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// The law that is broken.
    pub law: Law,
    /// Name of the run, or of the folder that the trial belongs to.
    pub run: String,
    /// Name of the trial.
    pub trial: String,
    /// The trial's folder.
    pub trial_dir: PathBuf,
    /// The machine whose log breaks it.
    pub machine: MachineId,
    /// What its logs call it, where that is not its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The lines that prove it; the offending one first.
    pub evidence: Vec<LogLine>,
    /// What should have been.
    pub expected: String,
    /// What was found instead.
    pub found: String,
    /// What most likely went wrong, in words.
    pub cause: String,
}

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1; none when the file as a whole is meant.
    pub line: Option<u32>,
    /// What stands there; empty until who prints it has looked it up.
    pub text: String,
    /// The row of the trial.
    #[serde(skip)]
    pub at: Option<At>,
}

impl LogLine {
    /// `file:line`, as editors and terminals understand it.
    pub fn place(&self) -> String {
        match self.line {
            Some(line) => format!("{}:{line}", self.file.display()),
            None => self.file.display().to_string(),
        }
    }
}

impl Verdict {
    /// Whether nothing is wrong.
    pub fn holds(&self) -> bool {
        self.violated() == 0
    }

    /// How many violations there are in all.
    pub fn violated(&self) -> u64 {
        self.laws.iter().map(|finding| finding.count.violated).sum()
    }

    /// How often any law was decided; where it is 0, nothing was checked.
    pub fn examined(&self) -> u64 {
        self.laws.iter().map(|finding| finding.count.examined).sum()
    }

    /// What was found of one law, if it applies.
    pub fn finding(&self, law: Law) -> Option<&Finding> {
        self.laws.iter().find(|finding| finding.count.law == law)
    }

    /// The counts of one law; zeros if it does not apply.
    pub fn of(&self, law: Law) -> LawCount {
        let finding = self.finding(law);
        finding.map_or(LawCount::new(law), |finding| finding.count)
    }

    /// The violations that are kept with their proof, in the order of the laws.
    pub fn violations(&self) -> impl Iterator<Item = &Violation> {
        self.laws.iter().flat_map(|finding| &finding.examples)
    }

    /// The lines of all proofs.
    pub fn evidence_mut(&mut self) -> impl Iterator<Item = &mut LogLine> {
        let examples = self.laws.iter_mut().flat_map(|of| &mut of.examples);
        examples.flat_map(|example| &mut example.evidence)
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
