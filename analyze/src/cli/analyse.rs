//! `analyze PATH…`: tables, figures, JSON, Markdown.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::budget::Budget;
use super::logs::LogFormat;
use super::outputs::{self, Outputs, is_stdout};
use super::{output, pages, streams};
use crate::analysis::{Analysis, Wanted};
use crate::band;
use crate::compare::compare;
use crate::{figures, markdown};
use logs::origin::is_called_summary;

#[derive(Debug, Args)]
pub(super) struct Analyse {
    /// Folders of trials, of runs, or above them; hidden folders and `target` are not searched. Or summaries, which
    /// --summary writes
    #[arg(value_name = "PATH", required_unless_present = "notebook")]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    format: LogFormat,
    /// Draw figures (SVG) into figures/<run>/
    #[arg(long)]
    plot: bool,
    /// Draw figures into this folder instead
    #[arg(long, value_name = "DIR")]
    figures: Option<PathBuf>,
    /// Draw figures, and a PNG beside each
    #[arg(long)]
    png: bool,
    /// Write everything as one JSON object to this file, or instead of the tables to standard output with `-`
    #[arg(long, value_name = "FILE|-")]
    json: Option<PathBuf>,
    /// Write what the report needs of each trial to this file as well: the summaries of the shards of a run, given as
    /// PATHs, make the report that all its logs would. A row for each machine of each trial, its metrics in columns
    #[arg(long, value_name = "FILE.parquet", conflicts_with = "notebook", value_parser = table)]
    summary: Option<PathBuf>,
    /// Write the tables as Markdown to this file, or to standard output with `-`
    #[arg(long, value_name = "FILE|-")]
    markdown: Option<PathBuf>,
    /// Compare two conditions, each named by its number in the first table or by a part of its label: differences B − A
    /// with intervals, sizes and permutation tests
    #[arg(long, num_args = 2, value_names = ["A", "B"], conflicts_with = "notebook")]
    compare: Option<Vec<String>>,
    /// Compare this metric rather than the usual ones; may be given several times
    ///
    /// Named as in the JSON object: of each machine (queue_max), of a trial as a whole (trial_messages), or with slowest_
    /// or fastest_ before it (slowest_queue_max) that of one machine of each trial. A name that no metric has, such as
    /// `list`, shows all there are.
    #[arg(long, value_name = "NAME", requires = "compare")]
    metric: Vec<String>,
    /// Simulate N trials of each condition in virtual time, and show where single trials and their mean lie by chance
    /// alone: what to expect near the critical load, where the first-order law says nothing of queues. Takes the program
    /// runner, and always the same seed
    #[arg(long, value_name = "N", conflicts_with = "notebook", value_parser = clap::value_parser!(u64).range(band::TRIALS_MIN..=band::TRIALS_MAX))]
    band: Option<u64>,
    #[command(flatten)]
    budget: Budget,
    /// Start a notebook page about these logs with figures, or refresh the blocks of one; a page knows its own logs,
    /// so PATH may then be left out
    #[arg(long, value_name = "PAGE", conflicts_with_all = ["json", "markdown", "plot", "png"])]
    notebook: Option<PathBuf>,
    /// Show every trial and every note, however many there are
    #[arg(long)]
    all: bool,
}

/// A file that is known for a summary when it is given as a path.
fn table(text: &str) -> Result<PathBuf, String> {
    let file = PathBuf::from(text);
    if is_called_summary(&file) {
        return Ok(file);
    }
    Err(
        "expected a name that ends in .parquet, by which a summary is known when it is read"
            .to_owned(),
    )
}

impl Analyse {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        if let Some(page) = &self.notebook {
            let figures = self.figures.as_deref();
            return pages::write_page(page, &self.paths, figures, self.budget.events());
        }
        Outputs::default()
            .file("--json", self.json.as_deref())
            .file("--markdown", self.markdown.as_deref())
            .file("--summary", self.summary.as_deref())
            .folder("--figures", self.figures_asked())
            .check()?;
        let draws = self.plot || self.png || self.figures.is_some();
        let wanted = match draws {
            true => Wanted::Digests,
            false => Wanted::Report,
        };
        let mut analysis = match &self.summary {
            Some(file) => self.format.summarise(&self.paths, file, wanted)?,
            None => self.format.analyse(&self.paths, wanted)?,
        };
        if let Some([a, b]) = self.compare.as_deref() {
            let comparison = compare(&analysis.report, a, b, &self.metric)?;
            analysis.report.comparison = Some(comparison);
        }
        if let Some(trials) = self.band {
            band::add(&mut analysis, trials, &self.budget.events())?;
        }
        let report = &analysis.report;
        output::notes(&mut streams::stderr(), &report.notes, self.all)?;
        let mut files = [&self.json, &self.markdown].into_iter().flatten();
        let to_stdout = files.any(|file| is_stdout(file));
        if let Some(file) = &self.json {
            outputs::json(report, file)?;
        }
        if let Some(file) = &self.markdown {
            outputs::write(file, markdown::report(report, self.all).as_bytes())?;
        }
        if !to_stdout {
            let stdout = &mut streams::stdout();
            output::tables(stdout, report, self.all)?;
            output::verdict(stdout, report, 0)?;
        }
        if draws {
            let drawn = self.draw(&analysis)?;
            let said = format!("{} figures in {}", drawn.0, drawn.1.display());
            if to_stdout {
                writeln!(streams::stderr(), "{said}")?;
            } else {
                writeln!(streams::stdout(), "{said}")?;
            }
        }
        Ok(report.has_findings().into())
    }

    /// The folder of figures as far as it is known before the logs are read.
    fn figures_asked(&self) -> Option<&Path> {
        let usual = (self.plot || self.png).then_some(Path::new(output::FIGURES));
        self.figures.as_deref().or(usual)
    }

    /// Draws the figures; how many, and where.
    fn draw(&self, analysis: &Analysis) -> anyhow::Result<(usize, PathBuf)> {
        let dir = match &self.figures {
            Some(dir) => dir.clone(),
            None => output::figures_dir(&self.paths, &analysis.report),
        };
        let figures = figures::draw_all(&analysis.report, &analysis.digests, &dir, self.png)?;
        Ok((figures.len(), dir))
    }
}
