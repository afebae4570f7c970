//! Trials: manifests, logs and journals into memory.

use std::io::{self, BufRead, Cursor};
use std::path::{Path, PathBuf};

use event_log::layout::{JOURNAL_FILE, trial_dir};
use event_log::{JournalEntry, MachineId, TrialManifest};
use events::{Dialect, OWN_FORMAT, Trial, TrialInfo};

use super::batch::{Batch, Log, LogNumber};
use super::clock_file::{self, ClockFile, is_header};
use super::manifest::{number_note, status_note, with_rows};
use super::place::{TrialPlace, name};
use super::rows::TrialRows;
use super::{beside, flaw, journal, pack, table};
use files::input;
use files::note::{Note, Severity};
use files::parallel;

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

/// Loads trials and does some work with each, on all processors; small ones are read together. A trial is dropped when its
/// work is done.
pub fn map<R: Send>(
    places: &[TrialPlace],
    work: impl Fn(Result<Loaded, Box<Note>>) -> R + Sync,
) -> Vec<R> {
    let part = places.len().div_ceil(PARTS * parallel::threads());
    let parts: Vec<_> = places.chunks(part.clamp(1, TOGETHER)).collect();
    let results = parallel::map(&parts, |places| together(places, Opened::of, &work));
    results.into_iter().flatten().collect()
}

/// Opens trials one after another, and does some work with each when there is enough to be parsed.
fn together<'p, T, R>(
    trials: &'p [T],
    open: impl Fn(&'p T, &mut Batch) -> Result<Opened<'p>, Box<Note>>,
    work: impl Fn(Result<Loaded, Box<Note>>) -> R,
) -> Vec<R> {
    let mut results = Vec::with_capacity(trials.len());
    let (mut batch, mut opened) = (Batch::default(), Vec::new());
    for (position, trial) in (1..).zip(trials) {
        opened.push(open(trial, &mut batch));
        if batch.is_full() || position == trials.len() {
            let mut logs = std::mem::take(&mut batch).finish();
            let loaded = opened.drain(..).map(|opened| opened?.load(&mut logs));
            results.extend(loaded.map(&work));
        }
    }
    results
}

/// A trial that is in no file.
#[derive(Debug)]
pub struct MadeTrial {
    /// Its manifest.
    pub manifest: TrialManifest,
    /// The logs of its machines, as their files would be.
    pub logs: Vec<Vec<u8>>,
    /// What its journal says of messages and lives.
    pub journal: Vec<JournalEntry>,
}

/// Loads a trial of a run that is in no file.
///
/// # Errors
///
/// As [`load`].
pub fn load_made(run: &str, made: &MadeTrial) -> Result<Loaded, Box<Note>> {
    let mut batch = Batch::default();
    let opened = Opened::made(run, made, &mut batch)?;
    opened.load(&mut batch.finish())
}

/// As [`map`], of trials that are in no file.
pub fn map_made<R: Send>(
    run: &str,
    trials: &[MadeTrial],
    work: impl Fn(Result<Loaded, Box<Note>>) -> R + Sync,
) -> Vec<R> {
    let part = trials.len().div_ceil(PARTS * parallel::threads());
    let parts: Vec<_> = trials.chunks(part.clamp(1, TOGETHER)).collect();
    let open = |made, batch: &mut Batch| Opened::made(run, made, batch);
    let results = parallel::map(&parts, |trials| together(trials, open, &work));
    results.into_iter().flatten().collect()
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
    run: &'p str,
    dir: PathBuf,
    origin: Origin<'p>,
    manifest: TrialManifest,
    files: Vec<PathBuf>,
    /// What is wrong with all logs of a packed trial.
    note: Option<Note>,
}

