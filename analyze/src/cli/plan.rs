//! `analyze plan`: how many trials.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::logs::LogFormat;
use super::outputs::{self, Outputs, is_stdout};
use super::{output, streams};
use crate::analysis::Wanted;
use crate::figures;
use crate::plan::power_study::{EFFECTS, PowerQuestion, power_study};
use crate::plan::{self, Effect, Question, Subject};
use crate::report::Report;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  analyze plan logs/RUN --metric queue_max --effect 20%
                                          a fifth more or less, of the slowest machine
  analyze plan logs/RUN --metric trial_messages_per_s --effect 0.5
                                          half a message a second, of all machines together

Exit code: 0; 1 a broken rule, or a trial that was aborted or has damaged logs;
2 nothing to plan from, or a wrong option.")]
pub(super) struct Plan {
    /// The pilot: folders of trials, of runs, or above them
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    format: LogFormat,
    /// The metric, of machines (queue_max), of whole trials (trial_messages) or of one machine of each
    /// (slowest_queue_max). A name that no metric has, such as `list`, shows all there are
    #[arg(long, value_name = "NAME")]
    metric: String,
    /// The change to be seen: relative to the pilot's mean (20%), or in units of the metric (5)
    #[arg(long, value_name = "CHANGE", allow_hyphen_values = true)]
    effect: Effect,
    /// How often such a change is to be seen
    #[arg(long, default_value_t = 0.9)]
    power: f64,
    /// How often a change may be seen where there is none
    #[arg(long, default_value_t = 0.05)]
    alpha: f64,
    /// Which machine of each trial: its id, slowest, median or fastest
    #[arg(long, value_name = "ID|slowest|fastest", default_value = "slowest")]
    machine: Subject,
    /// Which condition is the pilot, by number or by a part of its label; needed where there are several
    #[arg(long, value_name = "NAME")]
    condition: Option<String>,
    /// Draw power over the number of trials, for changes of 10, 20 and 50 % and the one asked for, into this folder (SVG,
    /// and a PNG beside it)
    #[arg(long, value_name = "DIR")]
    figures: Option<PathBuf>,
    /// Write the plan as one JSON object to this file, or instead of the sentence to standard output with `-`
    #[arg(long, value_name = "FILE|-")]
    json: Option<PathBuf>,
}

impl Plan {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        Outputs::default()
            .file("--json", self.json.as_deref())
            .folder("--figures", self.figures.as_deref())
            .check()?;
        let report = self.format.analyse(&self.paths, Wanted::default())?.report;
        output::notes(&mut streams::stderr(), &report.notes, false)?;
        let plan = plan::plan(
            &report,
            &Question {
                metric: self.metric.clone(),
                effect: self.effect,
                power: self.power,
                alpha: self.alpha,
                machine: self.machine,
                condition: self.condition.clone(),
            },
        )?;
        if let Some(file) = &self.json {
            outputs::json(&plan, file)?;
        }
        if !self.json.as_deref().is_some_and(is_stdout) {
            writeln!(streams::stdout(), "{}", plan.sentence)?;
        }
        if let Some(dir) = &self.figures {
            self.draw(&report, dir)?;
        }
        Ok(report.has_findings().into())
    }

    fn draw(&self, report: &Report, dir: &Path) -> anyhow::Result<()> {
        let mut effects = EFFECTS.to_vec();
        if !effects.contains(&self.effect) {
            effects.push(self.effect);
        }
        let question = PowerQuestion {
            metric: self.metric.clone(),
            effects,
            machine: self.machine,
            condition: self.condition.clone(),
            alpha: self.alpha,
        };
        if let Some(drawing) = figures::draw_power(&power_study(report, &question)?) {
            // Standard output may carry the JSON object, and nothing else then.
            let figure = figures::save_one(drawing, figures::POWER, dir)?;
            writeln!(streams::stderr(), "{}", figure.file.display())?;
        }
        Ok(())
    }
}
