//! A smaller schedule that still fails.
//!
//! First faults are taken out, by delta debugging (`delta`), then those that are left are made shorter and their times rounder,
//! then what that made superfluous is taken out, until nothing helps any more. That works because what is drawn in a trial is
//! drawn by names: a fault that is taken out changes the chance of nothing else.
//!
//! **Invariant.** What comes out has failed, and if no limit was met no single fault of it can be taken out.

mod delta;
mod simpler;

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::ControlFlow;

use event_log::faults::{Fault, Faults};
use thiserror::Error;

use super::draw::in_order;

/// Why nothing can be shrunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ShrinkError {
    /// There is nothing to keep.
    #[error(
        "with this schedule nothing fails: is it the one of the failing trial, with its seed and number?"
    )]
    Passes,
    /// Each run would be another.
    #[error(
        "the schedule leaves something to chance (a storm, a range, `any`): take the one that was written beside the trial"
    )]
    NotPlain,
}

/// What is being tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The schedule as it was given.
    Confirm,
    /// Whether it fails without some faults.
    Remove,
    /// Whether it fails with a fault that is shorter.
    Shorten,
    /// Whether it fails with rounder times.
    Round,
}

/// Where a search is, after each run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What was tried.
    pub step: Step,
    /// How many runs there were.
    pub runs: u32,
    /// How many faults the smallest schedule has that failed.
    pub faults: usize,
}

/// A smaller schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct Shrunk {
    /// The schedule; plain.
    pub faults: Faults,
    /// How many faults were given.
    pub before: usize,
    /// How many are left.
    pub after: usize,
    /// How many runs that took.
    pub runs: u32,
    /// Whether the search came to its end, so that without any one of these faults nothing fails.
    pub is_minimal: bool,
}

struct Search<F, G> {
    best: Faults,
    fails: F,
    progress: G,
    step: Step,
    runs: u32,
    runs_max: u32,
    is_cut_short: bool,
    /// What was tried, as hashes.
    tried: BTreeSet<u64>,
}

/// Shrinks a plain schedule. `fails` runs a trial with a schedule; `progress` hears of each run and may end the search.
///
/// # Errors
///
/// [`ShrinkError`] if there is nothing to shrink.
pub fn shrink(
    plain: &Faults,
    runs_max: u32,
    fails: impl FnMut(&Faults) -> bool,
    progress: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Shrunk, ShrinkError> {
    if !plain.is_plain() {
        return Err(ShrinkError::NotPlain);
    }
    let mut search = Search {
        best: plain.clone(),
        fails,
        progress,
        step: Step::Confirm,
        runs: 0,
        runs_max,
        is_cut_short: false,
        tried: BTreeSet::new(),
    };
    if !search.fails(plain.clone()) {
        return Err(ShrinkError::Passes);
    }
    loop {
        search.remove();
        let is_shorter = search.simplify(Step::Shorten, simpler::shorter);
        let is_rounder = search.simplify(Step::Round, simpler::rounder);
        if !is_shorter && !is_rounder {
            break;
        }
    }
    Ok(Shrunk {
        before: plain.faults.len(),
        after: search.best.faults.len(),
        faults: search.best,
        runs: search.runs,
        is_minimal: !search.is_cut_short,
    })
}

impl<F, G> Search<F, G>
where
    F: FnMut(&Faults) -> bool,
    G: FnMut(Progress) -> ControlFlow<()>,
{
    /// Runs a schedule that was not tried yet, and keeps it if it fails.
    fn fails(&mut self, candidate: Faults) -> bool {
        let candidate = in_order(candidate);
        let mut hasher = DefaultHasher::new();
        format!("{candidate:?}").hash(&mut hasher);
        if self.is_cut_short || !self.tried.insert(hasher.finish()) {
            return false;
        }
        self.runs += 1;
        let fails = (self.fails)(&candidate);
        if fails {
            self.best = candidate;
        }
        let told = (self.progress)(Progress {
            step: self.step,
            runs: self.runs,
            faults: self.best.faults.len(),
        });
        self.is_cut_short = told.is_break() || self.runs >= self.runs_max;
        fails
    }

    fn remove(&mut self) {
        self.step = Step::Remove;
        let Faults { settle, faults, .. } = self.best.clone();
        let _ = delta::minimize(faults, |faults| {
            let fails = self.fails(Faults {
                settle,
                faults: faults.to_vec(),
                storms: Vec::new(),
            });
            match self.is_cut_short {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(fails),
            }
        });
    }

    /// Makes each fault as simple as it can be; whether that changed one. `simpler` gives what may stand in place of a fault, the
    /// simplest first.
    fn simplify<I: IntoIterator<Item = Fault>>(
        &mut self,
        step: Step,
        simpler: impl Fn(&Fault) -> I,
    ) -> bool {
        self.step = step;
        let mut is_simpler = false;
        for place in 0..self.best.faults.len() {
            loop {
                let mut simpler = simpler(&self.best.faults[place]).into_iter();
                let has_changed = simpler.any(|fault| {
                    let mut candidate = self.best.clone();
                    candidate.faults[place] = fault;
                    self.fails(candidate)
                });
                if !has_changed {
                    break;
                }
                is_simpler = true;
            }
        }
        is_simpler
    }
}

#[cfg(test)]
mod tests;
