//! Trials in the forms that other programs read.
//!
//! ```text
//! paths → source → Trial ─┬→ table (one frame) ─┬→ csv
//!                         │                     └→ parquet
//!                         ├→ shiviz                    vector clocks, as ShiViz reads them
//!                         └→ trace_events              a timeline for Perfetto and chrome://tracing
//!                                        all → target  a file that is whole, or not there
//! ```
//!
//! **Invariant.** One trial after another: the memory that an export takes does not grow with their number. No message is
//! drawn or named whose send is not certain; such are counted, and told.

pub(crate) mod about;
pub mod csv;
pub mod parquet;
#[cfg(test)]
mod sample;
pub mod shiviz;
mod source;
mod table;
pub mod target;
pub mod trace_events;
pub(crate) mod words;

use std::io::{self, Write};
use std::path::PathBuf;

use events::vector_time::{self, Vectors};
use events::{At, Match, TimeOrigin};
use polars::prelude::PolarsError;
use thiserror::Error;

use crate::note::Note;
use crate::origin::{OriginError, Origins};
use target::{Names, Target};

/// The most vector components computed of one trial, 64 MiB of them: events × machines. Trials beyond it have no vectors.
pub const COMPONENTS_MAX: usize = 1 << 24;
/// The most circles of messages that are cut before a trial is exported without vectors.
const CIRCLES_MAX: usize = 1000;

/// What to export to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A log for ShiViz.
    Shiviz,
    /// A trace in the trace event format.
    ChromeTrace,
    /// A table in Parquet.
    Parquet,
    /// A table in CSV.
    Csv,
}

impl Form {
    /// What a file's name ends with.
    pub fn extension(self) -> &'static str {
        match self {
            Form::Shiviz => "shiviz.log",
            Form::ChromeTrace => "trace.json",
            Form::Parquet => "parquet",
            Form::Csv => "csv",
        }
    }
}

/// A trial, and what its messages say.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The trial, its messages matched.
    pub table: events::Trial,
    /// The vector clocks of the events, from the matched messages; none where there are too many components, or too many
    /// contradictions.
    pub vectors: Option<Vectors>,
    /// Receives that come before their own sends, by the other messages: positions of machines and events. Vectors leave
    /// them out.
    pub circular: Vec<(usize, usize)>,
    /// When it started, in the times of its log; none if it has no times.
    start_ns: Option<i64>,
}

impl Trial {
    /// Computes vector clocks from the messages of a trial, which are matched.
    pub fn of(table: events::Trial) -> Trial {
        let (vectors, circular) = vectors(&table);
        Trial {
            start_ns: start_ns(&table),
            vectors,
            circular,
            table,
        }
    }

    /// All events, causes first, as far as certain messages tell: positions of machines and of their events.
    pub fn in_causal_order(&self) -> Vec<(usize, usize)> {
        let machines = self.table.machines.iter().enumerate();
        let mut events: Vec<(usize, usize)> = machines
            .flat_map(|(machine, of)| (0..of.rows.len()).map(move |event| (machine, event)))
            .collect();
        events.sort_by_cached_key(|&(machine, event)| (self.known(machine, event), event, machine));
        events
    }

    /// The send of a receive, if it is certain and the message may be drawn: not where it would close a circle.
    fn drawn_send(&self, machine: usize, event: usize) -> Option<(usize, usize)> {
        let send = self.send_of(machine, event);
        send.filter(|_| !self.circular.contains(&(machine, event)))
    }

    /// The send of a receive, if it is certain: positions of the machine and of its event.
    fn send_of(&self, machine: usize, row: usize) -> Option<(usize, usize)> {
        let send = self.table.send_of(At { machine, row })?;
        Some((send.machine, send.row))
    }

    /// How many events an event can know of: more than any of these.
    fn known(&self, machine: usize, event: usize) -> u64 {
        let vector = self
            .vectors
            .as_ref()
            .map(|vectors| vectors.of(machine, event));
        vector.map_or(0, |vector| vector.iter().copied().map(u64::from).sum())
    }

    /// What to call it: its group and its name.
    pub fn label(&self) -> String {
        let (run, name) = (&self.table.info.run, &self.table.info.name);
        match (run.is_empty(), name.is_empty()) {
            (false, false) => format!("{run}/{name}"),
            (true, false) => name.clone(),
            (_, true) => run.clone(),
        }
    }

