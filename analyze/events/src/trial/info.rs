//! What a trial is, beside its events.

use std::path::PathBuf;

use event_log::TrialManifest;

use crate::dialect::Dialect;

/// Name of our own format.
pub const OWN_FORMAT: &str = "driftlab";

/// What a trial is, beside its events.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TrialInfo {
    /// Name of its run, or of the folder that it belongs to.
    pub run: String,
    /// Its name in its run, such as `trial-003` or `experiment_1`; may be empty where the run has one trial.
    pub name: String,
    /// Its number in its run; trials of others are numbered in the order of reading.
    pub number: u64,
    /// The folder of its files.
    pub dir: PathBuf,
    /// Name of the format that read it: [`OWN_FORMAT`] for our own.
    pub format: String,
    /// How its lines are meant.
    pub dialect: Dialect,
    /// The manifest, of our own trials.
    pub manifest: Option<Box<TrialManifest>>,
    /// Messages that the journal says did not reach a peer.
    pub undelivered: u64,
    /// Messages that the journal counts as unconfirmed: nobody knows whether they reached a peer.
    pub unconfirmed: u64,
    /// Names of the machines that rows or vector clocks name and that have no log, in the order of their positions behind
    /// the machines'. `None` where it is not known which component of a vector counts which machine's events.
    pub without_log: Option<Vec<String>>,
    /// Whether a machine of the trial is known to have a log that is not here, or none at all, or a line of a log is not
    /// understood: what was sent and received is then not known.
    pub logs_missing: bool,
}
