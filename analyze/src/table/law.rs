//! Theory beside measurement: what the first-order law says of each machine, what was measured, and how far apart the
//! two are; and over many conditions the law's errors by regime.
//!
//! **Invariant.** An error is shown wherever there is a prediction and a measurement; disagreement is marked, not hidden.

use text::number::{UNKNOWN, estimate, number, signed};

use super::cells::{Alignment, Table};
use super::keys::{groups, keyed, keys};
use crate::report::accuracy::Accuracy;
use crate::report::{GroupReport, Report};
use crate::theory::quantity::{QUANTITIES, Quantity};
use crate::theory::residual::Residual;

/// Stands beside a z that chance alone would hardly reach.
pub const MARK: &str = "≠";
/// As many conditions with predictions make a table of errors by regime.
const CONDITIONS_MIN: usize = 3;

/// What stands in which table: title, names of metrics, what to know when reading it.
const PARTS: [(&str, [Option<&str>; 3], &str); 2] = [
    (
        "The first-order law against measurement",
        [
            Some("arrival_rate"),
            Some("queue_growth"),
            Some("queue_last"),
        ],
        "The law: λ_i = p · Σ max(0, r_j − λ_j) messages a second arrive at machine i, summed over the others, p the chance per \
         roll of a send to i; its queue grows at λ_i − r_i when λ_i > r_i. Stable: arrivals more than 10 % below the \
         machine's rate. Overloaded: more than 10 % above it. Critical: between the two; there a queue wanders, the law \
         says nothing of it (a dash), and only simulation does (--band).",
    ),
    (
        "The first-order law against measurement: clocks",
        [Some("logical_rate"), Some("clock_final"), None],
        "The law: a clock keeps the pace of the fastest machine's ticks, and with a growing queue follows what that clock \
         was when the message now read arrived. It knows backlog, not silence: peers that hardly send leave a slow \
         clock behind. Nor does it know that machines of about equal speed push each other's clocks on: then all \
         clocks run faster than it says.",
    ),
];

/// The tables of prediction against measurement; none where nothing is predicted.
pub(super) fn tables(report: &Report) -> Vec<Table> {
    let parts = PARTS.iter();
    let mut tables: Vec<Table> = parts
        .filter_map(|(title, metrics, caption)| {
            let named = |quantity: &&Quantity| metrics.contains(&Some(quantity.metric));
            part(
                report,
                title,
                &QUANTITIES.iter().filter(named).collect::<Vec<_>>(),
                caption,
            )
        })
        .collect();
    tables.extend(by_regime(report));
    tables
}

fn part(report: &Report, title: &str, quantities: &[&Quantity], about: &str) -> Option<Table> {
    let mut table = keyed(report, title, "")
        .column("regime", Alignment::Left)
        .end_of_keys();
    for quantity in quantities {
        table = table
            .column(
                format!("{} by law, {}", quantity.title, quantity.unit),
                Alignment::Right,
            )
            .column("measured", Alignment::Right)
            .column("error", Alignment::Right)
            .column("z", Alignment::Right);
    }
    let (mut values, mut marked) = (0, 0);
    for (index, group) in groups(report) {
        let Some(regime) = group.prediction.regime else {
            continue;
        };
        let mut row = keys(report, index, group);
        row.push(regime.to_string());
        for quantity in quantities {
            let residual = group.residuals.get(quantity.metric);
            values += usize::from(residual.is_some_and(|residual| residual.bound.is_some()));
            marked += usize::from(residual.is_some_and(|residual| residual.disagrees));
            row.push(number((quantity.predicted)(&group.prediction)));
            row.push(estimate(&group.estimate(quantity.metric)));
            row.push(residual.map_or(UNKNOWN.to_owned(), error));
            row.push(residual.map_or(UNKNOWN.to_owned(), z));
        }
        table.rows.push(row);
    }
    table.caption = [about, &reading(values, marked), &silent(report)]
        .join(" ")
        .trim_end()
        .to_owned();
    (!table.rows.is_empty()).then_some(table)
}

/// How errors and their sizes are read, and how many are beyond chance.
fn reading(values: usize, marked: usize) -> String {
    let beyond = match values {
        0 => "With one trial there is no z.".to_owned(),
        _ => format!("Here {marked} of {values} are marked."),
    };
    format!(
        "Measured: mean ± half of the 95 % interval. Error: measured less law, and in percent of it. z: the error in standard \
         errors of the mean; {MARK} marks one that chance alone would reach once in 370 times (|z| above 3 with many \
         trials, above 6.6 with five). Many trials give a small error a large z, so read both. {beyond}"
    )
}

/// Which conditions are not in the table, if any are not.
fn silent(report: &Report) -> String {
    let unknown = report.conditions.iter().zip(1..).filter(|(condition, _)| {
        condition.trials > 0
            && condition
                .machines
                .iter()
                .all(|m| m.prediction.regime.is_none())
    });
    let numbers: Vec<String> = unknown.map(|(_, number)| format!("#{number}")).collect();
    if numbers.is_empty() {
        return String::new();
    }
    format!(
        "Nothing is predicted for {}: rates drawn by each trial, ticks that drain the whole queue and the timekeeper's \
         design are beyond the law.",
        numbers.join(", ")
    )
}

