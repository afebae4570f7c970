//! What a user sees at the end of a run: a short table, and what to do next. [`experiment`] does it for several
//! conditions, [`chat`] for trials of the chat service; `chat_status` is how servers are, `chat_disks` what is on
//! their disks; [`deeds`] is what faults can do.

use std::path::Path;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use event_log::Status;
use serde::Serialize;

use crate::command::{quoted, started};
use crate::numerals::{counted, grouped};
use crate::outcome::{RunOutcome, TrialOutcome};
use crate::progress::abridged;

pub mod chat;
pub(crate) mod chat_disks;
pub(crate) mod chat_status;
pub mod deeds;
pub mod experiment;

/// Trials shown when all went well; the rest are only counted.
const TRIALS_SHOWN_MAX: usize = 20;
/// Width of the table where there is no terminal to ask.
const WIDTH_ELSEWHERE: u16 = 110;
/// A terminal that claims to be narrower than this does not know its width.
const WIDTH_MIN: u16 = 20;

/// The summary for people.
pub fn human(outcome: &RunOutcome) -> String {
    let notable = |trial: &&TrialOutcome| trial.status != Status::Complete;
    let shown: Vec<&TrialOutcome> = if outcome.trials.len() <= TRIALS_SHOWN_MAX {
        outcome.trials.iter().collect()
    } else {
        outcome
            .trials
            .iter()
            .filter(notable)
            .take(TRIALS_SHOWN_MAX)
            .collect()
    };
    let mut text = String::new();
    if !shown.is_empty() {
        text += &format!("{}\n", table(&shown));
    }
    text += &format!(
        "{} of {} complete, written to {}\n",
        grouped(outcome.complete),
        counted(outcome.count, "trial"),
        outcome.folder.display()
    );
    text += &late(&outcome.trials);
    if let Some(several) = outcome.per_process.filter(|&machines| machines > 1) {
        text += &format!("machines shared processes, {several} in each (--per-process)\n");
    }
    text + &next(outcome)
}

fn table(trials: &[&TrialOutcome]) -> Table {
    let mut table = new_table();
    table.set_header(["trial", "status", "rates (Hz)", "ticks", "reason"]);
    for trial in trials {
        table.add_row([
            trial.trial.to_string(),
            trial.status.name().to_owned(),
            abridged(&trial.rates),
            trial.ticks.to_string(),
            trial.reason.clone().unwrap_or_default(),
        ]);
    }
    for column in [0, 3] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// How late a tick was at most, if one was late by more than a period: every tick is there, but not when it was due.
fn late(trials: &[TrialOutcome]) -> String {
    let periods = |trial: &&TrialOutcome| trial.latest.map_or(0.0, |late| late.tick.periods());
    let late = trials.iter().filter(|trial| trial.latest.is_some());
    let (count, all) = (late.clone().count() as u64, trials.len() as u64);
    let worst = late.max_by(|one, other| periods(one).total_cmp(&periods(other)));
    let Some((trial, late)) = worst.and_then(|trial| Some((trial.trial, trial.latest?))) else {
        return String::new();
    };
    format!(
        "in {} of {} a machine was late by more than a period: in trial {trial} machine {}: its {}\n",
        grouped(count),
        counted(all, "trial"),
        late.machine,
        late.tick
    )
}

/// An empty table in the style of all summaries.
fn new_table() -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic);
    if table.width().is_none_or(|width| width < WIDTH_MIN) {
        table.set_width(WIDTH_ELSEWHERE);
    }
    table
}

/// What to do after a run, or after the last of its shards.
fn next(outcome: &RunOutcome) -> String {
    let when = match outcome.shard {
        None => "next",
        Some(_) => "next, when every shard is done",
    };
    format!("{when}: {}\n", analyze_command(outcome))
}

/// The command that analyses this run, to type in the folder in which this program started.
pub fn analyze_command(outcome: &RunOutcome) -> String {
    command("analyze", "", &outcome.folder, "--plot")
}

/// A command of this project on a folder, to type in the folder in which this program started.
fn command(program: &str, before: &str, folder: &Path, after: &str) -> String {
    let (started, folder) = (started(program), quoted(folder));
    let words = [started.as_str(), before, &folder, after];
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// The summary for programs: one JSON object.
///
/// # Errors
///
/// When a value has no JSON form; all of these have one.
pub fn json(outcome: &RunOutcome) -> serde_json::Result<String> {
    #[derive(Serialize)]
    struct Summary<'a> {
        format_version: u32,
        #[serde(flatten)]
        outcome: &'a RunOutcome,
        analyze: String,
    }
    serde_json::to_string_pretty(&Summary {
        format_version: 1,
        outcome,
        analyze: analyze_command(outcome),
    })
}
