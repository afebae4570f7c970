//! One trial: manifest, logs and journal into memory.

use std::path::Path;

use event_log::layout::{JOURNAL_FILE, TRIAL_FILE, trial_number};
use event_log::{FORMAT_VERSION, Status, TrialManifest};
use serde::Deserialize;

use super::search::{TrialPlace, name};
use super::{clock_file, flaw, journal};
use crate::note::{Note, Severity};
use crate::trial_log::{MachineLog, TrialLog};

/// A trial in memory.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// Its logs, as far as they can be read.
    pub log: TrialLog,
    /// What is wrong with them, and why the trial did not complete.
    pub notes: Vec<Note>,
    /// Whether rows are missing or were left out, so that numbers of this trial cannot stand beside others'.
    pub damaged: bool,
}

/// Loads a trial.
///
/// # Errors
///
/// A note of severity [`Severity::Error`] when the manifest cannot be used: without it rates, start and files are not
/// known. Faults of the logs are no error but notes in the result.
pub fn load(place: &TrialPlace) -> Result<Loaded, Box<Note>> {
    let manifest = read_manifest(&place.dir.join(TRIAL_FILE)).map_err(Box::new)?;
    let mut notes: Vec<Note> = status_note(&place.dir, &manifest).into_iter().collect();
    notes.extend(number_note(&place.dir, &manifest));
    let mut damaged = false;
    let mut machines = Vec::with_capacity(manifest.machines.len());
    for entry in &manifest.machines {
        let file = place.dir.join(&entry.log);
        let read = clock_file::read(&file, manifest.ticks_expected(entry) > 0);
        damaged |= !read.notes.is_empty();
        notes.extend(read.notes);
        machines.push(MachineLog {
            entry: entry.clone(),
            file,
            rows: read.rows,
        });
    }
    let (undelivered, journal_notes) = journal::undelivered(&place.dir.join(JOURNAL_FILE));
    notes.extend(journal_notes);
    if undelivered > 0 {
        notes.push(Note::new(
            Severity::Info,
            &place.dir.join(JOURNAL_FILE),
            "every message delivered",
            format!("{undelivered} undelivered"),
            "they count as unreceived",
        ));
    }
    Ok(Loaded {
        log: TrialLog {
            run: place.run.clone(),
            dir: place.dir.clone(),
            manifest,
            machines,
            undelivered,
        },
        notes,
        damaged,
    })
}

#[derive(Deserialize)]
struct Versioned {
    format_version: Option<serde_json::Value>,
}

fn read_manifest(file: &Path) -> Result<TrialManifest, Note> {
    let refuse = |expected: String, found: String, advice: &str| {
        Note::new(Severity::Error, file, expected, found, advice)
    };
    let repeat = "the trial was not read; restore the file or repeat the trial";
    let bytes = std::fs::read(file)
        .map_err(|error| refuse("a readable manifest".to_owned(), error.to_string(), repeat))?;
    let not_json = |error: serde_json::Error| {
        let note = refuse(
            "the manifest of a trial".to_owned(),
            error.to_string(),
            repeat,
        );
        note.at_line(error.line() as u64)
    };
    let versioned: Versioned = serde_json::from_slice(&bytes).map_err(not_json)?;
    let version = versioned.format_version.unwrap_or_default();
    if version.as_u64() != Some(u64::from(FORMAT_VERSION)) {
        let expected = format!("format version {FORMAT_VERSION}, the one that this program reads");
        let advice = "the trial was not read; use the `analyze` that came with its `runner`";
        return Err(refuse(
            expected,
            format!("format version {version}"),
            advice,
        ));
    }
    let manifest: TrialManifest = serde_json::from_slice(&bytes).map_err(not_json)?;
    match flaw::find(&manifest) {
        None => Ok(manifest),
        Some((expected, found)) => Err(refuse(expected, found, repeat)),
    }
}

/// A note on a folder that is not called after its trial.
fn number_note(dir: &Path, manifest: &TrialManifest) -> Option<Note> {
    let folder = trial_number(&name(dir)).filter(|&number| number != manifest.trial)?;
    Some(Note::new(
        Severity::Warning,
        &dir.join(TRIAL_FILE),
        format!("the manifest of trial {folder}, by the folder's name"),
        format!("trial {}", manifest.trial),
        "it is taken for what its manifest says; was the folder copied or renamed?",
    ))
}

fn status_note(dir: &Path, manifest: &TrialManifest) -> Option<Note> {
    let reason = manifest.reason.as_deref().unwrap_or("no reason given");
    let found = match manifest.status {
        Status::Complete => return None,
        Status::Running => {
            "still running: under way, or cut off when its coordinator was killed".to_owned()
        }
        Status::Aborted => format!("aborted: {reason}"),
        Status::Degraded => format!("degraded: {reason}"),
    };
    Some(Note::new(
        Severity::Warning,
        dir,
        "a complete trial",
        found,
        "its numbers are shown, but stay out of the statistics",
    ))
}