    /// Seconds from the start of the trial to a time of its log.
    pub fn elapsed_s(&self, time_ns: i64) -> Option<f64> {
        Some(seconds(self.start_ns?, time_ns))
    }

    /// Seconds from a time of one machine to a time of another; none where they do not compare.
    pub fn wait_s(&self, received_ns: i64, sent_ns: i64) -> Option<f64> {
        let compare = self.table.info.dialect.time != Some(TimeOrigin::Machine);
        compare.then(|| seconds(sent_ns, received_ns))
    }
}

/// Vectors of the events, without the receives that contradict the others.
fn vectors(table: &events::Trial) -> (Option<Vectors>, Vec<(usize, usize)>) {
    let mut circular = Vec::new();
    if table.len().saturating_mul(table.machines.len()) > COMPONENTS_MAX {
        return (None, circular);
    }
    let mut cut = table.matching();
    loop {
        let cycle = match vector_time::vectors(&cut) {
            Ok(vectors) => return (Some(vectors), circular),
            Err(cycle) => cycle,
        };
        let Some(wait) = cycle.waits.first().filter(|_| circular.len() < CIRCLES_MAX) else {
            return (None, circular);
        };
        let (machine, event) = wait.receive;
        circular.push(wait.receive);
        cut.receives[machine][event] = Match::Missing;
    }
}

fn seconds(from_ns: i64, to_ns: i64) -> f64 {
    (i128::from(to_ns) - i128::from(from_ns)) as f64 / 1e9
}

/// The start that the manifest knows or that times are counted from; else the first event.
fn start_ns(table: &events::Trial) -> Option<i64> {
    let machines = table.machines.iter();
    let times = machines.flat_map(|machine| machine.rows.time_ns.iter().flatten());
    let first_ns = times.min()?;
    let started_ns = match table.info.dialect.time {
        Some(TimeOrigin::Trial | TimeOrigin::Machine) => Some(0),
        Some(TimeOrigin::Epoch) | None => table.started_ns(),
    };
    Some(started_ns.map_or(first_ns, |started_ns| started_ns.min(first_ns)))
}

/// What writes one form.
pub trait Exporter {
    /// Adds a trial.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    fn add(&mut self, trial: &Trial) -> io::Result<()>;

    /// Ends the file; what a reader of it has to be told, a sentence each.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    fn finish(self: Box<Self>) -> io::Result<Vec<String>>;
}

fn exporter(form: Form, to: Box<dyn Write + Send>) -> io::Result<Box<dyn Exporter>> {
    Ok(match form {
        Form::Shiviz => Box::new(shiviz::Shiviz::new(to)),
        Form::ChromeTrace => Box::new(trace_events::TraceEvents::new(to)?),
        Form::Parquet => Box::new(parquet::Parquet::new(to)?),
        Form::Csv => Box::new(csv::Csv::new(to)?),
    })
}

/// What was exported.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Exported {
    /// The files that were written; none on standard output.
    pub files: Vec<PathBuf>,
    /// How many trials.
    pub trials: u64,
    /// What their messages say.
    pub tally: Tally,
    /// What a reader of the files has to be told.
    pub remarks: Vec<String>,
    /// What is wrong with the logs.
    pub notes: Vec<Note>,
}

/// Events and messages, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Events.
    pub events: u64,
    /// Receives.
    pub receives: u64,
    /// Receives that several sends could have sent.
    pub ambiguous: u64,
    /// Receives that no send could have sent.
    pub missing: u64,
    /// Receives that come before their own sends, by the other messages.
    pub circular: u64,
    /// Trials without vector clocks.
    pub without_vectors: u64,
}

impl Tally {
    fn add(&mut self, trial: &Trial) {
        self.circular += trial.circular.len() as u64;
        self.without_vectors += u64::from(trial.vectors.is_none());
        let machines = trial.table.machines.iter().map(|machine| &machine.rows);
        for of in machines.flat_map(|rows| (0..rows.len()).map(|row| rows.matched(row))) {
            self.events += 1;
            self.receives += u64::from(of != Match::NoReceive);
            self.ambiguous += u64::from(matches!(of, Match::Ambiguous { .. }));
            self.missing += u64::from(of == Match::Missing);
        }
    }

