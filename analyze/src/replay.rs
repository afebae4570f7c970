//! Whether trials are those that their seeds give: the runner makes them again, and what a seed decides is compared.
//!
//! ```text
//! places → groups (one condition, one seed) → batches (what one call of the runner makes) → comparison, trial by trial
//! ```
//!
//! In virtual time a seed decides every byte, with the faults of the manifest too: rates, phases and each row are compared. On sockets it decides rates,
//! phases and dice, and the host the rest: a machine's rolls are compared in their order, with those of the same machine in
//! virtual time with messages so slow that none arrives, where every tick rolls. So a message that was taken out on both
//! ends, a changed seed and other odds are found, which no law of clocks can see.
//!
//! # Map
//!
//! `batch` what is made again, and how · [`compare`] one trial with the one that its seed gives · `record` `run.json` beside
//! `trial.json`.
//!
//! **Invariant.** A trial is compared or named in a note, with the reason.

mod batch;
pub mod compare;
mod record;

use std::collections::BTreeMap;
use std::fmt;

use event_log::Driver;
use serde::Serialize;

use batch::{Batch, Group};
pub use compare::Difference;

use files::note::{Note, Severity};
use files::parallel;
use logs::scan::{self, TrialPlace};

/// Differences that are kept with their proof; all are counted.
const KEPT: usize = 1000;

/// What running trials again has shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Replay {
    /// Trials in virtual time that were compared.
    pub virtual_trials: u64,
    /// Their rows that were compared.
    pub rows: u64,
    /// Trials on sockets that were compared.
    pub sockets_trials: u64,
    /// Their rolls that were compared.
    pub rolls: u64,
    /// Trials that are not those that their seeds give.
    pub trials_differing: u64,
    /// Conditions whose trials say other settings than the record of their run.
    pub records_differing: u64,
    /// Trials that could not be compared; notes say why.
    pub not_compared: u64,
    /// Where trials differ: the first row of each machine, at most a thousand in all.
    pub differences: Vec<Difference>,
}

impl Replay {
    /// Whether every trial is the one that its seed gives.
    pub fn holds(&self) -> bool {
        self.trials_differing == 0 && self.records_differing == 0 && self.not_compared == 0
    }

    fn add(&mut self, driver: Driver, compared: compare::Compared) {
        let (trials, units) = match driver {
            Driver::Virtual => (&mut self.virtual_trials, &mut self.rows),
            Driver::Sockets => (&mut self.sockets_trials, &mut self.rolls),
        };
        *trials += 1;
        *units += compared.units;
        self.trials_differing += u64::from(!compared.differences.is_empty());
        let room = KEPT - self.differences.len().min(KEPT);
        self.differences
            .extend(compared.differences.into_iter().take(room));
    }
}

impl fmt::Display for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Replay {
            virtual_trials,
            rows,
            sockets_trials,
            rolls,
            trials_differing,
            records_differing,
            not_compared,
            differences: _,
        } = self;
        let plural = |count: u64| if count == 1 { "" } else { "s" };
        let trials = virtual_trials + sockets_trials;
        write!(
            f,
            "{trials} trial{} run again from the seed",
            plural(trials)
        )?;
        if *virtual_trials > 0 {
            write!(f, "; {virtual_trials} in virtual time by {rows} rows")?;
        }
        if *sockets_trials > 0 {
            write!(
                f,
                "; {sockets_trials} on sockets by rates, phases and {rolls} rolls"
            )?;
        }
        match trials_differing {
            0 => write!(f, "; none differs")?,
            1 => write!(f, "; 1 differs")?,
            _ => write!(f, "; {trials_differing} differ")?,
        }
        if *records_differing > 0 {
            let plural = plural(*records_differing);
            write!(
                f,
                "; {records_differing} condition{plural} not as in run.json"
            )?;
        }
        if *not_compared > 0 {
            write!(f, "; {not_compared} not compared")?;
        }
        Ok(())
    }
}

/// Runs the trials at these places again and compares them; the notes say which could not be compared, and why. To see what
/// the record of a run means, no more than `events_max` events are made.
pub fn replay(places: &[TrialPlace], events_max: u64) -> (Replay, Vec<Note>) {
    let mut replay = Replay::default();
    let mut notes = Vec::new();
    let groups = groups(places, &mut replay, &mut notes);
    let records = record::compare(&groups, places, events_max);
    notes.extend(records.notes);
    replay.records_differing = records.differences.len() as u64;
    let kept = records.differences.into_iter().take(KEPT);
    replay.differences.extend(kept);
    let batches: Vec<Batch<'_>> = groups.iter().flat_map(Group::batches).collect();
    for made in parallel::map(&batches, |batch| batch.compare(places)) {
        for (place, outcome) in made {
            match outcome {
                Ok((driver, compared)) => replay.add(driver, compared),
                Err(why) => {
                    replay.not_compared += 1;
                    notes.push(not_compared(&places[place], &why));
                }
            }
        }
    }
    (replay, notes)
}

/// The trials by condition and seed, in the order in which they were found.
fn groups(places: &[TrialPlace], replay: &mut Replay, notes: &mut Vec<Note>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    // The seed finds a group in no time; few seeds have several conditions.
    let mut of_seed: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    let manifests = parallel::map(places, scan::manifest);
    for (place, manifest) in manifests.into_iter().enumerate() {
        let manifest = match manifest {
            Ok(manifest) => manifest,
            // The check has said what is wrong with it.
            Err(_) => {
                replay.not_compared += 1;
                continue;
            }
        };
        let known = of_seed.entry(manifest.seed).or_default();
        let same = |&&group: &&usize| groups[group].condition == manifest.condition;
        let group = match known.iter().find(same) {
            Some(&group) => group,
            None => {
                known.push(groups.len());
                groups.push(Group::new(&manifest));
                groups.len() - 1
            }
        };
        if let Err(why) = groups[group].add(place, &manifest) {
            replay.not_compared += 1;
            notes.push(not_compared(&places[place], &why));
        }
    }
    groups
}

fn not_compared(place: &TrialPlace, why: &str) -> Note {
    Note::new(
        Severity::Warning,
        &place.dir,
        "a trial that can be run again from its seed",
        why,
        "it was not compared with what its seed gives",
    )
}
