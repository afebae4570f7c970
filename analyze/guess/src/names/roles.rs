//! Which part of the names of files of one shape is the machine, which the trial, which the rate.
//!
//! **Invariant.** At most one part is the machine.

use std::collections::{BTreeMap, BTreeSet};

use super::parts::{Class, Part, label};
use crate::answer::Doubt;
use crate::meaning::{MACHINES_MAX, Role};
use crate::{rates, words};

/// Whether the number before these parts counts per second: `3hz`, `4 ticks per sec`.
fn is_rate(after: &[Part<'_>]) -> bool {
    let until = after
        .iter()
        .take_while(|part| matches!(part.0, Class::Word) || [" ", "_", "-", "/"].contains(&part.1));
    let words = until.filter(|part| part.0 == Class::Word);
    let words: Vec<String> = words.map(|part| part.1.to_lowercase()).collect();
    rates::are_per_second(&words)
}

/// The role of each part of names of one skeleton.
pub(super) fn roles(
    group: &[(&str, &[Part<'_>])],
    interleaved: bool,
    doubts: &mut Vec<Doubt>,
) -> Vec<Role> {
    let Some((_, first)) = group.first() else {
        return Vec::new();
    };
    let mut roles = vec![Role::None; first.len()];
    let extension = first
        .iter()
        .rposition(|part| part.1 == ".")
        .unwrap_or(first.len());
    let label = |at: usize| label(first, at);
    let varying: Vec<usize> = (0..extension)
        .filter(|&at| first[at].0 != Class::Mark)
        .filter(|&at| group.iter().any(|(_, parts)| parts[at].1 != first[at].1))
        .collect();
    for at in 0..extension {
        if !matches!(first[at].0, Class::Number | Class::Word)
            || (first[at].0 == Class::Word && !varying.contains(&at))
        {
            continue;
        }
        if first[at].0 == Class::Number && is_rate(&first[at + 1..extension]) {
            roles[at] = Role::Rate;
        } else if let Some(word) = label(at) {
            roles[at] = if words::is_machine_word(&word) && !interleaved {
                Role::Machine
            } else if words::is_trial_word(&word) {
                Role::Trial
            } else if words::role_weight(Role::Rate, &word) >= 3.0 {
                Role::Rate
            } else {
                Role::None
            };
        }
    }
    let open: Vec<usize> = varying
        .iter()
        .copied()
        .filter(|&at| roles[at] == Role::None)
        .collect();
    if interleaved {
        if !roles.contains(&Role::Trial)
            && let Some(&at) = open.first()
        {
            roles[at] = Role::Trial;
        }
        return roles;
    }
    if !roles.contains(&Role::Machine) {
        choose_machine(group, &open, &mut roles, doubts);
    }
    choose_trial(group, &open, &mut roles);
    roles
}

/// The part with the fewest values, of those with several values beside the same rest of the path.
fn choose_machine(
    group: &[(&str, &[Part<'_>])],
    open: &[usize],
    roles: &mut [Role],
    doubts: &mut Vec<Doubt>,
) {
    let distinct = |at: usize| {
        group
            .iter()
            .map(|(_, parts)| parts[at].1)
            .collect::<BTreeSet<_>>()
            .len()
    };
    let beside = |at: usize| {
        let mut rests: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
        for (folder, parts) in group {
            let rest = open
                .iter()
                .filter(|&&other| other != at && parts[other].0 != Class::Time)
                .map(|&other| parts[other].1);
            *rests
                .entry(std::iter::once(*folder).chain(rest).collect())
                .or_default() += 1;
        }
        group.len() as f64 / rests.len().max(1) as f64
    };
    let candidates: Vec<usize> = open
        .iter()
        .copied()
        .filter(|&at| group[0].1[at].0 != Class::Time)
        .collect();
    let is_number = |at: usize| group[0].1[at].0 == Class::Number;
    let mut fitting: Vec<(bool, usize, usize)> = candidates
        .iter()
        .map(|&at| (is_number(at), distinct(at), at))
        .filter(|&(_, values, at)| {
            values <= MACHINES_MAX && (candidates.len() == 1 || beside(at) >= 1.5)
        })
        .collect();
    // Of parts with as many values: trials are counted from 1, machines from 0 as well; and the machine stands last.
    let from_zero = |at: usize| group.iter().any(|(_, parts)| parts[at].1 == "0");
    fitting.sort_by_key(|&(number, values, at)| {
        (number, values, !from_zero(at), std::cmp::Reverse(at))
    });
    let Some(&(number, values, at)) = fitting.first() else {
        let mut same = candidates
            .iter()
            .copied()
            .filter(|&at| same_in_folders(group, at));
        let first = same.next();
        if let Some(at) = same.find(|&at| from_zero(at)).or(first) {
            roles[at] = Role::Machine;
        }
        return;
    };
    roles[at] = Role::Machine;
    if let Some(&(other_number, others, other)) = fitting.get(1)
        && (other_number, others) == (number, values)
    {
        doubts.push(Doubt {
            what: "machine".to_owned(),
            why: "two parts of the file names could be it, each with as many values; the one counted from 0, or else the last, was taken".to_owned(),
            evidence: format!("`{}` and `{}`", group[0].1[at].1, group[0].1[other].1),
        });
    }
}

/// Whether a part is another one for each file of a folder, and each folder has the same of them: `N0_v4`, `N1_v6`.
fn same_in_folders(group: &[(&str, &[Part<'_>])], at: usize) -> bool {
    let mut folders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (folder, parts) in group {
        folders.entry(folder).or_default().push(parts[at].1);
    }
    for values in folders.values_mut() {
        values.sort_unstable();
    }
    let Some(first) = folders.values().next() else {
        return false;
    };
    let distinct = first.windows(2).all(|pair| pair[0] != pair[1]);
    let several = (2..=MACHINES_MAX).contains(&first.len());
    distinct && several && folders.values().all(|values| values == first)
}

/// With several files of one machine in a folder, another varying part tells the trials apart.
fn choose_trial(group: &[(&str, &[Part<'_>])], open: &[usize], roles: &mut [Role]) {
    let Some(machine) = roles.iter().position(|&role| role == Role::Machine) else {
        return;
    };
    if roles.contains(&Role::Trial) {
        return;
    }
    let mut seen = BTreeSet::new();
    let repeats = group
        .iter()
        .any(|(folder, parts)| !seen.insert((*folder, parts[machine].1)));
    let shared = |at: usize| {
        let values: BTreeSet<(&str, &str)> = group
            .iter()
            .map(|(folder, parts)| (*folder, parts[at].1))
            .collect();
        group.len() as f64 / values.len() as f64
    };
    let best = open
        .iter()
        .copied()
        .filter(|&at| roles[at] == Role::None)
        .max_by(|&a, &b| shared(a).total_cmp(&shared(b)));
    if repeats && let Some(at) = best {
        roles[at] = Role::Trial;
    }
}
