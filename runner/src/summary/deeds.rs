//! What faults can do, to what, what it needs, and where it can be done.

use comfy_table::{ColumnConstraint, Table};
use driver::faults::catalog::{Row, rows};
use driver::faults::limits::Limits;

use super::new_table;

/// Columns of the widest line: those of a terminal that nobody has made wider.
const WIDTH_MAX: u16 = 80;

/// Every deed, as a table; then which of these drivers, by their names, can do it.
pub fn tables(drivers: &[(&str, Limits)]) -> String {
    let limits: Vec<Limits> = drivers.iter().map(|(_, limits)| limits.clone()).collect();
    let mut deeds = narrow_table(3);
    deeds.set_header(["do", "strikes", "needs", "what it does"]);
    let mut places: Vec<(String, Vec<&str>)> = Vec::new();
    for row in rows(&limits) {
        let Row {
            word,
            does,
            strikes,
            needs,
            obstacles,
        } = row;
        deeds.add_row([word, strikes, needs.unwrap_or_default(), does]);
        let names = drivers.iter().map(|(name, _)| *name);
        let place = place(&names.zip(obstacles).collect::<Vec<_>>());
        match places.iter_mut().find(|(other, _)| *other == place) {
            Some((_, words)) => words.push(word),
            None => places.push((place, vec![word])),
        }
    }
    let mut whereabouts = narrow_table(0);
    whereabouts.set_header(["where", "do"]);
    for (place, words) in places {
        whereabouts.add_row([place, words.join(", ")]);
    }
    format!("{deeds}\n{whereabouts}\n")
}

/// A table that fits a narrow terminal, whose first columns are as wide as what is in them.
fn narrow_table(kept: usize) -> Table {
    let mut table = new_table();
    table.set_width(WIDTH_MAX.min(table.width().unwrap_or(WIDTH_MAX)));
    table.set_constraints(vec![ColumnConstraint::ContentWidth; kept]);
    table
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
    use event_log::chat::ChatCondition;
    use event_log::faults::Deed;

    use super::*;

    #[test]
    fn every_deed_is_there_once_and_no_line_is_wide() {
        let limits = chat_trial::limits(&ChatCondition::default());
        let text = tables(&[("chat", limits.clone()), ("scale model", limits)]);
        let widest = text.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(usize::from(WIDTH_MAX)), "{text}");
        for deed in Deed::ALL {
            let row = format!("│ {deed} ");
            assert_eq!(text.matches(&row).count(), 1, "{deed}: {text}");
        }
        assert!(text.contains("│ chat, scale model "), "{text}");
    }

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
