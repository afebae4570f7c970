//! Two to eight conditions beside one another, one row each: trials, their mean and its interval, quantity by quantity.
//!
//! For conditions that no number puts in order: designs, queue rules, stamps. Where machines of all conditions
//! correspond each has a mark; otherwise the slowest, the median and the fastest machine of each trial have one.

mod quantity;
mod rows;
mod stage;

use plots::axes::rate;
use plots::frame::picture;
use plots::palette::{COLOURS, looks, slot};

use crate::compare::machines::{Machines, Rank};
use crate::report::{ConditionReport, Report, TrialReport};

use super::captions;
use super::drawing::Drawing;
use super::sweep::{Sweep, families, fixed};
use quantity::{Column, Row, Subject};
use stage::Stage;

/// Conditions, at most: more do not fit.
const CONDITIONS_MAX: usize = 8;
/// Machines that each have a mark, at most.
const MACHINES_MARKED_MAX: usize = 6;

/// The figure; none unless two to eight conditions have trials that count and are no sweep, which has curves.
pub(super) fn drawing(report: &Report) -> Option<Drawing> {
    let counted = report.conditions.iter().enumerate();
    let counted: Vec<(usize, &ConditionReport)> = counted.filter(|(_, c)| c.trials > 0).collect();
    let conditions: Vec<&ConditionReport> = counted.iter().map(|(_, c)| *c).collect();
    let many = conditions.len() > CONDITIONS_MAX;
    let is_swept = Sweep::of(&conditions).is_some() || families(&conditions).is_some();
    if conditions.len() < 2 || many || is_swept {
        return None;
    }
    let named = counted.iter().zip(rows::names(&conditions));
    let rows: Vec<Row<'_>> = named
        .map(|((index, condition), name)| Row {
            name,
            condition,
            trials: trials_of(report, *index),
        })
        .collect();
    let columns = columns(&rows);
    let title = rows::title(&conditions);
    let subtitle = subtitle(&conditions);
    let caption = caption(&rows, &columns);
    let svg = picture(title, &subtitle, &caption, |canvas| {
        Stage::new(&rows, &columns).draw(canvas);
    });
    Some(Drawing {
        svg,
        title: title.to_owned(),
        caption: caption.replace('\n', " "),
    })
}

fn trials_of(report: &Report, condition: usize) -> Vec<&TrialReport> {
    let trials = report.trials.iter();
    trials
        .filter(|trial| trial.counted && trial.condition == condition)
        .collect()
}

fn columns(rows: &[Row<'_>]) -> Vec<Column> {
    let machines = |heading, name| Column::new(rows, heading, name, subjects(rows));
    let whole = |heading, name| {
        let all = Subject {
            name: "all machines".to_owned(),
            // Neither a machine's nor a rank's.
            look: slot(COLOURS - 1),
            machines: None,
        };
        Column::new(rows, heading, name, vec![all])
    };
    let connections = whole("connections", "trial_connections");
    let broken = whole(
        "receives that break the clock condition (share)",
        "trial_clock_condition_broken",
    );
    let last = if connections.varies() {
        connections
    } else if broken.varies() {
        broken
    } else {
        machines("largest jump (units)", "jump_max")
    };
    vec![
        machines("mean lag (units)", "lag_mean"),
        machines("mean queue (messages)", "queue_time_mean"),
        whole("messages sent per second", "trial_messages_per_s"),
        last,
    ]
}

/// The machines, if they are the same few under all conditions; else those of a rank in each trial.
fn subjects(rows: &[Row<'_>]) -> Vec<Subject> {
    let stated = |row: &Row<'_>| row.condition.setting.own().and_then(fixed);
    let rates = stated(&rows[0]);
    let same = |rates: &Vec<f64>| {
        let others = rows.iter().map(stated);
        rates.len() <= MACHINES_MARKED_MAX
            && others
                .into_iter()
                .all(|other| other.as_ref() == Some(rates))
    };
    if let Some(rates) = rates.filter(same) {
        let machines = (0u32..).zip(&rates).zip(looks(&rates));
        return machines
            .map(|((id, hertz), look)| Subject {
                name: format!("M{id} · {} Hz", rate(*hertz)),
                look,
                machines: Some(Machines::Id(id)),
            })
            .collect();
    }
    let ranks = [Rank::Slowest, Rank::Median, Rank::Fastest];
    let ranked = ranks.into_iter().enumerate();
    ranked
        .map(|(index, rank)| Subject {
            name: rank.name().to_owned(),
            look: slot(COLOURS / 2 + index),
            machines: Some(Machines::Ranked(rank)),
        })
        .collect()
}

fn subtitle(conditions: &[&ConditionReport]) -> String {
    let labels: Vec<String> = conditions
        .iter()
        .map(|c| captions::brief(&c.label))
        .collect();
    let shared = captions::shared(&labels).into_iter().map(str::to_owned);
    let trials = captions::trials_each(conditions);
    shared.chain([trials]).collect::<Vec<String>>().join(" · ")
}

fn caption(rows: &[Row<'_>], columns: &[Column]) -> String {
    let repeated = rows.iter().any(|row| row.trials.len() > 1);
    let mut caption = match repeated {
        true => "Marks: mean over trials, with its 95 % interval; faint: each trial.",
        false => "Marks: the trial of each condition.",
    }
    .to_owned();
    let mut subjects = columns.iter().flat_map(|column| &column.subjects);
    if subjects.any(|subject| matches!(subject.machines, Some(Machines::Ranked(_)))) {
        caption += " Slowest, median, fastest: of each trial.";
    }
    caption
        + "\nLag: behind the furthest clock. Queue: mean over time. Messages: a send to all is one for each recipient."
}
