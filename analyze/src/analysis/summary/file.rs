//! A summary as a file.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use event_log::Condition;
use serde::{Deserialize, Serialize};

use super::{Entry, SummaryError};
use crate::analysis::{Judged, Worked};
use crate::check::{Law, LawCount, Verdict, Violation};
use crate::condition::Setting;
use crate::metrics::MachineMetrics;
use crate::metrics::catalog::METRICS;
use crate::note::Note;
use crate::parquet_file::{Cell, Field, Kind, TableReader, TableWriter, Value};
use crate::report::{REPORT_VERSION, TrialReport};
use crate::scan::{Remark, TrialPlace};
use crate::whole_file::Draft;

/// Version of the file; grows when a reader of the last version would misread it.
const SUMMARY_VERSION: u32 = 2;
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
        /// Of each law in the order of all: examined, violated, undecided.
        laws: Vec<(u64, u64, u64)>,
        violations: Cow<'a, [Violation]>,
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

fn fields() -> Vec<Field> {
    let field = |name: &str, kind, required| Field {
        name: name.to_owned(),
        kind,
        required,
    };
    let mut fields = vec![
        field("run", Kind::Text, true),
        field("dir", Kind::Text, true),
        field("trial", Kind::Whole, false),
        field("counted", Kind::Whole, false),
        field("machine", Kind::Whole, false),
        field("rate_hz", Kind::Real, false),
        field(TRIAL, Kind::Text, false),
    ];
    let metrics = METRICS.iter();
    fields.extend(metrics.map(|metric| field(metric.name, Kind::Real, false)));
    fields
}

/// Writes a summary, trial by trial.
pub(in crate::analysis) struct SummaryWriter {
    to: TableWriter<BufWriter<File>>,
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
            let about = [(ABOUT.to_owned(), serde_json::to_string(&about)?)];
            let draft = Draft::begin(file)?;
            let to = BufWriter::new(draft.writer()?);
            let to = TableWriter::new(to, "trials", fields(), about, ROWS)?;
            Ok((to, draft))
        };
        let (to, draft) = begin().map_err(write_error(file))?;
        Ok(SummaryWriter {
            to,
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
        self.rows(place, worked).map_err(write_error(&self.file))
    }

    fn rows(&mut self, place: &TrialPlace, worked: &Result<Worked, Box<Note>>) -> io::Result<()> {
        let mut stored = Some(serde_json::to_string(&stored(worked)?)?);
        let report = worked.as_ref().ok().map(|worked| &worked.trial);
        let mut row = |machine: Option<&MachineMetrics>| {
            let number = |value: Option<u64>| Value::Whole(value.map(|value| value as i64));
            let mut row = vec![
                Value::Text(Some(place.run.clone())),
                Value::Text(Some(place.dir.display().to_string())),
                number(report.map(|report| report.trial)),
                number(report.map(|report| report.counted.into())),
                number(machine.map(|of| of.machine.into())),
                Value::Real(machine.and_then(|of| of.rate)),
                Value::Text(stored.take()),
            ];
            let metrics = METRICS.iter();
            row.extend(metrics.map(|metric| Value::Real(machine.and_then(metric.value))));
            self.to.add(row)
        };
        match report.map(|report| report.machines.as_slice()) {
            None | Some([]) => row(None),
            Some(machines) => machines.iter().try_for_each(|machine| row(Some(machine))),
        }
    }

    /// Writes the end of the file.
    pub(in crate::analysis) fn finish(self) -> Result<(), SummaryError> {
        let finished = self.to.finish().and_then(|()| self.draft.keep());
        finished.map_err(write_error(&self.file))
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
    let (Judged::Own(verdict), Setting::Own(condition)) = (&worked.verdict, &worked.setting) else {
        return Err(io::Error::other("only trials of ours have summaries"));
    };
    let laws = verdict.laws.iter();
    Ok(Stored::Read {
        report: Box::new(Cow::Borrowed(&worked.trial)),
        condition: Box::new(Cow::Borrowed(condition)),
        rows: verdict.rows,
        messages: verdict.messages,
        laws: laws
            .map(|law| (law.examined, law.violated, law.undecided))
            .collect(),
        violations: Cow::Borrowed(&verdict.violations),
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
    let about = table.about(ABOUT).ok_or_else(|| SummaryError::Other {
        file: file.to_owned(),
        columns: table.columns().join(", "),
    })?;
    let about: serde_json::Value = serde_json::from_str(about).map_err(|e| fail(e.into()))?;
    let found = about["version"].as_str().unwrap_or("an unknown version");
    if found != version() {
        return Err(SummaryError::Version {
            file: file.to_owned(),
            expected: version(),
            found: found.to_owned(),
        });
    }
    let about: About<'_> = serde_json::from_value(about).map_err(|e| fail(e.into()))?;
    let mut entries = Vec::new();
    for group in 0..table.groups() {
        entries.extend(group_entries(&table, group).map_err(fail)?);
    }
    Ok((about.remarks.into_owned(), entries))
}

fn group_entries(table: &TableReader, group: usize) -> io::Result<Vec<Entry>> {
    let [runs, dirs, trials] = ["run", "dir", TRIAL].map(|column| table.cells(group, column));
    let (mut runs, mut dirs, mut trials) = (runs?, dirs?, trials?);
    let mut entries = Vec::new();
    loop {
        let (runs, dirs, trials) = (runs.take(ROWS)?, dirs.take(ROWS)?, trials.take(ROWS)?);
        if trials.is_empty() {
            return Ok(entries);
        }
        let rows = runs.iter().zip(&dirs).zip(&trials);
        let rows = rows.filter_map(|((run, dir), trial)| Some((run, dir, trial.text()?)));
        for (run, dir, trial) in rows {
            entries.push(entry(run, dir, trial)?);
        }
    }
}

fn entry(run: &Cell, dir: &Cell, trial: &str) -> io::Result<Entry> {
    let text = |cell: &Cell| cell.text().unwrap_or_default().to_owned();
    let (run, dir) = (text(run), PathBuf::from(text(dir)));
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
            let counts = Law::ALL.iter().zip(laws);
            let verdict = Verdict {
                run: trial.run.clone(),
                trial: trial.trial,
                trial_dir: dir.clone(),
                rows,
                messages,
                laws: counts
                    .map(|(&law, (examined, violated, undecided))| LawCount {
                        law,
                        rule: law.rule(),
                        examined,
                        violated,
                        undecided,
                    })
                    .collect(),
                violations: violations.into_owned(),
            };
            Ok(Worked {
                trial,
                setting: Setting::Own(condition.into_owned()),
                verdict: Judged::Own(verdict),
                digest: None,
                notes: notes.into_owned(),
            })
        }
    };
    Ok(Entry { run, dir, outcome })
}
