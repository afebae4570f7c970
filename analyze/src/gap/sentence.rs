//! A gap in words.

use text::number::{estimate, number};

use super::outcome::{ConditionGap, Gap};
use super::rows::{GapRow, Lateness, POWER};

/// As many gaps are named; the table has all.
const NAMED: usize = 6;

/// What was found, what could have been, and how late ticks came.
pub(super) fn sentence(gap: &Gap) -> String {
    let several = gap.conditions.len() > 1;
    let rows: Vec<(&ConditionGap, &GapRow)> = gap
        .conditions
        .iter()
        .flat_map(|condition| condition.rows.iter().map(move |row| (condition, row)))
        .collect();
    let gaps: Vec<String> = rows
        .iter()
        .filter(|(_, row)| row.is_gap)
        .map(|(condition, row)| named(condition, row, several))
        .collect();
    let mut text = if gaps.is_empty() {
        not_found(gap, &rows)
    } else {
        let more = match gaps.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        let shown: Vec<&str> = gaps.iter().take(NAMED).map(String::as_str).collect();
        format!(
            "A gap was found in {} of {} tests: {}{more}.",
            gaps.len(),
            gap.tests,
            shown.join(", ")
        )
    };
    if let Some(condition) = gap.conditions.first() {
        text += &format!(
            " Ticks were late by {} on side A ({}) and {} on side B ({}).",
            late(&condition.lateness_a),
            gap.a,
            late(&condition.lateness_b),
            gap.b
        );
    }
    text
}

/// `lateness_p99_ms of M0 (+20.1 ± 0.4 ms, 12 %)`.
fn named(condition: &ConditionGap, row: &GapRow, several: bool) -> String {
    let of = if several {
        format!(" in {}", condition.a.label)
    } else {
        String::new()
    };
    let percent = match row.percent {
        Some(percent) => format!(", {} %", number(Some(percent))),
        None => String::new(),
    };
    format!(
        "{} of {}{of} ({}{percent})",
        row.metric,
        row.machine,
        size(row)
    )
}

/// `+20.1 ± 0.4 ms`.
pub(crate) fn size(row: &GapRow) -> String {
    let found = row.found.difference;
    let mut difference = statistics::Estimate::new(0, found.mean, None);
    (difference.low, difference.high) = (found.low, found.high);
    let sign = if found.mean.is_some_and(|mean| mean > 0.0) {
        "+"
    } else {
        ""
    };
    let unit = match row.found.unit {
        "" => String::new(),
        unit => format!(" {unit}"),
    };
    format!("{sign}{}{unit}", estimate(&difference))
}

/// Why there is no test at all.
fn no_test(rows: &[(&ConditionGap, &GapRow)]) -> &'static str {
    let differences = || rows.iter().filter_map(|(_, row)| row.found.difference.mean);
    if differences().any(|difference| difference != 0.0) {
        return "No gap could be found: the sides differ, but a test takes two trials on each. Run more trials.";
    }
    match differences().next() {
        Some(_) => {
            "No gap found: every trial gave the same values on both sides, to the last digit."
        }
        None => "No gap could be found: no metric has a value on both sides.",
    }
}

fn not_found(gap: &Gap, rows: &[(&ConditionGap, &GapRow)]) -> String {
    if gap.tests == 0 {
        return no_test(rows).to_owned();
    }
    let hopeless = gap
        .smallest_p_adjusted
        .filter(|&smallest| smallest >= gap.alpha);
    if let Some(smallest) = hopeless {
        let exact = rows.iter().any(|(_, row)| row.found.exact == Some(true));
        let (few, more) = match exact {
            true => ("with so few trials and", "Run more trials, or name"),
            // Of a sample of labelings no share is below one of them, however many trials there are.
            false => ("with", "Name"),
        };
        return format!(
            "No gap could be found: {few} {} tests no corrected p is below {}. {more} fewer metrics.",
            gap.tests,
            number(Some(smallest))
        );
    }
    // One metric of each kind says enough: those of the machine that stands first, the slowest where rates ascend.
    let first = rows.first().map(|(_, row)| row.machine.as_str());
    let visible: Vec<String> = rows
        .iter()
        .filter(|(_, row)| Some(row.machine.as_str()) == first)
        .filter_map(|(_, row)| {
            let smallest = row.detectable.filter(|&smallest| smallest > 0.0)?;
            let unit = match row.found.unit {
                "" => String::new(),
                unit => format!(" {unit}"),
            };
            Some(format!("{} {}{unit}", row.metric, number(Some(smallest))))
        })
        .take(NAMED)
        .collect();
    let trials = gap
        .conditions
        .iter()
        .map(|condition| condition.a.trials.min(condition.b.trials))
        .min();
    let could = match visible.is_empty() {
        true => String::new(),
        false => format!(
            " With these {} trials a gap of this size would have been seen with power {POWER}: of {}, {}.",
            trials.unwrap_or(0),
            first.unwrap_or_default(),
            visible.join(", ")
        ),
    };
    format!("No gap found in {} tests.{could}", gap.tests)
}

/// `0.09 ms (median), 1.2 ms (99 %) and 6.4 ms (largest)`.
fn late(lateness: &Lateness) -> String {
    match lateness.max_ms.mean {
        None => "a time that is not known".to_owned(),
        Some(0.0) => "nothing".to_owned(),
        Some(_) => format!(
            "{} ms in the median, {} ms at 99 % and {} ms at most",
            number(lateness.p50_ms.mean),
            number(lateness.p99_ms.mean),
            number(lateness.max_ms.mean)
        ),
    }
}
