//! `trial.json` of a trial of the chat service.
//!
//! **Invariant.** With the files beside it a manifest stands on its own: moved away from its run, the trial can still be
//! read and repeated.

use serde::{Deserialize, Serialize};

use super::condition::ChatCondition;
use super::property::Violation;
use super::summary::{TrialSummary, Verdict};
use crate::faults::Faults;
use crate::layout::{client_file, server_file};
use crate::manifest::{Status, System};

/// `trial.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChatTrialManifest {
    /// [`System::format_version`] of the chat service.
    pub format_version: u32,
    /// [`System::Chat`].
    pub system: System,
    /// Number of the trial in its run, from 0.
    pub trial: u64,
    /// The run's seed; with `trial` it determines all chance of this trial.
    pub seed: u64,
    /// All that the trial shares with its repetitions, faults aside.
    pub condition: ChatCondition,
    /// The faults that were asked for, before chance had its say; `faults.toml` has what came of them.
    pub faults: Faults,
    /// When it began, nanoseconds since the Unix epoch.
    pub started_ns: u64,
    /// Whether it came to its end.
    pub status: Status,
    /// What became of it.
    pub verdict: Verdict,
    /// The servers.
    pub servers: Vec<ProcessEntry>,
    /// The clients.
    pub clients: Vec<ProcessEntry>,
    /// Its row of `summary.csv`.
    pub summary: TrialSummary,
    /// What was found against properties, in the order of finding.
    pub violations: Vec<Violation>,
    /// Why nothing follows from the trial, if that is so: a reason each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undecided: Vec<String>,
}

/// A process of a trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessEntry {
    /// Its number, by which rows know it: servers from 0, then clients.
    pub number: u32,
    /// Its name for people, and in schedules of faults: `server 0`, `client 2`.
    pub name: String,
    /// Its log, relative to the trial's folder.
    pub log: String,
}

impl ProcessEntry {
    /// The servers of a condition, in the order of their numbers.
    pub fn servers(condition: &ChatCondition) -> Vec<ProcessEntry> {
        let entry = |server| ProcessEntry {
            number: server,
            name: format!("server {server}"),
            log: server_file(server),
        };
        (0..condition.servers).map(entry).collect()
    }

    /// The clients of a condition, in the order of their numbers.
    pub fn clients(condition: &ChatCondition) -> Vec<ProcessEntry> {
        let entry = |client| ProcessEntry {
            number: condition.servers + client,
            name: format!("client {client}"),
            log: client_file(client),
        };
        (0..condition.clients).map(entry).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::property::Property;
    use super::*;
    use crate::VIRTUAL_EPOCH_NS;

    #[test]
    fn a_manifest_written_equals_the_manifest_read() {
        let condition = ChatCondition::default();
        let manifest = ChatTrialManifest {
            format_version: System::Chat.format_version(),
            system: System::Chat,
            trial: 3,
            seed: 7,
            faults: Faults::default(),
            started_ns: VIRTUAL_EPOCH_NS,
            status: Status::Complete,
            verdict: Verdict::Violated,
            servers: ProcessEntry::servers(&condition),
            clients: ProcessEntry::clients(&condition),
            condition,
            summary: TrialSummary::new(3, Verdict::Violated),
            violations: vec![Violation {
                property: Property::S1,
                time_ns: VIRTUAL_EPOCH_NS + 5,
                process: Some(1),
                finding: "gone".to_owned(),
                rows: vec!["5,1,ok".to_owned()],
            }],
            undecided: Vec::new(),
        };
        let text = serde_json::to_string(&manifest).expect("plain data");
        assert!(
            text.starts_with(r#"{"format_version":2,"system":"chat","trial":3,"seed":7,"#),
            "{text}"
        );
        assert!(
            text.contains(r#"{"number":3,"name":"client 0","log":"client-0.csv"}"#),
            "{text}"
        );
        let read: ChatTrialManifest = serde_json::from_str(&text).expect("a manifest");
        assert_eq!(read, manifest);
    }
}
