//! The table of a gap between two worlds.

use statistics::Estimate;
use text::number::{UNKNOWN, estimate, number};

use super::cells::{Alignment, Table};
use super::comparison::{probability, signed};
use crate::gap::rows::GapRow;
use crate::gap::{ConditionGap, Gap, POWER};

/// One row for each condition, machine and metric.
pub fn table(gap: &Gap) -> Table {
    let mut table = Table::new("Gap", caption(gap))
        .column("#", Alignment::Right)
        .column("machine", Alignment::Left)
        .column("metric", Alignment::Left)
        .end_of_keys()
        .column("A", Alignment::Right)
        .column("B", Alignment::Right)
        .column("gap", Alignment::Right)
        .column("of A, %", Alignment::Right)
        .column("p", Alignment::Right)
        .column("p, Holm", Alignment::Right)
        .column("visible from", Alignment::Right)
        .column("verdict", Alignment::Left);
    for (number, condition) in (1..).zip(&gap.conditions) {
        let rows = condition.rows.iter();
        table.rows.extend(rows.map(|found| row(number, found)));
    }
    table
}

fn row(condition: usize, row: &GapRow) -> Vec<String> {
    let found = &row.found;
    let metric = match found.unit {
        "" => row.metric.to_owned(),
        unit => format!("{}, {unit}", row.metric),
    };
    let machine = match row.rate {
        Some(rate) => format!("{} · {rate} Hz", row.machine),
        None => row.machine.clone(),
    };
    let mut difference = Estimate::new(0, found.difference.mean, None);
    (difference.low, difference.high) = (found.difference.low, found.difference.high);
    let verdict = match (row.is_gap, found.p) {
        (true, _) => "gap",
        (false, Some(_)) => "none found",
        (false, None) => UNKNOWN,
    };
    vec![
        condition.to_string(),
        machine,
        metric,
        number(found.a.mean),
        number(found.b.mean),
        signed(found.difference.mean, estimate(&difference)),
        signed(row.percent, number(row.percent)),
        probability(found.p),
        probability(found.p_adjusted),
        number(row.detectable),
        verdict.to_owned(),
    ]
}

fn caption(gap: &Gap) -> String {
    let side = |name: &str, side: &crate::compare::Side| {
        format!("{name}: {} ({} trials)", side.label, side.trials)
    };
    let conditions = (1..).zip(&gap.conditions);
    let conditions = conditions.map(|(number, condition): (usize, &ConditionGap)| {
        format!(
            "{number}: {}; {}; trials are {}. ",
            side("A", &condition.a),
            side("B", &condition.b),
            condition.pairing
        )
    });
    format!(
        "{}A is {}, B is {}. Gap: B − A ± half of its 95 % interval. p: permutation test across trials, two-sided, then \
         with Holm's correction over all {} tests. Visible from: the gap that so many trials show with power {POWER}. A \
         dash: nothing to test, all values are equal or too few. None found does not mean equal.",
        conditions.collect::<String>(),
        gap.a,
        gap.b,
        gap.tests,
    )
}
