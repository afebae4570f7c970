//! The command line: what is asked for, and where the answers go.
//!
//! A module for each thing to ask: `analyse`, `check`, `coverage`, `export`, `formats`, `gap`, `grade`, `plan`, `trace`, `claims`,
//! `pages`; `output` writes what several of them say, `outputs` where it goes, and `streams` is how people and programs
//! hear it.
//!
//! **Invariant.** Standard output carries the answer alone (tables, or one JSON object); notes on the input go to
//! standard error. Exit codes: 0 all is well, 1 there is a finding, 2 nothing could be done.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

mod analyse;
mod budget;
mod check;
mod claims;
mod coverage;
mod export;
mod formats;
mod gap;
mod grade;
mod guess;
mod logs;
mod output;
mod outputs;
mod pages;
mod plan;
mod streams;
mod trace;

use analyse::Analyse;
use budget::Budget;
use check::Check;
use claims::Claims;
use coverage::Coverage;
use export::Export;
use formats::Formats;
use gap::Gap;
use grade::GradeArgs;
use guess::Guess;
use plan::Plan;
use trace::Trace;

use crate::visible_text::cut;

/// Measures, checks and draws the logs of trials.
///
/// PATH is the folder of a trial, of a run, or any folder above them. Trials of the same configuration, seed aside,
/// are one condition; conditions are shown side by side. Every analysis also checks that the logs obey the rules of
/// logical clocks.
#[derive(Debug, Parser)]
#[command(
    version,
    long_version = LONG_VERSION,
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

/// The version, and the notices that the licences of embedded fonts want beside every copy.
const LONG_VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "\n\nMIT or Apache-2.0, at your choice. The font DejaVu Sans is embedded for PNG figures; its licences:\n\n",
    include_str!("../LICENSE-DEJAVU")
);

const EXAMPLES: &str = "\
Examples:
  analyze logs/                           tables of all runs below logs/
  analyze logs/ --plot                    and figures, in figures/<run>/
  analyze logs/RUN/trial-003              one trial
  analyze logs/RUN --json - | jq .        one JSON object, for other programs
  analyze shard-0/RUN --summary 0.parquet
                                          what the report needs of a part of a run
  analyze 0.parquet 1.parquet 2.parquet   the report on the whole run, from its parts
  analyze logs/ --compare sockets virtual --metric queue_max
                                          two conditions, by number or part of their label
  analyze logs/RUN --plot --band 400      with what 400 virtual trials of the same condition say
  analyze plan logs/RUN --metric queue_max --effect 20%
                                          how many trials it takes to see such a change
  analyze coverage logs/RUN               how often intervals of five trials hold the truth
  analyze trace logs/RUN --machine M0     the largest jump, back to the machine that
                                          minted the value
  analyze gap logs/RUN                    sockets against virtual time, of a run on both
  analyze gap logs/RUN logs/OTHER         one run against another of the same conditions
  analyze logs/RUN --notebook notebook/07-mine.md
                                          start a page about these logs, or refresh its blocks
  analyze claims notebook/                what the trials say of each sentence of
                                          notebook/claims.toml
  analyze verify notebook/                whether every page says what its logs say
  analyze check logs/                     only whether the logs obey the rules
  analyze theirs/ --log-format my.toml    logs of another program, in a format of one's own
  analyze export logs/RUN --to parquet    one row an event, for pandas, DuckDB and R;
                                          or shiviz, chrome-trace, csv
  analyze formats                         the built-in formats of other programs' logs
  analyze grade class/* --out reports/    what is right in each submission, and what is not
  analyze guess team-7/                   what unknown logs are, as a format to edit
  analyze ./check                         a folder that is called like a command

Exit code: 0 all is well; 1 a broken rule, a gap, a trial that was aborted or has
damaged logs, a page that is not what its logs say, or a claim whose verdict is
not the recorded one; 2 nothing to read, or a wrong option.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Check that logs obey the rules of logical clocks, and show the lines that do not
    Check(Check),
    /// Count how often intervals at 95 % hold the truth: across trials, and across rows as if they were independent
    Coverage(Coverage),
    /// Write trials for other programs: ShiViz, Perfetto, pandas, DuckDB, R, spreadsheets
    Export(Export),
    /// List the built-in formats of logs, and say what a format of one's own may hold
    Formats(Formats),
    /// Hold two worlds against each other: sockets and virtual time, or one run and another of the same conditions
    Gap(Gap),
    /// Judge submissions by the assignment: what is right in each, what is not, and the lines that prove it
    Grade(GradeArgs),
    /// Propose a format for logs that no format is known of, and say how many of their lines it explains
    Guess(Guess),
    /// Say how many trials of each condition it takes to see a change, from the spread of trials there are
    Plan(Plan),
    /// Show the largest jumps of clocks, each with the chain of messages back to the machine that minted the value
    Trace(Trace),
    /// Put the sentences of a ledger to the test: supported, refuted or undecided
    Claims(Claims),
    /// Compute every block and figure of a notebook again, and show what is stale, edited or unbacked
    Verify(Verify),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  analyze verify notebook/                every page, and the ledger of claims
  analyze verify notebook/03-two-worlds.md
  analyze --notebook notebook/03-two-worlds.md
                                          compute its blocks again, after new logs

What a page repeats from a seed runs in virtual time, opens no sockets, and ends
with this program.

Exit code: 0 every page says what its logs say; 1 a finding; 2 no pages, or runs
that may have more events than --events-max allows.")]
struct Verify {
    /// A page, or a folder of pages (*.md)
    #[arg(value_name = "NOTEBOOK")]
    notebook: PathBuf,
    #[command(flatten)]
    budget: Budget,
}

/// The longest error that is shown, characters: it may quote a line of any length.
const ERROR_LENGTH_MAX: usize = 10_000;

/// Does what the command line asks for.
pub fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            // It cannot fail.
            let text = cut(format!("{error:#}"), ERROR_LENGTH_MAX);
            let _ = writeln!(streams::stderr(), "error: {text}");
            ExitCode::from(2)
        }
    }
}

impl Cli {
    fn run(&self) -> anyhow::Result<u8> {
        match &self.command {
            Some(Command::Check(check)) => check.run(),
            Some(Command::Coverage(coverage)) => coverage.run(),
            Some(Command::Export(export)) => export.run(),
            Some(Command::Formats(formats)) => formats.run(),
            Some(Command::Gap(gap)) => gap.run(),
            Some(Command::Grade(grade)) => grade.run(),
            Some(Command::Guess(guess)) => guess.run(),
            Some(Command::Plan(plan)) => plan.run(),
            Some(Command::Trace(trace)) => trace.run(),
            Some(Command::Claims(claims)) => claims.run(),
            Some(Command::Verify(verify)) => {
                pages::verify_pages(&verify.notebook, verify.budget.events())
            }
            None => self.analyse.run(),
        }
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
    fn the_font_has_its_notices() {
        let version = parse(&["--version"]).expect_err("the version").to_string();
        for holder in [
            "Copyright (c) 2003 by Bitstream",
            "Copyright (c) 2006 by Tavmjong Bah",
        ] {
            assert!(version.contains(holder), "no notice of {holder}: {version}");
        }
        let short = parse(&["-V"]).expect_err("the version").to_string();
        assert_eq!(short.lines().count(), 1);
    }

    #[test]
    fn a_path_is_required() {
        assert!(parse(&[]).is_err());
        assert!(parse(&["check"]).is_err());
        assert!(parse(&["--plot"]).is_err());
    }
}
