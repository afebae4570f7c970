//! Trials of whatever program, as histories: in a format that is named, or in the built-in one that explains them best.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context as _, bail};

use super::logs;
use crate::formats::Compiled;
use crate::formats::account::Account;
use crate::formats::builtin::builtin;
use crate::formats::load::{Reading, read_all};
use crate::history::{History, own};
use crate::scan;

/// Our own trials if there are any, else those of another program.
pub(super) fn read_any(paths: &[PathBuf], format: Option<&str>) -> anyhow::Result<Vec<History>> {
    if format.is_none()
        && let Ok(found) = scan::find(paths)
        && !found.places.is_empty()
    {
        let mut histories = Vec::new();
        for place in &found.places {
            match scan::load(place) {
                Ok(loaded) => histories.push(own::of(&loaded.log)),
                Err(note) => writeln!(io::stderr().lock(), "{note}")?,
            }
        }
        return Ok(histories);
    }
    read(paths, format)
}

/// Trials of another program; what became of their lines goes to standard error.
pub(super) fn read(paths: &[PathBuf], format: Option<&str>) -> anyhow::Result<Vec<History>> {
    let (name, reading) = match format {
        Some(name) => {
            let compiled = logs::compiled(name)?;
            let name = compiled.format().name.clone();
            (name, read_all(paths, &compiled)?)
        }
        None => best(paths)?,
    };
    let (events, unexplained) = lines(&reading.account);
    let mut to = io::stderr().lock();
    writeln!(
        to,
        "read as {name}: {events} lines are events, {unexplained} are unexplained"
    )?;
    reading
        .notes
        .iter()
        .try_for_each(|note| writeln!(to, "{note}"))?;
    let mut histories = reading.histories;
    histories.retain(|history| {
        history
            .machines
            .iter()
            .any(|machine| !machine.events.is_empty())
    });
    if histories.is_empty() {
        bail!(
            "no events in {}; name a format with --log-format",
            words(paths)
        );
    }
    Ok(histories)
}

/// The built-in format that leaves fewest lines unexplained, and of several the one that reads most events.
fn best(paths: &[PathBuf]) -> anyhow::Result<(String, Reading)> {
    let mut best: Option<(String, Reading)> = None;
    for format in builtin() {
        let reading = read_all(paths, &Compiled::new(format)?)?;
        let better = best.as_ref().is_none_or(|(_, best)| {
            let (best, this) = (lines(&best.account), lines(&reading.account));
            this.0 > 0 && (best.0 == 0 || (this.1, best.0) < (best.1, this.0))
        });
        if better {
            best = Some((format.name.clone(), reading));
        }
    }
    best.with_context(|| format!("there is no format to read {} with", words(paths)))
}

/// Lines that are events, and lines that nothing explains.
fn lines(account: &Account) -> (u64, u64) {
    let files = &account.files;
    (
        files.iter().map(|file| file.events).sum(),
        files.iter().map(|file| file.unexplained).sum(),
    )
}

fn words(paths: &[PathBuf]) -> String {
    let paths = paths.iter().map(|path| path.display().to_string());
    paths.collect::<Vec<String>>().join(", ")
}
