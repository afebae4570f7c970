//! Clocks of a trial: whole numbers or fractions, vectors in the order of the machines.
//!
//! Components of machines that have no log stand after those of the machines.
//!
//! **Invariant.** A value is never changed: `3.0` is a whole number only if all values of its trial are.

use std::collections::HashMap;

use super::components;
use crate::gather::Part;
use crate::names::{Directory, Name, Names};
use crate::natural;
use crate::number::RawClock;
use crate::row::Row;
use crate::source::TrialFiles;
use events::{Clock, ClockKind};
use files::note::{Note, Severity};

/// How the clocks of a trial are to be read.
#[derive(Debug)]
pub(super) struct Clocks {
    machines: usize,
    fractional: bool,
    kind: Option<ClockKind>,
    declared: Option<ClockKind>,
    /// Where a named component stands.
    places: HashMap<Name, usize>,
    /// Components of names that are no machine of the trial.
    strangers: Vec<String>,
    /// Of bare vectors with more components than there are machines: which component as logged comes first, and so on.
    order: Option<Vec<usize>>,
    /// Components of bare vectors, where they are more than the machines.
    width: Option<usize>,
    odd_length: Tally,
}

/// How often something was met, and where first.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) count: u64,
    pub(super) first: Option<(u32, u32)>,
}

impl Tally {
    pub(super) fn add(&mut self, file: u32, line: u32) {
        self.count += 1;
        self.first.get_or_insert((file, line));
    }

    /// A note about it, if there is anything to tell.
    pub(super) fn note(
        &self,
        trial: &TrialFiles,
        severity: Severity,
        texts: [&str; 3],
    ) -> Option<Note> {
        let (file, line) = self.first?;
        let [expected, found, advice] = texts;
        let path = &trial.files.get(file as usize)?.path;
        let found = format!("{found}, on {} lines of the trial, first here", self.count);
        Some(Note::new(severity, path, expected, found, advice).at_line(line.into()))
    }
}

fn clocks_of(row: &Row) -> impl Iterator<Item = &RawClock> {
    [&row.clock, &row.clock_before, &row.carried]
        .into_iter()
        .flatten()
}

/// Components of the longest bare vector on the lines of a trial.
fn width(part: &Part) -> Option<usize> {
    let rows = part.machines.iter().flat_map(|machine| &machine.rows);
    let lengths = rows.flat_map(clocks_of).filter_map(|clock| match clock {
        RawClock::Vector(components) => Some(components.len()),
        _ => None,
    });
    lengths.max()
}

/// Each machine with the bare vectors of its lines.
fn bare_vectors<'p>(part: &'p Part, machines: &'p [String]) -> Vec<(&'p str, Vec<&'p [u64]>)> {
    let machines = part.machines.iter().zip(machines);
    machines
        .map(|(machine, name)| {
            let vectors = machine.rows.iter().filter_map(|row| match &row.clock {
                Some(RawClock::Vector(components)) => Some(components.as_slice()),
                _ => None,
            });
            (name.as_str(), vectors.collect())
        })
        .collect()
}

impl Clocks {
    /// Looks at all clocks of a trial.
    pub(super) fn new(
        part: &Part,
        machines: &[String],
        names: &Names,
        declared: Option<ClockKind>,
    ) -> Clocks {
        let mut places = HashMap::new();
        let mut unknown: Vec<Name> = Vec::new();
        let (mut fractional, mut scalar, mut vector) =
            (declared == Some(ClockKind::Fractional), false, false);
        let no_alias = std::collections::BTreeMap::new();
        let directory = Directory::new(machines, &no_alias);
        let rows = part.machines.iter().flat_map(|machine| &machine.rows);
        for clock in rows.flat_map(clocks_of) {
            match clock {
                RawClock::Whole(_) => scalar = true,
                RawClock::Fraction(value) => {
                    scalar = true;
                    fractional |= value.fract() != 0.0 || value.abs() >= 9_007_199_254_740_992.0;
                }
                RawClock::Vector(_) => vector = true,
                RawClock::Named(components) => {
                    vector = true;
                    for &(name, _) in components {
                        if places.contains_key(&name) || unknown.contains(&name) {
                            continue;
                        }
                        match directory.machine(names.text(name)) {
                            Some(machine) => drop(places.insert(name, machine)),
                            None => unknown.push(name),
                        }
                    }
                }
            }
        }
        unknown.sort_by(|a, b| natural::compare(names.text(*a), names.text(*b)));
        for (position, name) in unknown.iter().enumerate() {
            places.insert(*name, machines.len() + position);
        }
        let width = width(part).filter(|&width| width > machines.len());
        let order = width.and_then(|width| {
            let owned = components::owned(&bare_vectors(part, machines), width)?;
            let others = (0..width).filter(|place| !owned.contains(place));
            Some(owned.iter().copied().chain(others).collect())
        });
        let found = match (vector, fractional, scalar) {
            (true, _, _) => Some(ClockKind::Vector),
            (_, true, _) => Some(ClockKind::Fractional),
            (_, _, true) => Some(ClockKind::Lamport),
            _ => None,
        };
        Clocks {
            machines: machines.len(),
            fractional,
            kind: found,
            declared,
            places,
            strangers: unknown
                .iter()
                .map(|name| names.text(*name).to_owned())
                .collect(),
            order,
            width,
            odd_length: Tally::default(),
        }
    }

