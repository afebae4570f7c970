//! What names a row of a table of machines: condition, machine, rate.

use text::number::rate;

use super::cells::{Alignment, Table};
use crate::condition::setting::called;
use crate::report::{GroupReport, Report};

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

/// The cells that name a condition's machine.
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

/// The groups of machines with a trial that counts, with the index of their condition.
pub(super) fn groups(report: &Report) -> impl Iterator<Item = (usize, &GroupReport)> {
    let conditions = report.conditions.iter().enumerate();
    conditions
        .filter(|(_, condition)| condition.trials > 0)
        .flat_map(|(index, condition)| condition.machines.iter().map(move |group| (index, group)))
        .filter(|(_, group)| !group.metrics.is_empty())
}
