//! `analyze trace`: jumps, and the messages that carried their value.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::logs::LogFormat;
use super::outputs::{self, Outputs, is_stdout};
use super::streams::Text;
use super::{output, streams};
use crate::table::chain;
use crate::trace::find::{Question, Traces, trace};
use files::note::Severity;

#[derive(Debug, Args)]
#[command(after_help = "\
A receive sets a clock to the larger of its own and the message's, plus one, so
a value travels whole: from message to message back to the one machine whose
own ticks made it. Each line of the answer is a machine on that way: clock =
own ticks + what the message carried that raised it, and the next line is the
row that sent this message.

Examples:
  analyze trace logs/RUN                  the largest jump of each machine
  analyze trace logs/RUN --machine M0 --top 3
                                          the three largest jumps of one machine
  analyze trace logs/RUN --trial 3 --machine 0 --tick 17
                                          whatever the machine did at that tick

Exit code: 0; 1 if a chain is broken because rows are missing or wrong, or the
logs are damaged; 2 nothing to read, or no such machine, trial or tick.")]
pub(super) struct Trace {
    /// Folders of trials, of runs, or above them
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    format: LogFormat,
    /// Only this machine, by its id: 0 or M0
    #[arg(long, value_name = "ID", value_parser = machine)]
    machine: Option<u32>,
    /// Only trials of this number
    #[arg(long, value_name = "N")]
    trial: Option<u64>,
    /// The clock after this tick of one machine of one trial, whether or not it jumped
    #[arg(long, value_name = "K", requires = "machine", conflicts_with = "top")]
    tick: Option<u64>,
    /// How many jumps of each machine, the largest first
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    top: u16,
    /// Show every machine of a chain, however long it is
    #[arg(long)]
    all: bool,
    /// Write the chains as one JSON object to this file, or instead of the tables to standard output with `-`
    #[arg(long, value_name = "FILE|-")]
    json: Option<PathBuf>,
}

fn machine(text: &str) -> Result<u32, String> {
    let digits = text.strip_prefix(['M', 'm']).unwrap_or(text);
    digits
        .parse()
        .map_err(|_| "expected the id of a machine, such as 0 or M0".to_owned())
}

impl Trace {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        Outputs::default()
            .file("--json", self.json.as_deref())
            .check()?;
        let places = self.format.origins(&self.paths)?.places()?;
        let traces = trace(
            &places,
            &Question {
                machine: self.machine,
                trial: self.trial,
                tick: self.tick,
                top: self.top.into(),
            },
        )?;
        output::notes(&mut streams::stderr(), &traces.notes, self.all)?;
        if let Some(file) = &self.json {
            outputs::json(&traces, file)?;
        }
        if !self.json.as_deref().is_some_and(is_stdout) {
            self.show(&mut streams::stdout(), &traces)?;
        }
        let broken = traces.jumps.iter().any(|jump| jump.broken.is_some());
        let grave = traces
            .notes
            .iter()
            .any(|note| note.severity > Severity::Info);
        Ok(u8::from(broken || grave))
    }

    fn show(&self, to: &mut Text<impl Write>, traces: &Traces) -> io::Result<()> {
        for jump in &traces.jumps {
            to.table(&chain::table(jump, self.all))?;
            writeln!(to, "Rows: {}\n", jump.dir)?;
        }
        for machine in &traces.never_raised {
            writeln!(
                to,
                "M{machine}: no jump; every one of its events is an ordinary tick of 1"
            )?;
        }
        Ok(())
    }
}
