//! The tables of a target's measurements: case by case, or cases side by side.

use text::number::{UNKNOWN, number};

use super::cells::{Alignment, Table};
use crate::measures::{Goal, Measure, Measures, Subject};

/// One row for each of these cases of a target and each size; columns that would be empty are left out.
pub fn table(measures: &Measures, target: &str, cases: &[&str]) -> Table {
    let rows: Vec<&Measure> = measures
        .of(target)
        .filter(|row| cases.contains(&row.case.as_str()))
        .collect();
    let has = |told: fn(&Measure) -> bool| rows.iter().any(|row| told(row));
    let (sized, peered) = (has(|row| row.size.is_some()), has(|row| row.peer.is_some()));
    let judged = rows
        .iter()
        .any(|row| measures.goals_of(row).next().is_some());
    let caption = caption(&rows, peered, judged);
    let mut table = Table::new(target, caption).column("case", Alignment::Left);
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
        .map(|row| cells(measures, row, sized, peered, judged))
        .collect();
    table
}

fn cells(
    measures: &Measures,
    row: &Measure,
    sized: bool,
    peered: bool,
    judged: bool,
) -> Vec<String> {
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
}

/// One row for each size and one column for each case: ours, and where it was measured beside a peer, the peer's in
/// brackets. For cases that one run shows together.
pub fn by_size(measures: &Measures, target: &str, cases: &[&str]) -> Table {
    let rows: Vec<&Measure> = measures
        .of(target)
        .filter(|row| cases.contains(&row.case.as_str()))
        .collect();
    let mut sizes: Vec<f64> = rows.iter().filter_map(|row| row.size).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.dedup();
    let peers = rows.iter().filter(|row| row.peer.is_some());
    let mut peers: Vec<&str> = peers.map(|row| row.peer_name.as_str()).collect();
    peers.sort_unstable();
    peers.dedup();
    let brackets = match peers.as_slice() {
        [] => String::new(),
        peers => format!(" In brackets: {}.", peers.join(", ")),
    };
    let last = rows.iter().rfind(|row| row.size == sizes.last().copied());
    let command = last.map_or("", |row| row.command.as_str());
    let caption = format!("One row for each size.{brackets} The last row is of: {command}");
    let mut table = Table::new(target, caption).column("size", Alignment::Right);
    table = table.end_of_keys();
    for case in cases {
        let unit = rows.iter().find(|row| row.case == *case);
        let unit = unit.map_or("", |row| row.unit.as_str());
        table = table.column(format!("{case}, {unit}"), Alignment::Right);
    }
    let cell = |size: f64, case: &str| {
        let row = rows
            .iter()
            .find(|row| row.case == case && row.size == Some(size));
        match row {
            None => UNKNOWN.to_owned(),
            Some(row) if row.peer.is_some() => {
                format!("{} ({})", grouped(row.ours), grouped(row.peer))
            }
            Some(row) => grouped(row.ours),
        }
    };
    table.rows = sizes
        .iter()
        .map(|&size| {
            let values = cases.iter().map(|case| cell(size, case));
            std::iter::once(number(Some(size))).chain(values).collect()
        })
        .filter(|cells: &Vec<String>| cells[1..].iter().any(|cell| cell != UNKNOWN))
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
    // What is beside nothing and was not wanted is only told.
    if (peered || judged) && rows.iter().any(|row| !row.is_rate()) {
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
                against: "events/s".to_owned(),
                goal,
            }],
        }
    }

    #[test]
    fn cases_of_one_run_stand_beside_each_other() {
        let mut measures = measures(1e7);
        for row in &mut measures.rows {
            row.size = Some(3.0);
        }
        let table = by_size(&measures, "driver", &["large", "small"]);
        assert_eq!(table.headers[1..], ["large, events/s", "small, events/s"]);
        assert_eq!(table.rows, [["3", "4000", "12 million (3 million)"]]);
        assert!(table.caption.contains("In brackets: other."));
    }

    #[test]
    fn a_row_says_ours_theirs_and_whether_it_is_what_was_wanted() {
        let table = table(&measures(1e7), "driver", &["small", "large"]);
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
        let missed = super::table(&measures(2e7), "driver", &["small"]);
        assert_eq!(missed.rows.len(), 1);
        assert_eq!(missed.rows[0][6], "≥ 20 million: missed");
    }
}
