//! What the journal counts.
//!
//! **Invariant.** Of a journal of any length no more than a line is in memory, and a bounded number of restarts.

use std::io::{self, BufRead, Read as _};
use std::path::Path;

use event_log::{JournalEntry, JournalKind, MachineId, Party};

use files::input;
use files::note::{Note, Severity};

/// How many bad lines are listed one by one; the rest are counted.
const TOLD: usize = 5;
/// Restarts that are remembered: a storm has no more faults.
const RESTARTS_MAX: usize = 1 << 20;
/// The longest line that can be an entry, bytes: entries have some hundred.
const LINE_BYTES_MAX: u64 = 64 << 10;

/// Messages that did not arrive, or may not have, and machines that began again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Those that did not.
    pub(super) undelivered: u64,
    /// Those that nobody knows to have arrived.
    pub(super) unconfirmed: u64,
    /// Machines that a fault ended and that began again, and the first tick that each performs then; at most [`RESTARTS_MAX`].
    pub(super) restarts: Vec<(MachineId, u64)>,
}

impl Counts {
    /// What these entries count.
    pub(super) fn of(entries: &[JournalEntry]) -> Counts {
        let mut counts = Counts::default();
        entries.iter().for_each(|entry| counts.add(entry));
        counts
    }

    fn add(&mut self, entry: &JournalEntry) {
        let total = match entry.kind {
            JournalKind::Undelivered => &mut self.undelivered,
            JournalKind::Unconfirmed => &mut self.unconfirmed,
            JournalKind::Restarted => {
                if let (Some(Party::Machine(id)), Some(tick)) = (entry.machine, entry.count)
                    && self.restarts.len() < RESTARTS_MAX
                {
                    self.restarts.push((id, tick));
                }
                return;
            }
            _ => return,
        };
        *total = total.saturating_add(entry.count.unwrap_or(1));
    }
}

impl Counts {
    /// The notes on them.
    pub(super) fn notes(&self, journal: &Path) -> Vec<Note> {
        let told = |count: u64, found: &str, advice: &str| {
            let found = format!("{count} {found}");
            let note = || {
                Note::new(
                    Severity::Info,
                    journal,
                    "every message delivered",
                    found,
                    advice,
                )
            };
            (count > 0).then(note)
        };
        let undelivered = told(self.undelivered, "undelivered", "they count as unreceived");
        let unconfirmed = told(
            self.unconfirmed,
            "of which nobody knows: two machines did not hear each other to the end",
            "those that no machine received count as unreceived",
        );
        undelivered.into_iter().chain(unconfirmed).collect()
    }
}

/// What the journal counts, and notes on lines that are not entries.
///
/// A trial without a journal is not remarked on: the journal is not needed for any metric.
pub(super) fn counts(file: &Path) -> (Counts, Vec<Note>) {
    let mut count = Count::default();
    match input::lines_below(file).and_then(|lines| count.add(file, lines)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => {
            let note = bad_journal(file, "a readable journal", error.to_string());
            count.notes.push(note);
        }
        Ok(()) => {}
    }
    if count.untold > 0 {
        let found = format!(
            "{} more bad lines, the last at {}",
            count.untold, count.last
        );
        count
            .notes
            .push(bad_journal(file, "journal entries", found));
    }
    (count.counts, count.notes)
}

#[derive(Default)]
struct Count {
    counts: Counts,
    notes: Vec<Note>,
    /// Bad lines beyond those that are listed.
    untold: u64,
    /// The last of them.
    last: u64,
}

impl Count {
    fn add(&mut self, file: &Path, mut lines: Box<dyn BufRead>) -> io::Result<()> {
        let mut text = Vec::new();
        for line in 1u64.. {
            text.clear();
            let most = LINE_BYTES_MAX + 1;
            lines.by_ref().take(most).read_until(b'\n', &mut text)?;
            if text.is_empty() {
                break;
            }
            if text.len() as u64 == most && !text.ends_with(b"\n") {
                lines.skip_until(b'\n')?;
                let found = format!("a line of more than {LINE_BYTES_MAX} bytes");
                self.bad(file, line, found);
            } else if !text.ends_with(b"\n") {
                let note =
                    bad_journal(file, "a line end after the last entry", "a truncated entry");
                self.notes.push(note.at_line(line));
            } else {
                match serde_json::from_slice::<JournalEntry>(&text) {
                    Ok(entry) => self.counts.add(&entry),
                    Err(error) => self.bad(file, line, error.to_string()),
                }
            }
        }
        Ok(())
    }

    fn bad(&mut self, file: &Path, line: u64, found: String) {
        if self.notes.len() < TOLD {
            let note = bad_journal(file, "a journal entry", found);
            self.notes.push(note.at_line(line));
        } else {
            (self.untold, self.last) = (self.untold + 1, line);
        }
    }
}

fn bad_journal(file: &Path, expected: &str, found: impl Into<String>) -> Note {
    Note::new(
        Severity::Warning,
        file,
        expected,
        found,
        "the line was left out; the machines' logs are not affected",
    )
}
