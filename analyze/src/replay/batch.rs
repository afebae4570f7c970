//! What is made again, and how: trials of one condition and seed, some at each call of the runner.
//!
//! **Invariant.** What the runner makes is bounded by what the logs hold: a manifest that promises more is followed only
//! as far as its logs go, or, with faults, as far as the budget for as many rows goes.

use std::collections::BTreeMap;

use event_log::{Condition, Driver, Latency, TrialManifest};
use events::Trial;

use super::compare::{self, Compared};
use crate::runner_process::{EventBudget, Recipe};
use logs::scan::{self, TrialPlace};

/// Ticks that a call of the runner is to make, about: so many that its start takes no time beside them, so few that their
/// logs fit in memory on every thread.
const BATCH_TICKS: u64 = 500_000;
/// A delay that outlasts every trial, nanoseconds: a hundred thousand hours.
const NEVER_NS: u64 = 360_000_000_000_000_000;

/// Trials of one condition and seed.
pub(super) struct Group {
    pub(super) condition: Condition,
    pub(super) seed: u64,
    /// Ticks of one trial, at the highest rates that the condition allows.
    ticks: u64,
    /// Where each trial is, by number; a copy of a trial has the number of its original.
    pub(super) trials: BTreeMap<u64, Vec<usize>>,
}

/// Trials by number, each with the places at which it is.
type Numbered<'g> = Vec<(u64, &'g [usize])>;

/// Trials that one call of the runner makes.
pub(super) struct Batch<'g> {
    group: &'g Group,
    /// The call makes trials 0 to `count` − 1 …
    count: u64,
    /// … whose numbers leave this when divided by …
    shard: u64,
    /// … this.
    of: u64,
    /// Those of them that are there.
    trials: Numbered<'g>,
}

/// A trial by position among the places: what it was, and what comparing it has shown, or why it could not be compared.
pub(super) type Outcome = (usize, Result<(Driver, Compared), String>);

impl Group {
    /// The group that this trial begins.
    pub(super) fn new(manifest: &TrialManifest) -> Group {
        let ticks = manifest
            .machines
            .iter()
            .map(|entry| manifest.ticks_expected(entry));
        Group {
            condition: manifest.condition.clone(),
            seed: manifest.seed,
            ticks: ticks.fold(1, u64::saturating_add),
            trials: BTreeMap::new(),
        }
    }

    /// Adds a trial of this group.
    ///
    /// # Errors
    ///
    /// Why its number can be none that the runner gave.
    pub(super) fn add(&mut self, place: usize, manifest: &TrialManifest) -> Result<(), String> {
        if manifest.trial == u64::MAX {
            return Err("a number that no trial of a run has".to_owned());
        }
        self.trials.entry(manifest.trial).or_default().push(place);
        Ok(())
    }

    /// The calls of the runner that make its trials again. Where most numbers are there all are made, in parts; of a few
    /// among many each is made alone.
    pub(super) fn batches(&self) -> Vec<Batch<'_>> {
        let there = self.trials.len() as u64;
        let count = self.trials.keys().next_back().map_or(0, |last| last + 1);
        let is_dense = count <= there.saturating_mul(2);
        let parts = there.saturating_mul(self.ticks).div_ceil(BATCH_TICKS);
        let parts = parts.clamp(1, count.max(1));
        let call = |number: u64| match is_dense {
            true => (number % parts, parts, count),
            false => (number, number + 1, number + 1),
        };
        let mut calls: BTreeMap<(u64, u64, u64), Numbered<'_>> = BTreeMap::new();
        for (&number, places) in &self.trials {
            calls
                .entry(call(number))
                .or_default()
                .push((number, places));
        }
        let batches = calls.into_iter().map(|((shard, of, count), trials)| Batch {
            group: self,
            count,
            shard,
            of,
            trials,
        });
        batches.collect()
    }
}

