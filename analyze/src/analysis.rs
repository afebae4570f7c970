//! Paths in, report and digests out: the pipeline itself, for our own logs ([`analyse`]), for others' in a format
//! ([`analyse_as`]), and for both side by side ([`analyse_all`]).
//!
//! Trials are worked on in parallel, a batch at a time; the rows of a trial live only while it is measured, checked and
//! digested, so that ten thousand trials need no more memory than their results.
//!
//! **Invariant.** The outcome does not depend on the number of threads: batches keep the order of the search.

mod foreign;
mod repeats;
mod summary;

use std::path::{Path, PathBuf};

use event_log::{Status, Tool};
use thiserror::Error;

use repeats::Repeats;
pub use summary::SummaryError;
use summary::{Parts, SummaryWriter};

use crate::check::histories::HistoryVerdict;
use crate::check::{self, Tally, Verdict, Violation};
use crate::conclude;
use crate::condition::{Conditions, Setting};
use crate::digest::{self, ConditionDigest, SERIES_POINTS, TrialDigest};
use crate::formats::Compiled;
use crate::formats::account::Account;
use crate::formats::paths::{self, PathsError, Plan};
use crate::metrics::{self, aggregate::AggregateError};
use crate::note::Note;
use crate::parallel;
use crate::recording;
use crate::report::{REPORT_VERSION, Report, TrialReport};
use crate::scan::{self, Found, ScanError, TrialPlace};
use crate::theory::accuracy;

/// How many violations a report holds with their proofs; all are counted.
pub const VIOLATIONS_KEPT: usize = 1000;

/// Trials worked on at a time.
const BATCH: usize = 256;
/// As many trials as this keep full series for figures; more share the same memory.
const FULL_SERIES_TRIALS: usize = 100;
/// The fewest points a series is cut down to.
const FEWEST_POINTS: usize = 24;

/// What an analysis is to make.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Digests for figures.
    pub digests: bool,
}

/// What an analysis made.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// The numbers, verdicts and notes.
    pub report: Report,
    /// For figures; empty unless wanted. In the order of the report's conditions.
    pub digests: Vec<ConditionDigest>,
}

/// Why there is no analysis.
#[derive(Debug, Error)]
pub enum AnalysisError {
    /// The paths lead to no logs.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// The paths cannot be searched for others' logs.
    #[error(transparent)]
    Paths(#[from] PathsError),
    /// Others' logs have no events, as the format reads them.
    #[error(
        "no events in {files} files read as {format}; {others} files are not of the format. See `analyze formats`, or \
         let `analyze guess` propose a format"
    )]
    NoEvents {
        /// Name of the format.
        format: String,
        /// How many files were read.
        files: usize,
        /// How many were not.
        others: usize,
    },
    /// Not one of the trials could be read.
    #[error("none of the logs found could be read:\n{}", list(notes))]
    Unreadable {
        /// What is wrong with each.
        notes: Vec<Note>,
    },
    /// A summary cannot be written, or summaries cannot be put together.
    #[error(transparent)]
    Summary(Box<SummaryError>),
    /// What is wanted takes rows, and summaries have none.
    #[error("figures are drawn from the logs themselves: a summary has no rows")]
    NoRows,
    /// A bug of ours or of polars.
    #[error(transparent)]
    Aggregate(#[from] AggregateError),
}

impl From<SummaryError> for AnalysisError {
    fn from(error: SummaryError) -> AnalysisError {
        AnalysisError::Summary(Box::new(error))
    }
}

