//! What a user sees at the end of an experiment: how many trials of each condition there are, and what to do next.

use std::path::Path;

use comfy_table::{CellAlignment, Table};
use serde::Serialize;

use super::{analyze_command, command, late, new_table, next};
use crate::numerals::{counted, grouped};
use crate::outcome::{ConditionOutcome, ExperimentOutcome};

/// Reasons of aborted trials shown; the rest are in their manifests.
const REASONS_SHOWN_MAX: usize = 5;

/// The summary for people.
pub fn human(outcome: &ExperimentOutcome) -> String {
    let run = &outcome.run;
    let complete: u64 = outcome.conditions.iter().map(|one| one.complete).sum();
    let mut text = format!("{}\n", table(&outcome.conditions));
    let reasons: Vec<String> = run
        .trials
        .iter()
        .filter_map(|trial| {
            let reason = trial.reason.as_ref()?;
            Some(format!(
                "trial {}: {}: {reason}\n",
                trial.trial,
                trial.status.name()
            ))
        })
        .collect();
    text.extend(reasons.iter().take(REASONS_SHOWN_MAX).cloned());
    if reasons.len() > REASONS_SHOWN_MAX {
        text += &format!("and {} more\n", reasons.len() - REASONS_SHOWN_MAX);
    }
    let kept = match outcome.kept {
        0 => String::new(),
        kept => format!(", {kept} of them kept from before"),
    };
    text += &format!(
        "{} of {} complete{kept}, in {}, written to {}\n",
        grouped(complete),
        counted(run.count, "trial"),
        seconds(outcome.wall_time_ms),
        run.folder.display()
    );
    text += &late(&run.trials);
    if complete < run.count {
        text += &match run.shard {
            None => format!("to go on: {}\n", resume_command(&run.folder)),
            Some(_) => "to go on: the same command again\n".to_owned(),
        };
    }
    text + &next(run)
}

fn table(conditions: &[ConditionOutcome]) -> Table {
    let mut table = new_table();
    let numbers = ["complete", "degraded", "aborted", "not begun"];
    let numbers_of =
        |one: &ConditionOutcome| [one.complete, one.degraded, one.aborted, one.not_begun];
    // Columns of zeros say nothing, but the first is always there.
    let shown: Vec<usize> = (0..numbers.len())
        .filter(|&index| index == 0 || conditions.iter().any(|one| numbers_of(one)[index] > 0))
        .collect();
    let mut header = vec!["condition".to_owned()];
    header.extend(shown.iter().map(|&index| numbers[index].to_owned()));
    table.set_header(header);
    for one in conditions {
        let mut row = vec![one.label.clone()];
        row.extend(shown.iter().map(|&index| match index {
            0 => format!("{} of {}", one.complete, one.count),
            _ => numbers_of(one)[index].to_string(),
        }));
        table.add_row(row);
    }
    for column in 1..=shown.len() {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn seconds(milliseconds: u64) -> String {
    match milliseconds {
        0..=99_999 => format!("{:.1} s", milliseconds as f64 / 1000.0),
        _ => format!("{:.1} min", milliseconds as f64 / 60_000.0),
    }
}

/// The command that resumes a run, to type in the folder in which this program started.
pub fn resume_command(run: &Path) -> String {
    command("runner", "experiment --resume", run, "")
}

/// The summary for programs: one JSON object.
///
/// # Errors
///
/// When a value has no JSON form; all of these have one.
pub fn json(outcome: &ExperimentOutcome) -> serde_json::Result<String> {
    #[derive(Serialize)]
    struct Summary<'a> {
        format_version: u32,
        #[serde(flatten)]
        outcome: &'a ExperimentOutcome,
        resume: String,
        analyze: String,
    }
    serde_json::to_string_pretty(&Summary {
        format_version: 1,
        outcome,
        resume: resume_command(&outcome.run.folder),
        analyze: analyze_command(&outcome.run),
    })
}
