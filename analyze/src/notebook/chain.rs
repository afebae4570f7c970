//! The block of a jump and the messages behind it; the only block that reads rows.

use super::page::Block;
use crate::markdown;
use crate::report::{Report, TrialReport};
use crate::table::chain;
use crate::trace::find;
use logs::scan::Loaded;

/// The largest jump of a condition, or of one machine of it, over the trials that count; of equals the first.
///
/// `read` gives the rows of a trial.
pub(super) fn text(
    block: &Block,
    report: &Report,
    read: impl Fn(&TrialReport) -> Result<Loaded, String>,
) -> Result<String, String> {
    let condition = number(block, "condition")?.unwrap_or(1);
    let machine = number(block, "machine")?;
    let largest = |trial: &TrialReport| {
        let asked = trial.machines.iter();
        let asked = asked.filter(|of| machine.is_none_or(|id| id == of.machine));
        asked.filter_map(|of| of.jumps.jump_max).max()
    };
    let trials = report.trials.iter();
    let trials = trials.filter(|trial| trial.counted && trial.condition + 1 == condition as usize);
    let trials: Vec<&TrialReport> = trials.collect();
    let trial = trials.iter().rev().max_by_key(|trial| largest(trial));
    let trial = trial.ok_or_else(|| format!("condition={condition}: no trial of it counts"))?;
    let jump = find::of_trial(&read(trial)?.trial, machine);
    let jump = jump.ok_or_else(|| match machine {
        None => "no clock jumped in the trials of this condition".to_owned(),
        Some(id) => format!("machine={id}: no such machine jumped in the trials of this condition"),
    })?;
    let table = chain::table(&jump, false);
    Ok(format!(
        "**{}**\n\n{}",
        markdown::inline(&table.title),
        markdown::table(&table)
    ))
}

/// A whole number among the block's words, if it is there.
fn number(block: &Block, name: &str) -> Result<Option<u32>, String> {
    let value = block.options.get(name);
    let parsed = value.map(|value| {
        let number = value.parse();
        number.map_err(|_| format!("{name}={value}: expected a number"))
    });
    parsed.transpose()
}
