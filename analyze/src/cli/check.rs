//! `analyze check`: only the laws.
//!
//! Our own trials are checked with what their manifests say; those of other programs in the dialect of their format.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;

use super::{histories, output};
use crate::analysis::{self, AnalysisError, Wanted};
use crate::check::histories::{HistoryVerdict, check_history};
use crate::history::History;
use crate::history::matching::match_messages;
use crate::ordering::{self, Ordering};
use crate::parallel;
use crate::scan::ScanError;

/// The seed of the draw of pairs, unless another is asked for.
const SEED: u64 = 1;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  analyze check logs/                     every trial below logs/
  analyze check logs/RUN/trial-003        one trial
  analyze check their-logs/               logs of another program, in the format that they suggest
  analyze check their-logs/ --log-format theirs.toml
  analyze check logs/ --ordering          how often Lamport order, wall clocks and happened-before disagree
  analyze check their-logs/ --json -      the verdicts of others' logs for other programs
  analyze logs/ --json - | jq .violations of our own: up to 1000 of them

Exit code: 0 all is well; 1 a broken rule, or a trial that was aborted or has
damaged logs; 2 nothing to read.")]
pub(super) struct Check {
    /// Folders of trials, of runs, or above them; or of other programs' logs
    #[arg(value_name = "PATH", required = true)]
    pub(super) paths: Vec<PathBuf>,
    /// Read logs of other programs in this format: a TOML file, or a built-in one by name
    #[arg(long, value_name = "FILE|NAME")]
    log_format: Option<String>,
    /// Compare the orders of events instead: Lamport clocks, wall clocks, happened-before
    #[arg(long)]
    ordering: bool,
    /// Seed of the draw where a trial has too many pairs of events to look at all
    #[arg(long, default_value_t = SEED, requires = "ordering")]
    seed: u64,
    /// Write what was found as JSON, to a file or with - to standard output
    #[arg(long, value_name = "FILE|-")]
    json: Option<PathBuf>,
}

impl Check {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        if self.ordering {
            return self.orders();
        }
        if self.log_format.is_none() {
            match analysis::analyse(&self.paths, Wanted::default()) {
                Err(AnalysisError::Scan(ScanError::Nothing { .. } | ScanError::File { .. })) => {}
                analysis => {
                    let analysis = analysis?;
                    output::notes(&mut io::stderr().lock(), &analysis.report.notes, true)?;
                    match &self.json {
                        Some(file) => json(&analysis.report, file)?,
                        None => output::verdict(&mut io::stdout().lock(), &analysis.report)?,
                    }
                    return Ok(analysis.report.has_findings().into());
                }
            }
        }
        let histories = histories::read(&self.paths, self.log_format.as_deref())?;
        let verdicts: Vec<HistoryVerdict> = parallel::map(&histories, |history| {
            check_history(history, &match_messages(history))
        });
        match &self.json {
            Some(file) => json(&verdicts, file)?,
            None => verdicts_in_words(&mut io::stdout().lock(), &verdicts)?,
        }
        Ok(verdicts.iter().any(|verdict| !verdict.holds()).into())
    }

    fn orders(&self) -> anyhow::Result<u8> {
        let histories = histories::read_any(&self.paths, self.log_format.as_deref())?;
        let compare =
            |history: &History| ordering::compare(history, &match_messages(history), self.seed);
        let orders: Vec<Ordering> = parallel::map(&histories, compare);
        let mut sum = Ordering {
            trial: format!("all {} trials", orders.len()),
            ..Ordering::default()
        };
        orders.iter().for_each(|orders| sum.add(orders));
        if let Some(file) = &self.json {
            json(
                &Orders {
                    trials: &orders,
                    all: &sum,
                },
                file,
            )?;
            return Ok(0);
        }
        let mut out = io::stdout().lock();
        orders
            .iter()
            .try_for_each(|orders| writeln!(out, "{orders}"))?;
        if orders.len() > 1 {
            writeln!(out, "{sum}")?;
        }
        write!(out, "{}", ordering::EXPLANATION)?;
        Ok(0)
    }
}

#[derive(Serialize)]
struct Orders<'a> {
    trials: &'a [Ordering],
    all: &'a Ordering,
}

fn verdicts_in_words(to: &mut impl Write, verdicts: &[HistoryVerdict]) -> io::Result<()> {
    verdicts
        .iter()
        .try_for_each(|verdict| writeln!(to, "{verdict}"))?;
    let broken = verdicts.iter().filter(|verdict| !verdict.holds()).count();
    let violated: u64 = verdicts.iter().map(HistoryVerdict::violated).sum();
    writeln!(
        to,
        "check: {} trials, {broken} of them break a law, {violated} violations",
        verdicts.len()
    )
}

fn json(found: &impl Serialize, file: &Path) -> anyhow::Result<()> {
    let mut to: BufWriter<Box<dyn Write>> = BufWriter::new(match file == Path::new("-") {
        true => Box::new(io::stdout()),
        false => Box::new(
            std::fs::File::create(file)
                .with_context(|| format!("cannot write {}", file.display()))?,
        ),
    });
    serde_json::to_writer_pretty(&mut to, found)?;
    writeln!(to)?;
    Ok(to.flush()?)
}
