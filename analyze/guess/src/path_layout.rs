//! Which part of the paths is the machine and which the trial, put to the test on what was read.
//!
//! Machines of one trial run at the same time, and there are several. Where the names of files, taken as they mostly are
//! meant, put files together of which this is not so, every other way to take them is tried.
//!
//! **Invariant.** Another way is proposed only if it is better by times and machines, and takes every file.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use regex::Regex;

use super::meaning::{MACHINES_MAX, Role};
use super::names::{self, Class, Part};
use super::words;
use events::Trial;
use formats::error::PathsError;
use formats::inventory::Inventory;
use formats::line_stats::Account;
use formats::paths;
use formats::source::TrialFiles;
use formats::spec::{Files, Format};

/// Ways that are tried at most: each lists all files again.
const WAYS_MAX: usize = 48;
/// So much better must another way be, of all files.
const BETTER: f64 = 0.1;

/// What the lines of a file tell of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Told {
    machine: String,
    /// First and last time, in nanoseconds.
    span: Option<(i64, i64)>,
}

/// A regex on paths by which machines that run at the same time are one trial, if the format's own puts others together.
///
/// # Errors
///
/// As [`paths::plan`].
pub(super) fn better(
    inventory: &Inventory,
    format: &Format,
    trials: &[Trial],
    account: &Account,
) -> Result<Option<String>, PathsError> {
    let told = told(trials);
    let now = score(&paths::plan(inventory, &format.files)?.trials, &told);
    // Files of several machines are divided by their lines.
    if told.len() < 2 || told.len() < account.files.len() || now > 1.0 - BETTER {
        return Ok(None);
    }
    let relative = relative(inventory, told.keys());
    let mut best = (now + BETTER, None);
    for pattern in ways(&relative) {
        let files = Files {
            path: Some(pattern.clone()),
            ..format.files.clone()
        };
        let plan = paths::plan(inventory, &files)?;
        let all: usize = plan.trials.iter().map(|trial| trial.files.len()).sum();
        let score = score(&plan.trials, &told);
        if all >= told.len() && score > best.0 {
            best = (score, Some(pattern));
        }
    }
    Ok(best.1)
}

/// What is known of each file that has the events of one machine.
fn told(trials: &[Trial]) -> BTreeMap<PathBuf, Told> {
    let mut told: BTreeMap<PathBuf, Told> = BTreeMap::new();
    let mut shared: BTreeSet<PathBuf> = BTreeSet::new();
    for machine in trials.iter().flat_map(|trial| &trial.machines) {
        for row in 0..machine.rows.len() {
            let Some(path) = machine.files.get(machine.rows.file(row)) else {
                continue;
            };
            if !told.contains_key(path) {
                let of = Told {
                    machine: machine.name.clone(),
                    span: None,
                };
                told.insert(path.clone(), of);
            }
            let Some(of) = told.get_mut(path) else {
                continue;
            };
            if of.machine != machine.name {
                shared.insert(path.clone());
            }
            if let Some(time) = machine.rows.time_ns.get(row) {
                let (first, last) = of.span.unwrap_or((time, time));
                of.span = Some((first.min(time), last.max(time)));
            }
        }
    }
    told.retain(|path, _| !shared.contains(path));
    told
}

/// Share of the files that are of a trial of several machines, each once, all of them running at the same time.
fn score(trials: &[TrialFiles], told: &BTreeMap<PathBuf, Told>) -> f64 {
    let (mut good, mut all) = (0, 0);
    let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
    for trial in trials {
        let mut names = BTreeSet::new();
        let (mut starts, mut ends) = (i64::MIN, i64::MAX);
        let mut files = 0;
        for file in &trial.files {
            let Some(of) = told.get(&file.path) else {
                continue;
            };
            files += 1;
            names.insert(file.machine.as_deref().unwrap_or(&of.machine));
            if let Some((first, last)) = of.span {
                (starts, ends) = (starts.max(first), ends.min(last));
            }
        }
        all += files;
        if files > 1 && names.len() == files && starts <= ends {
            good += files;
            *sizes.entry(files).or_default() += files;
        }
    }
    // Of two ways that put together what runs together the one with as many machines in every trial is the better.
    let alike = sizes.values().max().copied().unwrap_or(0);
    (good as f64 + 0.01 * alike as f64)
        / (1.01 * f64::from(u32::try_from(all.max(1)).unwrap_or(u32::MAX)))
}

