//! What the journal counts.

use std::io;
use std::path::Path;

use event_log::{JournalEntry, JournalKind};

use crate::note::{Note, Severity};

/// How many bad lines are told one by one; the rest are counted.
const TOLD: usize = 5;

/// Messages that did not arrive, or may not have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Those that did not.
    pub(super) undelivered: u64,
    /// Those of which nobody knows.
    pub(super) unconfirmed: u64,
}

/// What the journal counts, and notes on lines that are not entries.
///
/// A trial without a journal is not remarked on: the journal is not needed for any metric.
pub(super) fn counts(file: &Path) -> (Counts, Vec<Note>) {
    let mut counts = Counts::default();
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return (counts, Vec::new()),
        Err(error) => {
            let found = error.to_string();
            return (counts, vec![bad_journal(file, "a readable journal", found)]);
        }
    };
    let mut notes = Vec::new();
    let (mut untold, mut last) = (0u64, 0);
    for (line, text) in (1u64..).zip(bytes.split_inclusive(|&byte| byte == b'\n')) {
        if !text.ends_with(b"\n") {
            let note = bad_journal(file, "a line end after the last entry", "a truncated entry");
            notes.push(note.at_line(line));
            continue;
        }
        match serde_json::from_slice::<JournalEntry>(text) {
            Ok(entry) => {
                let total = match entry.kind {
                    JournalKind::Undelivered => &mut counts.undelivered,
                    JournalKind::Unconfirmed => &mut counts.unconfirmed,
                    _ => continue,
                };
                *total = total.saturating_add(entry.count.unwrap_or(1));
            }
            Err(error) if notes.len() < TOLD => {
                let note = bad_journal(file, "a journal entry", error.to_string());
                notes.push(note.at_line(line));
            }
            Err(_) => (untold, last) = (untold + 1, line),
        }
    }
    if untold > 0 {
        let found = format!("{untold} more bad lines, the last at {last}");
        notes.push(bad_journal(file, "journal entries", found));
    }
    (counts, notes)
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