impl Batch<'_> {
    /// Makes the trials again and compares those that are there.
    pub(super) fn compare(&self, places: &[TrialPlace]) -> Vec<Outcome> {
        let found: Vec<(u64, usize, Result<Trial, String>)> = self
            .trials
            .iter()
            .flat_map(|&(number, of_number)| of_number.iter().map(move |&place| (number, place)))
            .map(|(number, place)| {
                let loaded = scan::load(&places[place]);
                let trial = loaded
                    .map(|loaded| loaded.trial)
                    .map_err(|note| note.found.clone());
                (number, place, trial)
            })
            .collect();
        let trials = found.iter().filter_map(|(_, _, trial)| trial.as_ref().ok());
        let seeded = self.seeded(trials);
        let compared = found.into_iter().map(|(number, place, trial)| {
            let outcome = match (trial, &seeded) {
                (Err(why), _) => Err(why),
                (Ok(_), Err(why)) => Err(why.clone()),
                (Ok(trial), Ok(seeded)) => match seeded.get(&number) {
                    Some(seeded) => Ok(compare_one(&trial, seeded)),
                    None => Err(format!("the runner made no trial {number}")),
                },
            };
            (place, outcome)
        });
        compared.collect()
    }

    /// The trials that the seed gives, by number, as long as these logs of them need.
    fn seeded<'t>(
        &self,
        trials: impl Iterator<Item = &'t Trial>,
    ) -> Result<BTreeMap<u64, Trial>, String> {
        let (mut needed_ns, mut rows) = (0, 0);
        for trial in trials {
            needed_ns = needed_ns.max(needed(trial));
            rows += trial.len() as u64;
        }
        let mut condition = self.group.condition.clone();
        // When faults are over follows from the length.
        if condition.faults.is_none() {
            condition.duration_ns = condition.duration_ns.min(needed_ns.max(1));
        }
        if condition.driver == Driver::Sockets {
            // No message arrives, so that every tick rolls.
            condition.latency = Some(Latency {
                min_ns: NEVER_NS,
                max_ns: NEVER_NS,
            });
            condition.tick_delay_ns = 0;
        }
        let mut recipe = Recipe::of(&condition, "replay", self.count, self.group.seed);
        let arguments = &mut recipe.arguments;
        arguments.extend(["--shard".to_owned(), format!("{}/{}", self.shard, self.of)]);
        // Trials that are not there may lie between those that are, and rates that were drawn high are no surprise.
        let budget = EventBudget::new(
            BATCH_TICKS
                .saturating_mul(16)
                .saturating_add(rows.saturating_mul(16)),
        );
        let seeded = recipe.start(&budget)?.map(|made| {
            let made = made?;
            let loaded = scan::load_made(&recipe.name, &made);
            let trial = loaded.map_err(|note| note.to_string())?.trial;
            Ok((trial.info.number, trial))
        });
        seeded.collect()
    }
}

/// Nominal time that a trial must take to have the ticks of these logs, nanoseconds.
fn needed(trial: &Trial) -> u64 {
    let entries = trial.info.manifest.iter().flat_map(|of| &of.machines);
    let machines = entries.zip(&trial.machines).filter_map(|(entry, machine)| {
        let ticks = machine.rows.tick.values().iter().max()?.saturating_add(2);
        let ticks = ticks.saturating_mul(entry.rate.period_ns());
        Some(ticks.saturating_add(entry.phase_ns))
    });
    machines.max().unwrap_or(0)
}

fn compare_one(found: &Trial, seeded: &Trial) -> (Driver, Compared) {
    let manifest = found.info.manifest.as_ref();
    let driver = manifest.map_or(Driver::Virtual, |of| of.condition.driver);
    let compared = match driver {
        Driver::Virtual => compare::rows(found, seeded),
        Driver::Sockets => compare::rolls(found, seeded),
    };
    (driver, compared)
}

#[cfg(test)]
mod tests;
