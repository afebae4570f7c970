//! Whether the trials of two conditions belong together pair by pair.
//!
//! Seed and trial number determine all dice, so trial k of one condition and trial k of the other with the same seed
//! roll the same ones, as long as the conditions differ in nothing that the dice depend on.

use std::collections::BTreeMap;

use event_log::Condition;

use crate::condition::Setting;
use crate::report::TrialReport;

/// Whether, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pairing {
    /// Indices of the trials of A and of B that belong together.
    pairs: Option<Vec<(usize, usize)>>,
    why: String,
}

impl Pairing {
    /// Of the trials of two conditions, no seed and number twice in either: paired when each trial of the smaller one has a partner of the same seed
    /// and number in the other, and the conditions differ in nothing but driver, latency, drain, design, stamp, tick delay,
    /// speed and what the loss of a machine means, none of which touches rates, phases or the dice.
    pub fn of(
        a: &Setting,
        trials_a: &[&TrialReport],
        b: &Setting,
        trials_b: &[&TrialReport],
    ) -> Pairing {
        let unpaired = |why: String| Pairing {
            pairs: None,
            why: format!("unpaired, because {why}"),
        };
        let (Some(a), Some(b)) = (a.own(), b.own()) else {
            return unpaired("others' logs do not tell their dice".to_owned());
        };
        if !same_dice(a, b) {
            return unpaired("the conditions differ in what decides the dice".to_owned());
        }
        let (keys_a, keys_b) = (keys(trials_a), keys(trials_b));
        let shared = keys_a.keys().filter(|key| keys_b.contains_key(key)).count();
        // Trials without a partner are left out rather than the pairs dissolved: what the dice do to both conditions
        // drops out of a pair, and that is worth more than numbers on one side.
        let fewer = trials_a.len().min(trials_b.len());
        if shared < fewer || shared < 2 {
            return unpaired(format!(
                "seed and number match for {shared} trials only, of {} and {}",
                trials_a.len(),
                trials_b.len()
            ));
        }
        let pair =
            |(index, trial): (usize, &&TrialReport)| Some((index, *keys_b.get(&trial.dice()?)?));
        let left_out = trials_a.len() + trials_b.len() - 2 * shared;
        let rest = match left_out {
            0 => String::new(),
            count => format!("; {count} trials without a partner are left out"),
        };
        Pairing {
            pairs: Some(trials_a.iter().enumerate().filter_map(pair).collect()),
            why: format!(
                "paired: in each of {shared} pairs seed and number match, so both rolled the same dice{rest}"
            ),
        }
    }

    /// The trials that are compared: those of the pairs, partners at one index, or all if unpaired.
    pub fn compared<'a>(
        &self,
        a: &[&'a TrialReport],
        b: &[&'a TrialReport],
    ) -> (Vec<&'a TrialReport>, Vec<&'a TrialReport>) {
        match &self.pairs {
            Some(pairs) => pairs.iter().map(|&(one, other)| (a[one], b[other])).unzip(),
            None => (a.to_vec(), b.to_vec()),
        }
    }

    /// Whether trials are paired.
    pub fn is_paired(&self) -> bool {
        self.pairs.is_some()
    }

    /// The reason in words.
    pub fn why(&self) -> &str {
        &self.why
    }
}

fn keys(trials: &[&TrialReport]) -> BTreeMap<(u64, u64), usize> {
    (0..)
        .zip(trials)
        .filter_map(|(index, trial)| Some((trial.dice()?, index)))
        .collect()
}

/// Whether two conditions are the same but for what the dice do not depend on.
fn same_dice(a: &Condition, b: &Condition) -> bool {
    let masked = Condition {
        driver: a.driver,
        latency: a.latency,
        drain: a.drain,
        design: a.design,
        stamp: a.stamp,
        tick_delay_ns: a.tick_delay_ns,
        speed: a.speed,
        on_disconnect: a.on_disconnect,
        per_process: a.per_process,
        ..b.clone()
    };
    masked == *a
}
