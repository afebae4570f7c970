//! A summary as a file.

use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use event_log::Condition;
use polars::prelude::{Column, DataFrame, DataType, Field, PolarsError, PolarsResult, Schema};
use serde::{Deserialize, Serialize};

use super::entry::Entry;
use super::error::SummaryError;
use crate::analysis::trial::Worked;
use crate::check::{Finding, Law, LawCount, Verdict, Violation};
use crate::condition::Setting;
use crate::metrics::MachineMetrics;
use crate::metrics::catalog::METRICS;
use crate::report::{REPORT_VERSION, TrialReport};
use files::note::Note;
use files::parquet_file::{FrameWriter, TableReader};
use files::whole_file::Draft;
use logs::scan::{Remark, TrialPlace};

/// Version of the file; grows when a reader of the last version would misread it.
const SUMMARY_VERSION: u32 = 3;
/// The key of the metadata under which [`About`] stands.
const ABOUT: &str = "driftlab:summary";
/// The column of [`Stored`].
const TRIAL: &str = "trial_json";
/// Rows of a row group.
const ROWS: usize = 4096;

/// What a summary says of itself.
#[derive(Serialize, Deserialize)]
struct About<'a> {
    /// [`version`] of the writer.
    version: String,
    /// What the search says of runs and folders.
    remarks: Cow<'a, [Remark]>,
}

/// Everything that is kept of a trial.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stored<'a> {
    /// It was read.
    Read {
        report: Box<Cow<'a, TrialReport>>,
        condition: Box<Cow<'a, Condition>>,
        rows: u64,
        messages: u64,
        /// Of each law that applies: examined, violated, undecided.
        laws: Vec<(Law, [u64; 3])>,
        violations: Vec<Cow<'a, Violation>>,
        notes: Cow<'a, [Note]>,
    },
    /// It could not be.
    NotRead(Cow<'a, Note>),
}

fn version() -> String {
    format!(
        "analyze {}, summary version {SUMMARY_VERSION}, report version {REPORT_VERSION}",
        env!("CARGO_PKG_VERSION")
    )
}

/// The columns of the table: what a trial is, then its metrics.
fn schema() -> Schema {
    let named = [
        ("run", DataType::String),
        ("dir", DataType::String),
        ("trial", DataType::Int64),
        ("counted", DataType::Int64),
        ("machine", DataType::Int64),
        ("rate_hz", DataType::Float64),
        (TRIAL, DataType::String),
    ];
    let metrics = METRICS
        .iter()
        .map(|metric| (metric.name, DataType::Float64));
    let columns = named.into_iter().chain(metrics);
    Schema::from_iter(columns.map(|(name, of)| Field::new(name.into(), of)))
}

/// Rows that are not written yet, by column.
#[derive(Default)]
struct Rows {
    runs: Vec<String>,
    dirs: Vec<String>,
    trials: Vec<Option<i64>>,
    counted: Vec<Option<i64>>,
    machines: Vec<Option<i64>>,
    rates_hz: Vec<Option<f64>>,
    stored: Vec<Option<String>>,
    /// By metric, in the order of all.
    metrics: Vec<Vec<Option<f64>>>,
}

impl Rows {
    fn add(
        &mut self,
        place: &TrialPlace,
        report: Option<&TrialReport>,
        machine: Option<&MachineMetrics>,
        stored: Option<String>,
    ) {
        self.runs.push(place.run.clone());
        self.dirs.push(place.dir.display().to_string());
        self.trials.push(report.map(|report| report.trial as i64));
        self.counted
            .push(report.map(|report| i64::from(report.counted)));
        self.machines.push(machine.map(|of| i64::from(of.machine)));
        self.rates_hz.push(machine.and_then(|of| of.rate));
        self.stored.push(stored);
        self.metrics.resize_with(METRICS.len(), Vec::new);
        for (metric, values) in METRICS.iter().zip(&mut self.metrics) {
            values.push(machine.and_then(metric.value));
        }
    }

    fn frame(self) -> PolarsResult<DataFrame> {
        let mut columns = vec![
            Column::new("run".into(), self.runs),
            Column::new("dir".into(), self.dirs),
            Column::new("trial".into(), self.trials),
            Column::new("counted".into(), self.counted),
            Column::new("machine".into(), self.machines),
            Column::new("rate_hz".into(), self.rates_hz),
            Column::new(TRIAL.into(), self.stored),
        ];
        let metrics = METRICS.iter().zip(self.metrics);
        columns.extend(metrics.map(|(metric, values)| Column::new(metric.name.into(), values)));
        DataFrame::new_infer_height(columns)
    }
}

/// Writes a summary, trial by trial.
pub(in crate::analysis) struct SummaryWriter {
    to: FrameWriter<File>,
    rows: Rows,
    draft: Draft,
    file: PathBuf,
}

impl SummaryWriter {
    /// Begins a file; `remarks` are what the search says.
    pub(in crate::analysis) fn create(
        file: &Path,
        remarks: &[Remark],
    ) -> Result<SummaryWriter, SummaryError> {
        let begin = || {
            let about = About {
                version: version(),
                remarks: Cow::Borrowed(remarks),
            };
            let about = vec![(ABOUT.to_owned(), serde_json::to_string(&about)?)];
            let draft = Draft::begin(file)?;
            let to = FrameWriter::new(draft.writer()?, &schema(), about)?;
            Ok((to, draft))
        };
        let (to, draft) = begin().map_err(write_error(file))?;
        Ok(SummaryWriter {
            to,
            rows: Rows::default(),
            draft,
            file: file.to_owned(),
        })
    }

    /// Adds a trial.
    pub(in crate::analysis) fn add(
        &mut self,
        place: &TrialPlace,
        worked: &Result<Worked, Box<Note>>,
    ) -> Result<(), SummaryError> {
        self.add_rows(place, worked)
            .map_err(write_error(&self.file))
    }

