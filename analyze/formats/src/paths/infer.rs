//! Machines and trials from the names of the files of one folder, where no format tells them.
//!
//! Names of one shape (words and numbers in the same order) are held against each other. What differs between them is
//! the machine, the trial, or a time; words beside it tell which (`exp10_machine1`), or else that it comes back in every
//! trial (`A1 B1 C1 A2 B2 C2`). Processes write the seconds at which they started into their names: files whose times
//! are close, and each of another machine, are one trial.

use std::collections::{BTreeMap, BTreeSet};

use super::names::{Role, Token, TokenKind, role, tokens};
use crate::natural;
use crate::spec::{Time, TimeFormat};
use crate::time::TimeReader;

/// Machines of one trial start within this number of nanoseconds: people start them by hand, one after the other.
const START_GAP_NS: i64 = 20_000_000_000;

/// What the name of a file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Inferred {
    pub(super) trial: Option<String>,
    pub(super) machine: Option<String>,
    pub(super) rate: Option<String>,
    pub(super) date: Option<String>,
}

/// Reads the names of the files of one folder. `machines` are those that are known already, by a format.
pub(super) fn infer(names: &[&str], machines: &[Option<String>]) -> Vec<Inferred> {
    let mut classes: BTreeMap<(String, Vec<TokenKind>), Vec<usize>> = BTreeMap::new();
    let mut parts = Vec::with_capacity(names.len());
    for (file, name) in names.iter().enumerate() {
        let (stem, extension) = split(name);
        let tokens = tokens(stem);
        let shape = tokens.iter().map(|token| token.kind).collect();
        classes
            .entry((extension.to_lowercase(), shape))
            .or_default()
            .push(file);
        parts.push(tokens);
    }
    let mut inferred = vec![Inferred::default(); names.len()];
    let mut taken: BTreeSet<(Option<String>, Option<String>)> = BTreeSet::new();
    for ((extension, _), files) in classes {
        let names: Vec<&[Token]> = files.iter().map(|&file| &parts[file][..]).collect();
        let known: Option<Vec<String>> = files
            .iter()
            .map(|&file| machines.get(file).cloned().flatten())
            .collect();
        let mut said = Class::new(&names, known).read();
        let keys = |said: &[Inferred]| -> Vec<_> {
            let keys = said.iter().map(|of| (of.trial.clone(), of.machine.clone()));
            keys.filter(|(_, machine)| machine.is_some()).collect()
        };
        // The same machines once more, in files of another ending, are another trial.
        if keys(&said).iter().any(|key| taken.contains(key)) {
            for of in &mut said {
                let trial = of.trial.take();
                of.trial =
                    Some(trial.map_or(extension.clone(), |trial| format!("{trial} {extension}")));
            }
        }
        taken.extend(keys(&said));
        for (file, of) in files.into_iter().zip(said) {
            inferred[file] = of;
        }
    }
    inferred
}

/// The stem of a name, and its ending if that is a word.
fn split(name: &str) -> (&str, &str) {
    match name.rsplit_once('.') {
        Some((stem, ending))
            if !stem.is_empty() && ending.starts_with(|first: char| first.is_alphabetic()) =>
        {
            (stem, ending)
        }
        _ => (name, ""),
    }
}

/// Names of one shape.
struct Class {
    files: usize,
    columns: Vec<Column>,
    machine: Option<Vec<String>>,
}

/// The parts at one place of all the names.
struct Column {
    kind: TokenKind,
    texts: Vec<String>,
    varies: bool,
    role: Option<Role>,
    /// The word before, if it is the same in all names.
    word: Option<String>,
}

impl Class {
    fn new(names: &[&[Token]], machine: Option<Vec<String>>) -> Class {
        let width = names.first().map_or(0, |name| name.len());
        let mut columns: Vec<Column> = Vec::with_capacity(width);
        for at in 0..width {
            let texts: Vec<String> = names.iter().map(|name| name[at].text.clone()).collect();
            let kind = names[0][at].kind;
            let word = columns
                .last()
                .filter(|before| before.kind == TokenKind::Word && !before.varies)
                .map(|before| before.texts[0].clone());
            let varies = texts.iter().any(|text| *text != texts[0]);
            let tells = kind == TokenKind::Number || (kind == TokenKind::Word && varies);
            let role = word.as_deref().filter(|_| tells).and_then(role);
            columns.push(Column {
                kind,
                texts,
                varies,
                role,
                word,
            });
        }
        Class {
            files: names.len(),
            columns,
            machine,
        }
    }

