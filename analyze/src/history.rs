//! A trial as rows of their own.
//!
//! **Invariant.** What a log does not record is `None`, never a made-up value; events of a machine stand in file order.
// Bridge: for the laws and figures that do not read the table yet.

use std::path::PathBuf;

use event_log::TrialManifest;
pub use events::matching;
pub use events::{
    BroadcastLines, Clock, ClockKind, Dialect, Event, Kind, QueueCount, ReceiveClock,
    RecipientName, TickLines, TimeOrigin,
};

/// One trial.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// What its trial belongs to: the run's folder, or the folder that was asked for.
    pub group: String,
    /// Its name in its group, such as `trial-003` or `experiment_1`; may be empty when the group has one trial.
    pub trial: String,
    /// The folder of its files.
    pub dir: PathBuf,
    /// Name of the format that read it; `driftlab` for our own.
    pub format: String,
    /// How its lines are meant.
    pub dialect: Dialect,
    /// Its machines; events name them by their position here.
    pub machines: Vec<MachineHistory>,
    /// Names of the machines that vector clocks count and that have no log: their components stand after those of
    /// [`History::machines`]. None where it is not known which component counts which machine's events.
    pub without_log: Option<Vec<String>>,
    /// Whether a machine of the trial is known to have a log that is not here, or none at all, or a line of a log is not
    /// understood: what was sent and received is then not known.
    pub logs_missing: bool,
    /// The manifest, of our own trials.
    pub manifest: Option<TrialManifest>,
}

impl History {
    /// Whose events this component of a vector clock counts.
    pub fn component_name(&self, component: usize) -> &str {
        let absent = component.checked_sub(self.machines.len());
        let absent = absent.zip(self.without_log.as_ref());
        let name = match self.machines.get(component) {
            Some(machine) => Some(&machine.name),
            None => absent.and_then(|(at, names)| names.get(at)),
        };
        name.map_or("a machine without a log", String::as_str)
    }
}

/// One machine of a trial.
#[derive(Debug, Clone, PartialEq)]
pub struct MachineHistory {
    /// What its logs call it: `0`, `A`, `7977`.
    pub name: String,
    /// Its nominal ticks per second, where the log or a path says so.
    pub rate_hz: Option<f64>,
    /// The files that its events come from, mostly one.
    pub files: Vec<PathBuf>,
    /// What happened to it, in file order.
    pub events: Vec<Event>,
}
