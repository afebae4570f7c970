//! `analyze check`: only the laws.

use std::io;
use std::path::PathBuf;

use clap::Args;

use super::output;
use crate::analysis::{self, Wanted};

#[derive(Debug, Args)]
pub(super) struct Check {
    /// Folders of trials, of runs, or above them
    #[arg(value_name = "PATH", required = true)]
    pub(super) paths: Vec<PathBuf>,
}

impl Check {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        let analysis = analysis::analyse(&self.paths, Wanted::default())?;
        output::notes(&mut io::stderr().lock(), &analysis.report.notes, true)?;
        output::verdict(&mut io::stdout().lock(), &analysis.report)?;
        Ok(analysis.report.has_findings().into())
    }
}
