//! How a run of trials of the chat service ended.
//!
//! **Invariant.** The serialized names are those of `--json`.

use std::path::PathBuf;
use std::time::Duration;

use chat_trial::Campaign;
use event_log::chat::Property;
use serde::Serialize;

/// A trial in which a property did not hold; the serialized names are those of `--json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Failure {
    /// Its number.
    pub trial: u64,
    /// The property.
    pub property: Property,
    /// What was found first.
    pub finding: String,
    /// How many findings there are.
    pub violations: u64,
    /// The folder with its logs, if they were kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<PathBuf>,
    /// The command that runs it again.
    pub repeat: String,
    /// The command that looks for a smaller one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shrink: Option<String>,
}

/// A trial from which nothing follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undecided {
    /// Its number.
    pub trial: u64,
    /// Why.
    pub reasons: Vec<String>,
    /// The command that runs it again, and keeps its logs.
    pub repeat: String,
}

/// A trial in which messages were lost as the servers say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostAsSaid {
    /// Its number.
    pub trial: u64,
    /// The command that runs it again, and keeps its logs.
    pub repeat: String,
}

/// How a run ended.
#[derive(Debug, Clone)]
pub struct ChatOutcome {
    /// The run's folder.
    pub folder: PathBuf,
    /// Trials that it was meant to hold.
    pub count: u64,
    /// Its trials.
    pub campaign: Campaign,
    /// Those in which a property did not hold.
    pub failures: Vec<Failure>,
    /// The first of those from which nothing follows.
    pub undecided: Vec<Undecided>,
    /// The first that lost messages as the servers say.
    pub first_lost: Option<LostAsSaid>,
    /// Whether the user ended it.
    pub was_interrupted: bool,
    /// How long it took, on this host.
    pub wall_time: Duration,
}