    fn read(mut self) -> Vec<Inferred> {
        let column_of = |columns: &[Column], wanted: Role| {
            let mut of = columns.iter().filter(|column| column.role == Some(wanted));
            let first = of.clone().next();
            of.find(|column| column.varies)
                .or(first)
                .map(|column| column.texts.clone())
        };
        let known = self.machine.is_some();
        let rate = column_of(&self.columns, Role::Rate);
        let trial = self.trial_by_words();
        let mut open: Vec<&Column> = self
            .columns
            .iter()
            .filter(|column| column.varies && column.role.is_none())
            .collect();
        let machine = self
            .machine
            .take()
            .or_else(|| column_of(&self.columns, Role::Machine));
        let machine = machine.or_else(|| {
            let chosen = choose_machine(&open)?;
            Some(open.remove(chosen).texts.clone())
        });
        // What is the same whenever the machine is the same is a port or a rate of the machine.
        if let Some(machine) = &machine {
            open.retain(|column| !determines(machine, &column.texts));
        }
        let keys = self.keys(&open, trial.as_deref(), machine.as_deref());
        (0..self.files)
            .map(|file| Inferred {
                trial: match (&trial, &keys) {
                    (Some(trial), Some(keys)) => Some(format!("{} {}", trial[file], keys[file])),
                    (Some(trial), None) => Some(trial[file].clone()),
                    (None, keys) => keys.as_ref().map(|keys| keys[file].clone()),
                },
                machine: machine
                    .as_ref()
                    .filter(|_| !known)
                    .map(|machine| machine[file].clone()),
                rate: rate.as_ref().map(|rate| rate[file].clone()),
                date: self
                    .columns
                    .iter()
                    .find(|column| column.kind == TokenKind::Time)
                    .map(|column| column.texts[file].clone()),
            })
            .collect()
    }

    /// Names of trials that words tell: `exp10` of `exp10_machine1`.
    fn trial_by_words(&self) -> Option<Vec<String>> {
        let columns: Vec<&Column> = self
            .columns
            .iter()
            .filter(|column| column.role == Some(Role::Trial))
            .collect();
        if columns.is_empty() {
            return None;
        }
        let name = |file: usize| {
            let parts = columns.iter().map(|column| {
                format!(
                    "{}{}",
                    column.word.as_deref().unwrap_or_default(),
                    column.texts[file]
                )
            });
            parts.collect::<Vec<String>>().join(" ")
        };
        Some((0..self.files).map(name).collect())
    }

    /// Names of trials by all else that differs, if that puts machines together.
    fn keys(
        &self,
        open: &[&Column],
        trial: Option<&[String]>,
        machine: Option<&[String]>,
    ) -> Option<Vec<String>> {
        if open.is_empty() {
            return None;
        }
        let key = |file: usize| {
            open.iter()
                .map(|column| column.texts[file].as_str())
                .collect::<Vec<&str>>()
                .join(" ")
        };
        let keys: Vec<String> = (0..self.files).map(key).collect();
        let Some(machine) = machine else {
            return Some(keys);
        };
        let trial_of = |file: usize| trial.map(|trial| trial[file].as_str());
        let mut groups: BTreeMap<(Option<&str>, &str), BTreeSet<&str>> = BTreeMap::new();
        let mut once: BTreeSet<(Option<&str>, &str)> = BTreeSet::new();
        let mut repeated = false;
        for file in 0..self.files {
            groups
                .entry((trial_of(file), &keys[file]))
                .or_default()
                .insert(&machine[file]);
            repeated |= !once.insert((trial_of(file), &machine[file]));
        }
        if !repeated {
            return None;
        }
        let is_time = open.iter().any(|column| column.kind == TokenKind::Time);
        let alike = groups
            .values()
            .all(|group| Some(group) == groups.values().next());
        let alone = groups.values().filter(|group| group.len() == 1).count();
        let together = if is_time {
            alike && alone == 0
        } else {
            alone < groups.len()
        };
        if together {
            return Some(keys);
        }
        Some(by_start(&keys, trial_of, machine, is_time))
    }
}

