//! Machines by their place in the order of a trial's rates.
//!
//! Where each trial draws its rates, machine 0 of one trial and machine 0 of another have nothing in common but the id;
//! the slowest of one and the slowest of another have.

use serde::Serialize;
use statistics::mean;

use super::machine::MachineMetrics;

/// A place in the order of a trial's rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    /// The machines of the lowest rate.
    Slowest,
    /// The machines of the middle rate; of an even number of machines those of both middle rates.
    Median,
    /// The machines of the highest rate.
    Fastest,
}

impl Rank {
    /// The word.
    pub fn name(self) -> &'static str {
        match self {
            Rank::Slowest => "slowest",
            Rank::Median => "median",
            Rank::Fastest => "fastest",
        }
    }

    /// The machines of this rank: several where rates are equal, none where a rate is not known.
    pub fn of(self, machines: &[MachineMetrics]) -> Vec<&MachineMetrics> {
        let rates = || machines.iter().filter_map(|machine| machine.rate);
        // The ends are sought for each of many metrics: no need to sort for them.
        let meant = match self {
            Rank::Slowest => [rates().fold(f64::INFINITY, f64::min); 2],
            Rank::Median => middle(rates().collect()),
            Rank::Fastest => [rates().fold(0.0, f64::max); 2],
        };
        let known = machines.iter().all(|machine| machine.rate.is_some());
        let is_meant = |rate: f64| known && meant.contains(&rate);
        let machines = machines.iter();
        machines
            .filter(|machine| machine.rate.is_some_and(is_meant))
            .collect()
    }

    /// Mean of a value over the machines of this rank; none if none of them gives it.
    pub fn mean_of(
        self,
        machines: &[MachineMetrics],
        value: fn(&MachineMetrics) -> Option<f64>,
    ) -> Option<f64> {
        let meant = self.of(machines).into_iter();
        let values: Vec<f64> = meant.filter_map(value).collect();
        mean(&values)
    }
}

/// The middle rate twice, or both middle rates.
fn middle(mut rates: Vec<f64>) -> [f64; 2] {
    rates.sort_by(f64::total_cmp);
    let last = rates.len().saturating_sub(1);
    let at = |place: usize| rates.get(place).copied().unwrap_or_default();
    [at(last / 2), at(last.div_ceil(2))]
}
