//! What a check found, plain and serialisable, and how it reads on a terminal.
//!
//! **Invariant.** `violated` counts every violation; `violations` holds at most [`EXAMPLES`] of each law.

use std::fmt;
use std::path::PathBuf;

use event_log::MachineId;
use serde::{Deserialize, Serialize};

use super::law::Law;
use crate::visible_text::visible;

/// The most violations of one law in one trial that are shown; all are counted.
pub const EXAMPLES: usize = 5;

/// The outcome of checking one trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Name of the run.
    pub run: String,
    /// Number of the trial in its run.
    pub trial: u64,
    /// The trial's folder.
    pub trial_dir: PathBuf,
    /// How many rows were read.
    pub rows: u64,
    /// How many messages were sent; a broadcast counts once for each recipient.
    pub messages: u64,
    /// One entry for each law, in the order of [`Law::ALL`].
    pub laws: Vec<LawCount>,
    /// Examples of violations: by law, then by machine and line.
    pub violations: Vec<Violation>,
}

impl Verdict {
    /// Whether nothing is wrong.
    pub fn holds(&self) -> bool {
        self.violated() == 0
    }

    /// How many violations there are in all.
    pub fn violated(&self) -> u64 {
        self.laws.iter().map(|count| count.violated).sum()
    }

    /// The counts of one law.
    pub fn of(&self, law: Law) -> LawCount {
        self.laws[law as usize]
    }
}

/// How often a law was put to the test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LawCount {
    /// The law.
    pub law: Law,
    /// What it demands.
    pub rule: &'static str,
    /// How many rows, receives, messages or machines ([`Law::unit`]) it was decided for.
    pub examined: u64,
    /// How many times it was broken. One row may break one law in more than one way.
    pub violated: u64,
    /// For how many nothing can be said, because a log ends early, misses rows or has no common time with another.
    pub undecided: u64,
}

impl LawCount {
    /// Counts of a law not yet put to the test.
    pub(super) fn new(law: Law) -> LawCount {
        LawCount {
            law,
            rule: law.rule(),
            examined: 0,
            violated: 0,
            undecided: 0,
        }
    }
}

/// One violation, with its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// The law that is broken.
    pub law: Law,
    /// Name of the run.
    pub run: String,
    /// The trial's folder.
    pub trial_dir: PathBuf,
    /// The machine whose log breaks it.
    pub machine: MachineId,
    /// The lines that prove it; the offending one first.
    pub evidence: Vec<LogLine>,
    /// What should have been.
    pub expected: String,
    /// What was found instead.
    pub found: String,
    /// What most likely went wrong, in words.
    pub cause: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trial = self.trial_dir.file_name().unwrap_or_default();
        writeln!(
            f,
            "{} violated by machine {} in {}: {}",
            self.law,
            self.machine,
            visible(&trial.to_string_lossy()),
            self.law.rule()
        )?;
        let Violation {
            evidence,
            expected,
            found,
            cause,
            ..
        } = self;
        proof(f, "  ", evidence, [expected, found, cause])
    }
}

/// The lines that prove a violation under one another, then what was expected, what was found and the likely cause.
pub(crate) fn proof(
    f: &mut fmt::Formatter<'_>,
    indent: &str,
    evidence: &[LogLine],
    [expected, found, cause]: [&str; 3],
) -> fmt::Result {
    let places = evidence.iter().map(LogLine::place);
    let places: Vec<String> = places.map(|place| visible(&place).into_owned()).collect();
    let width = places.iter().map(String::len).max().unwrap_or(0);
    for (place, line) in places.iter().zip(evidence) {
        writeln!(f, "{indent}{place:<width$}   {}", visible(&line.text))?;
    }
    write!(
        f,
        "{indent}expected {expected}, found {found}; likely cause: {cause}"
    )
}

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1; none when the file as a whole is meant.
    pub line: Option<u32>,
    /// What stands there.
    pub text: String,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_reads_as_lines_rule_and_cause() {
        let line = |machine: u32, line, text: &str| LogLine {
            file: PathBuf::from(format!("logs/run/trial-000/machine-{machine}.csv")),
            line: Some(line),
            text: text.to_owned(),
        };
        let violation = Violation {
            law: Law::ClockCondition,
            run: "run".to_owned(),
            trial_dir: PathBuf::from("logs/run/trial-000"),
            machine: MachineId(1),
            evidence: vec![
                line(1, 17, "16,9,receive,41,0,2,9,44"),
                line(2, 8, "9,7,send,44,0,1,,"),
            ],
            expected: "a clock above 44".to_owned(),
            found: "41".to_owned(),
            cause: "the row was logged before the merge".to_owned(),
        };
        assert_eq!(
            violation.to_string(),
            "clock-condition violated by machine 1 in trial-000: the clock after a receive exceeds the clock of its send\n  \
             logs/run/trial-000/machine-1.csv:17   16,9,receive,41,0,2,9,44\n  \
             logs/run/trial-000/machine-2.csv:8    9,7,send,44,0,1,,\n  \
             expected a clock above 44, found 41; likely cause: the row was logged before the merge"
        );
    }
}
