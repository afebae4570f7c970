//! What file names say: which part is the machine, which the trial.
//!
//! A part with `machine`, `vm`, `process` before it is the machine, one with `trial`, `exp` the trial. Without such words
//! the part with few values, each seen with several values of the others, is the machine: `A1 B1 C1 A2 B2 C2`.
//!
//! `parts` names taken apart · `roles` what the parts are.
//!
//! **Invariant.** The proposed pattern matches every name that gives a machine.

mod parts;
mod roles;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::answer::Doubt;
use super::meaning::{MACHINES_MAX, Role};
use super::words;
pub(super) use parts::{Class, Part, label, parts, pattern};
use roles::roles;

/// What the paths say.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    /// Name of the machine of each file, where its path tells.
    pub(super) machines: Vec<Option<String>>,
    /// The pattern that says so.
    pub(super) pattern: Option<String>,
    /// Names of the machines that share a file, where lines tell.
    pub(super) in_lines: BTreeSet<String>,
    /// What is not certain.
    pub(super) doubts: Vec<Doubt>,
}

impl Names {
    /// The names of all machines.
    pub(super) fn all(&self) -> BTreeSet<&str> {
        let files = self.machines.iter().flatten();
        files.chain(&self.in_lines).map(String::as_str).collect()
    }
}

impl Names {
    /// Takes what a pattern says of the paths.
    fn take(&mut self, paths: &[&str], pattern: &str) {
        let Ok(regex) = Regex::new(pattern) else {
            return;
        };
        for (machine, path) in self.machines.iter_mut().zip(paths) {
            let found = regex.captures(path);
            *machine = found.and_then(|found| Some(found.name("machine")?.as_str().to_owned()));
        }
        self.pattern = Some(pattern.to_owned());
    }
}

/// The trial of each path, as a number: paths that differ in the machine and its rate alone are of one; without a machine,
/// those of one folder.
pub(super) fn trials(paths: &[&str], names: &Names) -> Vec<usize> {
    let pattern = names.pattern.as_ref();
    let regex = pattern.and_then(|pattern| Regex::new(pattern).ok());
    let key = |path: &&str| {
        let found = regex.as_ref().and_then(|regex| regex.captures(path));
        let Some(found) = found.filter(|found| found.name("machine").is_some()) else {
            return path
                .rsplit_once('/')
                .map_or("", |(folder, _)| folder)
                .to_owned();
        };
        let mut cut: Vec<_> = ["machine", "rate"]
            .iter()
            .filter_map(|part| Some(found.name(part)?.range()))
            .collect();
        cut.sort_by_key(|range| std::cmp::Reverse(range.start));
        let mut key = (*path).to_owned();
        for range in cut {
            key.replace_range(range, "*");
        }
        key
    };
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut trials = Vec::with_capacity(paths.len());
    for key in paths.iter().map(key) {
        let next = known.len();
        trials.push(*known.entry(key).or_insert(next));
    }
    trials
}

/// What these paths say by a pattern that was found to be right.
pub(super) fn by_pattern(paths: &[&str], pattern: &str) -> Names {
    let mut names = Names {
        machines: vec![None; paths.len()],
        ..Names::default()
    };
    names.take(paths, pattern);
    names
}

/// What these paths say. With several machines in each file (`interleaved`) what varies is the trial.
pub(super) fn read(paths: &[&str], interleaved: bool) -> Names {
    let split: Vec<(&str, Vec<Part<'_>>)> = paths
        .iter()
        .map(|path| {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            (folder, parts(name))
        })
        .collect();
    let mut groups: BTreeMap<Vec<(Class, &str)>, Vec<usize>> = BTreeMap::new();
    for (at, (_, parts)) in split.iter().enumerate() {
        let skeleton = parts
            .iter()
            .map(|&(class, text)| (class, if class == Class::Mark { text } else { "" }));
        groups.entry(skeleton.collect()).or_default().push(at);
    }
    let mut names = Names {
        machines: vec![None; paths.len()],
        ..Names::default()
    };
    let Some((_, members)) = groups.iter().max_by_key(|(_, members)| members.len()) else {
        return names;
    };
    let group: Vec<(&str, &[Part<'_>])> = members
        .iter()
        .map(|&at| (split[at].0, split[at].1.as_slice()))
        .collect();
    let roles = roles(&group, interleaved, &mut names.doubts);
    let has = |role| roles.contains(&role);
    if !has(Role::Machine) && !interleaved {
        return folders(paths, names);
    }
    if !has(Role::Machine) && !has(Role::Trial) {
        return names;
    }
    names.take(paths, &pattern(&group, &roles));
    names
}

/// Machines in folders of their own: `machine_1/events.log`.
fn folders(paths: &[&str], mut names: Names) -> Names {
    static FOLDER: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"^(?<above>(?:.*/)?)(?<word>[A-Za-z]+)(?<mark>[ _-]?)(?<name>\d+|[A-Z])(?<rest>(?:[ _-][A-Za-z]+)?)/(?<file>[^/]+)$")
            .ok()
    });
    let Some(folder) = FOLDER.as_ref() else {
        return names;
    };
    let found: Vec<_> = paths.iter().map(|path| folder.captures(path)).collect();
    let Some(Some(first)) = found.first() else {
        return names;
    };
    let word = &first["word"];
    let same = |found: &Option<regex::Captures<'_>>| {
        found.as_ref().is_some_and(|found| &found["word"] == word)
    };
    let named = words::is_machine_word(&word.to_lowercase());
    if !found.iter().all(same) || !(named || same_in_each(&found)) {
        return names;
    }
    names.pattern = Some(format!(
        r"^(?<trial>.*?)/?{word}{mark}(?<machine>\w+){rest}/[^/]+$",
        mark = &first["mark"],
        rest = &first["rest"]
    ));
    names.machines = found
        .iter()
        .map(|found| found.as_ref().map(|found| found["name"].to_owned()))
        .collect();
    names
}

