//! Receives whose send is neither under way nor new, and the rows of the trial that say what they took.
//!
//! A message may be received twice, or be named wrongly: then its send was dealt with long before, or is yet to come, or is
//! nowhere. Which rows the laws look at then is known from the receive; one more reading of the logs finds them.
//!
//! **Invariant.** With these rows in every window the laws find what they find among all rows.

use std::collections::{BTreeSet, HashMap, HashSet};

use events::{At, Kind, Match, Trial, Window};

use crate::case::Case;
use crate::facts::Gap;

/// Questions that are remembered at most.
const QUESTIONS_MAX: usize = 1 << 20;

/// What was asked of a trial so far.
#[derive(Debug, Default)]
pub struct Questions {
    /// The machine and the line of each receive.
    receives: HashSet<(usize, u32)>,
    /// By sender: ticks that receives name.
    ticks: HashMap<usize, HashSet<u64>>,
    /// Sender, recipient and clock of messages, and whether the first such send was found.
    twins: HashMap<(usize, usize, u64), bool>,
    /// Recipient, sender and tick, and whether the first such receive was found.
    receipts: HashMap<(usize, usize, u64), bool>,
    /// What is missing between rows, of each machine.
    pub(crate) gaps: Vec<Vec<Gap>>,
}

impl Questions {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.receives.is_empty()
    }

    /// Whether there are more than can be asked.
    pub fn are_too_many(&self) -> bool {
        self.receives.len() > QUESTIONS_MAX
    }

    /// Asks what the receives of a window are about that have no send in it.
    pub(crate) fn ask(&mut self, case: &Case<'_>) {
        self.gaps.resize(case.machines(), Vec::new());
        for machine in 0..case.machines() {
            let rows = case.rows(machine);
            if case.facts.machines[machine].has_gaps {
                let new = case.new_rows(machine).map(|row| At { machine, row });
                let gaps = new.filter(|&at| case.gap(at) > 0);
                let gaps = gaps.map(|at| Gap::before(case.trial, case.facts.timekeeper, at));
                self.gaps[machine].extend(gaps);
            }
            for at in open(case, machine) {
                let named = case.peer(at).zip(rows.sent_tick.get(at.row));
                let Some((sender, tick)) = named.filter(|_| !self.are_too_many()) else {
                    continue;
                };
                self.receives.insert((machine, rows.line(at.row)));
                self.ticks.entry(sender).or_default().insert(tick);
                self.receipts.insert((machine, sender, tick), false);
                if let Some(carried) = rows.carried_value(at.row) {
                    self.twins
                        .insert((sender, machine, carried.to_bits()), false);
                }
            }
        }
    }

    /// Whether all receives of a window that have no send in it were asked about.
    pub(crate) fn cover(&self, case: &Case<'_>) -> Option<At> {
        let mut all = (0..case.machines()).flat_map(|machine| open(case, machine));
        let line = |at: &At| (at.machine, case.rows(at.machine).line(at.row));
        all.find(|at| !self.receives.contains(&line(at)))
    }

    /// The new rows of a window that the laws need for an answer, of each machine, ascending. Windows come in their order.
    pub fn rows(&mut self, trial: &Trial, window: &Window) -> Vec<Vec<u32>> {
        let machines = window.new.iter().enumerate();
        let wanted = machines.map(|(machine, new)| {
            let rows = new.clone().map(|row| At { machine, row });
            let wanted = rows.filter(|&at| self.is_wanted(trial, at));
            let wanted: BTreeSet<u32> = wanted.map(|at| at.row as u32).collect();
            wanted.into_iter().collect()
        });
        wanted.collect()
    }

    fn is_wanted(&mut self, trial: &Trial, at: At) -> bool {
        let rows = &trial.machines[at.machine].rows;
        let ticks = self.ticks.get(&at.machine);
        let mut wanted = ticks.is_some_and(|ticks| ticks.contains(&rows.tick(at.row)));
        if rows.kind(at.row) == Kind::Receive {
            let named = rows.sender(at.row).zip(rows.sent_tick.get(at.row));
            let found =
                named.and_then(|(sender, tick)| self.receipts.get_mut(&(at.machine, sender, tick)));
            wanted |= found.is_some_and(|found| !std::mem::replace(found, true));
        } else if rows.kind(at.row).sends() && !self.twins.is_empty() {
            let carried = trial.carried(at).map(f64::to_bits);
            for to in 0..trial.machines.len() {
                let twin =
                    carried.and_then(|carried| self.twins.get_mut(&(at.machine, to, carried)));
                if let Some(found) =
                    twin.filter(|found| !**found && trial.reaches(at, to) == Some(true))
                {
                    *found = true;
                    wanted = true;
                }
            }
        }
        wanted
    }
}

/// The new receives of a machine that name another machine and have no send in the window.
fn open<'a>(case: &'a Case<'_>, machine: usize) -> impl Iterator<Item = At> + 'a {
    let rows = case.rows(machine);
    let receives = case.receives(machine);
    receives.filter(move |at| rows.matched(at.row) == Match::Missing && case.peer(*at).is_some())
}
