//! What a check found, plain and serialisable, and how it reads on a terminal.
//!
//! **Invariant.** `violated` counts every violation; `violations` holds at most [`EXAMPLES`] of each law.

use std::fmt;
use std::path::PathBuf;

use event_log::MachineId;
use serde::{Deserialize, Serialize};

use super::histories::{HistoryLaw, HistoryVerdict};
use super::law::Law;

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
            trial.to_string_lossy(),
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
pub(super) fn proof(
    f: &mut fmt::Formatter<'_>,
    indent: &str,
    evidence: &[LogLine],
    [expected, found, cause]: [&str; 3],
) -> fmt::Result {
    let places: Vec<String> = evidence.iter().map(LogLine::place).collect();
    let width = places.iter().map(String::len).max().unwrap_or(0);
    for (place, line) in places.iter().zip(evidence) {
        writeln!(f, "{indent}{place:<width$}   {}", line.text)?;
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

/// Verdicts of many trials, summed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// How many trials were checked.
    pub trials: u64,
    /// How many of them have logs of which rows are missing, so that laws were put to what is left.
    pub damaged: u64,
    /// How many trials could not be read, beside those that were checked.
    pub not_read: u64,
    /// How many of them break at least one law.
    pub trials_violating: u64,
    /// How many rows in all.
    pub rows: u64,
    /// How many messages in all; of others' trials those whose receive has a certain send.
    pub messages: u64,
    /// One entry for each law, in the order of [`Law::ALL`]: our own trials.
    pub laws: Vec<LawCount>,
    /// One entry for each law that applies to others' trials; absent where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub laws_of_others: Vec<OtherCount>,
}

/// How often a law was put to others' trials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct OtherCount {
    /// The law.
    pub law: HistoryLaw,
    /// For how many of its unit it was decided.
    pub examined: u64,
    /// How many of them break it.
    pub violated: u64,
    /// For how many the logs cannot tell.
    pub undecided: u64,
}

impl Default for Tally {
    fn default() -> Tally {
        Tally {
            trials: 0,
            damaged: 0,
            not_read: 0,
            trials_violating: 0,
            rows: 0,
            messages: 0,
            laws: Law::ALL.map(LawCount::new).to_vec(),
            laws_of_others: Vec::new(),
        }
    }
}

impl Tally {
    /// Adds one trial.
    pub fn add(&mut self, verdict: &Verdict) {
        self.trials += 1;
        self.trials_violating += u64::from(!verdict.holds());
        self.rows += verdict.rows;
        self.messages += verdict.messages;
        for (sum, count) in self.laws.iter_mut().zip(&verdict.laws) {
            sum.examined += count.examined;
            sum.violated += count.violated;
            sum.undecided += count.undecided;
        }
    }

    /// Adds a trial of others.
    pub fn add_history(&mut self, verdict: &HistoryVerdict) {
        self.trials += 1;
        self.trials_violating += u64::from(!verdict.holds());
        self.rows += verdict.events;
        self.messages += verdict.matched;
        for finding in &verdict.laws {
            let place = match self
                .laws_of_others
                .binary_search_by_key(&finding.law, |count| count.law)
            {
                Ok(place) => place,
                Err(place) => {
                    let count = OtherCount {
                        law: finding.law,
                        examined: 0,
                        violated: 0,
                        undecided: 0,
                    };
                    self.laws_of_others.insert(place, count);
                    place
                }
            };
            let sum = &mut self.laws_of_others[place];
            sum.examined += finding.examined;
            sum.violated += finding.violated;
            sum.undecided += finding.undecided;
        }
    }

    /// How many violations in all.
    pub fn violated(&self) -> u64 {
        let own = self.laws.iter().map(|count| count.violated);
        let others = self.laws_of_others.iter().map(|count| count.violated);
        own.chain(others).sum()
    }

    /// The laws that had nothing to examine: nothing is known about them.
    pub fn unexamined(&self) -> impl Iterator<Item = Law> {
        let idle = self.laws.iter().filter(|count| count.examined == 0);
        idle.map(|count| count.law)
    }
}

impl fmt::Display for Tally {
    /// One line: `13 laws, 5 trials, 1,203 rows, 402 messages, 0 violations`, then what could not be decided. Trials that
    /// are not whole are named behind the number of all: `13 laws, 5 trials (1 damaged, 1 not read), …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let others = !self.laws_of_others.is_empty();
        let laws = match others {
            true => self.laws_of_others.len(),
            false => self.laws.len(),
        };
        write!(f, "{laws} laws")?;
        let flawed = [(self.damaged, "damaged"), (self.not_read, "not read")];
        let flawed = flawed.into_iter().filter(|&(count, _)| count > 0);
        let flawed: Vec<String> = flawed
            .map(|(count, how)| format!("{} {how}", grouped(count)))
            .collect();
        let trials = self.trials + self.not_read;
        let noun = if trials == 1 { "trial" } else { "trials" };
        write!(f, ", {} {noun}", grouped(trials))?;
        if !flawed.is_empty() {
            write!(f, " ({})", flawed.join(", "))?;
        }
        for (count, one, many) in [
            (self.rows, "row", "rows"),
            (self.messages, "message", "messages"),
            (self.violated(), "violation", "violations"),
        ] {
            let noun = if count == 1 { one } else { many };
            write!(f, ", {} {noun}", grouped(count))?;
        }
        if others {
            return self.of_others(f);
        }
        for count in self.laws.iter().filter(|count| count.undecided > 0) {
            let (law, unit) = (count.law, count.law.unit());
            write!(
                f,
                "; {law} cannot tell for {} {unit}",
                grouped(count.undecided)
            )?;
        }
        for law in self.unexamined() {
            write!(f, "; {law} had no {} to examine", law.unit())?;
        }
        Ok(())
    }
}

impl Tally {
    /// Which laws others' trials break, and what they do not tell.
    fn of_others(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for count in self
            .laws_of_others
            .iter()
            .filter(|count| count.violated > 0)
        {
            let (law, violated, examined) =
                (count.law, grouped(count.violated), grouped(count.examined));
            write!(
                f,
                "; {law} broken by {violated} of {examined} {}",
                law.unit()
            )?;
        }
        for count in self
            .laws_of_others
            .iter()
            .filter(|count| count.undecided > 0)
        {
            let (law, undecided) = (count.law, grouped(count.undecided));
            write!(f, "; {law} cannot tell for {undecided} {}", law.unit())?;
        }
        let silent = self
            .laws_of_others
            .iter()
            .filter(|count| count.examined == 0);
        let silent: Vec<&str> = silent.map(|count| count.law.name()).collect();
        if !silent.is_empty() {
            write!(f, "; not decidable from these logs: {}", silent.join(", "))?;
        }
        Ok(())
    }
}

/// A number with its thousands apart: `1,203`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1_203), "1,203");
        assert_eq!(grouped(123_456_789), "123,456,789");
    }

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

    #[test]
    fn a_tally_does_not_sound_clean_when_trials_are_not_whole() {
        let tally = Tally {
            trials: 3,
            damaged: 1,
            not_read: 1,
            ..Tally::default()
        };
        let text = tally.to_string();
        assert!(
            text.starts_with("13 laws, 4 trials (1 damaged, 1 not read), 0 rows,"),
            "{text}"
        );
    }

    #[test]
    fn a_tally_says_what_it_could_not_tell() {
        let text = Tally::default().to_string();
        assert!(text.starts_with("13 laws, 0 trials, 0 rows, 0 messages, 0 violations"));
        assert!(
            text.contains("clock-condition had no receives to examine"),
            "{text}"
        );
    }
}
