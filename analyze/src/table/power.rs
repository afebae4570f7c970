//! The table of a study of power.

use text::number::{UNKNOWN, estimate, number, signed};

use super::cells::{Alignment, Table};
use crate::plan::power_study::{ChangePower, ConditionPower, Needed, POWERS, PowerStudy};

/// One row for each condition and change; a condition that cannot be planned for has one row of dashes.
pub fn table(study: &PowerStudy) -> Table {
    let unit = match study.unit {
        "" => String::new(),
        unit => format!(", {unit}"),
    };
    let mut table = Table::new("Power", caption(study))
        .column("#", Alignment::Right)
        .column("change", Alignment::Left)
        .end_of_keys()
        .column(format!("pilot: mean{unit}"), Alignment::Right)
        .column("spread between trials", Alignment::Right)
        .column("change in spreads", Alignment::Right)
        .column(
            format!("power of {} trials", study.trials),
            Alignment::Right,
        )
        .column("the same, resampled", Alignment::Right);
    for power in POWERS {
        table = table.column(format!("trials for power {power}"), Alignment::Right);
    }
    for condition in &study.conditions {
        if condition.changes.is_empty() {
            let mut cells = pilot(condition, UNKNOWN.to_owned());
            cells.resize(table.headers.len(), UNKNOWN.to_owned());
            table.rows.push(cells);
        }
        let changes = condition.changes.iter();
        table
            .rows
            .extend(changes.map(|change| row(study, condition, change)));
    }
    table
}

/// The change in words: `20 %`, or `5 messages`.
pub fn change_in_words(change: &ChangePower, unit: &str) -> String {
    match change.share {
        Some(share) => format!("{} %", number(Some(share * 100.0))),
        None => format!("{} {unit}", number(Some(change.effect)))
            .trim_end()
            .to_owned(),
    }
}

/// The cells that are the same for all changes of a condition, around the change itself.
fn pilot(condition: &ConditionPower, change: String) -> Vec<String> {
    vec![
        (condition.condition + 1).to_string(),
        change,
        estimate(&condition.pilot),
        number(condition.pilot.standard_deviation),
    ]
}

fn row(study: &PowerStudy, condition: &ConditionPower, change: &ChangePower) -> Vec<String> {
    let mut cells = pilot(condition, change_in_words(change, study.unit));
    cells.push(signed(change.standardised_effect));
    cells.push(match (change.power_low, change.power_high) {
        (Some(low), Some(high)) => {
            let [power, low, high] = [change.power_at_trials, low, high].map(probability);
            format!("{power} ({low}–{high})")
        }
        _ => probability(change.power_at_trials),
    });
    cells.push(probability(change.simulation.power));
    cells.extend(change.needed.iter().map(needed));
    cells
}

/// Two decimals, but never 1 for what is less.
fn probability(power: f64) -> String {
    if power > 0.995 {
        "> 0.99".to_owned()
    } else {
        format!("{power:.2}")
    }
}

/// `23 (15–40)`.
fn needed(needed: &Needed) -> String {
    let count = |trials: Option<u64>| trials.map_or(UNKNOWN.to_owned(), |n| n.to_string());
    match (needed.trials, needed.low, needed.high) {
        (Some(trials), Some(low), high) if Some(low) != high => {
            format!("{trials} ({low}–{})", count(high))
        }
        (trials, _, _) => count(trials),
    }
}

fn caption(study: &PowerStudy) -> String {
    let conditions = study.conditions.iter().map(|condition| {
        let regime = condition.regime;
        let regime = regime.map_or(String::new(), |regime| format!(" ({regime})"));
        let problem = condition.problem.as_ref();
        let problem = problem.map_or(String::new(), |problem| format!(": {problem}"));
        format!(
            "{}: {}{regime}, {} trials{problem}. ",
            condition.condition + 1,
            condition.label,
            condition.pilot.trials,
        )
    });
    let whose = match study.machine.as_str() {
        "trial" => "the trial".to_owned(),
        id if id.starts_with('M') => format!("machine {id}"),
        rank => format!("the {rank} machine"),
    };
    format!(
        "{}Power: how often a two-sided t test at {} sees that a second condition differs by this change in {} of \
         {whose}, with so many trials of each and the mean and spread of the pilot; in brackets what it would be if the \
         true spread were at an end of its 95 % interval. Resampled: the share of {} experiments drawn from the pilot's \
         own trials, which need not be normal, in which the test saw it.",
        conditions.collect::<String>(),
        study.alpha,
        study.metric,
        experiments(study),
    )
}

/// Simulated experiments of each change.
fn experiments(study: &PowerStudy) -> u64 {
    let changes = study.conditions.iter().flat_map(|c| &c.changes);
    let experiments = changes.map(|change| change.simulation.experiments);
    experiments.max().unwrap_or(0)
}
