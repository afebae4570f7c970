//! Some rows of a trial, where it is looked at a stretch of time after another.
//!
//! A whole trial is a trial of one window. Of a long one each window holds, machine by machine in file order, rows of earlier
//! windows that are still needed, the rows that are new, and rows of later windows that are needed before.

use std::ops::Range;

use crate::trial::{At, Trial};

/// Which rows of a trial are new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Of each machine the rows that are looked at in this window and in no other.
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

/// Where the rows that were kept of a window stand in the next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moved {
    /// Of each machine the rows that were kept, ascending.
    pub from: Vec<Vec<u32>>,
    /// Beside each its row now.
    pub to: Vec<Vec<u32>>,
}

impl Moved {
    /// Where a row of the window before stands now; none if it was not kept.
    pub fn place(&self, at: At) -> Option<At> {
        let place = self.from.get(at.machine)?.binary_search(&(at.row as u32));
        let row = *self.to[at.machine].get(place.ok()?)?;
        Some(At {
            row: row as usize,
            ..at
        })
    }
}

/// The end of a machine's log, and what else is asked of it before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogEnd {
    /// The last tick, and whether the row only takes a time message; none of a log without a row.
    pub tick: Option<(u64, bool)>,
    /// The time of the last row, nanoseconds.
    pub time_ns: Option<i64>,
    /// Whether anything is missing between its rows.
    pub has_gaps: bool,
}
