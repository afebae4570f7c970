//! A format proposed, put to the test on all lines, and its dialect read from what they tell.
//!
//! **Invariant.** The account is of the format that is returned.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::answer::{Guess, GuessError};
use super::infer::{self, Proposal};
use super::sample::{self, Sample, Size};
use super::{dialect, path_layout, plausibility};
use formats::compile::Compiled;
use formats::inventory::Inventory;
use formats::line_stats::Account;
use formats::load::{Reading, read_all};

/// Proposes a format for the logs that an inventory lists, reads them with it, and says how far it goes.
///
/// # Errors
///
/// When no line looks like an event.
pub fn guess(inventory: &Inventory) -> Result<Guess, GuessError> {
    let mut size = Size::default();
    let (mut proposal, mut reading) = attempt(inventory, size)?;
    while explained(&reading.account) < 1.0 && size.grow() {
        let (again, read) = attempt(inventory, size)?;
        if explained(&read.account) > explained(&reading.account) {
            (proposal, reading) = (again, read);
        }
    }
    let before = proposal.format.dialect.clone();
    dialect::infer(
        &reading.trials,
        &mut proposal.format.dialect,
        &mut proposal.doubts,
    );
    if proposal.format.dialect != before {
        reading = read_all(inventory, &Compiled::new(&proposal.format)?)?;
    }
    plausibility::trials(&reading.trials, &mut proposal.doubts);
    plausibility::unread(&reading.trials, &reading.account, &mut proposal.doubts);
    let mut events: BTreeMap<String, u64> = BTreeMap::new();
    let machines = || reading.trials.iter().flat_map(|trial| &trial.machines);
    for kind in machines().flat_map(|machine| machine.rows.kinds()) {
        *events.entry(kind.word().to_owned()).or_default() += 1;
    }
    Ok(Guess {
        share_explained: explained(&reading.account),
        events,
        trials: reading.trials.len(),
        machines: machines().count(),
        format: proposal.format,
        account: reading.account,
        found: proposal.found,
        doubts: proposal.doubts,
    })
}

fn attempt(inventory: &Inventory, size: Size) -> Result<(Proposal, Reading), GuessError> {
    let sample: Sample = sample::take(inventory, size);
    let nothing = || nothing(inventory.paths(), &sample);
    let mut proposal = infer::infer(&sample, None).ok_or_else(nothing)?;
    let mut reading = read_all(inventory, &Compiled::new(&proposal.format)?)?;
    let better = path_layout::better(
        inventory,
        &proposal.format,
        &reading.trials,
        &reading.account,
    )?;
    if let Some(pattern) = better {
        proposal = infer::infer(&sample, Some(&pattern)).ok_or_else(nothing)?;
        reading = read_all(inventory, &Compiled::new(&proposal.format)?)?;
    }
    proposal.format.description = format!("proposed from {}", list(inventory.paths()));
    Ok((proposal, reading))
}

/// Why there is no format.
fn nothing(paths: &[PathBuf], sample: &Sample) -> GuessError {
    let paths = paths.to_vec();
    match sample.documents.first() {
        Some(document) if sample.documents.len() == sample.files.len() => GuessError::Document {
            paths,
            document: document.clone(),
        },
        _ => GuessError::Nothing {
            paths,
            files: sample.files.len(),
        },
    }
}

/// Whether a file is a log by its lines: some of them look like events, and hardly any is of no kind.
pub fn is_log(path: &Path) -> bool {
    let inventory = Inventory::of(&[path.to_owned()]);
    let sample = inventory.map(|inventory| sample::take(&inventory, Size::default()));
    let Ok(sample) = sample else { return false };
    let lines: usize = sample.files.iter().map(|file| file.records.len()).sum();
    infer::infer(&sample, None).is_some_and(|proposal| proposal.events * 2 > lines)
}

fn list(paths: &[PathBuf]) -> String {
    let name = |path: &PathBuf| {
        path.file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy()
            .into_owned()
    };
    paths.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// Share of the lines that something explains; 1 of no lines.
fn explained(account: &Account) -> f64 {
    let sum = |of: fn(&formats::line_stats::FileAccount) -> u64| {
        account.files.iter().map(of).sum::<u64>() as f64
    };
    let lines = sum(|file| file.lines);
    if lines > 0.0 {
        1.0 - sum(|file| file.unexplained) / lines
    } else {
        1.0
    }
}
