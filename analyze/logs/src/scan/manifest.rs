//! The manifest of a trial: what it says, and why it cannot be used.
//!
//! **Invariant.** What is handed out has no flaw that [`flaw`] knows.

use std::io;
use std::path::Path;

use event_log::layout::{TRIAL_FILE, trial_number};
use event_log::{Status, TrialManifest};

use super::flaw;
use super::pack::Rows;
use super::place::{TrialPlace, name};
use super::version::Version;
use files::input::{self, DOCUMENT_BYTES_MAX, encoding};
use files::note::{Note, Severity};

/// What a trial's manifest says, without its logs.
///
/// # Errors
///
/// A note of severity [`Severity::Error`] when it cannot be used.
pub fn manifest(place: &TrialPlace) -> Result<TrialManifest, Box<Note>> {
    let read = match &place.packed {
        Some(packed) => parse(&packed.manifests, packed.line, packed.manifest()),
        None => {
            let file = place.dir.join(TRIAL_FILE);
            let bytes = input::bytes_below(&file, DOCUMENT_BYTES_MAX);
            let text = bytes.and_then(encoding::plain).map(|text| text.bytes);
            parse(&file, 1, text)
        }
    };
    Ok(read.map_err(Box::new)?.0)
}

/// A trial's manifest, and the rows of its machines if they come from a pack.
pub(super) fn with_rows(place: &TrialPlace) -> Result<(TrialManifest, Option<Rows>), Box<Note>> {
    let Some(packed) = &place.packed else {
        return Ok((manifest(place)?, None));
    };
    let (manifest, line) =
        parse(&packed.manifests, packed.line, packed.manifest()).map_err(Box::new)?;
    let rows = packed.rows(&line, manifest.trial, &manifest.machines)?;
    Ok((manifest, Some(rows)))
}

/// A manifest, and the bytes it was read from, which begin at this line of the file.
fn parse(
    file: &Path,
    first_line: u64,
    bytes: io::Result<Vec<u8>>,
) -> Result<(TrialManifest, Vec<u8>), Note> {
    let refuse = |expected: String, found: String, advice: &str| {
        Note::new(Severity::Error, file, expected, found, advice)
    };
    let repeat = "the trial was not read; restore the file or repeat the trial";
    let bytes = bytes
        .map_err(|error| refuse("a readable manifest".to_owned(), error.to_string(), repeat))?;
    let not_json = |error: serde_json::Error| {
        let note = refuse(
            "the manifest of a trial".to_owned(),
            error.to_string(),
            repeat,
        );
        note.at_line(first_line + (error.line() as u64).saturating_sub(1))
    };
    let version: Version = serde_json::from_slice(&bytes).map_err(not_json)?;
    if let Some(refusal) = version.refusal() {
        let advice = format!("the trial was not read; {}", refusal.advice);
        return Err(refuse(refusal.expected, refusal.found, &advice));
    }
    let manifest: TrialManifest = serde_json::from_slice(&bytes).map_err(not_json)?;
    match flaw::find(&manifest) {
        None => Ok((manifest, bytes)),
        Some((expected, found)) => Err(refuse(expected, found, repeat)),
    }
}

/// A note on a folder that is not called after its trial.
pub(super) fn number_note(dir: &Path, manifest: &TrialManifest) -> Option<Note> {
    let folder = trial_number(&name(dir)).filter(|&number| number != manifest.trial)?;
    Some(Note::new(
        Severity::Warning,
        &dir.join(TRIAL_FILE),
        format!("the manifest of trial {folder}, by the folder's name"),
        format!("trial {}", manifest.trial),
        "it is taken for what its manifest says; was the folder copied or renamed?",
    ))
}

pub(super) fn status_note(dir: &Path, manifest: &TrialManifest) -> Option<Note> {
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
