//! How far off the first-order law is, as the report says it.

use serde::Serialize;

use crate::theory::regime::Regime;

/// The errors of one quantity in one regime.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Accuracy {
    /// Name of the metric.
    pub metric: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// The machines' regime.
    pub regime: Regime,
    /// How many machines.
    pub machines: u64,
    /// Mean of what the formula gives.
    pub mean_predicted: f64,
    /// Mean of what was measured.
    pub mean_measured: f64,
    /// Mean of measured less predicted.
    pub mean_error: f64,
    /// Root of the mean squared error.
    pub root_mean_square_error: f64,
    /// The error farthest from 0.
    pub largest_error: f64,
    /// Where it is: index of the condition in `conditions`.
    pub largest_condition: usize,
    /// And the machine's id.
    pub largest_machine: Option<u32>,
    /// Mean of measured / predicted over the machines for which something other than 0 is predicted; null without any.
    pub mean_ratio: Option<f64>,
    /// Machines whose |z| exceeds its bound.
    pub disagreeing: u64,
}
