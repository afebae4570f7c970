//! Names of the files and folders of a run; no paths are opened here.

use crate::pack::PACK_TRIALS;
use crate::units::MachineId;

/// The manifest of a run.
pub const RUN_FILE: &str = "run.json";
/// The manifest of a trial.
pub const TRIAL_FILE: &str = "trial.json";
/// The journal of a trial.
pub const JOURNAL_FILE: &str = "journal.jsonl";
/// The faults of a trial, with nothing left to chance.
pub const FAULTS_FILE: &str = "faults.toml";
/// What became of the faults of a trial.
pub const FAULT_LOG_FILE: &str = "faults.jsonl";

/// What became of each trial of the chat service.
pub const SUMMARY_FILE: &str = "summary.csv";
/// A smaller schedule of faults that brings the same finding as a trial's.
pub const FAULTS_MIN_FILE: &str = "faults.min.toml";

const TRIAL_PREFIX: &str = "trial-";
const PACK_PREFIX: &str = "trials-";

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

/// The rows of a pack of a run of `count` trials, packs counted from 0: `trials-000000-000999.csv`.
pub fn pack_rows_file(pack: u64, count: u64) -> String {
    format!("{}.csv", pack_stem(pack, count))
}

/// The manifests of a pack: `trials-000000-000999.jsonl`.
pub fn pack_manifests_file(pack: u64, count: u64) -> String {
    format!("{}.jsonl", pack_stem(pack, count))
}

fn pack_stem(pack: u64, count: u64) -> String {
    let width = count.saturating_sub(1).to_string().len().max(3);
    let first = pack * PACK_TRIALS;
    let last = (first + PACK_TRIALS).min(count).saturating_sub(1);
    format!("{PACK_PREFIX}{first:0width$}-{last:0width$}")
}

/// The first and the last trial of the pack that a file belongs to, or `None` if its name is not that of a pack.
pub fn pack_trials(file_name: &str) -> Option<(u64, u64)> {
    let (stem, extension) = file_name.rsplit_once('.')?;
    let (first, last) = stem.strip_prefix(PACK_PREFIX)?.split_once('-')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let named = matches!(extension, "csv" | "jsonl") && digits(first) && digits(last);
    named.then_some((first.parse().ok()?, last.parse().ok()?))
}

/// What a shard of a run says of itself: `shard-0-of-3.json`.
pub fn shard_file(shard: u64, of: u64) -> String {
    format!("shard-{shard}-of-{of}.json")
}

/// The log of a machine, unless its configuration names another: `machine-0.csv`.
pub fn machine_file(machine: MachineId) -> String {
    format!("machine-{machine}.csv")
}

/// The log of a server of the chat service: `server-0.csv`.
pub fn server_file(server: u32) -> String {
    format!("server-{server}.csv")
}

/// The log of a client of the chat service, clients counted from 0: `client-0.csv`.
pub fn client_file(client: u32) -> String {
    format!("client-{client}.csv")
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

    #[test]
    fn a_pack_is_named_after_its_first_and_its_last_trial() {
        assert_eq!(pack_rows_file(0, 1_000_000), "trials-000000-000999.csv");
        assert_eq!(pack_manifests_file(1, 1500), "trials-1000-1499.jsonl");
        assert_eq!(pack_rows_file(0, 5), "trials-000-004.csv");
        assert_eq!(pack_trials("trials-1000-1499.jsonl"), Some((1000, 1499)));
        for other in [
            "trials-000-004.json",
            "trial-000",
            "trials-0x0-004.csv",
            "trials-000.csv",
            ".trials-000-004.csv.new",
        ] {
            assert_eq!(pack_trials(other), None, "{other}");
        }
    }
}
