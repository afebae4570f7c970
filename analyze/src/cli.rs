//! The command line: what is asked for, and where the answers go.
//!
//! **Invariant.** Standard output carries the answer alone (tables, or one JSON object); notes on the input go to
//! standard error. Exit codes: 0 all is well, 1 there is a finding, 2 nothing could be done.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};

mod output;
mod pages;

use crate::analysis::{self, Analysis, Wanted};
use crate::figures;

/// Measures, checks and draws the logs of trials.
///
/// PATH is the folder of a trial, of a run, or any folder above them. Trials of the same configuration, seed aside,
/// are one condition; conditions are shown side by side. Every analysis also checks that the logs obey the rules of
/// logical clocks.
#[derive(Debug, Parser)]
#[command(
    version,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
#[command(after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    analyse: Analyse,
}

const EXAMPLES: &str = "\
Examples:
  analyze logs/                           tables of all runs below logs/
  analyze logs/ --plot                    and figures, in figures/<run>/
  analyze logs/RUN/trial-003              one trial
  analyze logs/RUN --json - | jq .        one JSON object, for other programs
  analyze logs/RUN --notebook notebook/07-mine.md
                                          start a page about these logs, or refresh its blocks
  analyze verify notebook/                whether every page says what its logs say
  analyze check logs/                     only whether the logs obey the rules
  analyze ./check                         a folder that is called like a command

Exit code: 0 all is well; 1 a broken rule, a trial that was aborted or has
damaged logs, or a page that is not what its logs say; 2 nothing to read, or a wrong option.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Check that logs obey the rules of logical clocks, and show the lines that do not
    Check(Check),
    /// Compute every block and figure of a notebook again, and show what is stale, edited or unbacked
    Verify(Verify),
}

#[derive(Debug, Args)]
struct Verify {
    /// A page, or a folder of pages (*.md)
    #[arg(value_name = "NOTEBOOK")]
    notebook: PathBuf,
}

#[derive(Debug, Args)]
struct Check {
    /// Folders of trials, of runs, or above them
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
}

#[derive(Debug, Args)]
struct Analyse {
    /// Folders of trials, of runs, or above them; hidden folders and `target` are not searched
    #[arg(value_name = "PATH", required_unless_present = "notebook")]
    paths: Vec<PathBuf>,
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
    /// Write the tables as Markdown to this file, or to standard output with `-`
    #[arg(long, value_name = "FILE|-")]
    markdown: Option<PathBuf>,
    /// Start a notebook page about these logs with figures, or refresh the blocks of one; a page knows its own logs,
    /// so PATH may then be left out
    #[arg(long, value_name = "PAGE", conflicts_with_all = ["json", "markdown", "plot", "png"])]
    notebook: Option<PathBuf>,
    /// Show every trial and every note, however many there are
    #[arg(long)]
    all: bool,
}

/// Does what the command line asks for.
pub fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(code) => ExitCode::from(code),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to be told if this fails too.
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// A reader that has seen enough, such as `head`, is no error.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let mut causes = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>());
    causes.any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

impl Cli {
    fn run(&self) -> anyhow::Result<u8> {
        match &self.command {
            Some(Command::Check(check)) => check.run(),
            Some(Command::Verify(verify)) => pages::verify_pages(&verify.notebook),
            None => self.analyse.run(),
        }
    }
}

impl Check {
    fn run(&self) -> anyhow::Result<u8> {
        let analysis = analysis::analyse(&self.paths, Wanted::default())?;
        output::notes(&mut io::stderr().lock(), &analysis.report.notes, true)?;
        output::verdict(&mut io::stdout().lock(), &analysis.report)?;
        Ok(analysis.report.has_findings().into())
    }
}

fn cannot_write(file: &Path) -> String {
    format!("cannot write {}", file.display())
}

impl Analyse {
    fn run(&self) -> anyhow::Result<u8> {
        if let Some(page) = &self.notebook {
            return pages::write_page(page, &self.paths, self.figures.as_deref());
        }
        if self.json.is_some() && self.json == self.markdown {
            anyhow::bail!("--json and --markdown name one target; give one of them another");
        }
        let draws = self.plot || self.png || self.figures.is_some();
        let analysis = analysis::analyse(&self.paths, Wanted { digests: draws })?;
        let report = &analysis.report;
        output::notes(&mut io::stderr().lock(), &report.notes, self.all)?;
        let is_stdout = |file: &Option<PathBuf>| file.as_deref() == Some(Path::new("-"));
        let to_stdout = is_stdout(&self.json) || is_stdout(&self.markdown);
        if let Some(file) = &self.json {
            output::json(report, file).with_context(|| cannot_write(file))?;
        }
        if let Some(file) = &self.markdown {
            output::markdown(report, file, self.all).with_context(|| cannot_write(file))?;
        }
        if !to_stdout {
            let stdout = &mut io::stdout().lock();
            output::tables(stdout, report, self.all)?;
            output::verdict(stdout, report)?;
        }
        if draws {
            let drawn = self.draw(&analysis)?;
            let said = format!("{} figures in {}\n", drawn.0, drawn.1.display());
            if to_stdout {
                io::stderr().write_all(said.as_bytes())?;
            } else {
                io::stdout().write_all(said.as_bytes())?;
            }
        }
        Ok(report.has_findings().into())
    }

    /// Draws the figures; how many, and where.
    fn draw(&self, analysis: &Analysis) -> anyhow::Result<(usize, PathBuf)> {
        let dir = match &self.figures {
            Some(dir) => dir.clone(),
            None => output::figures_dir(&self.paths, &analysis.report),
        };
        let figures = figures::draw_all(&analysis.digests, &dir, self.png)?;
        Ok((figures.len(), dir))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &[&str]) -> Result<Cli, clap::Error> {
        Cli::try_parse_from([&["analyze"], line].concat())
    }

    #[test]
    fn paths_and_commands_share_the_first_position() {
        let plain = parse(&["logs/", "--plot"]).expect("a path and an option");
        assert!(plain.command.is_none());
        assert_eq!(plain.analyse.paths, [PathBuf::from("logs/")]);
        let check = parse(&["check", "logs/", "more/"]).expect("a command and two paths");
        let Some(Command::Check(check)) = check.command else {
            panic!("`check` is a command");
        };
        assert_eq!(
            check.paths,
            [PathBuf::from("logs/"), PathBuf::from("more/")]
        );
        let folder = parse(&["./check"]).expect("a folder called like a command");
        assert!(folder.command.is_none());
    }

    #[test]
    fn a_path_is_required() {
        assert!(parse(&[]).is_err());
        assert!(parse(&["check"]).is_err());
        assert!(parse(&["--plot"]).is_err());
    }
}
