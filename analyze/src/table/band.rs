//! Measured trials beside virtual ones of the same condition.

use text::number::{UNKNOWN, estimate, number};

use super::cells::{Alignment, Table};
use super::keys::{groups, keyed, keys};
use super::law::{MARK, one_decimal};
use crate::metrics::catalog;
use crate::report::Report;

/// The metrics shown, with what the table calls them; JSON has all.
const SHOWN: [(&str, &str); 7] = [
    ("arrival_rate", "arrivals"),
    ("queue_mean", "queue, mean"),
    ("queue_max", "queue, max"),
    ("queue_last", "queue at end"),
    ("clock_final", "final clock"),
    ("jump_max", "largest jump"),
    ("lag_mean", "lag, mean"),
];

/// A row for each metric of each machine; none unless bands were made.
pub(super) fn table(report: &Report) -> Option<Table> {
    let simulated = report
        .conditions
        .iter()
        .find_map(|condition| condition.simulated)?;
    let mut table = keyed(report, "Against virtual trials of the same condition", "")
        .column("regime", Alignment::Left)
        .column("quantity", Alignment::Left)
        .end_of_keys()
        .column("measured", Alignment::Right)
        .column("simulated mean", Alignment::Right)
        .column("band of the mean", Alignment::Right)
        .column("band of single trials", Alignment::Right)
        .column("z", Alignment::Right);
    let (mut values, mut marked) = (0, 0);
    for (index, group) in groups(report) {
        for (name, title) in SHOWN {
            let Some(band) = group.bands.get(name) else {
                continue;
            };
            let unit = catalog::metric(name).map_or("", |metric| metric.unit);
            let mut row = keys(report, index, group);
            let regime = group.prediction.regime.map(|regime| regime.to_string());
            row.push(regime.unwrap_or(UNKNOWN.to_owned()));
            row.push(format!("{title}, {unit}"));
            row.push(estimate(&group.estimate(name)));
            row.push(number(Some(band.mean)));
            row.push(match (band.mean_low, band.mean_high) {
                (Some(low), Some(high)) => range(low, high),
                _ => UNKNOWN.to_owned(),
            });
            row.push(range(band.low, band.high));
            let z = band.z.map_or(UNKNOWN.to_owned(), one_decimal);
            row.push(if band.disagrees {
                format!("{z} {MARK}")
            } else {
                z
            });
            values += usize::from(band.bound.is_some());
            marked += usize::from(band.disagrees);
            table.rows.push(row);
        }
    }
    table.caption = format!(
        "{} virtual trials of each condition (seed {}), all else the same: what chance alone does. Band of single trials: the \
         middle 95 % of them. Band of the mean: 95 % of the means of as many trials as were measured. z: the measured mean less \
         the simulated one, in standard errors; {MARK} marks one that chance alone would reach once in 370 times. Here \
         {marked} of {values} are marked. Regime: by the first-order law, where it says something.",
        simulated.trials, simulated.seed
    );
    Some(table)
}

fn range(low: f64, high: f64) -> String {
    format!("{} to {}", number(Some(low)), number(Some(high)))
}
