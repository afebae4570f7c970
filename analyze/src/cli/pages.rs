//! Notebook pages from the command line.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::streams;
use crate::notebook::{verify, write};
use crate::runner_process::EventBudget;
use files::note::Severity;

/// Starts or refreshes a page; see [`write::write`].
pub(super) fn write_page(
    page: &Path,
    logs: &[PathBuf],
    figures: Option<&Path>,
    budget: EventBudget,
) -> anyhow::Result<u8> {
    let written = write::write(page, logs, figures, budget)?;
    let verb = if written.started {
        "started"
    } else {
        "refreshed"
    };
    writeln!(
        streams::stdout(),
        "{}: {verb}, {} blocks and {} figures computed",
        page.display(),
        written.blocks,
        written.figures
    )?;
    let mut stderr = streams::stderr();
    for note in &written.notes {
        writeln!(stderr, "{note}")?;
    }
    if written.violated > 0 {
        writeln!(
            stderr,
            "the logs break {} laws; see `analyze check`",
            written.violated
        )?;
    }
    let grave = written
        .notes
        .iter()
        .any(|note| note.severity > Severity::Info);
    Ok(u8::from(grave || written.violated > 0))
}

/// Verifies pages; the exit code is 1 when something is stale, edited or unbacked.
pub(super) fn verify_pages(notebook: &Path, budget: EventBudget) -> anyhow::Result<u8> {
    let verification = verify::verify(notebook, budget)?;
    let mut stdout = streams::stdout();
    for (page, blocks) in &verification.pages {
        writeln!(stdout, "{}: {blocks} blocks computed again", page.display())?;
    }
    for finding in &verification.findings {
        writeln!(stdout, "{finding}")?;
    }
    let blocks: usize = verification.pages.iter().map(|(_, blocks)| blocks).sum();
    writeln!(
        stdout,
        "verify: {} pages, {blocks} blocks, {} figures, {} claims, {} findings",
        verification.pages.len(),
        verification.figures,
        verification.claims,
        verification.findings.len()
    )?;
    Ok(u8::from(!verification.findings.is_empty()))
}
