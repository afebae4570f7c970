//! How much may be run again for a page, a band or a ledger.

use clap::Args;

use crate::runner_process::EventBudget;

#[derive(Debug, Args)]
pub(super) struct Budget {
    /// Events that all runs together may have that are made for this, from seeds or for bands: the files that ask for
    /// them may be a stranger's. An event takes about 40 bytes of temporary space
    #[arg(long, value_name = "N", default_value_t = EventBudget::USUAL)]
    events_max: u64,
}

impl Budget {
    /// How many events may be made.
    pub(super) fn max(&self) -> u64 {
        self.events_max
    }

    /// The budget, not used yet.
    pub(super) fn events(&self) -> EventBudget {
        EventBudget::new(self.events_max)
    }
}
