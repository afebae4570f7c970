//! Which machines of a trial are meant, and their value of a metric.

use std::collections::BTreeSet;

use crate::condition::Setting;
use crate::metrics::MachineMetrics;
use crate::metrics::catalog::Metric;
pub use crate::metrics::rank::Rank;
use crate::report::TrialReport;

/// Machines that are measured together: one, or all of a rank, averaged inside each trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Machines {
    /// The machine of this id.
    Id(u32),
    /// The machines of this rank.
    Ranked(Rank),
}

impl Machines {
    /// The id; none of a rank.
    pub fn id(self) -> Option<u32> {
        match self {
            Machines::Id(id) => Some(id),
            Machines::Ranked(_) => None,
        }
    }

    /// The rank; none of an id.
    pub fn rank(self) -> Option<Rank> {
        match self {
            Machines::Id(_) => None,
            Machines::Ranked(rank) => Some(rank),
        }
    }

    /// These machines of a trial.
    pub fn of(self, trial: &TrialReport) -> Vec<&MachineMetrics> {
        match self {
            Machines::Id(id) => {
                let machines = trial.machines.iter();
                machines.filter(|machine| machine.machine == id).collect()
            }
            Machines::Ranked(rank) => rank.of(&trial.machines),
        }
    }

    /// Mean of a metric over these machines of a trial; none if none of them gives it.
    pub fn value(self, trial: &TrialReport, metric: &Metric) -> Option<f64> {
        let machines = self.of(trial).into_iter();
        let values: Vec<f64> = machines.filter_map(metric.value).collect();
        statistics::mean(&values)
    }

    /// The rate that these machines have in every trial; none if there is no such rate.
    pub fn rate(self, trials: &[&TrialReport]) -> Option<f64> {
        let mut rates = trials
            .iter()
            .flat_map(|trial| self.of(trial))
            .map(|machine| machine.rate);
        let first = rates.next()?;
        rates.all(|rate| rate == first).then_some(first)?
    }
}

/// The machines that can be compared: those of the same id where both conditions fix the rates; else the slowest, the
/// median (of three machines and more) and the fastest of each trial. Where rates are not known, machines of the same id
/// of one folder; of different folders none.
pub fn shared(
    a: &Setting,
    trials_a: &[&TrialReport],
    b: &Setting,
    trials_b: &[&TrialReport],
) -> Vec<Machines> {
    if correspond(a, b) {
        let ids = |trials: &[&TrialReport]| -> BTreeSet<u32> {
            let machines = trials.iter().flat_map(|trial| &trial.machines);
            machines.map(|machine| machine.machine).collect()
        };
        let shared = ids(trials_a);
        let shared = shared
            .intersection(&ids(trials_b))
            .copied()
            .collect::<Vec<u32>>();
        return shared.into_iter().map(Machines::Id).collect();
    }
    let ranks: &[Rank] = match a.machines().min(b.machines()) {
        _ if !(a.has_rates() && b.has_rates()) => &[],
        0 => &[],
        1 | 2 => &[Rank::Slowest, Rank::Fastest],
        _ => &[Rank::Slowest, Rank::Median, Rank::Fastest],
    };
    ranks.iter().copied().map(Machines::Ranked).collect()
}

/// Whether machines of the same id are the same machine in both conditions.
fn correspond(a: &Setting, b: &Setting) -> bool {
    match (a, b) {
        (Setting::Own(_), Setting::Own(_)) => a.is_by_id() && b.is_by_id(),
        (Setting::Foreign(one), Setting::Foreign(other)) => {
            let alike = one.rates == other.rates && a.has_rates();
            a.is_by_id() && b.is_by_id() && (alike || one.group == other.group)
        }
        _ => false,
    }
}
