//! What the journal counts.

use std::io;
use std::path::Path;

use event_log::{JournalEntry, JournalKind};

use crate::note::{Note, Severity};

/// How many bad lines are told one by one; the rest are counted.
const TOLD: usize = 5;

/// Messages that could not be delivered, as the journal says, and notes on lines that are not entries.
///
/// A trial without a journal is not remarked on: the journal is not needed for any metric.
pub(super) fn undelivered(file: &Path) -> (u64, Vec<Note>) {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return (0, Vec::new()),
        Err(error) => {
            let found = error.to_string();
            return (0, vec![bad_journal(file, "a readable journal", found)]);
        }
    };
    let mut total = 0u64;
    let mut notes = Vec::new();
    let (mut untold, mut last) = (0u64, 0);
    for (line, text) in (1u64..).zip(bytes.split_inclusive(|&byte| byte == b'\n')) {
        if !text.ends_with(b"\n") {
            let note = bad_journal(file, "a line end after the last entry", "a truncated entry");
            notes.push(note.at_line(line));
            continue;
        }
        match serde_json::from_slice::<JournalEntry>(text) {
            Ok(entry) if entry.kind == JournalKind::Undelivered => {
                total = total.saturating_add(entry.count.unwrap_or(1));
            }
            Ok(_) => {}
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
    (total, notes)
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
