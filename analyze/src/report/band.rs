//! What virtual trials say beside a measurement, as the report has it.

use serde::Serialize;

/// Where a condition's bands come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Simulated {
    /// Trials simulated.
    pub trials: u64,
    /// Their seed.
    pub seed: u64,
}

/// What simulated trials say of a metric of a group of machines.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Band {
    /// Simulated trials that gave a value.
    pub trials: u64,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation.
    pub standard_deviation: f64,
    /// The 2.5th percentile of single trials.
    pub low: f64,
    /// The 97.5th.
    pub high: f64,
    /// Lower end of the 95 % band of the mean of as many trials as were measured; null where none gave a value.
    pub mean_low: Option<f64>,
    /// Upper end.
    pub mean_high: Option<f64>,
    /// The measured mean less the simulated one, in standard errors s · √(1/n + 1/N); null without a measured value, or
    /// where all simulated trials gave the same other value.
    pub z: Option<f64>,
    /// As large as |z| is by chance alone once in 370 times, where values are normal. Of the metrics of three machines at
    /// 1, 3 and 6 Hz it is exceeded once in 150 times, and of one that is 0 in nearly all trials, such as the queue of the
    /// fastest machine, up to once in 14 times: of these a single disagreement says little.
    pub bound: Option<f64>,
    /// Whether |z| exceeds the bound: the trials measured are not like those simulated.
    pub disagrees: bool,
}
