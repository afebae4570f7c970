//! The logs of one folder, ours or anybody's.
//!
//! Ours are known by their manifests. Others are read as the format that is named, otherwise as the one that
//! [`logs::origin`] finds for them.

use std::fmt;
use std::path::{Path, PathBuf};

use events::{OWN_FORMAT, Trial};
use files::note::{Note, Severity};
use files::parallel;
use formats::line_stats::{Account, UnreadLog, warnings};
use formats::{Compiled, Reading};
use logs::origin::{Detected, FolderLogs, of_folder};
use logs::scan::{self, TrialPlace};

/// Logs with a smaller share of explained lines are not judged.
const EXPLAINED_AT_LEAST: f64 = 0.95;
/// Unexplained lines that a report shows.
const SHOWN: usize = 3;

/// The logs that are judged together.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// Its name in the class.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// The format of its logs.
    pub format: String,
    /// Its trials, in the order of their names, their messages matched.
    pub trials: Vec<Trial>,
    /// What is to be known of how it was read: lines that nothing explains, files that are damaged or not read.
    pub notes: Vec<String>,
    /// Files that are not read and may be logs.
    pub unread_logs: Vec<UnreadLog>,
}

/// Why a folder could not be read, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable(pub String);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl Submission {
    /// Reads a folder, in a format that is named or in any.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] when there is nothing in it that can be judged.
    pub fn read(
        folder: &Path,
        name: &str,
        format: Option<&Compiled>,
    ) -> Result<Submission, Unreadable> {
        let logs = of_folder(folder, format).map_err(|error| Unreadable(error.to_string()))?;
        let detected = match logs {
            FolderLogs::Ours(found) => {
                let mut submission = Submission::of_ours(folder, name, &found.places)?;
                submission.notes.splice(..0, grave(&found.notes()));
                submission.unread_logs = found.unread_logs;
                return Ok(submission);
            }
            FolderLogs::Others(detected) => *detected,
        };
        let mut all_notes = doubts(&detected);
        let reading = detected.reading;
        enough(&reading, folder)?;
        all_notes.extend(notes(&reading));
        Ok(Submission {
            name: name.to_owned(),
            folder: folder.to_owned(),
            notes: all_notes,
            format: detected.name,
            unread_logs: reading.account.unread_logs,
            trials: parallel::map(&reading.trials, |trial| trial.clone().matched()),
        })
    }

    /// Some of our own trials.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] when none of them can be read.
    pub fn of_ours(
        folder: &Path,
        name: &str,
        places: &[TrialPlace],
    ) -> Result<Submission, Unreadable> {
        let mut trials = Vec::with_capacity(places.len());
        let mut notes = Vec::new();
        for place in places {
            match scan::load(place) {
                Ok(loaded) => {
                    notes.extend(grave(&loaded.notes));
                    trials.push(loaded.trial);
                }
                Err(note) => notes.push(note.to_string()),
            }
        }
        if trials.is_empty() {
            return Err(Unreadable(match notes.first() {
                Some(note) => note.clone(),
                None => "there are no trials".to_owned(),
            }));
        }
        Ok(Submission {
            name: name.to_owned(),
            folder: folder.to_owned(),
            format: OWN_FORMAT.to_owned(),
            trials,
            notes,
            unread_logs: Vec::new(),
        })
    }
}

/// What the logs do not prove of the format that was found for them.
fn doubts(detected: &Detected) -> Vec<String> {
    if detected.doubts.is_empty() {
        return Vec::new();
    }
    let doubts = detected.doubts.iter();
    let doubts: Vec<String> = doubts
        .map(|doubt| format!("{}: {}", doubt.what, doubt.why))
        .collect();
    vec![format!(
        "The format was told from the logs; what they do not prove: {}. `analyze guess` prints it, to be corrected and used with --log-format.",
        doubts.join("; ")
    )]
}

fn enough(reading: &Reading, folder: &Path) -> Result<(), Unreadable> {
    let lines = reading.account.lines();
    let open = reading.account.unexplained();
    let advice = format!(
        "try `analyze guess {}`, and --log-format with what it prints",
        folder.display()
    );
    if reading.account.events() == 0 {
        return Err(Unreadable(format!("no line looks like an event; {advice}")));
    }
    if (lines - open) as f64 >= EXPLAINED_AT_LEAST * lines as f64 {
        return Ok(());
    }
    Err(Unreadable(format!(
        "{open} of {lines} lines are not understood{}; {advice}",
        example(&reading.account)
    )))
}

fn example(account: &Account) -> String {
    let shown = account
        .files
        .iter()
        .find_map(|file| Some((file, file.examples.first()?)));
    shown.map_or(String::new(), |(file, line)| {
        format!(", such as {}:{}", file.file, line.line)
    })
}

/// What a reader of the report has to know of the reading.
fn notes(reading: &Reading) -> Vec<String> {
    let mut notes = grave(&reading.notes);
    notes.extend(grave(&warnings(&reading.account.unread_logs)));
    let open = reading.account.unexplained();
    if open > 0 {
        let files = reading.account.files.iter();
        let examples = files.flat_map(|file| file.examples.iter().map(move |line| (file, line)));
        let examples =
            examples.map(|(file, line)| format!("{}:{}: {}", file.file, line.line, line.text));
        let examples: Vec<String> = examples.take(SHOWN).collect();
        notes.push(format!(
            "{open} lines were not understood and count for nothing: {}",
            examples.join("; ")
        ));
    }
    notes
}

fn grave(notes: &[Note]) -> Vec<String> {
    let grave = notes
        .iter()
        .filter(|note| note.severity >= Severity::Warning);
    grave.map(ToString::to_string).collect()
}