/// Which of the columns that no word explains names the machine.
fn choose_machine(open: &[&Column]) -> Option<usize> {
    let able = || {
        let able = open.iter().enumerate();
        able.filter(|(_, column)| column.kind != TokenKind::Time)
    };
    let letters = able().find(|(_, column)| {
        column
            .texts
            .iter()
            .all(|text| text.chars().count() == 1 && text.chars().all(char::is_alphabetic))
    });
    let first_word = able()
        .next()
        .filter(|_| able().any(|(_, column)| column.kind == TokenKind::Word));
    let fewest = able()
        .rev()
        .min_by_key(|(_, column)| column.texts.iter().collect::<BTreeSet<_>>().len());
    letters.or(first_word).or(fewest).map(|(at, _)| at)
}

/// Whether equal values of one column always have equal values of the other.
fn determines(one: &[String], other: &[String]) -> bool {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    one.iter()
        .zip(other)
        .all(|(one, other)| *seen.entry(one).or_insert(other) == other)
}

/// Names of trials where each machine wrote the time of its own start: in the order of time, a trial ends before a machine
/// comes again, and where nobody starts for a while.
fn by_start<'a>(
    keys: &[String],
    trial_of: impl Fn(usize) -> Option<&'a str>,
    machine: &[String],
    is_time: bool,
) -> Vec<String> {
    let start_ns = |key: &str| if is_time { start_ns(key) } else { None };
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by(|&a, &b| {
        let trials = trial_of(a).cmp(&trial_of(b));
        trials
            .then_with(|| natural::compare(&keys[a], &keys[b]))
            .then(a.cmp(&b))
    });
    let mut names = keys.to_vec();
    let mut first: Option<usize> = None;
    let mut before: Option<usize> = None;
    let mut machines: BTreeSet<&str> = BTreeSet::new();
    for file in order {
        let gap_ns =
            before.and_then(|before| start_ns(&keys[file])?.checked_sub(start_ns(&keys[before])?));
        let together = gap_ns.is_none_or(|gap| gap <= START_GAP_NS)
            && before.is_some_and(|before| trial_of(before) == trial_of(file))
            && !machines.contains(machine[file].as_str());
        if !together {
            first = Some(file);
            machines.clear();
        }
        machines.insert(&machine[file]);
        if let Some(first) = first {
            names[file] = keys[first].clone();
        }
        before = Some(file);
    }
    names
}