    /// Machines that the components of vectors count and that have no log, in the order of their components; none where
    /// it cannot be decided which component counts which machine's events.
    pub(super) fn without_log(&self) -> Option<Vec<String>> {
        match (self.width, &self.order) {
            (Some(_), None) => None,
            (Some(_), Some(order)) => {
                let unowned = &order[self.machines..];
                Some(
                    unowned
                        .iter()
                        .map(|at| format!("(component {at} from 0)"))
                        .collect(),
                )
            }
            (None, _) => Some(self.strangers.clone()),
        }
    }

    /// What kind the log shows.
    pub(super) fn kind(&self) -> Option<ClockKind> {
        self.kind
    }

    /// A clock as the history has it.
    pub(super) fn clock(&mut self, raw: RawClock, file: u32, line: u32) -> Clock {
        match raw {
            RawClock::Whole(value) if self.fractional => Clock::Fractional(value as f64),
            RawClock::Whole(value) => Clock::Lamport(value),
            RawClock::Fraction(value) if self.fractional => Clock::Fractional(value),
            RawClock::Fraction(value) => Clock::Lamport(value as i64),
            RawClock::Vector(components) => {
                if components.len() != self.machines {
                    self.odd_length.add(file, line);
                }
                Clock::Vector(self.ordered(components))
            }
            RawClock::Named(named) => {
                // Who is not named has not been heard of.
                let mut components = vec![0; self.machines];
                for (name, value) in named {
                    let Some(&place) = self.places.get(&name) else {
                        continue;
                    };
                    if place >= components.len() {
                        components.resize(place + 1, 0);
                    }
                    components[place] = value;
                }
                Clock::Vector(components)
            }
        }
    }

    /// A bare vector with the machines' own components first; one of another length stays as logged.
    fn ordered(&self, components: Vec<u64>) -> Vec<u64> {
        match &self.order {
            Some(order) if order.len() == components.len() => {
                order.iter().map(|&at| components[at]).collect()
            }
            _ => components,
        }
    }

    /// The notes on them.
    pub(super) fn tell(&self, trial: &TrialFiles, notes: &mut Vec<Note>) {
        let expected = format!("a component for each of {} machines", self.machines);
        let texts = [
            expected.as_str(),
            "vector clocks of another length",
            match (self.width, &self.order) {
                (Some(_), Some(_)) => {
                    "a machine has no log; the components of those that have one stand first, in the order of their names"
                }
                (Some(_), None) => {
                    "a machine has no log, and which component is whose the vectors do not show; they are kept as logged"
                }
                (None, _) => "they are kept as logged",
            },
        ];
        notes.extend(self.odd_length.note(trial, Severity::Warning, texts));
        let first = trial.files.first().map(|file| file.path.as_path());
        let Some(first) = first else { return };
        if !self.strangers.is_empty() {
            notes.push(Note::new(
                Severity::Warning,
                first,
                "components of machines that have a log",
                format!("components named {}", self.strangers.join(", ")),
                "they stand after those of the machines",
            ));
        }
        if let (Some(declared), Some(found)) = (self.declared, self.kind)
            && declared != found
            && declared != ClockKind::Fractional
        {
            notes.push(Note::new(
                Severity::Warning,
                first,
                format!("clocks of kind {declared:?}, as [dialect] says").to_lowercase(),
                format!("{found:?}").to_lowercase(),
                "they are kept as logged; correct `clock` in [dialect]",
            ));
        }
    }
}
