//! What file names say: which part is the machine, which the trial.
//!
//! A part with `machine`, `vm`, `process` before it is the machine, one with `trial`, `exp` the trial. Without such words
//! the part with few values, each seen with several values of the others, is the machine: `A1 B1 C1 A2 B2 C2`.
//!
//! **Invariant.** The proposed pattern matches every name that a machine is told for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::meaning::Role;
use super::{Doubt, rates, words};

/// Machines of a trial at most, for a part of a name to be one.
const MACHINES_MAX: usize = 16;

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

/// What a part of a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    Time,
    Number,
    Word,
    Mark,
}

pub(super) type Part<'a> = (Class, &'a str);

/// A name or a path, taken apart.
pub(super) fn parts(name: &str) -> Vec<Part<'_>> {
    static PART: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?<time>\d{4}-\d{1,2}-\d{1,2}[ T_:-]*\d{1,2}[:._-]\d{1,2}[:._-]\d{1,2}(?:\.\d+)?|\d{4}-\d{2}-\d{2}|\d{8}[-_T]\d{6}|\d{9,10}\.\d+|\d{10,})|(?<number>\d+)|(?<word>\p{Alphabetic}+)|(?<mark>(?s:.))",
        )
        .ok()
    });
    let Some(regex) = PART.as_ref() else {
        return Vec::new();
    };
    let classes = [
        ("time", Class::Time),
        ("number", Class::Number),
        ("word", Class::Word),
        ("mark", Class::Mark),
    ];
    let part = |found: regex::Captures<'_>| {
        classes
            .iter()
            .find_map(|(group, class)| Some((*class, found.name(group)?.range())))
    };
    regex
        .captures_iter(name)
        .filter_map(part)
        .map(|(class, range)| (class, &name[range]))
        .collect()
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

/// The word before a part, with nothing but marks between them.
pub(super) fn label(parts: &[Part<'_>], at: usize) -> Option<String> {
    let before = parts[..at].iter().rposition(|part| part.0 == Class::Word);
    before
        .filter(|&word| parts[word + 1..at].iter().all(|part| part.0 == Class::Mark))
        .map(|word| parts[word].1.to_lowercase())
}

/// Whether the number before these parts is so many a second: `3hz`, `4 ticks per sec`.
fn is_rate(after: &[Part<'_>]) -> bool {
    let until = after
        .iter()
        .take_while(|part| matches!(part.0, Class::Word) || [" ", "_", "-", "/"].contains(&part.1));
    let words = until.filter(|part| part.0 == Class::Word);
    let words: Vec<String> = words.map(|part| part.1.to_lowercase()).collect();
    rates::are_per_second(&words)
}

/// The role of each part of names of one skeleton.
fn roles(group: &[(&str, &[Part<'_>])], interleaved: bool, doubts: &mut Vec<Doubt>) -> Vec<Role> {
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

/// A pattern of names with these roles.
pub(super) fn pattern(group: &[(&str, &[Part<'_>])], roles: &[Role]) -> String {
    let first = group[0].1;
    let extension = first
        .iter()
        .rposition(|part| part.1 == ".")
        .unwrap_or(first.len());
    let mut pattern = "(?:^|/)".to_owned();
    for (at, &(class, text)) in first.iter().enumerate() {
        let varies = group.iter().any(|(_, parts)| parts[at].1 != text);
        let one = |class| match class {
            Class::Time => r"[\d.:T _-]+",
            Class::Number => r"\d+",
            Class::Word => "[A-Za-z]+",
            Class::Mark => "",
        };
        let regex = if class == Class::Number
            || class == Class::Time
            || (class == Class::Word && varies && at < extension)
        {
            one(class).to_owned()
        } else if varies {
            let texts: BTreeSet<&str> = group.iter().map(|(_, parts)| parts[at].1).collect();
            let texts: Vec<String> = texts.into_iter().map(regex::escape).collect();
            format!("(?:{})", texts.join("|"))
        } else {
            regex::escape(text)
        };
        match roles[at].name() {
            Some(role) => pattern.push_str(&format!("(?<{role}>{regex})")),
            None => pattern.push_str(&regex),
        }
    }
    pattern + "$"
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
