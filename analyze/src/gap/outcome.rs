//! The gap between two worlds as an object.

use serde::Serialize;

use super::rows::{GapRow, Lateness};
use crate::compare::Side;

/// Version of the object; grows when a field changes its meaning or goes.
pub const GAP_VERSION: u32 = 1;

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gap {
    /// [`GAP_VERSION`].
    pub format_version: u32,
    /// It in words.
    pub sentence: String,
    /// Whether any gap was found.
    pub found: bool,
    /// What side A is called.
    pub a: String,
    /// What side B is called.
    pub b: String,
    /// The chance, at most, that a gap is found where there is none.
    pub alpha: f64,
    /// Tests that Holm's correction is over.
    pub tests: u64,
    /// The smallest adjusted p that so few trials and so many tests can give; null without a test. Where it is not below
    /// `alpha` no gap can be found, however wide.
    pub smallest_p_adjusted: Option<f64>,
    /// The conditions that both sides have.
    pub conditions: Vec<ConditionGap>,
}

/// One condition in both worlds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConditionGap {
    /// On side A.
    pub a: Side,
    /// On side B.
    pub b: Side,
    /// Whether trials were compared pair by pair.
    pub paired: bool,
    /// Why they were, or were not.
    pub pairing: String,
    /// How late ticks came on side A.
    pub lateness_a: Lateness,
    /// How late ticks came on side B.
    pub lateness_b: Lateness,
    /// The gaps: a row for each machine and metric.
    pub rows: Vec<GapRow>,
}