/// Whether every folder has the same several folders, each with one file of the same name: `test1/c1/events.csv`.
fn same_in_each(found: &[Option<regex::Captures<'_>>]) -> bool {
    let mut below: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut files = BTreeSet::new();
    for captures in found.iter().flatten() {
        let part = |name| captures.name(name).map_or("", |part| part.as_str());
        if words::is_trial_word(&part("word").to_lowercase()) {
            return false;
        }
        files.insert(part("file"));
        below.entry(part("above")).or_default().push(part("name"));
    }
    let Some(first) = below.values().next() else {
        return false;
    };
    let several = (2..=MACHINES_MAX).contains(&first.len());
    let distinct = first.iter().collect::<BTreeSet<_>>().len() == first.len();
    files.len() == 1
        && several
        && distinct
        && below.len() > 1
        && below.values().all(|names| names == first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machines(paths: &[&str]) -> Vec<String> {
        let names = read(paths, false);
        names
            .machines
            .iter()
            .map(|name| name.clone().unwrap_or_default())
            .collect()
    }

    fn trial(paths: &[&str], path: &str) -> Option<String> {
        let names = read(paths, false);
        let regex = Regex::new(&names.pattern.expect("a pattern")).expect("a regex");
        let found = regex.captures(path).expect("a match");
        Some(found.name("trial")?.as_str().to_owned())
    }

    #[test]
    fn letters_are_machines_and_numbers_trials_of_one_folder() {
        let paths = [
            "o/P1.out",
            "o/P2.out",
            "o/P14.out",
            "o/Q1.out",
            "o/Q2.out",
            "o/Q14.out",
        ];
        assert_eq!(machines(&paths), ["P", "P", "P", "Q", "Q", "Q"]);
        assert_eq!(trial(&paths, "o/Q14.out").as_deref(), Some("14"));
    }

    #[test]
    fn a_folder_is_a_trial_and_a_start_time_is_no_machine() {
        let paths = [
            "t1/Proc1_2024-02-02 10:00:01.5.txt",
            "t1/Proc2_2024-02-02 10:00:02.5.txt",
            "t2/Proc1_2024-02-02 10:05:01.25.txt",
            "t2/Proc2_2024-02-02 10:05:02.125.txt",
        ];
        assert_eq!(machines(&paths), ["1", "2", "1", "2"]);
        assert_eq!(trial(&paths, paths[0]), None);
    }

    #[test]
    fn of_two_numbers_the_one_from_zero_is_the_machine() {
        let paths = ["calm1_0.txt", "calm1_1.txt", "calm2_0.txt", "calm2_1.txt"];
        assert_eq!(machines(&paths), ["0", "1", "0", "1"]);
        assert_eq!(trial(&paths, paths[2]).as_deref(), Some("2"));
    }

    #[test]
    fn of_two_numbers_that_change_together_the_one_that_every_folder_has_is_the_machine() {
        let paths = ["a/q_4_1.txt", "a/q_6_2.txt", "b/q_5_1.txt", "b/q_5_2.txt"];
        assert_eq!(machines(&paths), ["1", "2", "1", "2"]);
        let paths = ["a/N0_v4.log", "a/N1_v6.log"];
        assert_eq!(machines(&paths), ["0", "1"]);
    }

    #[test]
    fn ports_are_machines() {
        assert_eq!(
            machines(&["a/9001.log", "a/9002.log", "b/9001.log"]),
            ["9001", "9002", "9001"]
        );
    }

    #[test]
    fn a_time_that_machines_share_is_the_trial_when_a_folder_has_several() {
        let paths = [
            "20240202-100000_vm1.log",
            "20240202-100000_vm2.log",
            "20240202-100500_vm1.log",
            "20240202-100500_vm2.log",
        ];
        assert_eq!(machines(&paths), ["1", "2", "1", "2"]);
        assert_eq!(trial(&paths, paths[3]).as_deref(), Some("20240202-100500"));
    }

    #[test]
    fn machines_may_have_folders() {
        let paths = [
            "a1/k1_log/out.csv",
            "a1/k2_log/out.csv",
            "a2/k1_log/out.csv",
            "a2/k2_log/out.csv",
        ];
        assert_eq!(machines(&paths), ["1", "2", "1", "2"]);
        assert_eq!(trial(&paths, paths[3]).as_deref(), Some("a2"));
        let paths = ["x/node1/events.log", "x/node2/events.log"];
        assert_eq!(machines(&paths), ["1", "2"]);
        assert_eq!(trial(&paths, paths[1]).as_deref(), Some("x"));
    }
}