fn list(notes: &[Note]) -> String {
    let lines: Vec<String> = notes.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// Logs of one origin.
#[derive(Debug, Clone, Copy)]
pub enum Origin<'a> {
    /// Our own.
    Own(&'a [PathBuf]),
    /// Our own, and what the report needs of each trial goes to this file, for [`Origin::Summaries`].
    Summarised(&'a [PathBuf], &'a Path),
    /// Summaries of logs of our own: of the shards of a run, each once.
    Summaries(&'a [PathBuf]),
    /// Of another program, as a format reads them.
    Other(&'a [PathBuf], &'a Compiled),
}

/// Analyses the trials under these paths.
///
/// # Errors
///
/// [`AnalysisError`] when there is no trial that can be read. Faults of single trials are notes in the report.
pub fn analyse(paths: &[PathBuf], wanted: Wanted) -> Result<Analysis, AnalysisError> {
    analyse_all(&[Origin::Own(paths)], wanted)
}

/// Analyses the logs of other programs under these paths, as a format reads them.
///
/// # Errors
///
/// [`AnalysisError`] when a path cannot be read, or when there is not one event. Lines that the format does not explain,
/// and trials that cannot stand beside others, are notes in the report.
pub fn analyse_as(
    paths: &[PathBuf],
    compiled: &Compiled,
    wanted: Wanted,
) -> Result<Analysis, AnalysisError> {
    analyse_all(&[Origin::Other(paths, compiled)], wanted)
}

/// Analyses logs of several origins side by side, into one report: ours and others' may then be compared.
///
/// # Errors
///
/// As [`analyse`] and [`analyse_as`]; when one of the origins has no trial that can be read there is no analysis.
pub fn analyse_all(origins: &[Origin<'_>], wanted: Wanted) -> Result<Analysis, AnalysisError> {
    let mut gathered = Gathered::default();
    let plans: Vec<Planned<'_>> = origins.iter().map(Planned::of).collect::<Result<_, _>>()?;
    let trials = plans.iter().map(Planned::trials).sum();
    let points = wanted.digests.then_some(points_for(trials));
    for plan in plans {
        match plan {
            Planned::Own(found, summary) => gathered.own(found, summary, points)?,
            Planned::Parts(_) if wanted.digests => return Err(AnalysisError::NoRows),
            Planned::Parts(parts) => gathered.parts(parts)?,
            Planned::Other(plan, compiled) => gathered.others(plan, compiled, points)?,
        }
    }
    gathered.conclude()
}

/// The trials of an origin, before anything is read.
enum Planned<'a> {
    Own(Found, Option<&'a Path>),
    Parts(Parts),
    Other(Plan, &'a Compiled),
}

impl<'a> Planned<'a> {
    fn of(origin: &Origin<'a>) -> Result<Planned<'a>, AnalysisError> {
        Ok(match origin {
            Origin::Own(paths) => Planned::Own(scan::find(paths)?, None),
            Origin::Summarised(paths, file) => Planned::Own(scan::find(paths)?, Some(file)),
            Origin::Summaries(files) => Planned::Parts(summary::read(files)?),
            Origin::Other(paths, compiled) => {
                Planned::Other(paths::plan(paths, &compiled.format().files)?, compiled)
            }
        })
    }

    fn trials(&self) -> usize {
        match self {
            Planned::Own(found, _) => found.places.len(),
            Planned::Parts(parts) => parts.trials.len(),
            Planned::Other(plan, _) => plan.trials.len(),
        }
    }
}

/// How many points a series may have, so that the digests of many trials fit in memory.
fn points_for(trials: usize) -> usize {
    let share = SERIES_POINTS * FULL_SERIES_TRIALS / trials.max(1);
    share.clamp(FEWEST_POINTS, SERIES_POINTS)
}

/// All that is kept of one trial.
struct Worked {
    trial: TrialReport,
    setting: Setting,
    verdict: Judged,
    digest: Option<TrialDigest>,
    notes: Vec<Note>,
}

/// What the laws say of a trial: those of the scale model of ours, those of any such system of others'.
enum Judged {
    Own(Verdict),
    Other(Box<HistoryVerdict>),
}

fn work(place: &TrialPlace, points: Option<usize>) -> Result<Worked, Box<Note>> {
    let loaded = scan::load(place)?;
    let (log, manifest) = (&loaded.log, &loaded.log.manifest);
    let verdict = check::check_trial(log);
    let recording = recording::own::of(log);
    let measured = metrics::measure(&recording);
    let not_held = metrics::held::note(log, &measured);
    let complete = manifest.status == Status::Complete;
    let trial = TrialReport {
        run: log.run.clone(),
        trial: manifest.trial,
        name: None,
        format: None,
        dir: log.dir.display().to_string(),
        condition: 0,
        seed: Some(manifest.seed),
        driver: Some(manifest.condition.driver),
        status: Some(manifest.status),
        reason: manifest.reason.clone(),
        damaged: loaded.damaged,
        counted: complete && !loaded.damaged,
        undelivered: Some(log.undelivered),
        violations: Some(verdict.violated()),
        whole: measured.whole,
        machines: measured.machines,
    };
    Ok(Worked {
        trial,
        setting: Setting::Own(manifest.condition.clone()),
        verdict: Judged::Own(verdict),
        digest: points.map(|points| digest::build::digest(&recording, complete, points)),
        notes: loaded.notes.into_iter().chain(not_held).collect(),
    })
}

impl Worked {
    /// Numbers a trial that has no number of its own.
    fn number(&mut self, number: u64) {
        self.trial.trial = number;
        if let Some(digest) = &mut self.digest {
            digest.trial = number;
            digest.called = self.trial.called();
        }
    }
}

#[derive(Default)]
struct Gathered {
    trials: Vec<TrialReport>,
    conditions: Conditions,
    digests: Vec<Vec<TrialDigest>>,
    notes: Vec<Note>,
    check: Tally,
    violations: Vec<Violation>,
    verdicts: Vec<HistoryVerdict>,
    repeats: Repeats,
    account: Option<Account>,
}

impl Gathered {
    fn own(
        &mut self,
        found: Found,
        summary: Option<&Path>,
        points: Option<usize>,
    ) -> Result<(), AnalysisError> {
        let before = self.trials.len();
        self.notes.extend(found.notes());
        let begun = summary.map(|file| SummaryWriter::create(file, &found.remarks));
        let mut summary = begun.transpose()?;
        for batch in found.places.chunks(BATCH) {
            let worked = parallel::map(batch, |place| work(place, points));
            for (place, worked) in batch.iter().zip(worked) {
                if let Some(summary) = &mut summary {
                    summary.add(place, &worked)?;
                }
                self.add(worked);
            }
        }
        summary.map(SummaryWriter::finish).transpose()?;
        self.some_since(before)
    }

    fn parts(&mut self, parts: Parts) -> Result<(), AnalysisError> {
        let before = self.trials.len();
        self.notes.extend(parts.notes);
        parts.trials.into_iter().for_each(|trial| self.add(trial));
        self.some_since(before)
    }

    /// An error unless there are trials more than so many.
    fn some_since(&mut self, before: usize) -> Result<(), AnalysisError> {
        if self.trials.len() == before {
            let notes = std::mem::take(&mut self.notes);
            return Err(AnalysisError::Unreadable { notes });
        }
        Ok(())
    }

    fn others(
        &mut self,
        plan: Plan,
        compiled: &Compiled,
        points: Option<usize>,
    ) -> Result<(), AnalysisError> {
        let before = self.trials.len();
        let mut account = self.account.take().unwrap_or_default();
        for (reason, files) in plan.other_files {
            account.other_files.entry(reason).or_default().extend(files);
        }
        for batch in plan.trials.chunks(BATCH) {
            for read in parallel::map(batch, |files| foreign::work(files, compiled, points)) {
                account.files.extend(read.account.files);
                self.notes.extend(read.notes);
                for mut worked in read.trials {
                    worked.number(self.trials.len() as u64);
                    self.add(Ok(worked));
                }
            }
        }
        if self.trials.len() == before {
            return Err(AnalysisError::NoEvents {
                format: compiled.format().name.clone(),
                files: account.files.len(),
                others: account.other_files.values().map(Vec::len).sum(),
            });
        }
        self.account = Some(account);
        Ok(())
    }

    fn add(&mut self, worked: Result<Worked, Box<Note>>) {
        let worked = match worked {
            Ok(worked) => worked,
            Err(note) => {
                self.check.not_read += 1;
                return self.notes.push(*note);
            }
        };
        let index = self.conditions.index(&worked.setting, &worked.trial.run);
        self.digests
            .resize_with(self.digests.len().max(index + 1), Vec::new);
        let counted = self.repeats.counts(index, &worked.trial);
        let account = |mut digest: TrialDigest| {
            let machines = digest.machines.iter_mut().zip(&worked.trial.machines);
            for (of, measured) in machines.filter(|_| counted) {
                of.account = Some(measured.account.clone());
            }
            digest
        };
        // A repeat would stand in a figure's mean twice; a trial that did not complete is shown, and marked.
        let shown = counted || !worked.trial.counted;
        let digest = worked.digest.filter(|_| shown);
        self.digests[index].extend(digest.map(account));
        self.check.damaged += u64::from(worked.trial.damaged);
        match worked.verdict {
            Judged::Own(verdict) => {
                self.check.add(&verdict);
                let room = VIOLATIONS_KEPT - self.violations.len();
                self.violations
                    .extend(verdict.violations.into_iter().take(room));
            }
            Judged::Other(verdict) => {
                self.check.add_history(&verdict);
                self.verdicts.push(*verdict);
            }
        }
        self.notes.extend(worked.notes);
        self.trials.push(TrialReport {
            condition: index,
            counted,
            ..worked.trial
        });
    }

    /// From the order of first appearance to the order of reading.
    fn put_conditions_in_order(&mut self) {
        let order = self.conditions.order();
        let mut place = vec![0; order.len()];
        for (new, &old) in order.iter().enumerate() {
            place[old] = new;
        }
        for trial in &mut self.trials {
            trial.condition = place[trial.condition];
        }
        let take = |&old: &usize| std::mem::take(&mut self.digests[old]);
        self.digests = order.iter().map(take).collect();
    }

    fn conclude(mut self) -> Result<Analysis, AnalysisError> {
        self.put_conditions_in_order();
        self.notes.extend(std::mem::take(&mut self.repeats).notes());
        let labelled = self.conditions.labelled();
        let with_digests = labelled.iter().zip(self.digests);
        let digests = with_digests
            .filter(|(_, trials)| !trials.is_empty())
            .map(|((setting, label), trials)| ConditionDigest {
                setting: setting.clone(),
                label: label.clone(),
                trials,
                bands: Vec::new(),
            })
            .collect();
        let conditions = conclude::conditions(labelled, &self.trials)?;
        let report = Report {
            format_version: REPORT_VERSION,
            tool: Tool {
                name: env!("CARGO_PKG_NAME").to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                commit: None,
            },
            trials: self.trials,
            law: accuracy::accuracy(&conditions),
            conditions,
            notes: self.notes,
            check: self.check,
            violations: self.violations,
            verdicts: self.verdicts,
            account: self.account,
            comparison: None,
        };
        Ok(Analysis { report, digests })
    }
}
