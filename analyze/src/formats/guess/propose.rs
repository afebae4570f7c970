//! A format proposed, put to the test on all lines, and its dialect read from what they tell.
//!
//! **Invariant.** The account is of the format that is returned.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::infer::{self, Proposal};
use super::sample::{self, Sample, Size};
use super::{Guess, GuessError, arrange, dialect, suspect};
use crate::formats::account::Account;
use crate::formats::compile::Compiled;
use crate::formats::load::{Reading, read_all};

/// Proposes a format for the logs below these paths, reads them with it, and says how far it goes.
///
/// # Errors
///
/// When a path cannot be read, or no line below them looks like an event.
pub fn guess(paths: &[PathBuf]) -> Result<Guess, GuessError> {
    let mut size = Size::default();
    let (mut proposal, mut reading) = attempt(paths, size)?;
    while explained(&reading.account) < 1.0 && size.grow() {
        let (again, read) = attempt(paths, size)?;
        if explained(&read.account) > explained(&reading.account) {
            (proposal, reading) = (again, read);
        }
    }
    let before = proposal.format.dialect.clone();
    dialect::infer(
        &reading.histories,
        &mut proposal.format.dialect,
        &mut proposal.doubts,
    );
    if proposal.format.dialect != before {
        reading = read_all(paths, &Compiled::new(&proposal.format)?)?;
    }
    suspect::histories(&reading.histories, &mut proposal.doubts);
    suspect::unread(&reading.histories, &reading.account, &mut proposal.doubts);
    let mut events: BTreeMap<String, u64> = BTreeMap::new();
    for event in reading
        .histories
        .iter()
        .flat_map(|history| &history.machines)
        .flat_map(|machine| &machine.events)
    {
        *events
            .entry(format!("{:?}", event.kind).to_lowercase())
            .or_default() += 1;
    }
    Ok(Guess {
        share_explained: explained(&reading.account),
        events,
        trials: reading.histories.len(),
        machines: reading
            .histories
            .iter()
            .map(|history| history.machines.len())
            .sum(),
        format: proposal.format,
        account: reading.account,
        found: proposal.found,
        doubts: proposal.doubts,
    })
}

fn attempt(paths: &[PathBuf], size: Size) -> Result<(Proposal, Reading), GuessError> {
    let failed = |source| GuessError::Read {
        paths: paths.to_vec(),
        source,
    };
    let sample: Sample = sample::take(paths, size).map_err(failed)?;
    let nothing = || GuessError::Nothing {
        paths: paths.to_vec(),
        files: sample.files.len(),
    };
    let mut proposal = infer::infer(&sample, None).ok_or_else(nothing)?;
    let mut reading = read_all(paths, &Compiled::new(&proposal.format)?)?;
    let better = arrange::better(
        paths,
        &proposal.format,
        &reading.histories,
        &reading.account,
    )?;
    if let Some(pattern) = better {
        proposal = infer::infer(&sample, Some(&pattern)).ok_or_else(nothing)?;
        reading = read_all(paths, &Compiled::new(&proposal.format)?)?;
    }
    proposal.format.description = format!("proposed from {}", list(paths));
    Ok((proposal, reading))
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
    let sum = |of: fn(&crate::formats::account::FileAccount) -> u64| {
        account.files.iter().map(of).sum::<u64>() as f64
    };
    let lines = sum(|file| file.lines);
    if lines > 0.0 {
        1.0 - sum(|file| file.unexplained) / lines
    } else {
        1.0
    }
}
