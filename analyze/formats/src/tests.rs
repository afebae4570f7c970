//! Small logs of every kind, read from text.

mod assembly;
mod builtins;
mod compiling;
mod dialects;
mod properties;
mod separated;
mod texts;

use std::path::{Path, PathBuf};

use super::assemble::assemble;
use super::compile::Compiled;
use super::gather::Gathered;
use super::line_stats::FileAccount;
use super::source::{LogFile, TrialFiles};
use super::spec::Format;
use super::{Loaded, line_stats::Account, read};
use events::{Event, Kind, Machine};

/// The format of a TOML text.
fn compiled(toml: &str) -> Compiled {
    let format = Format::from_toml(toml, Path::new("sample.toml")).expect("a format");
    Compiled::new(&format).expect("a format that compiles")
}

/// Files of one trial, by name and bytes.
fn loaded_files(compiled: &Compiled, files: &[(&str, &[u8])]) -> Loaded {
    let files_of_trial = files.iter().map(|(name, _)| LogFile {
        path: PathBuf::from(name),
        ..LogFile::default()
    });
    let trial = TrialFiles {
        group: String::new(),
        trial: String::new(),
        dir: PathBuf::new(),
        files: files_of_trial.collect(),
        logs_missing: false,
    };
    let mut gathered = Gathered::default();
    let mut loaded = Loaded::default();
    for (position, (log, (_, bytes))) in trial.files.iter().zip(files).enumerate() {
        let (account, notes) = read::file(compiled, position as u32, log, bytes, &mut gathered);
        check_sum(&account);
        loaded.account.files.push(account);
        loaded.notes.extend(notes);
    }
    let (trials, notes) = assemble(gathered, &trial, compiled);
    loaded.trials = trials;
    loaded.notes.extend(notes);
    loaded
}

/// One file of one trial.
fn loaded(toml: &str, text: &str) -> Loaded {
    loaded_files(&compiled(toml), &[("m.log", text.as_bytes())])
}

/// The account of a single file.
fn account_of(loaded: &Loaded) -> &FileAccount {
    &loaded.account.files[0]
}

/// Events, headers, ignored lines, unexplained lines.
fn classes(account: &Account) -> (u64, u64, u64, u64) {
    let sum = |of: fn(&FileAccount) -> u64| account.files.iter().map(of).sum();
    (
        sum(|file| file.events),
        sum(|file| file.headers),
        sum(|file| file.ignored.values().sum()),
        sum(|file| file.unexplained),
    )
}

fn check_sum(account: &FileAccount) {
    let ignored: u64 = account.ignored.values().sum();
    let sum = account.events + account.headers + ignored + account.unexplained;
    assert_eq!(sum, account.lines, "{account:?}");
}

/// Events of a machine of the only trial.
fn events(loaded: &Loaded, machine: usize) -> Vec<Event> {
    assert_eq!(loaded.trials.len(), 1);
    events_of(&loaded.trials[0].machines[machine])
}

/// Events of a machine.
fn events_of(machine: &Machine) -> Vec<Event> {
    let rows = 0..machine.rows.len();
    rows.map(|row| machine.rows.event(row)).collect()
}

fn kinds(events: &[Event]) -> Vec<Kind> {
    events.iter().map(|event| event.kind).collect()
}

/// Whether some note has this in its text.
fn told(loaded: &Loaded, text: &str) -> bool {
    loaded
        .notes
        .iter()
        .any(|note| note.to_string().contains(text))
}