/// In units, and in percent of what is predicted.
fn error(residual: &Residual) -> String {
    let units = signed(residual.error);
    match residual.error_percent {
        Some(percent) if units != "0" => format!("{units} ({} %)", one_decimal(percent)),
        _ => units,
    }
}

/// In standard errors, with the mark.
fn z(residual: &Residual) -> String {
    let z = residual.z.map_or(UNKNOWN.to_owned(), one_decimal);
    if residual.disagrees {
        format!("{z} {MARK}")
    } else {
        z
    }
}

/// One decimal is as much as a z or a percentage of an error has to say.
pub(super) fn one_decimal(value: f64) -> String {
    let decimals = usize::from(value.abs() < 99.95);
    let text = format!("{value:+.decimals$}");
    match text.as_str() {
        "+0.0" | "-0.0" => "0".to_owned(),
        _ => text,
    }
}

/// The law's errors over many conditions; none for fewer than three.
fn by_regime(report: &Report) -> Option<Table> {
    let predicted = report.conditions.iter().filter(|condition| {
        condition.trials > 0
            && condition
                .machines
                .iter()
                .any(|m| m.prediction.regime.is_some())
    });
    if predicted.count() < CONDITIONS_MIN {
        return None;
    }
    let caption = format!(
        "Each machine of each condition once, by its mean over trials. Error: measured less law. For critical machines, of whose \
         queue and clock the law says nothing, what its formula gives all the same, to show how far off it is there. \
         Ratio: mean of measured over predicted, where not 0 is predicted. {MARK}: machines whose error is more than \
         chance (see above)."
    );
    let mut table = Table::new("Error of the first-order law by regime", caption)
        .column("quantity", Alignment::Left)
        .column("regime", Alignment::Left)
        .end_of_keys();
    for header in [
        "machines",
        "mean by law",
        "measured",
        "mean error",
        "root mean square",
        "largest error",
    ] {
        table = table.column(header, Alignment::Right);
    }
    table = table.column("at", Alignment::Left);
    table = table
        .column("ratio", Alignment::Right)
        .column(MARK, Alignment::Right);
    table.rows = report
        .law
        .iter()
        .map(|row| regime_row(report, row))
        .collect();
    Some(table)
}

fn regime_row(report: &Report, row: &Accuracy) -> Vec<String> {
    let title = QUANTITIES
        .iter()
        .find(|quantity| quantity.metric == row.metric);
    let place = match row.largest_machine {
        Some(machine) => format!("#{} M{machine}", row.largest_condition + 1),
        None => format!("#{}", row.largest_condition + 1),
    };
    let at = match report.conditions.get(row.largest_condition) {
        Some(condition) => format!("{place}: {}", rates(&condition.machines)),
        None => place,
    };
    vec![
        format!(
            "{}, {}",
            title.map_or(row.metric, |quantity| quantity.title),
            row.unit
        ),
        row.regime.to_string(),
        row.machines.to_string(),
        number(Some(row.mean_predicted)),
        number(Some(row.mean_measured)),
        signed(row.mean_error),
        number(Some(row.root_mean_square_error)),
        signed(row.largest_error),
        at,
        number(row.mean_ratio),
        row.disagreeing.to_string(),
    ]
}

/// The rates of a condition's machines; of many the slowest and the fastest.
fn rates(machines: &[GroupReport]) -> String {
    let rates: Vec<f64> = machines.iter().filter_map(|machine| machine.rate).collect();
    if rates.len() <= 6 {
        let rates: Vec<String> = rates.iter().map(f64::to_string).collect();
        return format!("rates {}", rates.join(", "));
    }
    let slowest = rates.iter().copied().reduce(f64::min);
    format!(
        "{} rates from {} to {}",
        rates.len(),
        number(slowest),
        number(statistics::max(&rates))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_shows_units_and_percent_and_disagreement_is_marked() {
        let clear = Residual::new(30.0, 3.0, Some(0.5), 100);
        assert_eq!(error(&clear), "+3 (+10.0 %)");
        assert_eq!(z(&clear), "+6.0 ≠");
        let small = Residual::new(30.0, -0.3, Some(0.5), 100);
        assert_eq!(
            (error(&small), z(&small)),
            ("-0.300 (-1.0 %)".to_owned(), "-0.6".to_owned())
        );
        let from_nothing = Residual::new(0.0, 0.25, Some(0.5), 100);
        assert_eq!(error(&from_nothing), "+0.250");
        let exact = Residual::new(360.0, 1e-6, Some(0.0), 100);
        assert_eq!((error(&exact), z(&exact)), ("0".to_owned(), "0".to_owned()));
        let refuted = Residual::new(300.0, 60.0, Some(0.0), 100);
        assert_eq!(z(&refuted), "– ≠");
        let single = Residual::new(300.0, 60.0, None, 1);
        assert_eq!(z(&single), "–");
    }
}