/// Where the logs of a trial are.
enum Origin<'p> {
    /// In a folder of its own.
    Folder,
    /// In a pack.
    Pack(&'p TrialPlace),
    /// In memory.
    Memory(&'p MadeTrial),
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
            run: &place.run,
            dir: place.dir.clone(),
            origin: match place.packed {
                Some(_) => Origin::Pack(place),
                None => Origin::Folder,
            },
            manifest,
            files,
            note: rows.and_then(|rows| rows.note),
        })
    }

    /// Adds the logs of a trial that is in no file to a batch.
    fn made(run: &'p str, made: &'p MadeTrial, batch: &mut Batch) -> Result<Opened<'p>, Box<Note>> {
        let manifest = made.manifest.clone();
        let dir = Path::new(run).join(trial_dir(manifest.trial, manifest.trial + 1));
        if let Some((expected, found)) = flaw::find(&manifest) {
            let advice = "the trial was not read";
            let note = Note::new(Severity::Error, &dir, expected, found, advice);
            return Err(Box::new(note));
        }
        let first = batch.len();
        for log in &made.logs {
            match log.iter().position(|&byte| byte == b'\n') {
                Some(end) if is_header(&log[..=end]) => batch.add_lines(&log[end + 1..]),
                _ => batch.add_faulty(),
            }
        }
        let entries = manifest.machines.iter();
        Ok(Opened {
            first,
            run,
            files: entries.map(|entry| dir.join(&entry.log)).collect(),
            dir,
            origin: Origin::Memory(made),
            manifest,
            note: None,
        })
    }

    /// Makes it of its logs among all of the batch.
    fn load(self, logs: &mut [Log]) -> Result<Loaded, Box<Note>> {
        let Opened {
            first,
            run,
            dir,
            origin,
            manifest,
            files,
            note,
        } = self;
        let mut notes: Vec<Note> = status_note(&dir, &manifest).into_iter().collect();
        notes.extend(number_note(&dir, &manifest));
        let mut damaged = note.is_some();
        let mut rows = TrialRows::default();
        for (machine, (entry, file)) in manifest.machines.iter().zip(&files).enumerate() {
            match std::mem::replace(&mut logs[first + machine], Log::Faulty) {
                Log::Rows(pieces) => rows.add_whole(pieces),
                Log::Faulty => {
                    let owes_rows = manifest.ticks_expected(entry) > 0;
                    let read = line_by_line(&origin, machine, file, owes_rows)?;
                    damaged |= read.is_damaged();
                    notes.extend(read.notes);
                    rows.add(read.rows, read.lines);
                }
            }
        }
        notes.extend(note);
        let counts = match origin {
            Origin::Folder => beside_logs(&dir, &manifest, &mut notes),
            Origin::Pack(_) => journal::Counts::default(),
            Origin::Memory(made) => {
                let counts = journal::Counts::of(&made.journal);
                notes.extend(counts.notes(&dir.join(JOURNAL_FILE)));
                counts
            }
        };
        let trial = rows.trial(info(run, &dir, manifest, &counts), files);
        let mut trial = trial.map_err(unexpected(&dir))?;
        begin_again(&mut trial, &counts.restarts);
        Ok(Loaded {
            trial,
            notes,
            damaged,
        })
    }
}

/// What the journal of a trial counts, and notes on it and on what lies beside its logs.
pub(super) fn beside_logs(
    dir: &Path,
    manifest: &TrialManifest,
    notes: &mut Vec<Note>,
) -> journal::Counts {
    notes.extend(beside::of_trial(dir, manifest));
    let (counts, journal_notes) = journal::counts(&dir.join(JOURNAL_FILE));
    notes.extend(journal_notes);
    notes.extend(counts.notes(&dir.join(JOURNAL_FILE)));
    counts
}

/// What a trial is, beside its events.
pub(super) fn info(
    run: &str,
    dir: &Path,
    manifest: TrialManifest,
    counts: &journal::Counts,
) -> TrialInfo {
    TrialInfo {
        run: run.to_owned(),
        name: name(dir),
        number: manifest.trial,
        dir: dir.to_owned(),
        format: OWN_FORMAT.to_owned(),
        dialect: dialect(),
        manifest: Some(Box::new(manifest)),
        undelivered: counts.undelivered,
        unconfirmed: counts.unconfirmed,
        without_log: Some(Vec::new()),
        logs_missing: false,
    }
}

/// Marks the rows with which machines begin again, by the first tick of each further life.
fn begin_again(trial: &mut Trial, restarts: &[(MachineId, u64)]) {
    for &(id, tick) in restarts {
        let Some(machine) = trial.position(id) else {
            continue;
        };
        let machine = &mut trial.machines[machine];
        let ticks = machine.rows.tick.values();
        let row = ticks.partition_point(|&of| of < tick);
        if row < ticks.len() {
            machine.gaps.push(row as u32);
        }
    }
    for machine in &mut trial.machines {
        machine.gaps.sort_unstable();
        machine.gaps.dedup();
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
pub(super) fn unexpected(path: &Path) -> impl Fn(polars::prelude::PolarsError) -> Box<Note> {
    move |error| {
        let (expected, advice) = ("a table of events", "the trial was not read; this is a bug");
        let found = error.to_string();
        Box::new(Note::new(Severity::Error, path, expected, found, advice))
    }
}

/// A log that is not wholly well formed.
fn line_by_line(
    origin: &Origin<'_>,
    machine: usize,
    file: &Path,
    owes_rows: bool,
) -> Result<ClockFile, Box<Note>> {
    let place = match origin {
        Origin::Folder => return Ok(clock_file::read(file, owes_rows)),
        Origin::Memory(made) => {
            return Ok(clock_file::parse(file, &made.logs[machine], owes_rows));
        }
        Origin::Pack(place) => place,
    };
    match with_rows(place)? {
        (_, Some(rows)) => Ok(clock_file::parse(file, &rows.file(machine), owes_rows)),
        (_, None) => Err(Box::new(Note::new(
            Severity::Error,
            file,
            "the pack that was there a moment ago",
            "another one",
            "the trial was not read; try again when nobody writes to it",
        ))),
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
