//! What faults can do, to what, what it needs, and where it can be done.

use comfy_table::{ColumnConstraint, Width};
use driver::faults::catalog::{Row, rows};
use driver::faults::limits::Limits;

use super::new_table;

/// Every deed, as a table; and of these drivers, by their names, which can do it.
pub fn table(drivers: &[(&str, Limits)]) -> String {
    let mut table = new_table();
    table.set_header(["do", "strikes", "needs", "what it does", "where"]);
    let limits: Vec<Limits> = drivers.iter().map(|(_, limits)| limits.clone()).collect();
    for row in rows(&limits) {
        let Row {
            word,
            does,
            strikes,
            needs,
            obstacles,
        } = row;
        let names = drivers.iter().map(|(name, _)| *name);
        let place = place(&names.zip(obstacles).collect::<Vec<_>>());
        table.add_row([word, strikes, needs.unwrap_or_default(), does, &place]);
    }
    for column in [0, 1, 2] {
        if let Some(column) = table.column_mut(column) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    if let Some(column) = table.column_mut(4) {
        column.set_constraint(ColumnConstraint::UpperBoundary(Width::Percentage(25)));
    }
    format!("{table}\n")
}

/// Where something can be done, and why not elsewhere.
fn place(obstacles: &[(&str, Option<&str>)]) -> String {
    let can = obstacles.iter().filter(|(_, obstacle)| obstacle.is_none());
    let can: Vec<&str> = can.map(|(name, _)| *name).collect();
    let cannot = obstacles
        .iter()
        .filter_map(|(name, obstacle)| Some((name, (*obstacle)?)));
    let mut words = vec![can.join(", ")];
    match obstacles {
        // One reason for all.
        [(_, Some(first)), rest @ ..] if rest.iter().all(|(_, other)| *other == Some(*first)) => {
            return format!("nowhere: {first}");
        }
        _ => words.extend(cannot.map(|(name, why)| format!("not {name}: {why}"))),
    }
    words.retain(|words| !words.is_empty());
    words.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_that_can_and_reasons_of_those_that_cannot() {
        let both = [("chat", None), ("scale model", None)];
        assert_eq!(place(&both), "chat, scale model");
        let one = [("chat", None), ("scale model", Some("it has no disk"))];
        assert_eq!(place(&one), "chat; not scale model: it has no disk");
        let none = [
            ("chat", Some("too late")),
            ("scale model", Some("too late")),
        ];
        assert_eq!(place(&none), "nowhere: too late");
        let reasons = [
            ("chat", Some("too late")),
            ("scale model", Some("too early")),
        ];
        assert_eq!(
            place(&reasons),
            "not chat: too late; not scale model: too early"
        );
    }
}
