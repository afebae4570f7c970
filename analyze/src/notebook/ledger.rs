//! The ledger of claims beside a page, and the blocks that show it.
//!
//! A verdict depends on every claim of the ledger, hence on the logs of many pages: such blocks wait until all that is
//! asked for has been read.

use std::path::{Path, PathBuf};

use super::NotebookError;
use super::block::folder_of;
use super::page::Block;
use crate::claims::assess::{Assessment, ClaimReport, assess};
use crate::claims::block::KINDS;
use crate::claims::claim::Ledger;
use crate::claims::{ClaimsError, LEDGER_FILE};
use crate::sources::reports::Reports;

/// A block that shows claims, and its page.
#[derive(Debug, Clone)]
pub(super) struct Deferred {
    pub(super) page: PathBuf,
    pub(super) block: Block,
}

/// Whether a block shows claims.
pub(super) fn shows(block: &Block) -> bool {
    KINDS.contains(&block.kind.as_str())
}

/// The verdicts of the ledger beside a page.
///
/// # Errors
///
/// [`NotebookError::Claims`] when there is no ledger, or something is wrong with it.
pub(super) fn beside(page: &Path, reports: &mut Reports) -> Result<Assessment, NotebookError> {
    let ledger = Ledger::read(&folder_of(page).join(LEDGER_FILE))?;
    Ok(assess(&ledger, reports)?)
}

/// What is wrong if no block shows a claim, or none on the page that it names. `shown`: ids with their pages.
pub(super) fn hidden(claim: &ClaimReport, shown: &[(String, PathBuf)]) -> Option<String> {
    let mut pages = shown
        .iter()
        .filter(|(id, _)| *id == claim.id)
        .map(|(_, page)| page);
    let id = &claim.id;
    match &claim.page {
        Some(name) if pages.any(|page| page.file_stem().is_some_and(|stem| *stem == **name)) => {
            None
        }
        Some(name) => Some(format!(
            "claim `{id}`: its page {name}.md does not show it; add a block `claim id={id}` or `claims page={name}` there"
        )),
        None if pages.next().is_some() => None,
        None => Some(format!(
            "claim `{id}`: no page shows it; add a block `claim id={id}` or `claims` to one, and refresh the page"
        )),
    }
}

impl From<ClaimsError> for NotebookError {
    fn from(error: ClaimsError) -> NotebookError {
        match error {
            ClaimsError::Logs(error) => error.into(),
            error => NotebookError::Claims(error.to_string()),
        }
    }
}
