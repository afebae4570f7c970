//! `analyze coverage`: whether intervals hold what they promise.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::logs::LogFormat;
use super::outputs::{self, Outputs, is_stdout};
use super::{output, streams};
use crate::analysis::Wanted;
use crate::coverage::study::Deal;
use crate::coverage::{self, TRIALS_PER_REPLICATION};
use crate::figures;
use crate::plan::Subject;
use crate::table::coverage::table;

#[derive(Debug, Args)]
#[command(after_help = "\
An interval at 95 % should hold the truth in 95 of 100 experiments. Here the
trials of a condition are split into experiments of a few trials each, and those
whose interval holds the mean of all trials are counted.

Examples:
  runner trial --virtual --count 5000 --rates 1,3,6
  analyze coverage logs/RUN               intervals of five trials, a thousand times
  analyze coverage logs/RUN --metric slowest_queue_max --trials-per-replication 20

Exit code: 0; 1 a broken rule, or a trial that was aborted or has damaged logs;
2 nothing to study, or a wrong option.")]
pub(super) struct Coverage {
    /// Folders of trials, of runs, or above them: a thousand trials of a condition and more, best in virtual time
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    format: LogFormat,
    /// Study this metric rather than the usual ones, of machines (queue_max), of whole trials (trial_messages) or of one
    /// machine of each (slowest_queue_max); may be given several times. A name that no metric has, such as `list`, shows
    /// all there are
    #[arg(long, value_name = "NAME")]
    metric: Vec<String>,
    /// Only this machine of each trial: its id, slowest, median or fastest; may be given several times
    #[arg(long, value_name = "ID|slowest|fastest")]
    machine: Vec<Subject>,
    /// Trials of each replication
    #[arg(long, value_name = "N", default_value_t = TRIALS_PER_REPLICATION)]
    trials_per_replication: usize,
    /// Resample so many replications from all trials, with replacement, rather than to deal each trial to one of them
    #[arg(long, value_name = "N")]
    resample: Option<usize>,
    /// Draw the figure (SVG, and a PNG beside it) into this folder
    #[arg(long, value_name = "DIR")]
    figures: Option<PathBuf>,
    /// Write the study as one JSON object to this file, or instead of the table to standard output with `-`
    #[arg(long, value_name = "FILE|-")]
    json: Option<PathBuf>,
}

impl Coverage {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        Outputs::default()
            .file("--json", self.json.as_deref())
            .folder("--figures", self.figures.as_deref())
            .check()?;
        let report = self.format.analyse(&self.paths, Wanted::default())?.report;
        output::notes(&mut streams::stderr(), &report.notes, false)?;
        let wanted = coverage::Wanted {
            metrics: self.metric.clone(),
            machines: self.machine.clone(),
            trials_per_replication: self.trials_per_replication,
            deal: self.resample.map_or(Deal::Apart, Deal::Resampled),
        };
        let coverage = coverage::coverage(&report, &wanted)?;
        if let Some(file) = &self.json {
            outputs::json(&coverage, file)?;
        }
        if !self.json.as_deref().is_some_and(is_stdout) {
            let mut stdout = streams::stdout();
            stdout.table(&table(&coverage))?;
            writeln!(stdout)?;
        }
        if let Some(dir) = &self.figures
            && let Some(drawing) = figures::draw_coverage(&coverage)
        {
            // Standard output may carry the JSON object, and nothing else then.
            let figure = figures::save_one(drawing, figures::COVERAGE, dir)?;
            writeln!(streams::stderr(), "{}", figure.file.display())?;
        }
        Ok(report.has_findings().into())
    }
}
