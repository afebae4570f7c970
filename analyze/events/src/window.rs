//! Some rows of a trial, where it is judged a stretch at a time.
//!
//! A whole trial is a trial of one window. Of a long one each window holds the rows that are new, and before them those of
//! earlier windows that a law may still need: the last of each machine, sends that are under way, what `memory` names.

use std::ops::Range;

use crate::trial::Trial;

/// Which rows of a trial are to be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Of each machine the rows that no window before held; those before them did.
    pub new: Vec<Range<usize>>,
    /// Whether no other follows.
    pub is_last: bool,
}

impl Window {
    /// All rows of a trial.
    pub fn whole(trial: &Trial) -> Window {
        let rows = trial.machines.iter().map(|of| 0..of.rows.len());
        Window {
            new: rows.collect(),
            is_last: true,
        }
    }
}

/// The end of a machine's log, which laws ask of before they come to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogEnd {
    /// The last tick, and whether the row only takes a time message; none of a log without a row.
    pub tick: Option<(u64, bool)>,
    /// The time of the last row, nanoseconds.
    pub time_ns: Option<i64>,
}
