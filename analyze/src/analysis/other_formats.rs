//! Others' trials: from the files of one to what is kept of it.
//!
//! **Invariant.** The events of a trial live only while it is measured and digested.

use super::trial::{Kept, Worked};
use crate::check::check_trial;
use crate::condition::{ForeignSetting, Setting, StatedRates};
use crate::metrics;
use crate::plot_data;
use crate::remarks::{left_out, remarks};
use crate::report::TrialReport;
use events::Trial;
use files::note::{Note, Severity};
use formats::line_stats::{Account, FileAccount};
use formats::source::TrialFiles;
use formats::{Compiled, load};

/// What the files of a trial gave.
pub(super) struct Read {
    /// The trial; or several, where they stand one after another in the files.
    pub(super) trials: Vec<Worked>,
    /// What became of each line.
    pub(super) account: Account,
    /// Notes on the files.
    pub(super) notes: Vec<Note>,
}

/// Reads, measures and digests what some files hold.
pub(super) fn work(files: &TrialFiles, compiled: &Compiled, kept: Kept) -> Read {
    let loaded = load(files, compiled);
    let mut notes = loaded.notes;
    notes.extend(loaded.account.files.iter().filter_map(FileAccount::warning));
    let lines = loaded.account.files.iter().map(|file| file.unexplained);
    let left = lines.sum::<u64>();
    let mut trials = Vec::new();
    for trial in loaded.trials {
        if trial.is_empty() {
            notes.push(empty(&trial));
        } else {
            trials.push(worked(&trial.matched(), left, kept));
        }
    }
    Read {
        trials,
        account: loaded.account,
        notes,
    }
}

fn worked(trial: &Trial, unexplained: u64, kept: Kept) -> Worked {
    let verdict = check_trial(trial);
    let mut measured = metrics::measure(trial);
    measured.set_clock_conditions(verdict.conditions.iter().map(|of| of.share()));
    let reason = left_out(trial, unexplained);
    let rates: Vec<Option<f64>> = trial.machines.iter().map(|of| of.rate_hz).collect();
    Worked {
        trial: TrialReport {
            run: trial.info.run.clone(),
            trial: 0,
            name: trial.label().map(str::to_owned),
            format: Some(trial.info.format.clone()),
            dir: trial.info.dir.display().to_string(),
            condition: 0,
            seed: None,
            driver: None,
            status: None,
            reason: reason.map(str::to_owned),
            damaged: unexplained > 0,
            counted: reason.is_none(),
            undelivered: None,
            violations: (verdict.examined() > 0).then(|| verdict.violated()),
            whole: measured.whole,
            machines: measured.machines,
        },
        setting: Setting::Foreign(ForeignSetting {
            group: trial.info.run.clone(),
            format: trial.info.format.clone(),
            machines: trial.machines.len() as u32,
            rates: StatedRates::of(&rates),
        }),
        verdict: Box::new(verdict),
        digest: kept
            .points()
            .map(|points| plot_data::build::digest(trial, reason.is_none(), points)),
        notes: remarks(trial),
    }
}

fn empty(trial: &Trial) -> Note {
    Note::new(
        Severity::Info,
        &trial.info.dir,
        "events",
        format!("none in trial {}", trial.info.name),
        "it is not shown",
    )
}
