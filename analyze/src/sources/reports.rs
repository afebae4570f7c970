//! Reports of folders of logs, each made once: pages and ledger argue from the same folders.
//!
//! **Invariant.** What is remembered is numbers, not logs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::Sources;
use super::error::SourceError;
use crate::analysis::Wanted;
use crate::report::Report;
use crate::runner_process::EventBudget;

/// The reports there are.
#[derive(Debug, Default)]
pub struct Reports {
    known: BTreeMap<PathBuf, Rc<Report>>,
    /// Of all that is run again for them.
    budget: EventBudget,
}

impl Reports {
    /// None yet; what is run again for them has no more events than the budget allows.
    pub fn within(budget: EventBudget) -> Reports {
        Reports {
            known: BTreeMap::new(),
            budget,
        }
    }

    /// How many events may still be made.
    pub fn budget(&self) -> &EventBudget {
        &self.budget
    }

    /// The report of a folder, named relative to `base`; analysed, and before that made again from its seed, if it is not
    /// known yet.
    ///
    /// # Errors
    ///
    /// When the logs cannot be read, repeated or analysed.
    pub fn of(&mut self, base: &Path, logs: &str) -> Result<Rc<Report>, SourceError> {
        let folder = real(base, logs)?;
        if let Some(known) = self.known.get(&folder) {
            return Ok(Rc::clone(known));
        }
        let sources = Sources::resolve(base, &[logs.to_owned()])?;
        let analysis = sources.analyse(&folder, Wanted::default(), &self.budget)?;
        let report = Rc::new(analysis.report);
        self.known.insert(folder, Rc::clone(&report));
        Ok(report)
    }

    /// Remembers the report of a folder that was analysed elsewhere.
    ///
    /// # Errors
    ///
    /// When there is no such folder.
    pub fn remember(&mut self, base: &Path, logs: &str, report: Report) -> Result<(), SourceError> {
        self.known.insert(real(base, logs)?, Rc::new(report));
        Ok(())
    }
}

/// One name for each folder.
fn real(base: &Path, logs: &str) -> Result<PathBuf, SourceError> {
    let folder = base.join(logs);
    folder.canonicalize().map_err(SourceError::file(&folder))
}
