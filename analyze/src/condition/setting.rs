//! What the trials of a condition have in common: our own manifests state it, of others' trials it is what logs and paths
//! say.
//!
//! **Invariant.** What others' logs do not state (odds, seeds, lengths) is not made up: theory, bands, sweeps and claims
//! ask [`Setting::own`], and say nothing of trials that have none.

use event_log::{Condition, RateRule};
use serde::Serialize;

/// What trials have in common.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Setting {
    /// Our own trials: what their manifests state.
    Own(Condition),
    /// Others' trials.
    Foreign(ForeignSetting),
}

/// What others' trials have in common.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ForeignSetting {
    /// The folder that they belong to.
    pub group: String,
    /// Name of the format that read them.
    pub format: String,
    /// How many machines.
    pub machines: u32,
    /// Their rates.
    pub rates: StatedRates,
}

/// What logs and paths say of rates.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StatedRates {
    /// The same in every trial, ticks per second, in the order of the machines.
    Fixed(Vec<f64>),
    /// Each trial states its own.
    Varied,
    /// Not stated, of some machine of some trial.
    Unknown,
}

/// What a machine is called: `M2`, or as its logs call it.
pub fn called(machine: u32, name: Option<&str>) -> String {
    name.map_or_else(|| format!("M{machine}"), str::to_owned)
}

impl Setting {
    /// The condition of our own trials.
    pub fn own(&self) -> Option<&Condition> {
        match self {
            Setting::Own(condition) => Some(condition),
            Setting::Foreign(_) => None,
        }
    }

    /// How many machines.
    pub fn machines(&self) -> u32 {
        match self {
            Setting::Own(condition) => condition.machines,
            Setting::Foreign(foreign) => foreign.machines,
        }
    }

    /// Whether a machine's id means the same machine in every trial: not so where each trial has rates of its own.
    pub fn is_by_id(&self) -> bool {
        match self {
            Setting::Own(condition) => matches!(condition.rates, RateRule::Fixed(_)),
            Setting::Foreign(foreign) => foreign.rates != StatedRates::Varied,
        }
    }

    /// Whether every trial states its rates.
    pub fn has_rates(&self) -> bool {
        match self {
            Setting::Own(_) => true,
            Setting::Foreign(foreign) => foreign.rates != StatedRates::Unknown,
        }
    }

    /// Nominal length of a trial, seconds.
    pub fn duration_s(&self) -> Option<f64> {
        Some(self.own()?.duration_ns as f64 / 1e9)
    }
}

impl StatedRates {
    /// Of a trial whose machines have these rates.
    pub fn of(rates: &[Option<f64>]) -> StatedRates {
        let known: Option<Vec<f64>> = rates.iter().copied().collect();
        known.map_or(StatedRates::Unknown, StatedRates::Fixed)
    }

    /// What is left in common with further trials.
    pub fn join(&mut self, other: &StatedRates) {
        *self = match (&*self, other) {
            (StatedRates::Unknown, _) | (_, StatedRates::Unknown) => StatedRates::Unknown,
            (a, b) if a == b => return,
            _ => StatedRates::Varied,
        };
    }
}

impl ForeignSetting {
    /// It in words: `theirs · 3 machines · rates 1, 3, 6 · read as sentences`.
    pub fn label(&self) -> String {
        let rates = match &self.rates {
            StatedRates::Fixed(rates) => {
                let rates: Vec<String> = rates.iter().map(ToString::to_string).collect();
                format!("rates {}", rates.join(", "))
            }
            StatedRates::Varied => "rates differ from trial to trial".to_owned(),
            StatedRates::Unknown => "rates not recorded".to_owned(),
        };
        let machines = match self.machines {
            1 => "1 machine".to_owned(),
            machines => format!("{machines} machines"),
        };
        let mut parts = vec![machines, rates, format!("read as {}", self.format)];
        if !self.group.is_empty() {
            parts.insert(0, self.group.clone());
        }
        parts.join(" · ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_common_only_if_all_trials_state_the_same() {
        let of = |rates: [Option<f64>; 2]| StatedRates::of(&rates);
        let mut rates = of([Some(1.0), Some(6.0)]);
        rates.join(&of([Some(1.0), Some(6.0)]));
        assert_eq!(rates, StatedRates::Fixed(vec![1.0, 6.0]));
        rates.join(&of([Some(2.0), Some(6.0)]));
        assert_eq!(rates, StatedRates::Varied);
        rates.join(&of([Some(1.0), Some(6.0)]));
        assert_eq!(rates, StatedRates::Varied);
        rates.join(&of([None, Some(6.0)]));
        assert_eq!(rates, StatedRates::Unknown);
    }
}