    /// What is not certain, a sentence each.
    pub fn in_words(&self) -> Vec<String> {
        let of = |count: u64| format!("{count} of {} receives", self.receives);
        let told = [
            (
                self.ambiguous,
                "could have come from several sends: no edge is drawn, and the columns on the send are null",
            ),
            (
                self.missing,
                "have no send that fits: no edge is drawn, and the columns on the send are null",
            ),
            (
                self.circular,
                "come before their own send, by the other messages: they pass on no knowledge",
            ),
        ];
        let told = told.iter().filter(|(count, _)| *count > 0);
        let mut told: Vec<String> = told
            .map(|(count, what)| format!("{} {what}", of(*count)))
            .collect();
        if self.without_vectors > 0 {
            told.push(format!(
                "{} trials have no vector clocks: more than {COMPONENTS_MAX} components (events × machines), or more than {CIRCLES_MAX} receives before their own sends",
                self.without_vectors
            ));
        }
        told
    }
}

/// Why there is no export.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The logs cannot be found.
    #[error(transparent)]
    Origin(#[from] OriginError),
    /// Not one of the trials could be read.
    #[error("none of the logs found could be read:\n{}", list(notes))]
    Unreadable {
        /// What is wrong with each.
        notes: Vec<Note>,
    },
    /// No trial is called so.
    #[error("no trial `{wanted}`: expected the number or the name of one of {}", there.join(", "))]
    NoSuchTrial {
        /// What was asked for.
        wanted: String,
        /// Some of the trials there are.
        there: Vec<String>,
    },
    /// Somebody's file would be lost.
    #[error("{} is there already: expected a name that is free; give another with --out, or overwrite it with --force", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The system refused.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Why polars could not write: the system's word, if it is that.
fn refused(error: PolarsError) -> io::Error {
    match error {
        PolarsError::IO { error, .. } => io::Error::new(error.kind(), error.to_string()),
        error => io::Error::other(error.to_string()),
    }
}

fn list(notes: &[Note]) -> String {
    let lines: Vec<String> = notes.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// What to export, and where to.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Folders of trials, of runs, or above them.
    pub paths: Vec<PathBuf>,
    /// Whose logs they hold.
    pub origins: Origins,
    /// Only the trials of this number or name.
    pub trial: Option<String>,
    /// In which form.
    pub form: Form,
    /// Where to.
    pub target: Target,
}

/// Exports trials.
///
/// # Errors
///
/// [`ExportError`], when there is nothing to export or it cannot be written. Nothing is left of a file that is not whole;
/// with a file for each trial, those before it stay.
pub fn export(wanted: &Wanted) -> Result<Exported, ExportError> {
    let mut exported = Exported::default();
    let mut names = Names::default();
    let mut open = match wanted.target {
        Target::Folder { .. } => None,
        _ => Some(Open::begin(
            wanted,
            &wanted
                .target
                .default_name(&wanted.paths, wanted.trial.as_deref()),
        )?),
    };
    exported.notes = source::each(&wanted.origins, wanted.trial.as_deref(), &mut |trial| {
        exported.trials += 1;
        exported.tally.add(&trial);
        let of_its_own = match open {
            Some(_) => None,
            None => Some(Open::begin(wanted, &names.free(&trial.label()))?),
        };
        match (of_its_own, &mut open) {
            (Some(mut file), _) => {
                file.add(&trial)?;
                file.finish(&mut exported)
            }
            (None, Some(file)) => file.add(&trial),
            (None, None) => Ok(()),
        }
    })?;
    if let Some(open) = open {
        open.finish(&mut exported)?;
    }
    Ok(exported)
}

/// A file that is being written.
struct Open {
    draft: target::Draft,
    exporter: Box<dyn Exporter>,
}

impl Open {
    fn begin(wanted: &Wanted, name: &str) -> Result<Open, ExportError> {
        let (draft, to) = wanted.target.begin(name, wanted.form)?;
        match exporter(wanted.form, to) {
            Ok(exporter) => Ok(Open { draft, exporter }),
            Err(source) => Err(draft.refused(source)),
        }
    }

    fn add(&mut self, trial: &Trial) -> Result<(), ExportError> {
        let added = self.exporter.add(trial);
        added.map_err(|source| self.draft.refused(source))
    }

    fn finish(self, exported: &mut Exported) -> Result<(), ExportError> {
        let remarks = self.exporter.finish();
        let remarks = remarks.map_err(|source| self.draft.refused(source))?;
        for remark in remarks {
            if !exported.remarks.contains(&remark) {
                exported.remarks.push(remark);
            }
        }
        exported.files.extend(self.draft.keep()?);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
