//! The format that others' logs tell themselves, and what is said of it.
//!
//! **Invariant.** A format is taken only if it explains every line, and reads logs of every folder that holds some.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::bail;

use super::super::streams;
use super::words;
use crate::formats::account::Account;
use crate::formats::told::{self, Told, unexplained};
use crate::formats::{Compiled, Inventory};
use crate::table::account::not_read;

/// Lines that nothing explains that are shown.
const UNEXPLAINED_SHOWN: usize = 10;
/// Doubts of a guess that are shown.
const DOUBTS_SHOWN: usize = 2;
/// The longest doubt that is shown, in letters.
const DOUBT_LENGTH_MAX: usize = 160;

/// The format that logs of others tell themselves.
pub(super) fn told(inventory: &Inventory) -> anyhow::Result<Compiled> {
    let paths = inventory.paths();
    let told = told::told(inventory)?;
    let account = &told.reading.account;
    let open = unexplained(account);
    if open == 0 {
        if let Some(path) = passed_over(account, paths) {
            bail!(
                "{} holds logs too, in another format than the others have: pass it in a call of its own, or name a format \
                 for all of them with --log-format",
                path.display()
            );
        }
        tell(&told, paths)?;
        return Ok(Compiled::new(&told.format)?);
    }
    bail!(
        "these are not logs of ours, and {open} of their {} lines cannot be explained by what they look like:\n{}\n\
         write down what is known with `analyze guess {} --out my.toml`, correct it, and read the logs with --log-format my.toml",
        lines(account),
        unexplained_lines(account).join("\n"),
        words(paths)
    );
}

/// A folder among these paths that holds logs, of which the format of the others reads none.
fn passed_over<'a>(account: &Account, paths: &'a [PathBuf]) -> Option<&'a PathBuf> {
    // A folder may be named in more than one way: `.`, `./north`, through a link.
    let files: Vec<PathBuf> = account
        .files
        .iter()
        .filter_map(|file| fs::canonicalize(&file.file).ok())
        .collect();
    let read = |folder: &Path| {
        let folder = fs::canonicalize(folder);
        folder.map_or(true, |folder| {
            files.iter().any(|file| file.starts_with(&folder))
        })
    };
    let mut folders = paths.iter().filter(|path| path.is_dir() && !read(path));
    folders.find(|folder| {
        let inventory = Inventory::of(std::slice::from_ref(*folder));
        inventory.is_ok_and(|inventory| told::told(&inventory).is_ok())
    })
}

/// Says in which format the logs are read, and what is uncertain of it.
fn tell(told: &Told, paths: &[PathBuf]) -> io::Result<()> {
    let mut stderr = streams::stderr();
    let account = &told.reading.account;
    let files = &account.files;
    let left_out: u64 = files.iter().flat_map(|file| file.ignored.values()).sum();
    let explained = match account.unread_logs.is_empty() {
        true => "100 % of",
        false => "what could be read,",
    };
    writeln!(
        stderr,
        "not logs of ours; the format {} explains {explained} {} lines in {} files, {left_out} of them by a rule that leaves \
         them out{}",
        told.name,
        lines(account),
        files.len(),
        not_read(account),
    )?;
    for doubt in told.doubts.iter().take(DOUBTS_SHOWN) {
        let why: String = doubt.why.chars().take(DOUBT_LENGTH_MAX).collect();
        let cut = if why.len() < doubt.why.len() {
            "…"
        } else {
            ""
        };
        writeln!(stderr, "not certain: {}: {why}{cut}", doubt.what)?;
    }
    if told.doubts.len() > DOUBTS_SHOWN {
        let more = told.doubts.len() - DOUBTS_SHOWN;
        writeln!(
            stderr,
            "not certain: {more} more; `analyze guess {}` says what",
            words(paths)
        )?;
    }
    Ok(())
}

fn lines(account: &Account) -> u64 {
    account.files.iter().map(|file| file.lines).sum()
}

/// The first lines that nothing explains, with their places.
pub(super) fn unexplained_lines(account: &Account) -> Vec<String> {
    let files = account.files.iter();
    let lines = files.flat_map(|file| file.examples.iter().map(move |line| (file, line)));
    lines
        .take(UNEXPLAINED_SHOWN)
        .map(|(file, line)| {
            format!(
                "  {}:{}: {} ({})",
                file.file, line.line, line.text, line.why
            )
        })
        .collect()
}
