//! Verdicts of many trials, summed, and how the sum reads in a line.
//!
//! **Invariant.** A sum never sounds cleaner than its trials: what was not read, is damaged, was not examined or cannot be
//! told stands in the line.

use std::fmt;

use serde::Serialize;

use crate::law::Law;
use crate::verdict::{LawCount, Verdict};

/// Verdicts of many trials, summed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// How many trials were checked.
    pub trials: u64,
    /// How many of them have logs whose rows are not complete, so that laws were put to what is left.
    pub damaged: u64,
    /// How many trials could not be read, beside those that were checked.
    pub not_read: u64,
    /// How many of them break at least one law.
    pub trials_violating: u64,
    /// How many rows in all.
    pub rows: u64,
    /// How many messages in all; of others' trials those whose receive has a certain send.
    pub messages: u64,
    /// One entry for each law that applies to any of the trials, in the order of [`Law::ALL`].
    pub laws: Vec<LawCount>,
}

impl Tally {
    /// Adds one trial.
    pub fn add(&mut self, verdict: &Verdict) {
        self.trials += 1;
        self.trials_violating += u64::from(!verdict.holds());
        self.rows += verdict.events;
        self.messages += verdict.messages;
        for finding in &verdict.laws {
            let sum = self.of_mut(finding.count.law);
            sum.examined += finding.count.examined;
            sum.violated += finding.count.violated;
            sum.undecided += finding.count.undecided;
        }
    }

    fn of_mut(&mut self, law: Law) -> &mut LawCount {
        let place = self.laws.binary_search_by_key(&law, |count| count.law);
        let place = place.unwrap_or_else(|place| {
            self.laws.insert(place, LawCount::new(law));
            place
        });
        &mut self.laws[place]
    }

    /// How many violations in all.
    pub fn violated(&self) -> u64 {
        self.laws.iter().map(|count| count.violated).sum()
    }

    /// How often any law was decided; where it is 0, nothing was checked.
    pub fn examined(&self) -> u64 {
        self.laws.iter().map(|count| count.examined).sum()
    }

    /// The laws that had nothing to examine: nothing is known about them.
    pub fn unexamined(&self) -> impl Iterator<Item = Law> {
        let idle = self.laws.iter().filter(|count| count.examined == 0);
        idle.map(|count| count.law)
    }
}

impl fmt::Display for Tally {
    /// One line: `13 laws, 5 trials, 1,203 rows, 402 messages, 0 violations`, then what is broken and what could not be
    /// decided. Trials that are not whole are named behind the number of all: `13 laws, 5 trials (1 damaged, 1 not read), …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} laws", self.laws.len())?;
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
        for count in self.laws.iter().filter(|count| count.violated > 0) {
            let (violated, examined) = (grouped(count.violated), grouped(count.examined));
            let (law, unit) = (count.law, count.law.unit());
            write!(f, "; {law} broken by {violated} of {examined} {unit}")?;
        }
        for count in self.laws.iter().filter(|count| count.undecided > 0) {
            let (law, unit) = (count.law, count.law.unit());
            write!(
                f,
                "; {law} cannot tell for {} {unit}",
                grouped(count.undecided)
            )?;
        }
        let silent: Vec<&str> = self.unexamined().map(Law::name).collect();
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
    use crate::fixtures::logged;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1_203), "1,203");
        assert_eq!(grouped(123_456_789), "123,456,789");
    }

    #[test]
    fn a_tally_does_not_sound_clean_when_trials_are_not_whole() {
        let tally = Tally {
            trials: 3,
            damaged: 1,
            not_read: 1,
            laws: Law::ALL[..13]
                .iter()
                .map(|&law| LawCount::new(law))
                .collect(),
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
        let mut tally = Tally::default();
        tally.add(&crate::check(&logged(2, "0 internal 1\n0 internal 2")));
        let text = tally.to_string();
        assert!(
            text.contains(" 1 trial, 2 rows, 0 messages, 0 violations"),
            "{text}"
        );
        let (_, silent) = text.split_once("not decidable").expect("laws of messages");
        assert!(silent.contains("clock-condition"), "{text}");
    }
}
