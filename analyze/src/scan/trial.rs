//! Trials: manifests, logs and journals into memory.

use std::io::{self, BufRead, Cursor};
use std::path::{Path, PathBuf};

use event_log::TrialManifest;
use event_log::layout::{JOURNAL_FILE, trial_dir};
use events::{Dialect, OWN_FORMAT, Trial, TrialInfo};

use super::batch::{Batch, Log, LogNumber};
use super::clock_file::{self, ClockFile};
use super::manifest::{number_note, status_note, with_rows};
use super::rows::TrialRows;
use super::search::{TrialPlace, name};
use super::{beside, flaw, journal, pack, table};
use crate::input;
use crate::note::{Note, Severity};
use crate::parallel;

/// Trials that are read together at most.
const TOGETHER: usize = 32;
/// Parts of the work for each processor, so that none is idle while another is at the last part.
const PARTS: usize = 4;

/// A trial in memory.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What its logs record, as far as they can be read.
    pub trial: Trial,
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
    let mut batch = Batch::default();
    let opened = Opened::of(place, &mut batch)?;
    opened.load(&mut batch.finish())
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
    let mut loaded = each_made(run, [(manifest, logs)], |loaded| loaded);
    loaded.remove(0)
}

/// Loads trials and does some work with each, on all processors; small ones are read together. A trial is dropped when its
/// work is done.
pub fn map<R: Send>(
    places: &[TrialPlace],
    work: impl Fn(Result<Loaded, Box<Note>>) -> R + Sync,
) -> Vec<R> {
    let part = places.len().div_ceil(PARTS * parallel::threads());
    let parts: Vec<_> = places.chunks(part.clamp(1, TOGETHER)).collect();
    let results = parallel::map(&parts, |places| together(*places, Opened::of, &work));
    results.into_iter().flatten().collect()
}

/// Does some work with each trial of a run that is in no file, as [`of_logs`] makes it; small ones are read together.
pub fn each_made<R>(
    run: &str,
    trials: impl IntoIterator<Item = (TrialManifest, Vec<Vec<u8>>)>,
    work: impl Fn(Result<Loaded, Box<Note>>) -> R,
) -> Vec<R> {
    let open = |(manifest, logs), batch: &mut Batch| Opened::made(run, manifest, logs, batch);
    together(trials, open, work)
}

/// Opens trials one after another, and does some work with each when there is enough to be parsed.
fn together<'p, T, R>(
    trials: impl IntoIterator<Item = T>,
    open: impl Fn(T, &mut Batch) -> Result<Opened<'p>, Box<Note>>,
    work: impl Fn(Result<Loaded, Box<Note>>) -> R,
) -> Vec<R> {
    let mut results = Vec::new();
    let (mut batch, mut opened) = (Batch::default(), Vec::new());
    let mut trials = trials.into_iter().peekable();
    while let Some(trial) = trials.next() {
        opened.push(open(trial, &mut batch));
        if batch.is_full() || trials.peek().is_none() {
            let mut logs = std::mem::take(&mut batch).finish();
            let loaded = opened.drain(..).map(|opened| opened?.load(&mut logs));
            results.extend(loaded.map(&work));
        }
    }
    results
}

/// How lines of ours are meant.
pub fn dialect() -> Dialect {
    use events::{
        BroadcastLines, ClockKind, QueueCount, ReceiveClock, RecipientName, TickLines, TimeOrigin,
    };
    Dialect {
        clock: Some(ClockKind::Lamport),
        receive_clock: Some(ReceiveClock::AfterMerge),
        queue: Some(QueueCount::AfterPop),
        broadcast: Some(BroadcastLines::One),
        tick: Some(TickLines::One),
        recipient: Some(RecipientName::Machine),
        time: Some(TimeOrigin::Epoch),
    }
}

/// A trial whose logs are in a batch, one after another.
struct Opened<'p> {
    /// The first of them.
    first: LogNumber,
    source: Source<'p>,
    run: String,
    dir: PathBuf,
    manifest: TrialManifest,
    files: Vec<PathBuf>,
    /// What is wrong with all logs of a packed trial.
    note: Option<Note>,
}

/// Where the logs of a trial are.
enum Source<'p> {
    /// In its folder or in a pack.
    Place(&'p TrialPlace),
    /// In memory, as their files would be.
    Made(Vec<Vec<u8>>),
}

