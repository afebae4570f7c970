//! What lies beside our trials and could be a log: one that no manifest names, another program's, or something that cannot
//! be read.
//!
//! **Invariant.** A file of events that is not read is a warning, of ours and of others.

use std::fs::FileType;
use std::path::{Path, PathBuf};

use event_log::TrialManifest;
use event_log::layout::{FAULT_LOG_FILE, FAULTS_FILE, JOURNAL_FILE, TRIAL_FILE};

use super::clock_file;
use super::place::name;
use files::input;
use files::note::{Note, Severity};
use formats::inventory::is_called_as_a_log;
use guess::is_log;

/// Files that a note names; it counts all.
const NAMED: usize = 5;

/// Files of a search that are of no trial.
#[derive(Default)]
pub(super) struct Beside {
    /// Regular files, and whether they lie in a folder that has a run, trials or packs of ours.
    files: Vec<(PathBuf, bool)>,
    /// What is no regular file, and what it is.
    others: Vec<(PathBuf, &'static str)>,
}

impl Beside {
    /// Adds what is called as logs are in one folder.
    pub(super) fn add(&mut self, found: Vec<(PathBuf, FileType)>, is_of_ours: bool) {
        for (path, kind) in found {
            match kind.is_file() {
                true => self.files.push((path, is_of_ours)),
                false => self.others.push((path, input::kind_in_words(kind))),
            }
        }
    }

    /// Those that are logs by their lines.
    pub(super) fn logs(&self) -> Vec<&Path> {
        let paths = self.files.iter().map(|(path, _)| path.as_path());
        paths.filter(|path| is_log(path)).collect()
    }

    /// The notes, where these are logs.
    pub(super) fn notes(&self, logs: &[&Path]) -> Vec<Note> {
        let by_name = self.files.iter().filter(|(_, is_of_ours)| !is_of_ours);
        let by_name: Vec<&Path> = by_name.map(|(path, _)| path.as_path()).collect();
        let note = match logs.is_empty() {
            true => strangers(Severity::Info, &by_name),
            false => strangers(Severity::Warning, logs),
        };
        let others = self.others.iter().map(|(path, kind)| unopened(path, kind));
        note.into_iter().chain(others).collect()
    }
}

/// A note on logs of another program.
fn strangers(severity: Severity, files: &[&Path]) -> Option<Note> {
    let first = files.first()?;
    let found = match files.len() {
        1 => "a file that looks like a log of another program".to_owned(),
        count => {
            let more = files[1..].iter().take(NAMED - 1).map(|path| name(path));
            let more: Vec<String> = more.collect();
            let end = if count > NAMED { ", …" } else { "" };
            format!(
                "{count} files that look like logs of another program, this one the first, then {}{end}",
                more.join(", ")
            )
        }
    };
    let advice =
        "not read, since there are logs of ours; for those of others pass their folder by itself";
    Some(Note::new(severity, first, "logs of ours", found, advice))
}

fn unopened(path: &Path, kind: &str) -> Note {
    let advice = "not read: neither links are followed nor anything else is opened below a folder";
    Note::new(Severity::Warning, path, "a regular file", kind, advice)
}

/// What lies in a trial's folder and is none of its files.
pub(super) fn of_trial(dir: &Path, manifest: &TrialManifest) -> Vec<Note> {
    let mut beside = Beside::default();
    let mut notes = Vec::new();
    for (path, kind) in below(dir) {
        let file_name = name(&path);
        let is_known = |log: &str| dir.join(log) == path;
        let mut logs = manifest.machines.iter().map(|machine| &*machine.log);
        let own = [TRIAL_FILE, JOURNAL_FILE, FAULTS_FILE, FAULT_LOG_FILE];
        if own.into_iter().any(is_known) || logs.any(is_known) {
            continue;
        }
        let mut logs = manifest
            .machines
            .iter()
            .map(|machine| dir.join(&machine.log));
        if let Some(log) = logs.find(|log| clock_file::stand_ins(log).contains(&path)) {
            if clock_file::place(log.clone()) != path {
                notes.push(second_copy(&path, &log));
            }
        } else if clock_file::is_called_as_ours(&file_name) {
            notes.push(unnamed(&path));
        } else if is_called_as_a_log(&file_name) {
            beside.add(vec![(path, kind)], true);
        }
    }
    notes.extend(beside.notes(&beside.logs()));
    notes
}

/// What lies below a folder and is no folder itself, in the order of names; links and hidden folders are not entered.
fn below(dir: &Path) -> Vec<(PathBuf, FileType)> {
    let (mut folders, mut found) = (vec![dir.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            let path = entry.path();
            match kind.is_dir() {
                true if name(&path).starts_with('.') => {}
                true => folders.push(path),
                false => found.push((path, kind)),
            }
        }
    }
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    found
}

fn second_copy(path: &Path, log: &Path) -> Note {
    let found = format!("a second one beside {}", name(log));
    let advice = "it was not read";
    Note::new(Severity::Info, path, "one log of a machine", found, advice)
}

fn unnamed(path: &Path) -> Note {
    Note::new(
        Severity::Warning,
        path,
        format!("the logs that {TRIAL_FILE} names"),
        "another that is called as they are",
        "it was not read; was it put here from another trial, or was the manifest changed?",
    )
}
