//! Many trials of one condition: sums, and which failed first.
//!
//! **Invariant.** A campaign depends on its outcomes, and not on the order in which they came.

use std::collections::BTreeMap;

use event_log::chat::{TrialSummary, Verdict};

use crate::happened::Happened;
use crate::trial::Outcome;

/// What came of the trials of a campaign.
#[derive(Debug, Clone, Default)]
pub struct Campaign {
    /// By number.
    pub trials: BTreeMap<u64, TrialSummary>,
    /// What happened in all of them together.
    pub happened: Happened,
}

impl Campaign {
    /// A trial has ended.
    pub fn add(&mut self, outcome: &Outcome) {
        self.trials
            .insert(outcome.summary.trial, outcome.summary.clone());
        self.happened.merge(&outcome.happened);
    }

    /// The first trial that failed.
    pub fn first_failing(&self) -> Option<u64> {
        let mut failing = self
            .trials
            .values()
            .filter(|trial| trial.verdict == Verdict::Violated);
        failing.next().map(|trial| trial.trial)
    }

    /// The sum of a number of each trial over all of them.
    pub fn sum(&self, of: impl Fn(&TrialSummary) -> u64) -> u64 {
        self.trials.values().map(of).sum()
    }

    /// The longest waits of clients, one a trial, the shortest first, nanoseconds.
    pub fn gaps_ns(&self) -> Vec<u64> {
        sorted(self.trials.values().map(|trial| trial.gap_ns))
    }

    /// The longest times from a fault that struck the primary to the next answer, one a trial that has one, the shortest first,
    /// nanoseconds.
    pub fn failovers_ns(&self) -> Vec<u64> {
        sorted(self.trials.values().filter_map(|trial| trial.failover_ns))
    }

    /// Why nothing follows from the campaign, if that is so: a reason each.
    pub fn undecided(&self) -> Vec<String> {
        let trials = self.trials.values();
        let undecided = trials.filter(|trial| trial.verdict == Verdict::Undecided);
        let undecided = undecided.map(|trial| format!("trial {} is undecided", trial.trial));
        let missing = self.happened.missing().into_iter().map(|what| {
            format!(
                "it never happened that {}, in {} trials in which it could",
                what.words(),
                self.happened.chances(what)
            )
        });
        undecided.chain(missing).collect()
    }

    /// What became of the campaign.
    pub fn verdict(&self) -> Verdict {
        let has = |verdict| {
            let mut trials = self.trials.values();
            trials.any(|trial| trial.verdict == verdict)
        };
        match () {
            () if has(Verdict::Violated) => Verdict::Violated,
            () if !self.undecided().is_empty() => Verdict::Undecided,
            () if has(Verdict::LostAsSaid) => Verdict::LostAsSaid,
            () => Verdict::Passed,
        }
    }
}

fn sorted(numbers: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut numbers: Vec<u64> = numbers.collect();
    numbers.sort_unstable();
    numbers
}
