//! The table of a target's measurements.

use super::number::{UNKNOWN, number};
use super::{Alignment, Table};
use crate::measures::{Goal, Measure, Measures, Subject};

/// One row for each case and size of a target; columns that would be empty are left out.
pub fn table(measures: &Measures, target: &str) -> Table {
    let rows: Vec<&Measure> = measures.of(target).collect();
    let has = |told: fn(&Measure) -> bool| rows.iter().any(|row| told(row));
    let (sized, peered) = (has(|row| row.size.is_some()), has(|row| row.peer.is_some()));
    let judged = rows
        .iter()
        .any(|row| measures.goals_of(row).next().is_some());
    let mut table =
        Table::new(target, caption(&rows, peered, judged)).column("case", Alignment::Left);
    if sized {
        table = table.column("size", Alignment::Right);
    }
    table = table.end_of_keys().column("ours", Alignment::Right);
    if peered {
        table = table
            .column("beside", Alignment::Left)
            .column("theirs", Alignment::Right)
            .column("times as good", Alignment::Right);
    }
    table = table.column("unit", Alignment::Left);
    if judged {
        table = table.column("wanted", Alignment::Left);
    }
    table = table.column("command", Alignment::Left);
    table.rows = rows
        .iter()
        .map(|row| {
            let mut cells = vec![row.case.clone()];
            cells.extend(sized.then(|| number(row.size)));
            cells.push(grouped(row.ours));
            if peered {
                cells.push(match row.peer_name.as_str() {
                    "" => UNKNOWN.to_owned(),
                    name => name.to_owned(),
                });
                cells.extend([grouped(row.peer), number(row.ratio())]);
            }
            cells.push(row.unit.clone());
            cells.extend(judged.then(|| wanted(measures, row)));
            cells.push(row.command.clone());
            cells
        })
        .collect();
    table
}

/// Large rates in millions, as people say them.
fn grouped(value: Option<f64>) -> String {
    match value {
        Some(value) if value >= 1e6 => format!("{} million", number(Some(value / 1e6))),
        value => number(value),
    }
}

fn wanted(measures: &Measures, row: &Measure) -> String {
    let goals = measures.goals_of(row).map(|(goal, met)| {
        let verdict = if met { "met" } else { "missed" };
        format!("{}: {verdict}", bound(goal, row))
    });
    let goals: Vec<String> = goals.collect();
    match goals.as_slice() {
        [] => UNKNOWN.to_owned(),
        goals => goals.join("; "),
    }
}

/// `≥ 10 million`, `≤ 100`, `≥ 2 times`
fn bound(goal: &Goal, row: &Measure) -> String {
    match goal.of {
        Subject::Ratio => format!("≥ {} times", number(Some(goal.goal))),
        Subject::Ours if row.is_rate() => format!("≥ {}", grouped(Some(goal.goal))),
        Subject::Ours => format!("≤ {}", grouped(Some(goal.goal))),
    }
}

fn caption(rows: &[&Measure], peered: bool, judged: bool) -> String {
    let mut words = Vec::new();
    if rows.iter().any(|row| row.is_rate()) {
        words.push("Rates (a unit that ends in /s): more is better.");
    }
    if rows.iter().any(|row| !row.is_rate()) {
        words.push("Times and sizes: less is better.");
    }
    if peered {
        words.push("Times as good: above one where ours is better.");
    }
    if judged {
        words.push("Wanted: a bound on ours, or on times as good.");
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn measures(goal: f64) -> Measures {
        let row = |case: &str, ours: f64, peer: Option<f64>| Measure {
            target: "driver".to_owned(),
            case: case.to_owned(),
            size: None,
            ours: Some(ours),
            peer,
            peer_name: peer.map_or(String::new(), |_| "other".to_owned()),
            unit: "events/s".to_owned(),
            command: "run".to_owned(),
        };
        Measures {
            files: Vec::new(),
            machine: BTreeMap::new(),
            rows: vec![
                row("small", 12_000_000.0, Some(3_000_000.0)),
                row("large", 4_000.0, None),
            ],
            goals: vec![Goal {
                target: "driver".to_owned(),
                case: "small".to_owned(),
                of: Subject::Ours,
                goal,
            }],
        }
    }

    #[test]
    fn a_row_says_ours_theirs_and_whether_it_is_what_was_wanted() {
        let table = table(&measures(1e7), "driver");
        assert_eq!(
            table.headers,
            [
                "case",
                "ours",
                "beside",
                "theirs",
                "times as good",
                "unit",
                "wanted",
                "command"
            ]
        );
        assert_eq!(
            table.rows[0],
            [
                "small",
                "12 million",
                "other",
                "3 million",
                "4",
                "events/s",
                "≥ 10 million: met",
                "run"
            ]
        );
        assert_eq!(
            table.rows[1],
            ["large", "4000", "–", "–", "–", "events/s", "–", "run"]
        );
        let missed = super::table(&measures(2e7), "driver");
        assert_eq!(missed.rows[0][6], "≥ 20 million: missed");
    }
}
