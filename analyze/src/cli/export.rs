//! `analyze export`: trials in the forms that other programs read.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::logs::LogFormat;
use super::{output, streams};
use crate::export::target::Target;
use crate::export::{Exported, Form, Wanted, export};
use events::exported::COLUMNS;
use files::note::Severity;
use formats::exchange::shiviz::{DELIMITER, PARSER};

const EXAMPLES: &str = "\
Examples:
  analyze export logs/RUN --to parquet                 RUN.parquet: one row an event, all trials
  analyze export logs/RUN --to csv --out - | head
  analyze export logs/RUN --to shiviz --trial 3        one trial for ShiViz
  analyze export logs/RUN --to chrome-trace --out traces/
                                                       a file for each trial
  analyze export their-logs/ --to csv                  logs of another program; see analyze guess
  analyze check RUN.parquet                            parquet, csv and shiviz read back as the same trials

To open the result:
  shiviz        https://bestchai.bitbucket.io/shiviz/, Log input, choose the file. Its first two
                lines tell ShiViz how to read it; who pastes the rest puts them into the two fields.
  chrome-trace  https://ui.perfetto.dev, Open trace file (nothing is uploaded), or
                chrome://tracing. Trials are processes, machines threads, messages arrows.
  parquet, csv  python:  import pandas; events = pandas.read_parquet(\"RUN.parquet\")
                duckdb:  duckdb -c \"select name, max(queue) from 'RUN.parquet' group by name\"
                R:       events <- arrow::read_parquet(\"RUN.parquet\")
                What the columns mean: analyze export --help, and the metadata of the file.

Exit code: 0 all is well; 1 written, but a trial was aborted, has damaged logs, or has
lines that its format does not explain; 2 nothing to read, nothing written, or a wrong option.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = long_help())]
pub(super) struct Export {
    /// Folders of trials, of runs, or above them
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    format: LogFormat,
    /// For which program
    #[arg(long, value_name = "FORM", value_enum)]
    to: To,
    /// A file; a folder (one that is there, or with a `/` at the end) for a file of each trial; or `-` for standard output.
    /// Without it a file in the current folder, called after the logs
    #[arg(long, value_name = "FILE|DIR|-")]
    out: Option<PathBuf>,
    /// Only trials of this number or name
    #[arg(long, value_name = "N|NAME")]
    trial: Option<String>,
    /// Overwrite files that are there
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum To {
    /// A log of vector clocks, computed from the messages, for ShiViz to draw
    Shiviz,
    /// A timeline for Perfetto and chrome://tracing
    ChromeTrace,
    /// A table with a row for each event, for pandas, polars, DuckDB and R
    Parquet,
    /// The same table as text, for spreadsheets and everything else
    Csv,
}

impl From<To> for Form {
    fn from(to: To) -> Form {
        match to {
            To::Shiviz => Form::Shiviz,
            To::ChromeTrace => Form::ChromeTrace,
            To::Parquet => Form::Parquet,
            To::Csv => Form::Csv,
        }
    }
}

fn long_help() -> String {
    let mut help = format!("{EXAMPLES}\n\nColumns of parquet and csv:\n");
    help += "  In csv, text that a spreadsheet would take for a formula has ' before it.\n";
    for column in COLUMNS {
        let kind = column.of.word();
        help += &format!("  {:<24}{kind}: {}\n", column.name, column.meaning);
    }
    help
}

impl Export {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        let target = Target::of(self.out.as_deref(), self.force);
        target.check()?;
        let exported = export(&Wanted {
            paths: self.paths.clone(),
            origins: self.format.origins(&self.paths)?,
            trial: self.trial.clone(),
            form: self.to.into(),
            target,
        })?;
        let mut stderr = streams::stderr();
        output::notes(&mut stderr, &exported.notes, false)?;
        self.tell(&mut stderr, &exported)?;
        let grave = exported
            .notes
            .iter()
            .any(|note| note.severity > Severity::Info);
        Ok(grave.into())
    }

    /// What was written, and what to know of it. All of it goes to standard error: standard output may be the export.
    fn tell(&self, to: &mut impl Write, exported: &Exported) -> io::Result<()> {
        let remarks = exported.tally.in_words();
        for remark in remarks.iter().chain(&exported.remarks) {
            writeln!(to, "note: {remark}")?;
        }
        if self.to == To::Shiviz {
            writeln!(to, "parser for ShiViz: {PARSER}")?;
            if exported.trials > 1 {
                writeln!(to, "between trials: {DELIMITER}")?;
            }
        }
        let (trials, events) = (exported.trials, exported.tally.events);
        match exported.files.as_slice() {
            [] => Ok(()),
            [file] => writeln!(
                to,
                "{events} events of {trials} trials in {}",
                file.display()
            ),
            files => writeln!(
                to,
                "{events} events of {trials} trials in {} files",
                files.len()
            ),
        }
    }
}
