//! Trials of all origins put together, and what is concluded from them.
//!
//! **Invariant.** Trials stand in the order in which they were found, whatever the number of threads; a repeat of a trial is
//! shown and does not count.

use std::collections::BTreeSet;
use std::path::Path;

use event_log::Tool;

use super::accuracy;
use super::error::AnalysisError;
use super::long_trial::{self, LongTrial};
use super::other_formats;
use super::outcome::Analysis;
use super::repeats::Repeats;
use super::summary::{Parts, SummaryWriter};
use super::trial::{Kept, Worked, work};
use crate::check::{Tally, Verdict, Violation};
use crate::condition::Conditions;
use crate::condition_summary;
use crate::plot_data::{ConditionDigest, TrialDigest};
use crate::report::{REPORT_VERSION, Report, TrialReport};
use crate::runner_process::Stream;
use files::note::{Note, Severity};
use files::parallel;
use formats::Compiled;
use formats::line_stats::{self, Account};
use formats::paths::Plan;
use logs::scan::{self, Found, TrialPlace};

/// How many violations a report holds with their proofs; all are counted.
pub const VIOLATIONS_KEPT: usize = 1000;
/// Trials worked on at a time.
const BATCH: usize = 256;
/// Bytes of logs that the runner makes and that are in memory at a time; a single trial may have more.
const BATCH_BYTES: usize = 4 << 20;

/// What is kept of some trials, in their order. A long one is worked on alone, window by window, if it can be.
fn worked(places: &[TrialPlace], kept: Kept) -> Vec<Result<Worked, Box<Note>>> {
    let sizes = long_trial::sizes();
    let (mut long, mut others) = (Vec::with_capacity(places.len()), Vec::new());
    for place in places {
        let outcome = long_trial::work(place, kept, sizes);
        if matches!(outcome, LongTrial::Whole(_)) {
            others.push(place.clone());
        }
        long.push(outcome);
    }
    let mut whole = scan::map(&others, |loaded| Ok(work(loaded?, kept))).into_iter();
    let all = long.into_iter().filter_map(|outcome| match outcome {
        LongTrial::Worked(worked) => Some(Ok(*worked)),
        LongTrial::Whole(note) => Some(whole.next()?.map(|mut worked| {
            worked.notes.extend(note.map(|note| *note));
            worked
        })),
    });
    all.collect()
}

/// What has been gathered of all origins so far.
#[derive(Default)]
pub(super) struct Collector {
    kept: Kept,
    trials: Vec<TrialReport>,
    conditions: Conditions,
    digests: Vec<Vec<TrialDigest>>,
    notes: Vec<Note>,
    check: Tally,
    violations: Vec<Violation>,
    verdicts: Vec<Verdict>,
    repeats: Repeats,
    /// Folders of runs of which it was said that they have faults.
    with_faults: BTreeSet<String>,
    account: Option<Account>,
    fingerprints: Vec<[u8; 32]>,
}

impl Collector {
    /// Nothing yet; `kept` says what is kept of each trial.
    pub(super) fn new(kept: Kept) -> Collector {
        Collector {
            kept,
            ..Collector::default()
        }
    }

