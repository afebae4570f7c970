//! A machine of a trial, and a place among its rows.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use event_log::{MachineId, Schedule};

use crate::rows::Rows;

/// One machine of a trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// Its number: in our own trials its id, in others the number that is its name, or its position where names are none.
    pub id: MachineId,
    /// What its logs call it: `0`, `A`, `7977`.
    pub name: String,
    /// Nominal ticks per second, where the log or a path says so.
    pub rate_hz: Option<f64>,
    /// When its ticks were due, where that is known.
    pub schedule: Option<Schedule>,
    /// The files of its events, mostly one.
    pub files: Vec<PathBuf>,
    /// Rows before which something is missing, ascending; the number of rows for what is missing behind the last. In logs of
    /// others: lines that are damaged or not understood. In ours, where the numbers of lines tell of those: what a machine
    /// would have done before it begins again after a fault, with a clock of 0 and an empty queue.
    pub gaps: Vec<u32>,
    /// Its events.
    pub rows: Rows,
}

/// A row of a trial: the position of its machine, and its own among the machine's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct At {
    /// Position of the machine in [`super::Trial::machines`].
    pub machine: usize,
    /// Position of the row in [`Machine::rows`].
    pub row: usize,
}

impl Machine {
    /// A machine without rows yet; [`super::Trial::new`] gives it its id and its rows.
    pub fn new(name: String, rate_hz: Option<f64>, files: Vec<PathBuf>) -> Machine {
        Machine {
            id: MachineId::default(),
            name,
            rate_hz,
            schedule: None,
            files,
            gaps: Vec::new(),
            rows: Rows::default(),
        }
    }

    /// What its logs call it, where that is not its id.
    pub fn label(&self) -> Option<&str> {
        let named = !self.name.is_empty() && self.name != self.id.to_string();
        named.then_some(self.name.as_str())
    }

    /// The file of a row.
    pub fn file(&self, row: usize) -> &Path {
        let file = self.files.get(self.rows.file(row)).or(self.files.first());
        file.map_or(Path::new(""), PathBuf::as_path)
    }
}

/// The numbers that are the machines' names, if they are that and differ; else their positions.
pub(super) fn numbers(machines: &[Machine]) -> Vec<MachineId> {
    let numbers: Option<Vec<u32>> = machines.iter().map(|of| of.name.parse().ok()).collect();
    let distinct =
        |numbers: &Vec<u32>| numbers.iter().collect::<BTreeSet<&u32>>().len() == machines.len();
    let numbers = numbers.filter(distinct);
    let numbers = numbers.unwrap_or_else(|| (0..).take(machines.len()).collect());
    numbers.into_iter().map(MachineId).collect()
}