impl<'p> Opened<'p> {
    /// Reads its manifest, and adds its logs to a batch.
    fn of(place: &'p TrialPlace, batch: &mut Batch) -> Result<Opened<'p>, Box<Note>> {
        let (manifest, rows) = with_rows(place)?;
        let mut files = Vec::with_capacity(manifest.machines.len());
        let first = batch.len();
        for (machine, entry) in manifest.machines.iter().enumerate() {
            let mut file = place.dir.join(&entry.log);
            match &rows {
                Some(rows) => batch.add_lines(rows.of(machine)),
                None => {
                    file = clock_file::place(file);
                    add(batch, &file);
                }
            }
            files.push(file);
        }
        Ok(Opened {
            first,
            source: Source::Place(place),
            run: place.run.clone(),
            dir: place.dir.clone(),
            manifest,
            files,
            note: rows.and_then(|rows| rows.note),
        })
    }

    /// Adds the logs of a trial that is in no file to a batch.
    fn made(
        run: &str,
        manifest: TrialManifest,
        logs: Vec<Vec<u8>>,
        batch: &mut Batch,
    ) -> Result<Opened<'p>, Box<Note>> {
        let dir = Path::new(run).join(trial_dir(manifest.trial, manifest.trial.saturating_add(1)));
        if let Some((expected, found)) = flaw::find(&manifest) {
            let (advice, of) = ("the trial was not read", Severity::Error);
            return Err(Box::new(Note::new(of, &dir, expected, found, advice)));
        }
        let first = batch.len();
        logs.iter().for_each(|log| batch.add_text(log));
        let entries = manifest.machines.iter();
        Ok(Opened {
            first,
            source: Source::Made(logs),
            run: run.to_owned(),
            files: entries.map(|entry| dir.join(&entry.log)).collect(),
            dir,
            manifest,
            note: None,
        })
    }

    /// Makes it of its logs among all of the batch.
    fn load(self, logs: &mut [Log]) -> Result<Loaded, Box<Note>> {
        let mut notes = Vec::new();
        if let Source::Place(_) = self.source {
            notes.extend(status_note(&self.dir, &self.manifest));
            notes.extend(number_note(&self.dir, &self.manifest));
        }
        let mut damaged = self.note.is_some();
        let mut rows = TrialRows::default();
        for machine in 0..self.files.len() {
            let log = logs.get_mut(self.first + machine);
            match log.map(|log| std::mem::replace(log, Log::Faulty)) {
                Some(Log::Rows(pieces)) => rows.add_whole(pieces),
                _ => {
                    let read = self.line_by_line(machine)?;
                    damaged |= read.is_damaged();
                    notes.extend(read.notes);
                    rows.add(read.rows, read.lines);
                }
            }
        }
        notes.extend(self.note);
        let journal = self.dir.join(JOURNAL_FILE);
        let mut counts = journal::Counts::default();
        if let Source::Place(TrialPlace { packed: None, .. }) = self.source {
            notes.extend(beside::of_trial(&self.dir, &self.manifest));
            let (found, of_journal) = journal::counts(&journal);
            notes.extend(of_journal);
            notes.extend(found.notes(&journal));
            counts = found;
        }
        let info = TrialInfo {
            run: self.run,
            name: name(&self.dir),
            number: self.manifest.trial,
            format: OWN_FORMAT.to_owned(),
            dialect: dialect(),
            manifest: Some(Box::new(self.manifest)),
            undelivered: counts.undelivered,
            unconfirmed: counts.unconfirmed,
            without_log: Some(Vec::new()),
            logs_missing: false,
            dir: self.dir,
        };
        let dir = info.dir.clone();
        let trial = rows.trial(info, self.files).map_err(unexpected(&dir))?;
        Ok(Loaded {
            trial,
            notes,
            damaged,
        })
    }

    /// A log that is not wholly well formed.
    fn line_by_line(&self, machine: usize) -> Result<ClockFile, Box<Note>> {
        let file = &self.files[machine];
        let entry = &self.manifest.machines[machine];
        let owes_rows = self.manifest.ticks_expected(entry) > 0;
        let text = match &self.source {
            Source::Place(TrialPlace { packed: None, .. }) => {
                return Ok(clock_file::read(file, owes_rows));
            }
            Source::Place(place) => with_rows(place)?.1.map(|rows| rows.file(machine)),
            Source::Made(logs) => logs.get(machine).cloned(),
        };
        let text = text.unwrap_or_default();
        Ok(clock_file::parse(file, &text, owes_rows))
    }
}

/// Adds the log of a file to a batch.
fn add(batch: &mut Batch, file: &Path) {
    if clock_file::is_table(file) {
        return match table::rows(file) {
            Some(rows) => batch.add_frame(rows),
            None => batch.add_faulty(),
        };
    }
    match input::open_below(file) {
        Ok(file) => batch.add_file(file),
        Err(_) => batch.add_faulty(),
    }
}

/// A note on what polars refuses although it made it itself.
fn unexpected(path: &Path) -> impl Fn(polars::prelude::PolarsError) -> Box<Note> {
    move |error| {
        let (expected, advice) = ("a table of events", "the trial was not read; this is a bug");
        let found = error.to_string();
        Box::new(Note::new(Severity::Error, path, expected, found, advice))
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
        return Ok(Box::new(Cursor::new(table::as_csv(file)?)));
    }
    let missing = match input::lines(file) {
        Ok(lines) => return Ok(lines),
        Err(error) => error,
    };
    let in_pack = || {
        let (manifest, rows) = with_rows(&pack::find(file.parent()?)?).ok()?;
        let mut machines = manifest.machines.iter();
        let machine = machines.position(|entry| file.ends_with(&entry.log))?;
        Some(Cursor::new(rows?.file(machine)))
    };
    match in_pack() {
        Some(log) => Ok(Box::new(log)),
        None => Err(missing),
    }
}
