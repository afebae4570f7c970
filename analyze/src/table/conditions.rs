//! Tables across trials: conditions side by side, their machines below each other.

use text::number::estimate;

use super::cells::{Alignment, Table};
use super::keys::{groups, keyed, keys};
use super::law;
use super::topics::{TOPICS, Topic};
use super::whole;
use crate::report::{ConditionReport, Report};

/// What is to be known of others' trials.
const FOREIGN: &str = "Others' trials are of one condition if folder, format and number of machines are the same; they \
                       enter the statistics if every line is explained and every machine is there for half of the trial.";

/// What is to be known of trials with faults.
const FAULTS: &str = "With faults: all lives of a machine are taken for one, and what was done to it and its links (faults.jsonl) \
                      is not read; so clocks, jumps, drift, rates, lags and queues tell of the faults too, and the \
                      predictions of theory know nothing of them.";

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
        tables.extend(super::clock_sources::tables(report));
        tables.extend(law::tables(report));
        tables.extend(super::band::table(report));
    }
    tables
}

fn overview(report: &Report) -> Table {
    let caption = "Trials of one configuration, seed aside, are one condition. Only complete trials with whole logs \
                   enter the statistics. Final spread: largest minus smallest final clock.";
    let foreign = report.trials.iter().any(|trial| trial.format.is_some());
    let with_faults = report.conditions.iter().any(has_faults);
    let said = [(foreign, FOREIGN), (with_faults, FAULTS)];
    let said = said.into_iter().filter(|(is_so, _)| *is_so);
    let caption = said.fold(caption.to_owned(), |caption, (_, words)| {
        format!("{caption} {words}")
    });
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

fn has_faults(condition: &ConditionReport) -> bool {
    let own = condition.setting.own();
    own.is_some_and(|own| own.faults.is_some())
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
