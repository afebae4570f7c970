//! A run that begins: its folder and its manifest.

use std::path::Path;

use driver::StorageError;
use event_log::{Driver, RunManifest, System, Tool, layout};
use jiff::{Timestamp, Unit};
use serde::Serialize;

use crate::outcome::RunFolder;
use crate::storage::{create_run_folder, write_json};

/// The part of the manifest that differs from run to run.
#[derive(Debug, Clone, Copy)]
pub struct NewRun<'a, C> {
    /// What is on trial.
    pub system: System,
    /// The folder that receives the run's folder.
    pub out: &'a Path,
    /// Name of the experiment.
    pub name: &'a str,
    /// How many trials it is meant to hold.
    pub count: u64,
    /// What performs the ticks.
    pub driver: Driver,
    /// The seed of all chance.
    pub seed: u64,
    /// The configuration, in the form in which it is stored.
    pub config: &'a C,
}

impl<C: Serialize> NewRun<'_, C> {
    /// Creates the run's folder, with its manifest.
    ///
    /// # Errors
    ///
    /// [`StorageError`] when it cannot be created.
    pub fn create(&self) -> Result<RunFolder, StorageError> {
        let manifest = self.manifest();
        let folder = RunFolder {
            path: create_run_folder(self.out, &manifest.created, self.name)?,
            count: self.count,
        };
        write_json(&folder.path.join(layout::RUN_FILE), &manifest)?;
        Ok(folder)
    }

    /// The manifest of a run that begins now.
    pub fn manifest(&self) -> RunManifest<&C> {
        let created = Timestamp::now()
            .round(Unit::Second)
            .unwrap_or_else(|_| Timestamp::now())
            .to_string();
        RunManifest {
            format_version: self.system.format_version(),
            system: self.system,
            tool: Tool {
                name: env!("CARGO_PKG_NAME").to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                commit: option_env!("DRIFTLAB_COMMIT").map(str::to_owned),
            },
            created,
            host: host(),
            driver: self.driver,
            seed: self.seed,
            config: self.config,
        }
    }
}

fn host() -> String {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "{} {}, {processors} processors",
        std::env::consts::OS,
        std::env::consts::ARCH
    )
}
