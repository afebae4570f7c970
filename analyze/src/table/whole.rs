//! The table of whole trials: one row for each condition.

use text::number::estimate;

use super::cells::{Alignment, Table};
use crate::report::Report;

/// Names of the metrics, with the headers of their columns.
const COLUMNS: [(&str, &str); 9] = [
    ("trial_messages", "messages"),
    ("trial_messages_per_s", "messages, 1/s"),
    ("trial_connections", "connections"),
    ("trial_lag_mean", "lag mean"),
    ("trial_lag_max", "lag max"),
    ("trial_queue_mean", "queue mean"),
    ("trial_queue_max", "queue max"),
    ("trial_queue_last", "queued at end"),
    ("trial_jump_max", "jump max"),
];

/// What trials of each condition say as a whole.
pub(super) fn table(report: &Report) -> Table {
    let caption = "Of all machines of a trial together. Messages: sent, a send to all once for each recipient. Lag and \
                   queue: mean over the machines (of the queue also over time), and the largest of any machine; queued \
                   at end: in all queues together. Mean ± half of the 95 % interval across trials.";
    let mut table = Table::new("Whole trials, across trials", caption);
    let several = report.conditions.len() > 1;
    if several {
        table = table.column("#", Alignment::Right);
    }
    table = table.column("trials", Alignment::Right).end_of_keys();
    for (_, header) in COLUMNS {
        table = table.column(header, Alignment::Right);
    }
    let numbered = (1..).zip(&report.conditions);
    for (number, condition) in numbered.filter(|(_, condition)| condition.trials > 0) {
        let mut row = Vec::new();
        row.extend(several.then(|| format!("{number}")));
        row.push(condition.trials.to_string());
        row.extend(COLUMNS.map(|(metric, _)| estimate(&condition.estimate(metric))));
        table.rows.push(row);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::catalog::trial_metric;

    #[test]
    fn every_column_is_a_metric() {
        for (metric, _) in COLUMNS {
            assert!(trial_metric(metric).is_some(), "{metric}");
        }
    }
}
