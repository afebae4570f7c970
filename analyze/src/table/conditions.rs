//! Tables across trials: conditions side by side, their machines below each other.

use super::law;
use super::number::{estimate, rate};
use super::topics::{TOPICS, Topic};
use super::whole;
use super::{Alignment, Table};
use crate::condition::setting::called;
use crate::report::{ConditionReport, GroupReport, Report};

/// What is to be known of others' trials.
const FOREIGN: &str = " Others' trials are of one condition if folder, format and number of machines are the same; they \
                       enter the statistics if every line is explained and every machine is there for half of the trial.";

/// The overview, whole trials, a table for each topic, and prediction against measurement where the law applies.
pub fn tables(report: &Report) -> Vec<Table> {
    let mut tables = vec![overview(report)];
    let counted = report
        .conditions
        .iter()
        .any(|condition| condition.trials > 0);
    if counted {
        tables.push(whole::table(report));
        tables.extend(TOPICS.iter().map(|topic| topic_table(report, topic)));
        tables.extend(super::accounting::tables(report));
        tables.extend(law::tables(report));
        tables.extend(super::band::table(report));
    }
    tables
}

fn overview(report: &Report) -> Table {
    let caption = "Trials of one configuration, seed aside, are one condition. Only complete trials with whole logs \
                   enter the statistics. Final spread: largest minus smallest final clock.";
    let foreign = report.trials.iter().any(|trial| trial.format.is_some());
    let caption = match foreign {
        true => format!("{caption}{FOREIGN}"),
        false => caption.to_owned(),
    };
    let mut table = Table::new("Conditions", caption)
        .column("#", Alignment::Right)
        .end_of_keys()
        .column("condition", Alignment::Left)
        .column("trials", Alignment::Right)
        .column("left out", Alignment::Left)
        .column("final spread", Alignment::Right);
    for (number, condition) in (1..).zip(&report.conditions) {
        table.rows.push(vec![
            format!("{number}"),
            condition.label.clone(),
            condition.trials.to_string(),
            left_out(condition),
            estimate(&condition.final_spread),
        ]);
    }
    table
}

fn left_out(condition: &ConditionReport) -> String {
    let reasons = condition.left_out.iter();
    let reasons: Vec<String> = reasons
        .map(|(reason, count)| format!("{count} {reason}"))
        .collect();
    if reasons.is_empty() {
        "none".to_owned()
    } else {
        reasons.join(", ")
    }
}

/// A table with the columns that name a condition's machine.
pub(super) fn keyed(report: &Report, title: &str, caption: &str) -> Table {
    let mut table = Table::new(title, caption);
    if report.conditions.len() > 1 {
        table = table.column("#", Alignment::Right);
    }
    if any_machine(report) {
        table = table.column("machine", Alignment::Left);
    }
    table.column("rate, 1/s", Alignment::Right).end_of_keys()
}

fn any_machine(report: &Report) -> bool {
    let mut groups = report
        .conditions
        .iter()
        .flat_map(|condition| &condition.machines);
    groups.any(|group| group.machine.is_some())
}

pub(super) fn keys(report: &Report, index: usize, group: &GroupReport) -> Vec<String> {
    let mut keys = Vec::new();
    if report.conditions.len() > 1 {
        keys.push(format!("{}", index + 1));
    }
    if any_machine(report) {
        keys.push(group.machine.map_or("any".to_owned(), |machine| {
            called(machine, group.name.as_deref())
        }));
    }
    keys.push(rate(group.rate));
    keys
}

/// The groups of machines of which some trial counts, with the index of their condition.
pub(super) fn groups(report: &Report) -> impl Iterator<Item = (usize, &GroupReport)> {
    let conditions = report.conditions.iter().enumerate();
    conditions
        .filter(|(_, condition)| condition.trials > 0)
        .flat_map(|(index, condition)| condition.machines.iter().map(move |group| (index, group)))
        .filter(|(_, group)| !group.metrics.is_empty())
}

fn topic_table(report: &Report, topic: &Topic) -> Table {
    let title = format!("{}, across trials", topic.title);
    let caption = format!(
        "{} Mean ± half of the 95 % interval across trials.",
        topic.caption
    );
    let mut table = keyed(report, &title, &caption).column("trials", Alignment::Right);
    for (_, header) in topic.metrics() {
        table = table.column(header, Alignment::Right);
    }
    for (index, group) in groups(report) {
        let mut row = keys(report, index, group);
        row.push(group.estimate("events").trials.to_string());
        row.extend(
            topic
                .metrics()
                .map(|(metric, _)| estimate(&group.estimate(metric.name))),
        );
        table.rows.push(row);
    }
    table
}
