//! Clocks of a trial: whole numbers or fractions, vectors in the order of the machines.
//!
//! Components of machines that have no log stand after those of the machines.
//!
//! **Invariant.** A value is never changed: `3.0` is a whole number only if all values of its trial are.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::components::{self, Shown};
use crate::gather::Part;
use crate::names::{Directory, Name, Names};
use crate::natural;
use crate::number::RawClock;
use crate::row::Row;
use crate::source::TrialFiles;
use events::{Clock, ClockKind, Kind};
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
    /// A machine with events whose name no component has.
    unnamed: Option<String>,
    /// Of bare vectors: which component as logged comes first, and so on; none where it cannot be decided.
    order: Option<Vec<usize>>,
    /// Components of bare vectors, where there is one for each machine at least.
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
fn bare_vectors<'p>(part: &'p Part, machines: &'p [String]) -> Vec<(&'p str, Vec<Shown<'p>>)> {
    let machines = part.machines.iter().zip(machines);
    machines
        .map(|(machine, name)| {
            let vectors = machine.rows.iter().filter_map(|row| match &row.clock {
                Some(RawClock::Vector(components)) => {
                    Some((row.kind == Kind::Receive, components.as_slice()))
                }
                _ => None,
            });
            (name.as_str(), vectors.collect())
        })
        .collect()
}

/// What the clocks of a trial are, one by one.
#[derive(Default)]
struct Seen {
    /// Whether one is a number with a fraction, or too large for a whole number of its notation.
    fractional: bool,
    scalar: bool,
    vector: bool,
    /// Of named components those of machines: where they stand.
    places: HashMap<Name, usize>,
    /// The other names of components.
    unknown: Vec<Name>,
}

impl Seen {
    fn of(part: &Part, machines: &[String], names: &Names) -> Seen {
        let mut seen = Seen::default();
        let no_alias = BTreeMap::new();
        let directory = Directory::new(machines, &no_alias);
        let rows = part.machines.iter().flat_map(|machine| &machine.rows);
        for clock in rows.flat_map(clocks_of) {
            match clock {
                RawClock::Whole(_) => seen.scalar = true,
                RawClock::Fraction(value) => {
                    seen.scalar = true;
                    seen.fractional |=
                        value.fract() != 0.0 || value.abs() >= 9_007_199_254_740_992.0;
                }
                RawClock::Vector(_) => seen.vector = true,
                RawClock::Named(components) => {
                    seen.vector = true;
                    for &(name, _) in components {
                        if seen.places.contains_key(&name) || seen.unknown.contains(&name) {
                            continue;
                        }
                        match directory.machine(names.text(name)) {
                            Some(machine) => drop(seen.places.insert(name, machine)),
                            None => seen.unknown.push(name),
                        }
                    }
                }
            }
        }
        let by_name = |a: &Name, b: &Name| natural::compare(names.text(*a), names.text(*b));
        seen.unknown.sort_by(by_name);
        seen
    }

    /// The first machine that logs vectors with names and is not among these names.
    fn unnamed(&self, part: &Part) -> Option<usize> {
        let owned: Vec<usize> = self.places.values().copied().collect();
        let is_named = |row: &Row| matches!(row.clock, Some(RawClock::Named(_)));
        let mut machines = part.machines.iter().enumerate();
        let unnamed = machines.find(|(at, of)| !owned.contains(at) && of.rows.iter().any(is_named));
        unnamed.map(|(machine, _)| machine)
    }
}

impl Clocks {
    /// Looks at all clocks of a trial.
    pub(super) fn new(
        part: &Part,
        machines: &[String],
        names: &Names,
        declared: Option<ClockKind>,
    ) -> Clocks {
        let seen = Seen::of(part, machines, names);
        let width = width(part).filter(|&width| width >= machines.len());
        let order = width.and_then(|width| {
            let owned = components::owned(&bare_vectors(part, machines), width)?;
            let others = (0..width).filter(|place| !owned.contains(place));
            Some(owned.iter().copied().chain(others).collect())
        });
        let fractional = seen.fractional || declared == Some(ClockKind::Fractional);
        let kind = match (seen.vector, fractional, seen.scalar) {
            (true, _, _) => Some(ClockKind::Vector),
            (_, true, _) => Some(ClockKind::Fractional),
            (_, _, true) => Some(ClockKind::Lamport),
            _ => None,
        };
        let unnamed = seen.unnamed(part).map(|machine| machines[machine].clone());
        let text = |name: &Name| names.text(*name).to_owned();
        let behind = seen.unknown.iter().copied().zip(machines.len()..);
        Clocks {
            machines: machines.len(),
            fractional,
            kind,
            declared,
            strangers: seen.unknown.iter().map(text).collect(),
            places: seen.places.into_iter().chain(behind).collect(),
            unnamed,
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
            (None, _) if self.unnamed.is_some() => None,
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
        let wider = self.width.is_some_and(|width| width > self.machines);
        let texts = [
            expected.as_str(),
            "vector clocks of another length",
            match &self.order {
                Some(_) if wider => {
                    "a machine has no log; the components of those that have one stand first, in the order of their names"
                }
                None if wider => {
                    "a machine has no log, and which component is whose the vectors do not show; they are kept as logged"
                }
                _ => "they are kept as logged",
            },
        ];
        notes.extend(self.odd_length.note(trial, Severity::Warning, texts));
        let first = trial.files.first().map(|file| file.path.as_path());
        let Some(first) = first else { return };
        self.tell_owners(first, wider, notes);
        if !self.strangers.is_empty() {
            notes.push(Note::new(
                Severity::Warning,
                first,
                "components of machines that have a log",
                format!("components named {}", self.strangers.join(", ")),
                "they stand after those of the machines",
            ));
        }
        self.tell_kind(first, notes);
    }

    /// What is to be told of whose events the components count.
    fn tell_owners(&self, first: &Path, wider: bool, notes: &mut Vec<Note>) {
        let mut warn = |expected: &str, found: String, advice: &str| {
            notes.push(Note::new(Severity::Warning, first, expected, found, advice));
        };
        if let Some(name) = self.unnamed.as_ref().filter(|_| self.width.is_none()) {
            warn(
                "a component for each machine in its vectors",
                format!("none that is named {name}"),
                "which machine wrote which line is not known, so no law is put to its own component; name the machine in the format, or list other names in [alias]",
            );
        }
        let Some(width) = self.width.filter(|_| !wider) else {
            return;
        };
        match &self.order {
            None => warn(
                "vectors in which a component of its own rises with every event of a machine",
                format!("{width} components of which no such is known for each"),
                "whose events each counts is not known, so no law is put to them",
            ),
            Some(order) if !order.is_sorted() => warn(
                "components in the order of the machines",
                format!("components that rise in the order {order:?}"),
                "each counts the events with which it rises",
            ),
            Some(_) => {}
        }
    }

    fn tell_kind(&self, first: &Path, notes: &mut Vec<Note>) {
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
