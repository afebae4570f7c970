//! A trial's manifest against itself: what makes it unusable although it parses.
//!
//! **Invariant.** A manifest without a flaw describes machines whose numbers mean what the condition says.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::{Component, Path};

use event_log::{Design, MachineEntry, RateRule, Status, TrialManifest};

/// Speeds for which times still have digits to tell them apart.
const SPEEDS: RangeInclusive<f64> = 1e-6..=1e6;
/// More machines than one trial can have.
const MOST_MACHINES: usize = 1000;

/// What was expected, and what was found.
type Flaw = (String, String);

/// The first flaw of a manifest.
pub(super) fn find(manifest: &TrialManifest) -> Option<Flaw> {
    let speed = manifest.condition.speed;
    if !SPEEDS.contains(&speed) {
        let expected = "a speed from 0.000001 to 1000000".to_owned();
        return Some((expected, speed.to_string()));
    }
    if manifest.status == Status::Complete && manifest.started_ns.is_none() {
        let expected = "`started_ns`, because the trial is marked complete".to_owned();
        return Some((expected, "none".to_owned()));
    }
    machines(manifest)
        .or_else(|| logs(&manifest.machines))
        .or_else(|| rates(manifest))
        .or_else(|| timekeeper(manifest))
}

/// As many machines as the condition says, numbered in order.
fn machines(manifest: &TrialManifest) -> Option<Flaw> {
    let (found, meant) = (manifest.machines.len(), manifest.condition.machines);
    if found == 0 || found != meant as usize {
        return Some((
            "an entry for each machine of the condition".to_owned(),
            format!("{found} machines for a condition of {meant}"),
        ));
    }
    if found > MOST_MACHINES {
        let expected = format!("at most {MOST_MACHINES} machines");
        return Some((expected, found.to_string()));
    }
    let numbered = (0u32..).zip(&manifest.machines);
    let wrong = numbered.into_iter().find(|(id, entry)| entry.id.0 != *id);
    wrong.map(|(id, entry)| {
        let expected = format!("the machines' ids 0, 1, 2, … in this order, so here {id}");
        (expected, entry.id.to_string())
    })
}

/// A log for each machine, in the trial's own folder.
fn logs(machines: &[MachineEntry]) -> Option<Flaw> {
    let mut names = BTreeSet::new();
    machines.iter().find_map(|entry| {
        let found = format!("`{}` for machine {}", entry.log, entry.id);
        if !is_plain(&entry.log) {
            let expected = "a log that is a plain file name in the trial's folder".to_owned();
            return Some((expected, found));
        }
        let first = names.insert(entry.log.as_str());
        (!first).then(|| ("a different log for each machine".to_owned(), found))
    })
}

/// Whether a name leads to a file in the folder it is joined to, and nowhere else.
fn is_plain(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    matches!(
        (parts.next(), parts.next()),
        (Some(Component::Normal(part)), None) if part == name
    )
}

/// The machines' rates are those of the condition, or in its range.
fn rates(manifest: &TrialManifest) -> Option<Flaw> {
    let machines = &manifest.machines;
    match &manifest.condition.rates {
        RateRule::Fixed(rates) => {
            if rates.len() != machines.len() {
                return Some((
                    format!(
                        "a rate of the condition for each of {} machines",
                        machines.len()
                    ),
                    format!("{} rates", rates.len()),
                ));
            }
            let pairs = rates.iter().zip(machines);
            let mut wrong = pairs.filter(|(rate, entry)| **rate != entry.rate);
            wrong.next().map(|(rate, entry)| {
                let expected = format!("rate {rate} for machine {}, as in the condition", entry.id);
                (expected, format!("rate {}", entry.rate))
            })
        }
        &RateRule::Range(low, high) => {
            let within = f64::from(low)..=f64::from(high);
            let wrong = machines
                .iter()
                .find(|entry| !within.contains(&entry.rate.hz()));
            wrong.map(|entry| {
                let expected = format!("rates from {low} to {high}, as in the condition");
                (
                    expected,
                    format!("rate {} for machine {}", entry.rate, entry.id),
                )
            })
        }
    }
}

/// Where one machine keeps time it is the fastest, of several the one with the lowest id; elsewhere there is none.
fn timekeeper(manifest: &TrialManifest) -> Option<Flaw> {
    let found = manifest.timekeeper;
    let meant = match manifest.condition.design {
        Design::Mesh | Design::Hub => None,
        Design::Timekeeper => {
            let highest = manifest.machines.iter().map(|entry| entry.rate).max()?;
            let mut fastest = manifest.machines.iter();
            fastest
                .find(|entry| entry.rate == highest)
                .map(|entry| entry.id)
        }
    };
    if found == meant {
        return None;
    }
    let word = manifest.condition.design.name();
    let expected = match meant {
        Some(id) => format!("machine {id}, the fastest, as the timekeeper of the design `{word}`"),
        None => format!("no timekeeper in the design `{word}`"),
    };
    let found = found.map_or_else(|| "none".to_owned(), |id| format!("machine {id}"));
    Some((expected, found))
}
