//! `analyze check`: only the laws.
//!
//! Our own trials are checked with what their manifests say; those of other programs in the dialect of their format. The
//! laws are the same, and one call takes both.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use serde::Serialize;

use super::budget::Budget;
use super::logs::{self, LogFormat};
use super::outputs::{self, Outputs};
use super::{output, streams};
use crate::analysis::{self, Origin, VIOLATIONS_KEPT, Wanted};
use crate::check::{InWords, Tally, Verdict, check_trial};
use crate::ordering::{self, Ordering};
use crate::replay::replay;
use crate::report::Report;
use ::logs::origin::{Origins, Others};
use ::logs::scan;
use events::Trial;
use files::parallel;
use formats::line_stats::UnreadLog;

/// The seed of the draw of pairs, unless another is asked for.
const SEED: u64 = 1;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  analyze check logs/                     every trial below logs/
  analyze check logs/RUN/trial-003        one trial
  analyze check their-logs/               logs of another program, in the format that they suggest
  analyze check their-logs/ --log-format theirs.toml
  analyze check logs/ their-logs/         both, by the same laws
  analyze check logs/ --replay            also run each trial again from its seed: finds what obeys
                                          every law and yet is not what the seed gives
  analyze check logs/ --ordering          how often Lamport order, wall clocks and happened-before disagree
  analyze check their-logs/ --json -      the verdicts of others' logs for other programs
  analyze logs/ --json - | jq .violations up to 1000 of them, whoever wrote the logs

