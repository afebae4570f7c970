//! One trial: manifest, logs and journal into memory.

use std::io::{self, BufRead, Cursor};
use std::mem::take;
use std::path::Path;

use event_log::layout::{JOURNAL_FILE, TRIAL_FILE, trial_dir, trial_number};
use event_log::{FORMAT_VERSION, Status, TrialManifest};
use serde::Deserialize;

use super::search::{TrialPlace, name};
use super::{beside, clock_file, columnar, flaw, journal, pack};
use crate::input::{self, DOCUMENT_BYTES_MAX, encoding};
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
    let files = Files::of(place)?;
    let packed = place.packed.is_some();
    let status = status_note(&place.dir, &files.manifest);
    let notes = status
        .into_iter()
        .chain(number_note(&place.dir, &files.manifest));
    let mut loaded = assemble(&place.run, &place.dir, notes.collect(), files);
    if !packed {
        loaded
            .notes
            .extend(beside::of_trial(&place.dir, &loaded.log.manifest));
        add_losses(&mut loaded);
    }
    Ok(loaded)
}

/// A trial of a run that is in no file: its manifest, and the logs of its machines.
///
/// # Errors
///
/// As [`load`].
pub fn of_logs(
    run: &str,
    manifest: TrialManifest,
    logs: Vec<Vec<u8>>,
) -> Result<Loaded, Box<Note>> {
    let dir = Path::new(run).join(trial_dir(manifest.trial, manifest.trial + 1));
    if let Some((expected, found)) = flaw::find(&manifest) {
        let advice = "the trial was not read";
        return Err(Box::new(Note::new(
            Severity::Error,
            &dir,
            expected,
            found,
            advice,
        )));
    }
    let files = Files {
        manifest,
        logs: Some(logs),
        note: None,
    };
    Ok(assemble(run, &dir, Vec::new(), files))
}

/// Reads the logs of a trial's machines, and adds to the notes what is wrong with them.
fn assemble(run: &str, dir: &Path, mut notes: Vec<Note>, mut files: Files) -> Loaded {
    let manifest = &files.manifest;
    let mut damaged = false;
    let mut machines = Vec::with_capacity(manifest.machines.len());
    for (position, entry) in manifest.machines.iter().enumerate() {
        let mut file = dir.join(&entry.log);
        let owes_rows = manifest.ticks_expected(entry) > 0;
        let read = match &mut files.logs {
            None => {
                file = clock_file::place(file);
                clock_file::read(&file, owes_rows)
            }
            // Its rows take the place of its text.
            Some(logs) => clock_file::parse(&file, &take(&mut logs[position]), owes_rows),
        };
        damaged |= read.is_damaged();
        notes.extend(read.notes);
        machines.push(MachineLog {
            entry: entry.clone(),
            file,
            rows: read.rows,
        });
    }
    if let Some(note) = files.note {
        damaged = true;
        notes.push(note);
    }
    Loaded {
        log: TrialLog {
            run: run.to_owned(),
            dir: dir.to_owned(),
            manifest: files.manifest,
            machines,
            undelivered: 0,
            unconfirmed: 0,
        },
        notes,
        damaged,
    }
}

/// Adds what the journal says of messages that were lost.
fn add_losses(loaded: &mut Loaded) {
    let journal = loaded.log.dir.join(JOURNAL_FILE);
    let (counts, notes) = journal::counts(&journal);
    let journal::Counts {
        undelivered,
        unconfirmed,
    } = counts;
    loaded.log.undelivered = undelivered;
    loaded.log.unconfirmed = unconfirmed;
    let to = &mut loaded.notes;
    to.extend(notes);
    if undelivered > 0 {
        to.push(Note::new(
            Severity::Info,
            &journal,
            "every message delivered",
            format!("{undelivered} undelivered"),
            "they count as unreceived",
        ));
    }
    if unconfirmed > 0 {
        to.push(Note::new(
            Severity::Info,
            &journal,
            "every message delivered",
            format!("{unconfirmed} of which nobody knows: two machines did not hear each other to the end"),
            "those that no machine received count as unreceived",
        ));
    }
}

/// What a trial's manifest says, without its logs.
///
/// # Errors
///
/// As [`load`].
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

/// A trial's manifest, and the logs of its machines if they come from a pack.
struct Files {
    manifest: TrialManifest,
    logs: Option<Vec<Vec<u8>>>,
    /// What is wrong with all of them.
    note: Option<Note>,
}

impl Files {
    fn of(place: &TrialPlace) -> Result<Files, Box<Note>> {
        let Some(packed) = &place.packed else {
            return Ok(Files {
                manifest: manifest(place)?,
                logs: None,
                note: None,
            });
        };
        let (manifest, line) =
            parse(&packed.manifests, packed.line, packed.manifest()).map_err(Box::new)?;
        let rows = packed.rows(&line, manifest.trial, &manifest.machines)?;
        Ok(Files {
            manifest,
            logs: Some(rows.logs),
            note: rows.note,
        })
    }
}

/// A file of logs, to be read again; that of a machine of a packed trial is made of the pack, and a table is the lines that
/// it stands for.
///
/// # Errors
///
/// When it is neither there nor in a pack, or when it is a table and no log.
pub fn open(file: &Path) -> io::Result<Box<dyn BufRead>> {
    if clock_file::is_table(file) {
        return Ok(Box::new(Cursor::new(columnar::as_csv(file)?)));
    }
    let missing = match input::lines(file) {
        Ok(lines) => return Ok(lines),
        Err(error) => error,
    };
    let in_pack = || {
        let files = Files::of(&pack::find(file.parent()?)?).ok()?;
        let machines = files.manifest.machines.iter();
        let mut logs = machines.zip(files.logs?);
        let (_, log) = logs.find(|(entry, _)| file.ends_with(&entry.log))?;
        Some(Cursor::new(log))
    };
    match in_pack() {
        Some(log) => Ok(Box::new(log)),
        None => Err(missing),
    }
}

#[derive(Deserialize)]
struct Versioned {
    format_version: Option<serde_json::Value>,
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
        None => Ok((manifest, bytes)),
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
