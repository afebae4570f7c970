//! Verdicts of many trials, summed, and how the sum reads in a line.
//!
//! **Invariant.** A sum never sounds cleaner than its trials: what was not read, is damaged, was not examined or cannot be
//! told stands in the line.

use std::fmt;

use serde::Serialize;
use text::number;

use super::histories::{HistoryLaw, HistoryVerdict};
use super::law::Law;
use super::verdict::{LawCount, Verdict};

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
            .map(|(count, how)| format!("{} {how}", number::count(count)))
            .collect();
        let trials = self.trials + self.not_read;
        let noun = if trials == 1 { "trial" } else { "trials" };
        write!(f, ", {} {noun}", number::count(trials))?;
        if !flawed.is_empty() {
            write!(f, " ({})", flawed.join(", "))?;
        }
        for (count, one, many) in [
            (self.rows, "row", "rows"),
            (self.messages, "message", "messages"),
            (self.violated(), "violation", "violations"),
        ] {
            let noun = if count == 1 { one } else { many };
            write!(f, ", {} {noun}", number::count(count))?;
        }
        if others {
            return self.of_others(f);
        }
        for count in self.laws.iter().filter(|count| count.undecided > 0) {
            let (law, unit) = (count.law, count.law.unit());
            write!(
                f,
                "; {law} cannot tell for {} {unit}",
                number::count(count.undecided)
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
            let (law, violated, examined) = (
                count.law,
                number::count(count.violated),
                number::count(count.examined),
            );
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
            let (law, undecided) = (count.law, number::count(count.undecided));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(number::count(7), "7");
        assert_eq!(number::count(1_203), "1,203");
        assert_eq!(number::count(123_456_789), "123,456,789");
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