/// The paths as a format's regex sees them.
fn relative<'a>(inventory: &Inventory, files: impl Iterator<Item = &'a PathBuf>) -> Vec<String> {
    let below = inventory.roots.iter().flat_map(|root| {
        let below = root.entries.iter().filter(|entry| entry.path != root.path);
        below.map(|entry| (&entry.path, &entry.relative))
    });
    let below: HashMap<&PathBuf, &String> = below.collect();
    files
        .filter_map(|file| below.get(file).map(|relative| (*relative).clone()))
        .collect()
}

/// Patterns for every choice of a part as the machine, and of another or none as the trial; the likelier first.
fn ways(paths: &[String]) -> Vec<String> {
    let split: Vec<Vec<Part<'_>>> = paths.iter().map(|path| names::parts(path)).collect();
    let Some(first) = split.first() else {
        return Vec::new();
    };
    let group: Vec<(&str, &[Part<'_>])> =
        split.iter().map(|parts| ("", parts.as_slice())).collect();
    let alike = |parts: &Vec<Part<'_>>| {
        let mark = |part: &Part<'_>| {
            (
                part.0,
                if part.0 == Class::Mark {
                    part.1.to_owned()
                } else {
                    String::new()
                },
            )
        };
        parts.iter().map(mark).eq(first.iter().map(mark))
    };
    if !split.iter().all(alike) {
        return Vec::new();
    }
    let values = |at: usize| {
        split
            .iter()
            .map(|parts| parts[at].1)
            .collect::<BTreeSet<&str>>()
            .len()
    };
    let varying: Vec<usize> = (0..first.len())
        .filter(|&at| first[at].0 != Class::Mark && values(at) > 1)
        .collect();
    let word = |at: usize| names::label(first, at).unwrap_or_default();
    let fits = |&at: &usize| first[at].0 != Class::Time && values(at) <= MACHINES_MAX;
    let mut machines: Vec<usize> = varying.iter().copied().filter(fits).rev().collect();
    // What words call a machine comes first, what they call a trial last.
    machines.sort_by_key(|&at| {
        (
            words::is_trial_word(&word(at)),
            !words::is_machine_word(&word(at)),
        )
    });
    let mut ways = Vec::new();
    for machine in machines {
        let trials = varying.iter().copied().filter(|&at| at != machine);
        for trial in trials.rev().map(Some).chain([None]) {
            let mut roles = vec![Role::None; first.len()];
            roles[machine] = Role::Machine;
            if let Some(trial) = trial {
                roles[trial] = Role::Trial;
            }
            for (at, role) in roles.iter_mut().enumerate() {
                let rate = || words::role_weight(Role::Rate, &word(at)) >= 3.0;
                if *role == Role::None && first[at].0 == Class::Number && rate() {
                    *role = Role::Rate;
                }
            }
            let rates = roles.iter().filter(|&&role| role == Role::Rate).count();
            if rates > 1 {
                roles
                    .iter_mut()
                    .filter(|role| **role == Role::Rate)
                    .for_each(|role| *role = Role::None);
            }
            ways.push(names::pattern(&group, &roles));
        }
    }
    ways.truncate(WAYS_MAX);
    let takes_all = |pattern: &String| {
        Regex::new(pattern).is_ok_and(|regex| paths.iter().all(|path| regex.is_match(path)))
    };
    ways.retain(takes_all);
    ways
}