    fn add_rows(
        &mut self,
        place: &TrialPlace,
        worked: &Result<Worked, Box<Note>>,
    ) -> io::Result<()> {
        let stored = serde_json::to_string(&stored(worked)?)?;
        let report = worked.as_ref().ok().map(|worked| &worked.trial);
        let machines = report.map_or(&[][..], |report| &report.machines);
        self.rows.add(place, report, machines.first(), Some(stored));
        for machine in machines.iter().skip(1) {
            self.rows.add(place, report, Some(machine), None);
        }
        if self.rows.runs.len() >= ROWS {
            self.write()?;
        }
        Ok(())
    }

    /// Writes the rows so far as a row group.
    fn write(&mut self) -> io::Result<()> {
        let rows = std::mem::take(&mut self.rows);
        if rows.runs.is_empty() {
            return Ok(());
        }
        self.to.add(&rows.frame().map_err(io::Error::other)?)
    }

    /// Writes the end of the file.
    pub(in crate::analysis) fn finish(mut self) -> Result<(), SummaryError> {
        let written = self.write();
        let finished = written.and_then(|()| self.to.finish());
        let kept = finished.and_then(|()| self.draft.keep());
        kept.map_err(write_error(&self.file))
    }
}

fn write_error(file: &Path) -> impl Fn(io::Error) -> SummaryError {
    move |source| SummaryError::Write {
        file: file.to_owned(),
        source,
    }
}

fn stored(worked: &Result<Worked, Box<Note>>) -> io::Result<Stored<'_>> {
    let worked = match worked {
        Ok(worked) => worked,
        Err(note) => return Ok(Stored::NotRead(Cow::Borrowed(note))),
    };
    let Setting::Own(condition) = &worked.setting else {
        return Err(io::Error::other("only trials of ours have summaries"));
    };
    let verdict = &worked.verdict;
    let laws = verdict.laws.iter().map(|finding| finding.count);
    Ok(Stored::Read {
        report: Box::new(Cow::Borrowed(&worked.trial)),
        condition: Box::new(Cow::Borrowed(condition)),
        rows: verdict.events,
        messages: verdict.messages,
        laws: laws
            .map(|of| (of.law, [of.examined, of.violated, of.undecided]))
            .collect(),
        violations: verdict.violations().map(Cow::Borrowed).collect(),
        notes: Cow::Borrowed(&worked.notes),
    })
}

/// Reads a summary: what the search said, and the trials in its order.
pub(super) fn read(file: &Path) -> Result<(Vec<Remark>, Vec<Entry>), SummaryError> {
    let fail = |source: io::Error| SummaryError::Read {
        file: file.to_owned(),
        source,
    };
    let table = TableReader::open(file).map_err(fail)?;
    let Some(about) = table.about(ABOUT) else {
        return Err(SummaryError::Other {
            file: file.to_owned(),
            columns: table.columns().map_err(fail)?.join(", "),
        });
    };
    let about: serde_json::Value = serde_json::from_str(&about).map_err(|e| fail(e.into()))?;
    let found = about["version"].as_str().unwrap_or("an unknown version");
    if found != version() {
        return Err(SummaryError::Version {
            file: file.to_owned(),
            expected: version(),
            found: found.to_owned(),
        });
    }
    let about: About<'_> = serde_json::from_value(about).map_err(|e| fail(e.into()))?;
    let entries = entries(&table).map_err(fail)?;
    Ok((about.remarks.into_owned(), entries))
}

fn entries(table: &TableReader<'_>) -> io::Result<Vec<Entry>> {
    let frame = table.frame(&["run", "dir", TRIAL])?;
    let texts = |name: &str| frame.column(name)?.str().cloned();
    let texts = || Ok::<_, PolarsError>((texts("run")?, texts("dir")?, texts(TRIAL)?));
    let (runs, dirs, trials) = texts().map_err(io::Error::other)?;
    let rows = runs.iter().zip(dirs.iter()).zip(trials.iter());
    let rows = rows.filter_map(|((run, dir), trial)| Some((run, dir, trial?)));
    rows.map(|(run, dir, trial)| entry(run, dir, trial))
        .collect()
}

fn entry(run: Option<&str>, dir: Option<&str>, trial: &str) -> io::Result<Entry> {
    let run = run.unwrap_or_default().to_owned();
    let dir = PathBuf::from(dir.unwrap_or_default());
    let outcome = match serde_json::from_str(trial)? {
        Stored::NotRead(note) => Err(Box::new(note.into_owned())),
        Stored::Read {
            report,
            condition,
            rows,
            messages,
            laws,
            violations,
            notes,
        } => {
            let trial = report.into_owned();
            let violations: Vec<Violation> = violations.into_iter().map(Cow::into_owned).collect();
            let finding = |(law, [examined, violated, undecided]): (Law, [u64; 3])| {
                let examples = violations.iter().filter(|of| of.law == law);
                let count = LawCount {
                    examined,
                    violated,
                    undecided,
                    ..LawCount::new(law)
                };
                Finding::of_count(count, examples.cloned().collect())
            };
            let verdict = Verdict {
                group: trial.run.clone(),
                dir: dir.clone(),
                format: events::OWN_FORMAT.to_owned(),
                machines: trial.machines.len(),
                events: rows,
                messages,
                laws: laws.into_iter().map(finding).collect(),
                ..Verdict::default()
            };
            Ok(Worked {
                trial,
                setting: Setting::Own(condition.into_owned()),
                verdict: Box::new(verdict),
                digest: None,
                notes: notes.into_owned(),
            })
        }
    };
    Ok(Entry { run, dir, outcome })
}
