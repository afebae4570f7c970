//! Whether the trials of two conditions belong together pair by pair.
//!
//! Seed and trial number determine all dice, so trial k of one condition and trial k of the other with the same seed
//! roll the same ones, as long as the conditions differ in nothing that the dice depend on.

use std::collections::BTreeMap;

use event_log::Condition;

use crate::report::TrialReport;

/// Whether, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pairing {
    /// For each trial of A the index of its partner among those of B.
    partners: Option<Vec<usize>>,
    why: String,
}

impl Pairing {
    /// Of the counted trials of two conditions: paired when seed and number match them one to one, and the conditions
    /// differ in nothing but driver, latency, drain, speed and what the loss of a machine means, none of which touches
    /// the dice.
    pub fn of(
        a: &Condition,
        trials_a: &[&TrialReport],
        b: &Condition,
        trials_b: &[&TrialReport],
    ) -> Pairing {
        let unpaired = |why: String| Pairing {
            partners: None,
            why: format!("unpaired, because {why}"),
        };
        if !same_dice(a, b) {
            return unpaired("the conditions differ in what decides the dice".to_owned());
        }
        let (keys_a, keys_b) = (keys(trials_a), keys(trials_b));
        for (name, trials, keys) in [("A", trials_a, &keys_a), ("B", trials_b, &keys_b)] {
            let repeated = trials.len() - keys.len();
            if repeated > 0 {
                return unpaired(format!(
                    "{repeated} trials of {name} repeat seed and number of another: they are not independent"
                ));
            }
        }
        let shared = keys_a.keys().filter(|key| keys_b.contains_key(key)).count();
        if shared < trials_a.len() || shared < trials_b.len() {
            return unpaired(format!(
                "seed and number match for {shared} trials only, of {} and {}",
                trials_a.len(),
                trials_b.len()
            ));
        }
        let partner = |trial: &&TrialReport| keys_b.get(&key(trial)).copied();
        Pairing {
            partners: trials_a.iter().map(partner).collect(),
            why:
                "paired, because seeds and numbers match one to one: each pair rolled the same dice"
                    .to_owned(),
        }
    }

    /// For each trial of A the index of its partner among those of B; none if unpaired.
    pub fn partners(&self) -> Option<&[usize]> {
        self.partners.as_deref()
    }

    /// Whether trials are paired.
    pub fn is_paired(&self) -> bool {
        self.partners.is_some()
    }

    /// The reason in words.
    pub fn why(&self) -> &str {
        &self.why
    }
}

fn key(trial: &TrialReport) -> (u64, u64) {
    (trial.seed, trial.trial)
}

fn keys(trials: &[&TrialReport]) -> BTreeMap<(u64, u64), usize> {
    (0..)
        .zip(trials)
        .map(|(index, trial)| (key(trial), index))
        .collect()
}

/// Whether two conditions are the same but for what the dice do not depend on.
fn same_dice(a: &Condition, b: &Condition) -> bool {
    let masked = Condition {
        driver: a.driver,
        latency: a.latency,
        drain: a.drain,
        speed: a.speed,
        on_disconnect: a.on_disconnect,
        ..b.clone()
    };
    masked == *a
}
