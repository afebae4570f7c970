//! `analyze gap`: two worlds.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use event_log::Driver;

use super::outputs::{self, Outputs, is_stdout};
use super::{logs, output, streams};
use crate::analysis::{self, Wanted};
use crate::condition::driver_name;
use crate::gap::{self, World};
use crate::report::Report;
use crate::table::gap::table;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  runner experiment notebook/experiments/rate-gap.toml --both
  analyze gap logs/RUN                    its sockets against its virtual time
  analyze gap logs/RUN logs/OTHER         one run against another of the same conditions

Exit code: 0 no gap found; 1 a gap, a broken rule, or a trial that was aborted or
has damaged logs; 2 nothing to compare, or a wrong option.")]
pub(super) struct Gap {
    /// Side A: a folder of trials, of a run, or above them. Without side B every condition in it that ran on both drivers,
    /// sockets (A) against virtual time (B)
    #[arg(value_name = "A")]
    a: PathBuf,
    /// Side B
    #[arg(value_name = "B")]
    b: Option<PathBuf>,
    /// Compare this metric rather than the usual ones, of machines (queue_max), of whole trials (trial_messages) or of one
    /// machine of each (slowest_queue_max); may be given several times. A name that no metric has, such as `list`, shows
    /// all there are
    #[arg(long, value_name = "NAME")]
    metric: Vec<String>,
    /// Write the gap as one JSON object to this file, or instead of the table to standard output with `-`
    #[arg(long, value_name = "FILE|-")]
    json: Option<PathBuf>,
}

impl Gap {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        Outputs::default()
            .file("--json", self.json.as_deref())
            .check()?;
        let first = read(&self.a)?;
        let second = self.b.as_deref().map(read).transpose()?;
        let gap = match &second {
            Some(second) => {
                let name = |path: &Path| path.display().to_string();
                let b = self.b.as_deref().map(name).unwrap_or_default();
                let (a, b) = (
                    World::of(name(&self.a), &first, |_| true),
                    World::of(b, second, |_| true),
                );
                gap::gap(&a, &b, &self.metric)?
            }
            None => {
                both_drivers(&self.a, &first)?;
                let of = |driver: Driver| {
                    World::of(driver_name(driver), &first, move |trial| {
                        trial.driver == Some(driver)
                    })
                };
                gap::gap(&of(Driver::Sockets), &of(Driver::Virtual), &self.metric)?
            }
        };
        if let Some(file) = &self.json {
            outputs::json(&gap, file)?;
        }
        if !self.json.as_deref().is_some_and(is_stdout) {
            let mut stdout = streams::stdout();
            stdout.table(&table(&gap))?;
            writeln!(stdout, "\n{}", gap.sentence)?;
        }
        let findings = first.has_findings() || second.is_some_and(|report| report.has_findings());
        Ok((gap.found || findings).into())
    }
}

/// Refuses trials of one driver alone: they have no other side.
fn both_drivers(path: &Path, report: &Report) -> anyhow::Result<()> {
    let absent = |driver: &Driver| {
        report
            .trials
            .iter()
            .all(|trial| trial.driver != Some(*driver))
    };
    match [Driver::Sockets, Driver::Virtual]
        .iter()
        .find(|d| absent(d))
    {
        Some(driver) => anyhow::bail!(
            "no trial below {} ran on {}: expected conditions that ran on both drivers, as `runner experiment FILE --both` \
             runs them, or a second folder to compare with",
            path.display(),
            driver_name(*driver)
        ),
        None => Ok(()),
    }
}

fn read(path: &Path) -> anyhow::Result<Report> {
    logs::refuse_summaries(&[path.to_owned()])?;
    let report = analysis::analyse(&[path.to_owned()], Wanted::default())?.report;
    output::notes(&mut streams::stderr(), &report.notes, false)?;
    Ok(report)
}
