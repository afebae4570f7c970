//! One trial of our own, from its files to what is kept of it.
//!
//! **Invariant.** The rows of a trial do not outlive [`work`].

use event_log::{Driver, Status, TrialManifest};
use events::TrialInfo;

use crate::check::{self, Verdict};
use crate::condition::Setting;
use crate::metrics::{self, TrialMetrics};
use crate::plot_data::{self, TrialDigest};
use crate::report::TrialReport;
use files::note::Note;
use logs::scan::Loaded;

/// How much is kept of a trial.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Kept {
    /// What the laws say, and notes.
    Verdict,
    /// Its metrics as well.
    #[default]
    Report,
    /// Its digest for figures as well, whose series have at most this number of points.
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
    /// What the laws say.
    pub(super) verdict: Box<Verdict>,
    pub(super) digest: Option<TrialDigest>,
    pub(super) notes: Vec<Note>,
}

/// Checks one trial of our own, and measures and digests it if that is to be kept.
pub(super) fn work(loaded: Loaded, kept: Kept) -> Worked {
    let Loaded {
        mut trial,
        notes,
        damaged,
    } = loaded;
    let verdict = check::check_trial(&trial);
    let manifest = trial.info.manifest.as_deref();
    let manifest = manifest.expect("a trial of ours has a manifest").clone();
    // Then the rows have said all that is asked of them. On sockets a note may yet tell that rates were not held.
    if kept == Kept::Verdict && manifest.condition.driver == Driver::Virtual {
        trial.machines.clear();
    }
    let mut measured = metrics::measure(&trial);
    measured.set_clock_conditions(verdict.conditions.iter().map(|of| of.share()));
    let complete = manifest.status == Status::Complete;
    Worked {
        digest: kept
            .points()
            .map(|points| plot_data::build::digest(&trial, complete, points)),
        ..Worked::of(&trial.info, manifest, verdict, measured, (notes, damaged))
    }
}

impl Worked {
    /// What is kept of a trial, but for its digest, with what is wrong with its logs and whether they are damaged.
    pub(super) fn of(
        info: &TrialInfo,
        manifest: TrialManifest,
        verdict: Verdict,
        measured: TrialMetrics,
        (notes, damaged): (Vec<Note>, bool),
    ) -> Worked {
        let not_held = metrics::held::note(&manifest.condition, &info.dir, &measured);
        let complete = manifest.status == Status::Complete;
        let report = TrialReport {
            run: info.run.clone(),
            trial: manifest.trial,
            name: None,
            format: None,
            dir: info.dir.display().to_string(),
            condition: 0,
            seed: Some(manifest.seed),
            driver: Some(manifest.condition.driver),
            status: Some(manifest.status),
            reason: manifest.reason,
            damaged,
            counted: complete && !damaged,
            undelivered: Some(info.undelivered),
            violations: Some(verdict.violated()),
            whole: measured.whole,
            machines: measured.machines,
        };
        Worked {
            trial: report,
            setting: Setting::Own(manifest.condition),
            verdict: Box::new(verdict),
            digest: None,
            notes: notes.into_iter().chain(not_held).collect(),
        }
    }

    /// Numbers a trial that has no number of its own.
    pub(super) fn number(&mut self, number: u64) {
        self.trial.trial = number;
        if let Some(digest) = &mut self.digest {
            digest.trial = number;
            digest.called = self.trial.called();
        }
    }
}
