//! Tables of single trials.

use super::cells::{Alignment, Table};
use super::topics::{TOPICS, Topic};
use event_log::Status;
use text::number::{UNKNOWN, number, rate};

use crate::condition::driver_name;
use crate::condition::setting::called;
use crate::report::{Report, TrialReport};

/// How many trials are shown unless all are asked for.
pub const TRIALS_SHOWN: usize = 12;

/// The trials, and a table for each topic.
pub fn tables(report: &Report, all: bool) -> Vec<Table> {
    let count = report.trials.len();
    let shown = if all { count } else { count.min(TRIALS_SHOWN) };
    let trials = &report.trials[..shown];
    let hidden = match count - shown {
        0 => String::new(),
        hidden => format!(" The first {shown} of {count} trials; --all shows the other {hidden}."),
    };
    let mut tables = vec![overview(report, trials, &hidden)];
    tables.extend(
        TOPICS
            .iter()
            .map(|topic| topic_table(report, trials, topic, &hidden)),
    );
    tables
}

/// The first few of many trials, and how each ended.
pub fn list(report: &Report) -> Table {
    let count = report.trials.len();
    let shown = count.min(TRIALS_SHOWN);
    let hidden =
        format!(" The first {shown} of {count} trials; --all shows all, and the numbers of each.");
    overview(report, &report.trials[..shown], &hidden)
}

/// A table with the columns that name a trial.
fn keyed(report: &Report, title: &str, caption: String) -> Table {
    let table = Table::new(title, caption);
    let table = if several_runs(report) {
        table.column("run", Alignment::Left)
    } else {
        table
    };
    table.column("trial", Alignment::Right)
}

fn several_runs(report: &Report) -> bool {
    report
        .trials
        .windows(2)
        .any(|pair| pair[0].run != pair[1].run)
}

fn keys(report: &Report, trial: &TrialReport) -> Vec<String> {
    let mut keys = Vec::new();
    if several_runs(report) {
        keys.push(trial.run.clone());
    }
    keys.push(trial.called());
    keys
}

fn overview(report: &Report, trials: &[TrialReport], hidden: &str) -> Table {
    let caption = format!(
        "Condition: its number in the first table. Violations: laws of the log that are broken.{hidden}"
    );
    let is_own = trials.iter().any(|trial| trial.format.is_none());
    let mut table = keyed(report, "Trials", caption)
        .end_of_keys()
        .column("condition", Alignment::Right);
    if is_own {
        table = table
            .column("seed", Alignment::Right)
            .column("driver", Alignment::Left)
            .column("status", Alignment::Left)
            .column("logs", Alignment::Left);
    } else {
        table = table
            .column("machines", Alignment::Right)
            .column("in the statistics", Alignment::Left);
    }
    table = table
        .column("final spread", Alignment::Right)
        .column("violations", Alignment::Right);
    for trial in trials {
        let mut row = keys(report, trial);
        row.push(format!("{}", trial.condition + 1));
        row.extend(if is_own {
            how_run(trial)
        } else {
            how_read(trial)
        });
        row.extend([
            number(trial.whole.final_spread.map(|spread| spread.0)),
            number(trial.violations.map(|count| count as f64)),
        ]);
        table.rows.push(row);
    }
    table
}

/// Seed, driver, status and logs.
fn how_run(trial: &TrialReport) -> Vec<String> {
    let unknown = || UNKNOWN.to_owned();
    vec![
        trial.seed.map_or_else(unknown, |seed| seed.to_string()),
        trial.driver.map_or(UNKNOWN, driver_name).to_owned(),
        trial.status.map_or(UNKNOWN, Status::name).to_owned(),
        if trial.damaged { "damaged" } else { "whole" }.to_owned(),
    ]
}

/// Machines, and whether the trial counts.
fn how_read(trial: &TrialReport) -> Vec<String> {
    let why = trial.reason.as_deref().unwrap_or("yes");
    let why = match trial.counted {
        true => "yes".to_owned(),
        false => format!("no: {why}"),
    };
    vec![trial.machines.len().to_string(), why]
}

fn topic_table(report: &Report, trials: &[TrialReport], topic: &Topic, hidden: &str) -> Table {
    let title = format!("{}, by trial", topic.title);
    let mut table = keyed(report, &title, format!("{}{hidden}", topic.caption))
        .column("machine", Alignment::Left)
        .column("rate, 1/s", Alignment::Right)
        .end_of_keys();
    for (_, header) in topic.metrics() {
        table = table.column(header, Alignment::Right);
    }
    for trial in trials {
        for machine in &trial.machines {
            let mut row = keys(report, trial);
            row.extend([
                called(machine.machine, machine.name.as_deref()),
                rate(machine.rate),
            ]);
            row.extend(
                topic
                    .metrics()
                    .map(|(metric, _)| number((metric.value)(machine))),
            );
            table.rows.push(row);
        }
    }
    table
}
