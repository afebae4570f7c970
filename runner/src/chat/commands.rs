//! What to type to have a trial again, or a smaller one.
//!
//! **Invariant.** A command repeats its trial to the last row: condition, seed, number and plain schedule are all in it.

use std::path::Path;

use event_log::chat::ChatCondition;

use super::condition::ConditionFlags;
use crate::command::{quoted, started};

/// The command that runs one trial again, with the schedule in this file if there is one.
pub fn repeat(condition: &ChatCondition, seed: u64, trial: u64, faults: Option<&Path>) -> String {
    let mut words = vec![started("runner"), "chat trial --virtual".to_owned()];
    words.push(format!("--seed {seed} --trial {trial}"));
    words.extend(ConditionFlags::of(condition).words());
    words.extend(faults.map(|path| format!("--faults {}", quoted(path))));
    words.join(" ")
}

/// The command that looks for a smaller trial that finds the same.
pub fn shrink(trial_folder: &Path) -> String {
    format!("{} chat shrink {}", started("runner"), quoted(trial_folder))
}
