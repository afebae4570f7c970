//! Names of the files and folders of a run; no paths are opened here.

use crate::units::MachineId;

/// The manifest of a run.
pub const RUN_FILE: &str = "run.json";
/// The manifest of a trial.
pub const TRIAL_FILE: &str = "trial.json";
/// The journal of a trial.
pub const JOURNAL_FILE: &str = "journal.jsonl";

const TRIAL_PREFIX: &str = "trial-";

/// The folder of a trial: `trial-007`. Runs of more than a thousand trials get as many digits as they need, so that
/// names sort in the order of the trials.
pub fn trial_dir(trial: u64, count: u64) -> String {
    let width = count.saturating_sub(1).to_string().len().max(3);
    format!("{TRIAL_PREFIX}{trial:0width$}")
}

/// The number of the trial that a folder holds, or `None` if its name is not a trial's.
pub fn trial_number(dir_name: &str) -> Option<u64> {
    let digits = dir_name.strip_prefix(TRIAL_PREFIX)?;
    if digits.len() < 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

/// What a shard of a run says of itself: `shard-0-of-3.json`.
pub fn shard_file(shard: u64, of: u64) -> String {
    format!("shard-{shard}-of-{of}.json")
}

/// The log of a machine, unless its configuration names another: `machine-0.csv`.
pub fn machine_file(machine: MachineId) -> String {
    format!("machine-{machine}.csv")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_in_the_order_of_the_trials() {
        assert_eq!(trial_dir(7, 5), "trial-007");
        assert_eq!(trial_dir(7, 10_000), "trial-0007");
        assert_eq!(trial_dir(999_999, 1_000_000), "trial-999999");
        assert_eq!(trial_number("trial-0042"), Some(42));
        assert_eq!(trial_number("trial-x"), None);
        assert_eq!(trial_number("trials"), None);
    }
}
