//! The plan of a trial: rates and phases, drawn before it runs.
//!
//! A plan depends on configuration, seed and the trial's number alone; both drivers start from the same one.

use event_log::{
    Design, FORMAT_VERSION, MachineEntry, MachineId, PhaseRule, Rate, RateRule, Status,
    TrialManifest,
};
use machine::chance::{Purpose, Stream};

use crate::config::Config;

/// A planned trial of a run: its number and its configuration.
#[derive(Debug, Clone, Copy)]
pub struct TrialTask<'a> {
    /// Number of the trial in its run.
    pub trial: u64,
    /// Its configuration; the seed in it is the run's.
    pub config: &'a Config,
}

impl TrialTask<'_> {
    /// The trial's manifest before the start.
    pub fn plan(&self) -> TrialManifest {
        plan_trial(self.config, self.trial)
    }
}

/// Plans a trial: its manifest before the start.
///
/// Rates are drawn first, then phases, both in the order of the machines, from the trial's own stream.
pub fn plan_trial(config: &Config, trial: u64) -> TrialManifest {
    let mut stream = Stream::new(config.seed, trial, Purpose::Plan);
    let rates: Vec<Rate> = match &config.condition.rates {
        RateRule::Fixed(rates) => rates.clone(),
        RateRule::Range(low, high) => config
            .machines
            .iter()
            .map(|_| Rate::from_hz(low + stream.below(u64::from(high - low) + 1) as u32))
            .collect(),
    };
    let machines = config
        .machines
        .iter()
        .zip(&rates)
        .zip(0..)
        .map(|((machine, &rate), id)| MachineEntry {
            id: MachineId(id),
            name: machine.name.clone(),
            log: machine.log.clone(),
            rate,
            phase_ns: match config.condition.phase {
                PhaseRule::Random => stream.below(rate.period_ns()),
                PhaseRule::Aligned => 0,
            },
            address: None,
        })
        .collect();
    TrialManifest {
        format_version: FORMAT_VERSION,
        trial,
        seed: config.seed,
        condition: config.condition.clone(),
        started_ns: None,
        status: Status::Running,
        timekeeper: (config.condition.design == Design::Timekeeper)
            .then(|| fastest(&rates))
            .flatten(),
        reason: None,
        hub_address: None,
        machines,
    }
}

/// The machine of the highest rate; of several the one with the lowest id.
fn fastest(rates: &[Rate]) -> Option<MachineId> {
    let highest = rates.iter().max()?;
    let machines = (0..).map(MachineId).zip(rates);
    let mut fastest = machines.filter(|(_, rate)| *rate == highest);
    fastest.next().map(|(id, _)| id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::TrialOptions;

    #[test]
    fn the_timekeeper_is_the_fastest_and_of_several_the_first() {
        let timekeeper = |design: &str, rates: &str| {
            let file = format!("design = '{design}'\nrates = {rates}\nseed = 1");
            let options: TrialOptions = toml::from_str(&file).expect("the test's own file");
            let config = Config::new(options, 1, 1).expect("valid");
            plan_trial(&config, 0).timekeeper.map(|id| id.0)
        };
        assert_eq!(timekeeper("timekeeper", "[1, 6, 3]"), Some(1));
        assert_eq!(timekeeper("timekeeper", "[1, 4, 4]"), Some(1));
        assert_eq!(timekeeper("timekeeper", "[2, 2, 2]"), Some(0));
        assert_eq!(timekeeper("mesh", "[1, 6, 3]"), None);
    }
}
