//! The table of a coverage study.

use text::number::{UNKNOWN, number};

use super::cells::{Alignment, Table};
use crate::coverage::study::{Fared, Study};
use crate::coverage::{ConditionCoverage, Coverage};

/// One row for each condition, machine and metric.
pub fn table(coverage: &Coverage) -> Table {
    let mut table = Table::new("Coverage of intervals at 95 %", caption(coverage))
        .column("#", Alignment::Right)
        .column("machine", Alignment::Left)
        .column("metric", Alignment::Left)
        .end_of_keys()
        .column("truth", Alignment::Right)
        .column("skewness", Alignment::Right)
        .column("no spread", Alignment::Right)
        .column("across trials, t, %", Alignment::Right)
        .column("width", Alignment::Right)
        .column("across trials, Hall, %", Alignment::Right)
        .column("width", Alignment::Right)
        .column("pooled rows, %", Alignment::Right)
        .column("width", Alignment::Right)
        .column("rows of one trial, %", Alignment::Right)
        .column("width", Alignment::Right);
    for condition in &coverage.conditions {
        for (machine, studies) in &condition.machines {
            let metrics = coverage.metrics.iter();
            for (name, study) in metrics.filter_map(|name| Some((name, studies.get(name)?))) {
                table.rows.push(row(condition, machine, name, study));
            }
        }
    }
    table
}

fn row(condition: &ConditionCoverage, machine: &str, name: &str, study: &Study) -> Vec<String> {
    let machine = match study.rate {
        Some(rate) => format!("{machine} · {rate} Hz"),
        None => machine.to_owned(),
    };
    let metric = match study.unit {
        "" => name.to_owned(),
        unit => format!("{name}, {unit}"),
    };
    let mut cells = vec![
        (condition.condition + 1).to_string(),
        machine,
        metric,
        number(Some(study.truth)),
        number(Some(study.skewness)),
        study.without_spread.to_string(),
    ];
    let kinds = [
        Some(study.t),
        study.hall,
        study.rows_pooled,
        study.rows_of_one_trial,
    ];
    for fared in kinds {
        cells.push(fared.map_or(UNKNOWN.to_owned(), covered));
        cells.push(number(fared.map(|fared| fared.width)));
    }
    cells
}

/// `94.1 (93.0–95.1)`, in per cent.
fn covered(fared: Fared) -> String {
    let percent = |share: f64| format!("{:.1}", share * 100.0);
    let [share, low, high] = [fared.share, fared.low, fared.high].map(percent);
    format!("{share} ({low}–{high})")
}

fn caption(coverage: &Coverage) -> String {
    let conditions: Vec<String> = coverage
        .conditions
        .iter()
        .map(|condition| {
            format!(
                "{}: {}{}, {} replications. ",
                condition.condition + 1,
                condition.label,
                condition
                    .regime
                    .map_or(String::new(), |regime| format!(" ({regime})")),
                condition.replications
            )
        })
        .collect();
    format!(
        "{}A replication is an experiment of {} trials{}; shown is the share of replications whose interval holds the \
         truth, the mean over all trials of the condition, with the exact interval of that share, and the mean width of \
         the intervals in the unit of the metric. Across trials: what reports show (t), and its correction for skewed \
         values (Hall 1992). Rows: mean ± 1.96 s / √rows, as if the rows of a log were independent. No spread: \
         replications whose trials all gave one value, so that the interval has no width.",
        conditions.concat(),
        coverage.trials_per_replication,
        if coverage.resampled {
            ", drawn with replacement from all trials of the condition"
        } else {
            ""
        },
    )
}
