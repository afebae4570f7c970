//! Rates that are stated beside the logs: in the names of folders and files, and in files of their own.
//!
//! A number in a path is no rate for want of a word, but if machines have lines in proportion to it, it is; and several
//! numbers in a row, `run-1-4-6`, may be those of all machines of the trial, in their order.
//!
//! **Invariant.** A number without a word is a rate only if the lines of all files prove it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use regex::Regex;

use super::meaning::{Meaning, Role};
use super::names::{self, Class, Names, Part};
use super::rates;
use super::shape::Shape;
use formats::natural;

/// Whether lines state rates.
pub(super) fn rates_told(meanings: &[Meaning]) -> bool {
    meanings.iter().any(Meaning::tells_rate)
}

/// A pattern that takes rates from these paths too, if lines prove that there are some.
///
/// `lines` is how many events each file has.
pub(super) fn in_paths(paths: &[String], names: &Names, lines: &[usize]) -> Option<String> {
    let regex = Regex::new(names.pattern.as_ref()?).ok()?;
    let groups: Vec<&str> = regex.capture_names().flatten().collect();
    if !groups.contains(&"machine") || groups.contains(&"rate") {
        return None;
    }
    let logs: Vec<usize> = (0..paths.len())
        .filter(|&at| names.machines[at].is_some())
        .collect();
    let files: Vec<Parted<'_>> = logs
        .iter()
        .map(|&at| Parted::new(&paths[at], &regex))
        .collect::<Option<_>>()?;
    let first = files.first()?;
    if !files.iter().all(|file| file.skeleton() == first.skeleton()) {
        return None;
    }
    let numbers: Vec<usize> = (0..first.parts.len())
        .filter(|&at| first.parts[at].0 == Class::Number && !first.groups.contains_key(&at))
        .collect();
    let prove = |part: &dyn Fn(usize) -> usize| {
        let rate = |(file, &at): (usize, &usize)| {
            let lines = lines.get(at).copied().unwrap_or(0);
            Some((files[file].number(part(file))?, lines))
        };
        let rates: Option<Vec<(f64, usize)>> = logs.iter().enumerate().map(rate).collect();
        rates.is_some_and(|rates| rates::proven(&rates))
    };
    if let Some(&at) = numbers.iter().find(|&&at| prove(&|_| at)) {
        return Some(pattern(&files, "rate", &(at..at + 1)));
    }
    let (places, machines) = places(paths, names)?;
    let run = |&from: &usize| {
        // A number, a mark, a number, ….
        let run = from..from + 2 * machines - 1;
        let is_run = run.clone().all(|at| match first.parts.get(at) {
            Some(part) if (at - from) % 2 == 1 => part.0 == Class::Mark,
            _ => numbers.contains(&at),
        });
        (is_run && prove(&|file| from + 2 * places[file])).then_some(run)
    };
    let run = numbers.iter().find_map(run)?;
    Some(pattern(&files, "rates", &run))
}

/// The end of a path, taken apart: the name of the file and that of its folder.
struct Parted<'p> {
    parts: Vec<Part<'p>>,
    /// What a known pattern says of parts.
    groups: BTreeMap<usize, &'static str>,
}

