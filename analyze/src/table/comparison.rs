//! The table of a comparison.

use statistics::Estimate;
use text::number::{UNKNOWN, estimate, number};

use super::cells::{Alignment, Table};
use crate::compare::metric::MetricComparison;
use crate::compare::{Comparison, GroupComparison};

/// One row for each machine and metric.
pub fn table(comparison: &Comparison) -> Table {
    let mut table = Table::new("Comparison", caption(comparison))
        .column("machine", Alignment::Left)
        .column("metric", Alignment::Left)
        .end_of_keys()
        .column("A", Alignment::Right)
        .column("B", Alignment::Right)
        .column("difference", Alignment::Right)
        .column("g", Alignment::Right)
        .column("p", Alignment::Right)
        .column("p, Holm", Alignment::Right)
        .column("B is…", Alignment::Left);
    for group in &comparison.groups {
        let metrics = comparison.metrics.iter();
        for (name, found) in metrics.filter_map(|name| Some((*name, group.metrics.get(name)?))) {
            table.rows.push(row(machine(group), name, found));
        }
    }
    let metrics = comparison.metrics.iter();
    for (name, found) in metrics.filter_map(|name| Some((*name, comparison.trial.get(name)?))) {
        table.rows.push(row("trial".to_owned(), name, found));
    }
    table
}

fn row(machine: String, name: &str, found: &MetricComparison) -> Vec<String> {
    let metric = match found.unit {
        "" => name.to_owned(),
        unit => format!("{name}, {unit}"),
    };
    let mut difference = Estimate::new(0, found.difference.mean, None);
    (difference.low, difference.high) = (found.difference.low, found.difference.high);
    vec![
        machine,
        metric,
        number(found.a.mean),
        number(found.b.mean),
        signed(found.difference.mean, estimate(&difference)),
        signed(found.hedges_g, number(found.hedges_g)),
        probability(found.p),
        probability(found.p_adjusted),
        found
            .verdict
            .map_or(UNKNOWN.to_owned(), |verdict| verdict.to_string()),
    ]
}

/// `M0 · 1 Hz`, `M0 · 1 → 2 Hz`, `slowest`.
fn machine(group: &GroupComparison) -> String {
    let name = match (group.machine, group.rank) {
        (Some(id), _) => format!("M{id}"),
        (None, Some(rank)) => rank.name().to_owned(),
        (None, None) => UNKNOWN.to_owned(),
    };
    match (group.rate_a, group.rate_b) {
        (Some(a), Some(b)) if a == b => format!("{name} · {a} Hz"),
        (Some(a), Some(b)) => format!("{name} · {a} → {b} Hz"),
        _ => name,
    }
}

/// A plus before what is written of a value above 0, unless it is written as 0.
pub(super) fn signed(value: Option<f64>, text: String) -> String {
    let number = text.split(' ').next().unwrap_or_default();
    let is_zero = number.chars().all(|letter| matches!(letter, '0' | '.'));
    if value.is_some_and(|value| value > 0.0) && !is_zero {
        format!("+{text}")
    } else {
        text
    }
}

/// A probability; one that four decimals cannot tell from 0 is not written as 0.
pub(super) fn probability(p: Option<f64>) -> String {
    match p {
        Some(p) if p < 0.0001 => "< 0.0001".to_owned(),
        p => number(p),
    }
}

fn caption(comparison: &Comparison) -> String {
    let side = |name: &str, side: &crate::compare::Side| {
        format!("{name}: {} ({} trials). ", side.label, side.trials)
    };
    let test = match (comparison.paired, comparison.exact) {
        (true, true) => "every flip of signs tried",
        (true, false) => "20,000 random flips of signs, seed fixed, where there are more",
        (false, true) => "every labeling tried",
        (false, false) => "20,000 random labelings, seed fixed, where there are more",
    };
    let interval = if comparison.paired {
        "Student's of the pairs"
    } else {
        "Welch's"
    };
    let mut caption = format!(
        "{}{}Trials are {}. Difference: B − A ± half of its 95 % interval ({interval}); g: Hedges' g, the difference in pooled \
         standard deviations between trials; p: permutation test across trials, two-sided ({test}), then with Holm's \
         correction over all {} tests. A dash: nothing to test, all values are equal or too few. No difference shown \
         does not mean equal.",
        side("A", &comparison.a),
        side("B", &comparison.b),
        comparison.pairing,
        comparison.tests,
    );
    let hopeless = comparison
        .smallest_p_adjusted
        .filter(|&smallest| smallest >= comparison.alpha);
    if let Some(smallest) = hopeless {
        caption += &format!(
            " With so few trials and so many tests no corrected p can be below {}: this comparison cannot show a \
             difference. Name fewer metrics or run more trials.",
            number(Some(smallest))
        );
    }
    caption
}
