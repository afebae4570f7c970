//! What the rows of an exported trial cannot say of it, as a JSON object on its first row.
//!
//! **Invariant.** With it, the rows are the whole trial.

use std::path::PathBuf;

use event_log::TrialManifest;
use events::{Dialect, Machine, Trial, TrialInfo};
use serde::{Deserialize, Serialize};

/// A trial without its rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct About {
    number: u64,
    dir: PathBuf,
    #[serde(default)]
    dialect: Dialect,
    machines: Vec<MachineAbout>,
    /// Machines that rows or vector clocks name and that have no log; null where components have no known owner.
    without_log: Option<Vec<String>>,
    #[serde(default)]
    logs_missing: bool,
    #[serde(default)]
    undelivered: u64,
    #[serde(default)]
    unconfirmed: u64,
    /// Of our own trials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    manifest: Option<Box<TrialManifest>>,
}

/// A machine without its rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct MachineAbout {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rate_hz: Option<f64>,
    files: Vec<PathBuf>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    gaps: Vec<u32>,
}

impl About {
    /// Of a trial.
    pub fn of(trial: &Trial) -> About {
        let info = &trial.info;
        let machines = trial.machines.iter().map(|machine| MachineAbout {
            name: machine.name.clone(),
            rate_hz: machine.rate_hz,
            files: machine.files.clone(),
            gaps: machine.gaps.clone(),
        });
        About {
            number: info.number,
            dir: info.dir.clone(),
            dialect: info.dialect.clone(),
            machines: machines.collect(),
            without_log: info.without_log.clone(),
            logs_missing: info.logs_missing,
            undelivered: info.undelivered,
            unconfirmed: info.unconfirmed,
            manifest: info.manifest.clone(),
        }
    }

    /// Without what JSON has no room for: a path that is not UTF-8 loses what is not.
    pub(super) fn plain(&self) -> About {
        let lossy = |path: &PathBuf| PathBuf::from(path.to_string_lossy().into_owned());
        let mut plain = self.clone();
        plain.dir = lossy(&plain.dir);
        for machine in &mut plain.machines {
            machine.files = machine.files.iter().map(lossy).collect();
        }
        plain
    }

    /// As JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.plain()).expect("text, numbers and lists are JSON")
    }

    /// The trial without its rows: what it is, and its machines.
    pub fn into_trial(
        self,
        run: String,
        name: String,
        format: String,
    ) -> (TrialInfo, Vec<Machine>) {
        let manifest = self.manifest;
        let machines = self.machines.into_iter().enumerate().map(|(at, machine)| {
            let entry = manifest
                .as_ref()
                .and_then(|of| Some((of, of.machines.get(at)?)));
            Machine {
                schedule: entry.and_then(|(of, entry)| of.schedule(entry)),
                gaps: machine.gaps,
                ..Machine::new(machine.name, machine.rate_hz, machine.files)
            }
        });
        let machines = machines.collect();
        let info = TrialInfo {
            run,
            name,
            format,
            number: self.number,
            dir: self.dir,
            dialect: self.dialect,
            manifest,
            undelivered: self.undelivered,
            unconfirmed: self.unconfirmed,
            without_log: self.without_log,
            logs_missing: self.logs_missing,
        };
        (info, machines)
    }
}
