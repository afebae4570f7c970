//! `analyze check`: only the laws.

use std::io;
use std::path::PathBuf;

use clap::Args;

use super::logs::LogFormat;
use super::output;
use crate::analysis::Wanted;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  analyze check logs/                     every trial below logs/
  analyze check logs/RUN/trial-003        one trial
  analyze logs/ --json - | jq .violations up to 1000 of them, for other programs

Exit code: 0 all is well; 1 a broken rule, or a trial that was aborted or has
damaged logs; 2 nothing to read.")]
pub(super) struct Check {
    /// Folders of trials, of runs, or above them
    #[arg(value_name = "PATH", required = true)]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    format: LogFormat,
}

impl Check {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        let analysis = self.format.analyse(&self.paths, Wanted::default())?;
        output::notes(&mut io::stderr().lock(), &analysis.report.notes, true)?;
        output::verdict(&mut io::stdout().lock(), &analysis.report)?;
        Ok(analysis.report.has_findings().into())
    }
}
