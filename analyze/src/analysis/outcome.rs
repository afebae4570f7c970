//! What an analysis makes.

use crate::plot_data::ConditionDigest;
use crate::report::Report;

/// What an analysis made.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// The numbers, verdicts and notes.
    pub report: Report,
    /// For figures; empty unless wanted. In the order of the report's conditions.
    pub digests: Vec<ConditionDigest>,
    /// Of each run that the runner made, in their order: SHA-256 over its trials.
    pub fingerprints: Vec<[u8; 32]>,
}
