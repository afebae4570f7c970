//! The tables of clocks taken apart.

use std::collections::{BTreeMap, BTreeSet};

use statistics::Estimate;
use text::number::{UNKNOWN, estimate};

use super::cells::{Alignment, Table};
use super::keys::{groups, keyed, keys};
use crate::clock_sources::{Accounts, Source};
use crate::report::{GroupReport, Report};

type Split = fn(&Accounts) -> &BTreeMap<Source, Estimate>;

/// By sender, and by minter.
pub(super) fn tables(report: &Report) -> Vec<Table> {
    let sums = "Rows sum to the final clock. Mean ± half of the 95 % interval across trials.";
    let grouped = if groups(report).any(|(_, group)| group.machine.is_none()) {
        " A rate stands for the average machine of it, and for all peers of it as a source."
    } else {
        ""
    };
    let by_sender = format!(
        "Units of the final clock: one for each own tick, and those inherited, by the peer whose message brought them.\
         {grouped} {sums}"
    );
    let by_minter = format!(
        "Units of the final clock by the machine whose ticks made them, traced back along the messages. What a peer \
         hands on need not be its own, and a larger clock replaces own ticks, it does not add to them.{grouped} {sums}"
    );
    vec![
        table(
            report,
            "Clock by sender, across trials",
            &by_sender,
            "from",
            |accounts| &accounts.sender,
        ),
        table(
            report,
            "Clock by minter, across trials",
            &by_minter,
            "by",
            |accounts| &accounts.minter,
        ),
    ]
}

fn table(report: &Report, title: &str, caption: &str, word: &str, split: Split) -> Table {
    let sources: BTreeSet<Source> = groups(report)
        .flat_map(|(_, group)| split(&group.clock_from).keys().copied())
        .collect();
    let mut table = keyed(report, title, caption)
        .column("trials", Alignment::Right)
        .column("final clock", Alignment::Right);
    for source in &sources {
        table = table.column(header(*source, word), Alignment::Right);
    }
    for (index, group) in groups(report) {
        let mut row = keys(report, index, group);
        row.push(group.estimate("clock_final").trials.to_string());
        row.push(estimate(&group.estimate("clock_final")));
        row.extend(sources.iter().map(|source| cell(group, *source, split)));
        table.rows.push(row);
    }
    table
}

fn header(source: Source, word: &str) -> String {
    match source {
        Source::Own => "own ticks".to_owned(),
        Source::Machine(_) => format!("{word} {source}"),
        Source::Rate(millihertz) => format!("{word} {} Hz", millihertz as f64 / 1000.0),
        Source::Slower => format!("{word} slower"),
        Source::Equal => format!("{word} as fast"),
        Source::Faster => format!("{word} faster"),
        Source::Unknown => "unknown".to_owned(),
    }
}

fn cell(group: &GroupReport, source: Source, split: Split) -> String {
    let found = split(&group.clock_from).get(&source);
    found.map_or(UNKNOWN.to_owned(), estimate)
}
