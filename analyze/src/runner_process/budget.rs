//! How many events may be made.
//!
//! **Invariant.** What is spent is never more than what is allowed.

use std::cell::Cell;

/// How many events runs may have together. What asks for them may be the file of a stranger: a page, a manifest.
#[derive(Debug)]
pub struct EventBudget {
    max: u64,
    used: Cell<u64>,
}

impl EventBudget {
    /// What is allowed unless the user says otherwise: three times what the notebook of this project takes, and at most
    /// eight gigabytes of logs.
    pub const USUAL: u64 = 200_000_000;

    /// A budget that is not used yet.
    pub fn new(max: u64) -> EventBudget {
        EventBudget {
            max,
            used: Cell::new(0),
        }
    }

    /// The most events that it allows.
    pub fn max(&self) -> u64 {
        self.max
    }

    pub(super) fn left(&self) -> u64 {
        self.max.saturating_sub(self.used.get())
    }

    /// Why a run that may have this number of events is not made.
    pub(super) fn exceeded(&self, events: u64) -> String {
        let used = self.used.get();
        let before = match used {
            0 => String::new(),
            used => format!(", of which the runs before it may use {used}"),
        };
        format!(
            "it may have {events} events, and {} are allowed{before}; if you want to run so many, say --events-max {}",
            self.max,
            used.saturating_add(events)
        )
    }

    pub(super) fn spend(&self, events: u64) {
        self.used.set(self.used.get().saturating_add(events));
    }
}

impl Default for EventBudget {
    fn default() -> EventBudget {
        EventBudget::new(EventBudget::USUAL)
    }
}
