//! What is kept of trials of the chat service: a row for each, and a folder with all logs for some.
//!
//! **Invariant.** A folder of a trial is whole from the moment it has its name, and every row that is there is whole.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use chat_trial::{Logs, Outcome};
use driver::StorageError;
use event_log::chat::{ChatCondition, ChatTrialManifest, ProcessEntry, TrialSummary};
use event_log::{Faults, Record, Row, Status, System, VIRTUAL_EPOCH_NS, layout};
use serde::Serialize;

use crate::outcome::RunFolder;
use crate::storage::{Journal, write_fault_log, write_faults, write_json_of_seed};

/// `summary.csv`, written row by row.
#[derive(Debug)]
pub struct SummaryFile {
    path: PathBuf,
    file: File,
}

impl SummaryFile {
    /// Creates it in a run's folder.
    ///
    /// # Errors
    ///
    /// [`StorageError`] when it cannot be created.
    pub fn create(run: &Path) -> Result<SummaryFile, StorageError> {
        let path = run.join(layout::SUMMARY_FILE);
        let create = || -> io::Result<File> {
            let mut file = File::create_new(&path)?;
            writeln!(file, "{}", TrialSummary::HEADER)?;
            Ok(file)
        };
        let file = create().map_err(StorageError::at(&path))?;
        Ok(SummaryFile { path, file })
    }

    /// Appends the row of a trial.
    ///
    /// # Errors
    ///
    /// [`StorageError`] when it cannot be written.
    pub fn write(&mut self, summary: &TrialSummary) -> Result<(), StorageError> {
        let mut line = Vec::new();
        summary.encode_line(&mut line);
        let written = self.file.write_all(&line);
        written.map_err(StorageError::at(&self.path))
    }
}

/// What a trial is of: what its manifest says beside its outcome.
#[derive(Debug, Clone, Copy)]
pub struct TrialOf<'a> {
    /// What it shares with others.
    pub condition: &'a ChatCondition,
    /// The faults that were asked for.
    pub faults: &'a Faults,
    /// The seed of the run.
    pub seed: u64,
}

/// Writes the folder of a trial.
///
/// # Errors
///
/// [`StorageError`] when there is no room or no right to write, or a folder of this trial.
pub fn write_trial(
    run: &RunFolder,
    of: TrialOf<'_>,
    outcome: &Outcome,
    logs: &Logs,
) -> Result<PathBuf, StorageError> {
    let name = layout::trial_dir(outcome.summary.trial, run.count);
    let folder = run.path.join(&name);
    // Readers pass over names that begin with a dot.
    let draft = run.path.join(format!(".{name}.part"));
    fs::create_dir(&draft).map_err(StorageError::at(&draft))?;
    let manifest = manifest(of, outcome);
    write_json_of_seed(&draft.join(layout::TRIAL_FILE), &manifest)?;
    write_faults(&draft, &outcome.plain)?;
    write_fault_log(&draft, &outcome.fault_log)?;
    let mut journal = Journal::create(&draft)?;
    logs.journal
        .iter()
        .try_for_each(|entry| journal.write(entry))?;
    for (entry, rows) in manifest.servers.iter().zip(&logs.servers) {
        write_rows(&draft.join(&entry.log), rows)?;
    }
    for (entry, rows) in manifest.clients.iter().zip(&logs.clients) {
        write_rows(&draft.join(&entry.log), rows)?;
    }
    fs::rename(&draft, &folder).map_err(StorageError::at(&folder))?;
    Ok(folder)
}

fn manifest(of: TrialOf<'_>, outcome: &Outcome) -> ChatTrialManifest {
    let condition = of.condition.clone();
    ChatTrialManifest {
        format_version: System::Chat.format_version(),
        system: System::Chat,
        trial: outcome.summary.trial,
        seed: of.seed,
        faults: of.faults.clone(),
        started_ns: VIRTUAL_EPOCH_NS,
        status: Status::Complete,
        verdict: outcome.summary.verdict,
        servers: ProcessEntry::servers(&condition),
        clients: ProcessEntry::clients(&condition),
        condition,
        summary: outcome.summary.clone(),
        violations: outcome.violations.clone(),
        undecided: outcome.undecided.clone(),
    }
}

fn write_rows<E: Row>(path: &Path, rows: &[Record<E>]) -> Result<(), StorageError> {
    let write = || -> io::Result<()> {
        let mut file = BufWriter::new(File::create_new(path)?);
        writeln!(file, "{}", E::HEADER)?;
        let mut line = Vec::new();
        for row in rows {
            line.clear();
            row.encode_line(&mut line);
            file.write_all(&line)?;
        }
        file.flush()
    };
    write().map_err(StorageError::at(path))
}

/// What `run.json` holds of a run: with its seed, all that determines its trials, and how they were run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunRecord<'a> {
    /// How many trials.
    pub count: u64,
    /// The only one of them that was run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trial: Option<u64>,
    /// What they share.
    pub condition: &'a ChatCondition,
    /// The faults that were asked for.
    pub faults: &'a Faults,
    /// Whether trials go on after one that found something.
    pub keep_going: bool,
    /// Whether logs have a row for each operation of a server.
    pub detail: bool,
}