    /// Trials of our own, and what the report needs of each in a summary, if there is to be one.
    pub(super) fn own(
        &mut self,
        found: Found,
        summary: Option<&Path>,
    ) -> Result<(), AnalysisError> {
        let before = self.check.trials;
        self.notes.extend(found.notes());
        let begun = summary.map(|file| SummaryWriter::create(file, &found.remarks));
        let mut summary = begun.transpose()?;
        for batch in found.places.chunks(BATCH) {
            let kept = self.kept;
            let worked = worked(batch, kept);
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

    /// Trials that the runner makes. No more of them are in memory than a batch.
    pub(super) fn made(&mut self, mut stream: Stream) -> Result<(), AnalysisError> {
        let before = self.check.trials;
        let run = stream.name.clone();
        loop {
            let (mut batch, mut bytes) = (Vec::new(), 0);
            while batch.len() < BATCH && bytes < BATCH_BYTES {
                let Some(made) = stream.next() else { break };
                let made = made.map_err(AnalysisError::Runner)?;
                bytes += made.logs.iter().map(Vec::len).sum::<usize>();
                batch.push(made);
            }
            if batch.is_empty() {
                break;
            }
            let worked = scan::map_made(&run, &batch, |loaded| Ok(work(loaded?, self.kept)));
            worked.into_iter().for_each(|worked| self.add(worked));
        }
        self.fingerprints.push(stream.fingerprint());
        self.some_since(before)
    }

    /// Trials that summaries tell of.
    pub(super) fn parts(&mut self, parts: Parts) -> Result<(), AnalysisError> {
        let before = self.check.trials;
        self.notes.extend(parts.notes);
        parts.trials.into_iter().for_each(|trial| self.add(trial));
        self.some_since(before)
    }

    /// An error unless there are more trials than this number.
    fn some_since(&mut self, before: u64) -> Result<(), AnalysisError> {
        if self.check.trials == before {
            let notes = std::mem::take(&mut self.notes);
            return Err(AnalysisError::Unreadable { notes });
        }
        Ok(())
    }

    /// Trials of others, as a format reads their files; an error when there is not one event.
    pub(super) fn others(&mut self, plan: Plan, compiled: &Compiled) -> Result<(), AnalysisError> {
        let before = self.check.trials;
        let mut account = self.account.take().unwrap_or_default();
        for (reason, files) in plan.other_files {
            account.other_files.entry(reason).or_default().extend(files);
        }
        let mut unread = plan.unread_logs;
        for batch in plan.trials.chunks(BATCH) {
            for read in parallel::map(batch, |files| {
                other_formats::work(files, compiled, self.kept)
            }) {
                account.files.extend(read.account.files);
                unread.extend(read.account.unread_logs);
                self.notes.extend(read.notes);
                for mut worked in read.trials {
                    worked.number(self.check.trials);
                    self.add(Ok(worked));
                }
            }
        }
        if self.check.trials == before {
            return Err(AnalysisError::NoEvents {
                format: compiled.format().name.clone(),
                files: account.files.len(),
                others: account.other_files.values().map(Vec::len).sum(),
            });
        }
        self.notes.extend(line_stats::warnings(&unread));
        account.unread_logs.extend(unread);
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
        self.check.add(&worked.verdict);
        let room = VIOLATIONS_KEPT - self.violations.len();
        let violations = worked.verdict.violations().take(room);
        self.violations.extend(violations.cloned());
        if worked.trial.format.is_some() {
            self.verdicts.push(*worked.verdict);
        }
        self.notes.extend(worked.notes);
        if self.kept == Kept::Verdict {
            return;
        }
        let own = worked.setting.own();
        let has_faults = own.is_some_and(|own| own.faults.is_some());
        if has_faults {
            let note = faults(&worked.trial);
            let is_first = self.with_faults.insert(note.file.clone());
            self.notes.extend(is_first.then_some(note));
        }
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

    /// The report, and the digests in the order of its conditions.
    pub(super) fn conclude(mut self) -> Result<Analysis, AnalysisError> {
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
        let conditions = match self.kept {
            Kept::Verdict => Vec::new(),
            Kept::Report | Kept::Digest { .. } => {
                condition_summary::conditions(labelled, &self.trials)
            }
        };
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
            replay: None,
            comparison: None,
        };
        Ok(Analysis {
            report,
            digests,
            fingerprints: self.fingerprints,
        })
    }
}

/// What is to be known of a run with faults before its numbers are trusted; said of its first trial.
fn faults(trial: &TrialReport) -> Note {
    let dir = Path::new(&trial.dir);
    Note::new(
        Severity::Info,
        dir.parent().unwrap_or(dir),
        "machines that live once, and links that pass all",
        "a run with faults",
        "metrics take all lives of a machine for one and do not read faults.jsonl: clocks, jumps, drift, rates, lags and queues \
         tell of the faults too, and laws of theory know nothing of them",
    )
}
