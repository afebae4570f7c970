//! Trials that threw the same dice: copies of a trial's folder, or one seed run twice.
//!
//! **Invariant.** Of the trials with one condition, seed and number at most one counts. In virtual time the others are the
//! same trial again; on sockets they differ in nothing but timing. Neither is evidence of its own, and an interval over them
//! would be too narrow. Runs that repeat each other are held against each other by [`crate::gap`].

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use event_log::Driver;

use crate::report::TrialReport;
use files::note::{Note, Severity};

/// The trials seen so far.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    /// Condition, seed and number of the trials that count.
    seen: HashSet<(usize, u64, u64)>,
    /// Repeats by their run's folder and whether they are in virtual time.
    found: BTreeMap<(PathBuf, bool), u64>,
}

impl Repeats {
    /// Whether a trial counts; one that did not count anyway is no repeat, and repeats of it may count.
    pub(super) fn counts(&mut self, condition: usize, trial: &TrialReport) -> bool {
        // Others' trials have no dice that anybody could roll again.
        let mut is_first = || {
            let dice = trial.dice();
            dice.is_none_or(|(seed, number)| self.seen.insert((condition, seed, number)))
        };
        if !trial.counted || is_first() {
            return trial.counted;
        }
        let is_virtual = trial.driver == Some(Driver::Virtual);
        let run = Path::new(&trial.dir).parent().unwrap_or(Path::new(""));
        *self.found.entry((run.to_owned(), is_virtual)).or_default() += 1;
        false
    }

    /// One note for each run that has repeats.
    pub(super) fn notes(self) -> impl Iterator<Item = Note> {
        let found = self.found.into_iter();
        found.map(|((run, is_virtual), repeats)| {
            let trials = if repeats == 1 { "trial" } else { "trials" };
            let found = format!("{repeats} {trials} of a condition, seed and number seen before");
            let expected = "trials with dice of their own";
            if is_virtual {
                let advice = "in virtual time that is the same trial again: shown, but left out of the statistics; \
                              for more evidence run with another --seed";
                Note::new(Severity::Warning, &run, expected, found, advice)
            } else {
                let advice = "on sockets only the timing differs, so they are no evidence of their own: left out of the \
                              statistics; for more run with another --seed, to see what timing does use `analyze gap`";
                Note::new(Severity::Info, &run, expected, found, advice)
            }
        })
    }
}
