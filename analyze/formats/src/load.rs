//! The files of a trial, from disk to its table.
//!
//! **Invariant.** One trial is in memory at a time; a file that cannot be read is a note, and costs itself alone.

use std::path::Path;

use super::assemble::assemble;
use super::compile::Compiled;
use super::decode::is_binary;
use super::error::PathsError;
use super::exported;
use super::gather::Gathered;
use super::inventory::Inventory;
use super::line_stats::{Account, FileAccount, UnreadLog};
use super::paths::{self, Plan, Suspect};
use super::read;
use super::source::{LogFile, TrialFiles};
use events::Trial;
use files::note::{Note, Severity};
use files::parallel;

/// What the files of a trial say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Loaded {
    /// The trial; or several, if they stand one after another in the files. Their messages are not matched yet.
    pub trials: Vec<Trial>,
    /// What became of each line.
    pub account: Account,
    /// The notes.
    pub notes: Vec<Note>,
}

impl Loaded {
    /// Tells that a file cannot be read.
    fn unreadable(&mut self, log: &LogFile, reason: String) {
        let file = log.path.display().to_string();
        let advice = "it counts as a file without lines; see to it that it can be read";
        let note = Note::new(Severity::Error, &log.path, "a file", &reason, advice);
        self.notes.push(note);
        self.account.files.push(FileAccount {
            file: file.clone(),
            ..FileAccount::default()
        });
        self.account.unread_logs.push(UnreadLog { file, reason });
    }
}

/// Reads the files of one trial.
pub fn load(trial: &TrialFiles, compiled: &Compiled) -> Loaded {
    if exported::is_format(compiled) {
        return load_exports(trial);
    }
    let mut gathered = Gathered::default();
    let mut loaded = Loaded::default();
    for (position, log) in trial.files.iter().enumerate() {
        let bytes = match log.content.whole(&log.path) {
            Ok(bytes) => bytes,
            Err(error) => {
                loaded.unreadable(log, error.to_string());
                continue;
            }
        };
        let file = u32::try_from(position).unwrap_or(u32::MAX);
        let (account, notes) = read::file(compiled, file, log, &bytes, &mut gathered);
        loaded.account.files.push(account);
        loaded.notes.extend(notes);
    }
    // Such a line may be a send or a receive.
    let has_holes = !gathered.holes.is_empty();
    let (trials, notes) = assemble(gathered, trial, compiled);
    loaded.trials = trials;
    for trial in &mut loaded.trials {
        trial.info.logs_missing |= has_holes;
    }
    loaded.notes.extend(notes);
    loaded
}

/// Reads the exports of one place.
fn load_exports(files: &TrialFiles) -> Loaded {
    let mut loaded = Loaded::default();
    for log in &files.files {
        let bytes = match log.content.whole(&log.path) {
            Ok(bytes) => bytes,
            Err(error) => {
                loaded.unreadable(log, error.to_string());
                continue;
            }
        };
        match exported::read(files, log, &bytes) {
            Ok((trials, account)) => {
                loaded.trials.extend(trials);
                loaded.account.files.push(account);
            }
            Err(note) => loaded.unreadable(
                log,
                format!("expected {}, found {}", note.expected, note.found),
            ),
        }
    }
    loaded
}

/// What some paths hold, read as one format.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// Their trials, in natural order. Their messages are not matched yet.
    pub trials: Vec<Trial>,
    /// What became of each file, and of each line of those that were read.
    pub account: Account,
    /// The notes.
    pub notes: Vec<Note>,
}

/// Bytes of a suspect that are looked at.
const SUSPECT_BYTES: usize = 64 << 10;

/// The trials that an inventory lists, as a format has them.
///
/// # Errors
/// A glob or a regex on paths that is none.
pub fn plan(inventory: &Inventory, compiled: &Compiled) -> Result<Plan, PathsError> {
    if exported::is_format(compiled) {
        return Ok(exported::plan(inventory));
    }
    let mut plan = paths::plan(inventory, &compiled.format().files)?;
    let suspects = std::mem::take(&mut plan.suspects);
    let unread = parallel::map(&suspects, |suspect| convicted(suspect, compiled));
    plan.unread_logs.extend(unread.into_iter().flatten());
    for trial in &mut plan.trials {
        let beside = |log: &UnreadLog| Path::new(&log.file).starts_with(&trial.dir);
        trial.logs_missing = plan.unread_logs.iter().any(beside);
    }
    Ok(plan)
}

/// The log that a file is which the format does not claim: most lines at its beginning are what the format says of lines,
/// events among them.
fn convicted(suspect: &Suspect, compiled: &Compiled) -> Option<UnreadLog> {
    let file = suspect.path.display().to_string();
    let mut head = match suspect.content.head(&suspect.path, SUSPECT_BYTES) {
        Ok(head) => head,
        // Of a file that is no log by its name nobody knows; it is among the others, with the reason.
        Err(_) => return None,
    };
    if is_binary(&head) {
        return None;
    }
    if head.len() == SUSPECT_BYTES
        && let Some(end) = head.iter().rposition(|&byte| byte == b'\n')
    {
        head.truncate(end + 1);
    }
    let log = LogFile {
        path: suspect.path.clone(),
        ..LogFile::default()
    };
    let (account, _) = read::file(compiled, 0, &log, &head, &mut Gathered::default());
    let explained = account.events + account.headers;
    (account.events > 0 && explained >= account.unexplained).then(|| UnreadLog {
        file,
        reason: format!(
            "{}, and {} of the {} lines at its beginning are events",
            suspect.reason, account.events, account.lines
        ),
    })
}

/// Reads all trials that an inventory lists, on all processors. Everything is in memory at the end: of what is larger, take
/// the trials of [`plan`] one by one to [`load`].
///
/// # Errors
/// As [`plan`].
pub fn read_all(inventory: &Inventory, compiled: &Compiled) -> Result<Reading, PathsError> {
    let plan = plan(inventory, compiled)?;
    let mut reading = Reading::default();
    reading.account.unread_logs = plan.unread_logs;
    for loaded in parallel::map(&plan.trials, |trial| load(trial, compiled)) {
        reading.trials.extend(loaded.trials);
        reading.account.files.extend(loaded.account.files);
        reading
            .account
            .unread_logs
            .extend(loaded.account.unread_logs);
        reading.notes.extend(loaded.notes);
    }
    reading.account.other_files = plan.other_files;
    Ok(reading)
}
