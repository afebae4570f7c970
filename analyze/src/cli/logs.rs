//! Logs of whatever format: ours, or in one that is named.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;

use crate::analysis::{self, Analysis, Wanted};
use crate::formats::Compiled;
use crate::formats::builtin::builtin;
use crate::formats::spec::Format;
use crate::report::Report;
use crate::table::account::in_a_line;

/// How logs are read that are not ours.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct LogFormat {
    /// Read logs of other programs in this format: a TOML file, or a built-in format by name (see `analyze formats`)
    #[arg(long, value_name = "FILE|NAME")]
    log_format: Option<String>,
}

impl LogFormat {
    /// Analyses the logs under these paths. What format they were taken for, and what became of their lines, goes to
    /// standard error.
    pub(super) fn analyse(&self, paths: &[PathBuf], wanted: Wanted) -> anyhow::Result<Analysis> {
        if let Some(name) = &self.log_format {
            let compiled = compiled(name)?;
            let analysis = analysis::analyse_as(paths, &compiled, wanted)?;
            said(&analysis.report, "read as", &compiled.format().name)?;
            return Ok(analysis);
        }
        Ok(analysis::analyse(paths, wanted)?)
    }
}

/// Says what became of the lines.
fn said(report: &Report, how: &str, format: &str) -> io::Result<()> {
    let Some(account) = &report.account else {
        return Ok(());
    };
    let lines = in_a_line(account);
    writeln!(io::stderr().lock(), "{how} {format}: {lines}")
}

/// The format of this name or in this file.
pub(super) fn compiled(name: &str) -> anyhow::Result<Compiled> {
    let file = Path::new(name);
    let known = builtin().iter().find(|format| format.name == name);
    let format: Format = match known {
        Some(format) if !file.is_file() => format.clone(),
        _ if file.is_file() => {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("cannot read the format {name}"))?;
            Format::from_toml(&text, file)?
        }
        _ => {
            let names: Vec<&str> = builtin()
                .iter()
                .map(|format| format.name.as_str())
                .collect();
            bail!(
                "{name} is neither a file nor a built-in format; there are {}",
                names.join(", ")
            );
        }
    };
    Ok(Compiled::new(&format)?)
}
