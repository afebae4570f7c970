//! One trial of our own, from its files to what is kept of it.
//!
//! **Invariant.** The rows of a trial do not outlive [`work`].

use event_log::{Driver, Status};

use crate::check::histories::HistoryVerdict;
use crate::check::{self, Verdict};
use crate::condition::Setting;
use crate::digest::{self, TrialDigest};
use crate::metrics;
use crate::note::Note;
use crate::report::TrialReport;
use crate::runner_process::MadeTrial;
use crate::scan::{self, Loaded, TrialPlace};
use crate::trial_table;

/// How much is kept of a trial.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Kept {
    /// What the laws say, and notes.
    Verdict,
    /// Its metrics as well.
    #[default]
    Report,
    /// Its digest for figures as well, of series of at most so many points.
    Digest {
        /// How many.
        points: usize,
    },
}

impl Kept {
    /// How many points a series may have, if a digest is kept.
    pub(super) fn points(self) -> Option<usize> {
        match self {
            Kept::Digest { points } => Some(points),
            Kept::Verdict | Kept::Report => None,
        }
    }
}

/// All that is kept of one trial.
pub(super) struct Worked {
    pub(super) trial: TrialReport,
    pub(super) setting: Setting,
    pub(super) verdict: Judged,
    pub(super) digest: Option<TrialDigest>,
    pub(super) notes: Vec<Note>,
}

/// What the laws say of a trial: those of the scale model of ours, those of any such system of others'.
pub(super) enum Judged {
    Own(Verdict),
    Other(Box<HistoryVerdict>),
}

/// Reads one trial of our own, checks it, and measures and digests it if that is to be kept; a note when it cannot be read.
pub(super) fn work(place: &TrialPlace, kept: Kept) -> Result<Worked, Box<Note>> {
    Ok(judge(scan::load(place)?, kept))
}

/// As [`work`], of a trial that the runner made.
pub(super) fn work_made(run: &str, made: MadeTrial, kept: Kept) -> Result<Worked, Box<Note>> {
    Ok(judge(scan::of_logs(run, made.manifest, made.logs)?, kept))
}

fn judge(mut loaded: Loaded, kept: Kept) -> Worked {
    let verdict = check::check_trial(&loaded.log);
    let (manifest, undelivered) = (loaded.log.manifest.clone(), loaded.log.undelivered);
    // Then the rows have said all that is asked of them. On sockets a note may yet tell that rates were not held.
    if kept == Kept::Verdict && manifest.condition.driver == Driver::Virtual {
        loaded.log.machines.clear();
    }
    // Bridge: until the scan gives trials.
    let table = trial_table::of_own(&loaded.log).expect("a log is a table");
    drop(loaded.log);
    let measured = metrics::measure(&table);
    let not_held = metrics::held::note(&manifest.condition, &table.info.dir, &measured);
    let complete = manifest.status == Status::Complete;
    let trial = TrialReport {
        run: table.info.run.clone(),
        trial: manifest.trial,
        name: None,
        format: None,
        dir: table.info.dir.display().to_string(),
        condition: 0,
        seed: Some(manifest.seed),
        driver: Some(manifest.condition.driver),
        status: Some(manifest.status),
        reason: manifest.reason,
        damaged: loaded.damaged,
        counted: complete && !loaded.damaged,
        undelivered: Some(undelivered),
        violations: Some(verdict.violated()),
        whole: measured.whole,
        machines: measured.machines,
    };
    Worked {
        trial,
        setting: Setting::Own(manifest.condition),
        verdict: Judged::Own(verdict),
        digest: kept
            .points()
            .map(|points| digest::build::digest(&table, complete, points)),
        notes: loaded.notes.into_iter().chain(not_held).collect(),
    }
}

impl Worked {
    /// Numbers a trial that has no number of its own.
    pub(super) fn number(&mut self, number: u64) {
        self.trial.trial = number;
        if let Some(digest) = &mut self.digest {
            digest.trial = number;
            digest.called = self.trial.called();
        }
    }
}