/// The time in a name, where it is one that can be read.
fn start_ns(key: &str) -> Option<i64> {
    let formats = [TimeFormat::Rfc3339, TimeFormat::EpochS];
    formats.into_iter().find_map(|format| {
        let spec = Time {
            format,
            ..Time::default()
        };
        TimeReader::new(&spec, None).ok()?.read(key).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For each name `trial/machine`, what is not known as `-`.
    fn read(names: &[&str]) -> Vec<String> {
        let inferred = infer(names, &vec![None; names.len()]);
        let show = |text: &Option<String>| text.clone().unwrap_or("-".to_owned());
        inferred
            .iter()
            .map(|of| format!("{}/{}", show(&of.trial), show(&of.machine)))
            .collect()
    }

    #[test]
    fn words_tell_machines_and_trials() {
        assert_eq!(
            read(&[
                "exp9_machine0.txt",
                "exp9_machine1.txt",
                "exp10_machine0.txt"
            ]),
            ["exp9/0", "exp9/1", "exp10/0"]
        );
        assert_eq!(
            read(&[
                "log_3_machine_2.txt",
                "log_3_machine_1.txt",
                "log_4_machine_1.txt",
                "log_4_machine_2.txt"
            ]),
            ["3/2", "3/1", "4/1", "4/2"]
        );
        assert_eq!(
            read(&["vm1_run2.log", "vm2_run2.log", "vm1_run3.log"]),
            ["run2/1", "run2/2", "run3/1"]
        );
        assert_eq!(read(&["machineA.log", "machineB.log"]), ["-/A", "-/B"]);
        assert_eq!(read(&["machine_1.log"]), ["-/1"]);
        assert_eq!(
            read(&["trial1.log", "trial2.log"]),
            ["trial1/-", "trial2/-"]
        );
        assert_eq!(
            read(&["machine_0_rate_3.log", "machine_1_rate_5.log"]),
            ["-/0", "-/1"]
        );
    }

    #[test]
    fn without_words_what_comes_back_in_every_trial_is_the_machine() {
        assert_eq!(
            read(&["A1.out", "B1.out", "C1.out", "A22.out", "B22.out"]),
            ["1/A", "1/B", "1/C", "22/A", "22/B"]
        );
        assert_eq!(
            read(&["5001.log", "5002.log", "5003.log"]),
            ["-/5001", "-/5002", "-/5003"]
        );
        assert_eq!(
            read(&[
                "log_1_1.txt",
                "log_1_2.txt",
                "log_1_3.txt",
                "log_2_1.txt",
                "log_2_2.txt",
                "log_2_3.txt",
                "log_3_1.txt",
                "log_4_1.txt"
            ]),
            ["1/1", "1/2", "1/3", "2/1", "2/2", "2/3", "3/1", "4/1"]
        );
        assert_eq!(read(&["1_7001.log", "2_7002.log"]), ["-/7001", "-/7002"]);
        assert_eq!(read(&["alice.log", "bob.log"]), ["-/alice", "-/bob"]);
        assert_eq!(read(&["log.txt"]), ["-/-"]);
    }

    #[test]
    fn times_in_names_put_machines_together() {
        // One start for all machines of a trial.
        assert_eq!(
            read(&[
                "1700000000.25_machine_0.log",
                "1700000000.25_machine_1.log",
                "1700000090.5_machine_0.log",
                "1700000090.5_machine_1.log"
            ]),
            [
                "1700000000.25/0",
                "1700000000.25/1",
                "1700000090.5/0",
                "1700000090.5/1"
            ]
        );
        // Starts of their own, and a machine that is missing in the first trial.
        let names = [
            "P1_2024-01-01 10:00:00.5.txt",
            "P2_2024-01-01 10:00:01.5.txt",
            "P1_2024-01-01 10:02:00.5.txt",
            "P2_2024-01-01 10:02:00.5.txt",
            "P3_2024-01-01 10:02:07.5.txt",
        ];
        let (one, two) = ("2024-01-01 10:00:00.5", "2024-01-01 10:02:00.5");
        assert_eq!(
            read(&names),
            [
                format!("{one}/1"),
                format!("{one}/2"),
                format!("{two}/1"),
                format!("{two}/2"),
                format!("{two}/3")
            ]
        );
        // One trial: times that tell nothing more.
        assert_eq!(read(&names[2..]), ["-/1", "-/2", "-/3"]);
        // A file for each run, all machines in it.
        assert_eq!(
            read(&["log_2024-01-01.txt", "log_2024-01-02.txt"]),
            ["2024-01-01/-", "2024-01-02/-"]
        );
    }

    #[test]
    fn the_same_machines_in_files_of_another_ending_are_another_trial() {
        assert_eq!(
            read(&["5001.log", "5001.txt", "5002.log", "5002.txt"]),
            ["-/5001", "txt/5001", "-/5002", "txt/5002"]
        );
    }

    #[test]
    fn machines_that_a_format_tells_are_not_told_again() {
        let known = ["1", "2", "1", "2"].map(|name| Some(name.to_owned()));
        let inferred = infer(&["x1 9", "x2 9", "x1 8", "x2 8"], &known);
        let trials: Vec<Option<&str>> = inferred.iter().map(|of| of.trial.as_deref()).collect();
        assert_eq!(trials, [Some("9"), Some("9"), Some("8"), Some("8")]);
        assert!(inferred.iter().all(|of| of.machine.is_none()));
    }
}