impl<'p> Parted<'p> {
    fn new(path: &'p str, regex: &Regex) -> Option<Parted<'p>> {
        let mut slashes = path.rmatch_indices('/');
        let start = slashes.nth(1).map_or(0, |(at, _)| at + 1);
        let parts = names::parts(&path[start..]);
        let mut ranges: Vec<Range<usize>> = Vec::new();
        let mut end = start;
        for (_, text) in &parts {
            ranges.push(end..end + text.len());
            end += text.len();
        }
        let found = regex.captures(path)?;
        let mut groups = BTreeMap::new();
        for name in ["machine", "trial"] {
            if let Some(group) = found.name(name) {
                let at = ranges.iter().position(|range| *range == group.range())?;
                groups.insert(at, name);
            }
        }
        Some(Parted { parts, groups })
    }

    /// What is the same in paths of one shape.
    fn skeleton(&self) -> Vec<(Class, &str, Option<&&str>)> {
        let part = |(at, &(class, text)): (usize, &Part<'p>)| {
            let mark = if class == Class::Mark { text } else { "" };
            (class, mark, self.groups.get(&at))
        };
        self.parts.iter().enumerate().map(part).collect()
    }

    fn number(&self, at: usize) -> Option<f64> {
        self.parts[at].1.parse().ok()
    }
}

/// The place of the machine of each log among those of its trial, and how many each trial has, if all have as many.
fn places(paths: &[String], names: &Names) -> Option<(Vec<usize>, usize)> {
    let relative: Vec<&str> = paths.iter().map(String::as_str).collect();
    let trials = names::trials(&relative, names);
    let logs = || {
        let logs = trials.iter().zip(&names.machines);
        logs.filter_map(|(trial, machine)| Some((*trial, machine.as_deref()?)))
    };
    let mut machines: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for (trial, machine) in logs() {
        machines.entry(trial).or_default().insert(machine);
    }
    let sizes: BTreeSet<usize> = machines.values().map(BTreeSet::len).collect();
    let size = *sizes
        .first()
        .filter(|size| sizes.len() == 1 && **size > 1)?;
    let place = |(trial, machine): (usize, &str)| {
        let mut sorted: Vec<&str> = machines[&trial].iter().copied().collect();
        sorted.sort_by(|a, b| natural::compare(a, b));
        sorted.iter().position(|known| *known == machine)
    };
    let places: Option<Vec<usize>> = logs().map(place).collect();
    Some((places?, size))
}

/// A pattern of paths of one shape, with a group around some of their parts.
fn pattern(files: &[Parted<'_>], name: &str, of: &Range<usize>) -> String {
    let mut pattern = "(?:^|/)".to_owned();
    for (at, &(class, text)) in files[0].parts.iter().enumerate() {
        if at == of.start {
            pattern.push_str(&format!("(?<{name}>"));
        }
        let varies = files.iter().any(|file| file.parts[at].1 != text);
        let one = match class {
            Class::Number => r"\d+".to_owned(),
            Class::Time => r"[\d.:T _-]+".to_owned(),
            Class::Word if varies => r"\p{Alphabetic}+".to_owned(),
            Class::Word | Class::Mark => regex::escape(text),
        };
        match files[0].groups.get(&at) {
            Some(group) => pattern.push_str(&format!("(?<{group}>{one})")),
            None => pattern.push_str(&one),
        }
        if at + 1 == of.end {
            pattern.push(')');
        }
    }
    pattern + "$"
}

/// Names of files without events that state rates, of machines that they name or of all.
pub(super) fn beside(
    paths: &[String],
    names: &Names,
    shapes: &[Shape],
    meanings: &[Meaning],
) -> BTreeSet<String> {
    let says = |meaning: &Meaning| {
        let has = |role| meaning.slot(role).is_some();
        meaning.kind().is_none() && (has(Role::Rates) || (has(Role::Machine) && has(Role::Rate)))
    };
    let files = |is: &dyn Fn(&Meaning) -> bool| -> BTreeSet<usize> {
        let of = shapes.iter().zip(meanings);
        let of = of.filter(|(_, meaning)| is(meaning));
        of.flat_map(|(shape, _)| &shape.rows)
            .map(|row| row.file)
            .collect()
    };
    let events = files(&|meaning| meaning.kind().is_some());
    let unnamed = |file: &usize| names.machines.get(*file).is_some_and(Option::is_none);
    let stating = files(&says).into_iter();
    let stating = stating.filter(|file| !events.contains(file) && unnamed(file));
    let name = |file: usize| {
        let path = &paths[file];
        path.rsplit('/').next().unwrap_or(path).to_owned()
    };
    stating.map(name).collect()
}

/// A pattern that takes files of these names too.
pub(super) fn or_files(pattern: String, files: &BTreeSet<String>) -> String {
    if files.is_empty() {
        return pattern;
    }
    let names: Vec<String> = files.iter().map(|name| regex::escape(name)).collect();
    format!("{pattern}|(?:^|/)(?:{})$", names.join("|"))
}
