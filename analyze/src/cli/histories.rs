//! Trials of whatever program, as histories: in a format that is named, or in the one that they suggest.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::bail;

use super::logs;
use crate::formats::Compiled;
use crate::formats::account::Account;
use crate::formats::guess::guess;
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
        None => guessed(paths)?,
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

/// The format that the logs themselves suggest, if it explains every line: laws put to half a log accuse the innocent.
fn guessed(paths: &[PathBuf]) -> anyhow::Result<(String, Reading)> {
    let guess = guess(paths)?;
    if guess.share_explained < 1.0 {
        bail!(
            "the format guessed from {} explains {:.1} % of the lines, and laws are put to whole logs only; write it down with \
             `analyze guess PATH --out FILE.toml`, add what it lacks, and pass it with --log-format FILE.toml",
            words(paths),
            100.0 * guess.share_explained
        );
    }
    let reading = read_all(paths, &Compiled::new(&guess.format)?)?;
    Ok((guess.format.name, reading))
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