Exit code: 0 all is well; 1 a broken rule, a trial that was aborted or has
damaged logs, lines that the format does not explain, or a log that could not be
read; 2 nothing to read, or nothing in it that any rule could be put to.")]
pub(super) struct Check {
    /// Folders of trials, of runs, or above them; or of other programs' logs
    #[arg(value_name = "PATH", required = true)]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    format: LogFormat,
    /// Run each trial of ours again from its seed as well, and compare: every row of a trial in virtual time; rates, phases
    /// and rolls of one on sockets. Takes the program runner
    #[arg(long, conflicts_with = "ordering")]
    replay: bool,
    #[command(flatten)]
    budget: Budget,
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
        Outputs::default()
            .file("--json", self.json.as_deref())
            .check()?;
        if self.ordering {
            return self.orders();
        }
        if logs::are_summaries(&self.paths)? {
            if self.replay {
                bail!("--replay compares rows, and a summary has none: pass the logs");
            }
            let report = self.format.analyse(&self.paths, self.wanted())?.report;
            return self.tell(report);
        }
        let Origins { ours, others } = self.format.origins(&self.paths)?;
        if self.replay && !others.is_empty() {
            bail!(
                "--replay runs trials again from their seeds, and logs of other programs have none that `runner` knows"
            );
        }
        let own = (!ours.is_empty()).then(|| self.ours(&ours)).transpose()?;
        if others.is_empty() {
            return own.map_or(Ok(0), |report| self.tell(report));
        }
        self.others(own, &others)
    }

    fn wanted(&self) -> Wanted {
        match self.json {
            Some(_) => Wanted::Report,
            None => Wanted::Verdicts,
        }
    }

    fn ours(&self, paths: &[PathBuf]) -> anyhow::Result<Report> {
        let origin = Origin::Own(paths);
        let mut report = analysis::analyse_all(&[origin], self.wanted())?.report;
        if self.replay {
            let places = scan::find(paths)?.places;
            let (replayed, notes) = replay(&places, self.budget.max());
            report.replay = Some(replayed);
            report.notes.extend(notes);
        }
        Ok(report)
    }

    /// Others' trials, beside ours if there are any.
    fn others(&self, own: Option<Report>, others: &[Others]) -> anyhow::Result<u8> {
        let trials = logs::read_each(others)?;
        let verdicts: Vec<Verdict> = parallel::map(&trials.trials, check_trial);
        let mut tally = Tally::default();
        verdicts.iter().for_each(|verdict| tally.add(verdict));
        let flawed = trials.unexplained > 0 || !trials.unread_logs.is_empty();
        let code = u8::from(flawed || tally.violated() > 0);
        let Some(mut report) = own else {
            match &self.json {
                Some(file) => outputs::json(&with_unread(&verdicts, &trials.unread_logs), file)?,
                None => {
                    let mut out = streams::stdout();
                    verdicts_in_words(&mut out, &verdicts)?;
                    writeln!(out, "check: {tally}")?;
                }
            }
            if tally.examined() == 0 {
                bail!(
                    "nothing was checked: no law can be put to what these logs say; a format that reads clocks or \
                     messages from them is named with --log-format, see `analyze guess --help`"
                );
            }
            return Ok(code);
        };
        for verdict in &verdicts {
            report.check.add(verdict);
        }
        if self.json.is_some() {
            let violations = verdicts.iter().flat_map(Verdict::violations);
            report.violations.extend(violations.cloned());
            report.violations.truncate(VIOLATIONS_KEPT);
        }
        report.verdicts = verdicts;
        Ok(code.max(self.tell(report)?))
    }

    /// Tells what a report says of laws.
    fn tell(&self, report: Report) -> anyhow::Result<u8> {
        output::notes(&mut streams::stderr(), &report.notes, true)?;
        match &self.json {
            Some(file) => outputs::json(&report, file)?,
            None => {
                let mut out = streams::stdout();
                verdicts_in_words(&mut out, &report.verdicts)?;
                let in_words = report.verdicts.iter().map(Verdict::violated).sum();
                output::verdict(&mut out, &report, in_words)?;
            }
        }
        Ok(report.has_findings().into())
    }

    fn orders(&self) -> anyhow::Result<u8> {
        let trials = self.format.trials(&self.paths)?;
        let code = u8::from(!trials.unread_logs.is_empty());
        let compare = |trial: &Trial| ordering::compare(trial, self.seed);
        let orders: Vec<Ordering> = parallel::map(&trials.trials, compare);
        let mut sum = Ordering {
            trial: format!("all {} trials", orders.len()),
            ..Ordering::default()
        };
        orders.iter().for_each(|orders| sum.add(orders));
        if let Some(file) = &self.json {
            outputs::json(
                &Orders {
                    trials: &orders,
                    all: &sum,
                    unread_logs: &trials.unread_logs,
                },
                file,
            )?;
            return Ok(code);
        }
        let mut out = streams::stdout();
        orders
            .iter()
            .try_for_each(|orders| writeln!(out, "{orders}"))?;
        if orders.len() > 1 {
            writeln!(out, "{sum}")?;
        }
        write!(out, "{}", ordering::EXPLANATION)?;
        Ok(code)
    }
}

/// A verdict, and what it does not rest on.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    verdict: &'a Verdict,
    /// Files that were not read with the trials and may be logs: the same of each trial.
    unread_logs: &'a [UnreadLog],
}

fn with_unread<'a>(verdicts: &'a [Verdict], unread_logs: &'a [UnreadLog]) -> Vec<Told<'a>> {
    let told = verdicts.iter().map(|verdict| Told {
        verdict,
        unread_logs,
    });
    told.collect()
}

#[derive(Serialize)]
struct Orders<'a> {
    trials: &'a [Ordering],
    all: &'a Ordering,
    /// Files that may be logs and are not read; absent for our own.
    #[serde(skip_serializing_if = "<[UnreadLog]>::is_empty")]
    unread_logs: &'a [UnreadLog],
}

fn verdicts_in_words(to: &mut impl Write, verdicts: &[Verdict]) -> io::Result<()> {
    let mut verdicts = verdicts.iter();
    verdicts.try_for_each(|verdict| writeln!(to, "{}", InWords(verdict)))
}
