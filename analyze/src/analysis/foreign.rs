//! Others' trials: from the files of one to what is kept of it.
//!
//! **Invariant.** The events of a trial live only while it is measured and digested.

use std::path::Path;

use super::Worked;
use crate::condition::{ForeignSetting, Setting, StatedRates};
use crate::digest;
use crate::formats::account::{Account, FileAccount};
use crate::formats::source::TrialFiles;
use crate::formats::{Compiled, load};
use crate::history::History;
use crate::history::matching::match_messages;
use crate::metrics;
use crate::note::{Note, Severity};
use crate::recording::lower::{left_out, lower, remarks};
use crate::report::TrialReport;

/// What the files of a trial gave.
pub(super) struct Read {
    /// The trial; or several, where they stand one after another in the files.
    pub(super) trials: Vec<Worked>,
    /// What became of each line.
    pub(super) account: Account,
    /// What is to be told of the files.
    pub(super) notes: Vec<Note>,
}

/// Reads, measures and digests what some files hold.
pub(super) fn work(files: &TrialFiles, compiled: &Compiled, points: Option<usize>) -> Read {
    let loaded = load(files, compiled);
    let mut notes = loaded.notes;
    notes.extend(loaded.account.files.iter().filter_map(unexplained));
    let lines = loaded.account.files.iter().map(|file| file.unexplained);
    let left = lines.sum::<u64>();
    let mut trials = Vec::new();
    for history in &loaded.histories {
        if history.machines.iter().all(|of| of.events.is_empty()) {
            notes.push(empty(history));
        } else {
            trials.push(worked(history, left, points));
        }
    }
    Read {
        trials,
        account: loaded.account,
        notes,
    }
}

fn worked(history: &History, unexplained: u64, points: Option<usize>) -> Worked {
    let matching = match_messages(history);
    let recording = lower(history, &matching, 0);
    let measured = metrics::measure(&recording);
    let reason = left_out(history, &recording, unexplained);
    let rates: Vec<Option<f64>> = history.machines.iter().map(|of| of.rate_hz).collect();
    Worked {
        trial: TrialReport {
            run: history.group.clone(),
            trial: 0,
            name: recording.name.clone(),
            format: Some(history.format.clone()),
            dir: history.dir.display().to_string(),
            condition: 0,
            seed: None,
            driver: None,
            status: None,
            reason: reason.map(str::to_owned),
            damaged: unexplained > 0,
            counted: reason.is_none(),
            undelivered: None,
            violations: None,
            whole: measured.whole,
            machines: measured.machines,
        },
        setting: Setting::Foreign(ForeignSetting {
            group: history.group.clone(),
            format: history.format.clone(),
            machines: history.machines.len() as u32,
            rates: StatedRates::of(&rates),
        }),
        verdict: None,
        digest: points.map(|points| digest::build::digest(&recording, reason.is_none(), points)),
        notes: remarks(history, &matching, &recording),
    }
}

/// A warning about a file that the format does not explain whole.
fn unexplained(file: &FileAccount) -> Option<Note> {
    let first = file.examples.first()?;
    let note = Note::new(
        Severity::Warning,
        Path::new(&file.file),
        "lines that a rule of the format takes",
        format!(
            "{} of {} unexplained, the first: {} ({})",
            file.unexplained, file.lines, first.text, first.why
        ),
        "the trial is shown, and stays out of the statistics; add a rule to the format, see `analyze formats`",
    );
    Some(note.at_line(first.line))
}

fn empty(history: &History) -> Note {
    Note::new(
        Severity::Info,
        &history.dir,
        "events",
        format!("none in trial {}", history.trial),
        "it is not shown",
    )
}
