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
//! drawn or named whose send is not certain; such are counted and reported.

pub mod csv;
mod error;
mod exporter;
pub mod parquet;
#[cfg(test)]
mod sample;
pub mod shiviz;
mod source;
mod table;
pub mod target;
pub mod trace_events;
mod trial;

use std::io::{self, Write};
use std::path::PathBuf;

use events::Match;

pub use error::ExportError;
pub use exporter::{Exporter, Form};
use files::note::Note;
use logs::origin::Origins;
use target::{Names, Target};
use trial::CIRCLES_MAX;
pub use trial::{COMPONENTS_MAX, Trial};

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
    /// What a reader of the files has to know.
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
