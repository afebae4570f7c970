//! One trial beside the one that its seed gives.
//!
//! **Invariant.** What the seed does not decide is never compared; lines that could not be read are nobody's difference.

use std::fmt;
use std::path::PathBuf;

use event_log::layout::TRIAL_FILE;
use event_log::{Event, MachineId};
use events::{At, Kind, Rows, Trial};
use serde::Serialize;

use crate::check::{LogLine, proof};
use logs::scan::line::{event, text};

/// What comparing a trial has shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compared {
    /// Rows, or rolls, that were compared.
    pub units: u64,
    /// Where it differs: of each machine the first row.
    pub differences: Vec<Difference>,
}

/// Where a trial is not the one that its seed gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Name of the run.
    pub run: String,
    /// The trial's folder; of what concerns a whole run that of one of its trials.
    pub trial_dir: PathBuf,
    /// The machine; null where the difference is in the manifest.
    pub machine: Option<MachineId>,
    /// The line that differs.
    pub evidence: LogLine,
    /// What the seed gives.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// How many rows or rolls of this machine differ, this one included.
    pub differing: u64,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trial = self.trial_dir.file_name().unwrap_or_default();
        let whose = match self.machine {
            Some(machine) => format!(" by machine {machine}"),
            None => String::new(),
        };
        let trial = trial.to_string_lossy();
        writeln!(
            f,
            "replay violated{whose} in {trial}: the trial is the one that its seed gives"
        )?;
        let cause = match self.differing {
            0 | 1 => "the line was changed, or seed or settings in the manifest were".to_owned(),
            many => format!(
                "{many} of this machine's differ: a row was changed, added or removed, or seed or settings in the manifest were changed"
            ),
        };
        let evidence = std::slice::from_ref(&self.evidence);
        proof(f, "  ", evidence, [&self.expected, &self.found, &cause])
    }
}

/// Compares rates and phases, and every row: of a trial in virtual time.
pub fn rows(found: &Trial, seeded: &Trial) -> Compared {
    let mut compared = plan(found, seeded);
    for (machine, of) in found
        .machines
        .iter()
        .enumerate()
        .take(seeded.machines.len())
    {
        let seeded_rows = seeded.machines[machine].rows.len();
        let mut first = None;
        let mut differing = 0;
        for (row, place) in Walk::over(&of.rows) {
            let pair = [
                At { machine, row },
                At {
                    machine,
                    row: place,
                },
            ];
            compared.units += 1;
            if place >= seeded_rows || !same_row(found, seeded, pair) {
                differing += 1;
                first.get_or_insert(pair);
            }
        }
        let Some([at, place]) = first else { continue };
        let expected = match place.row < seeded_rows {
            true => format!("`{}`", text(seeded, place)),
            false => format!("the end of the log after {seeded_rows} rows"),
        };
        let words = (expected, format!("`{}`", text(found, at)));
        compared
            .differences
            .push(difference(found, at, words, differing));
    }
    compared
}

/// Rows of a log with the places that they have in a whole one: a line that could not be read takes a place too.
struct Walk<'a> {
    rows: &'a Rows,
    row: usize,
}

impl<'a> Walk<'a> {
    fn over(rows: &'a Rows) -> Walk<'a> {
        Walk { rows, row: 0 }
    }
}

impl Iterator for Walk<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<(usize, usize)> {
        let line = self.rows.line.get(self.row)?;
        self.row += 1;
        // The header is line 1; a log without one begins on line 1.
        let header = u32::from(self.rows.line(0) > 1);
        Some((self.row - 1, (line - 1 - header) as usize))
    }
}

fn same_row(found: &Trial, seeded: &Trial, [at, place]: [At; 2]) -> bool {
    let a = &found.machines[at.machine].rows;
    let b = &seeded.machines[place.machine].rows;
    a.tick(at.row) == b.tick(place.row)
        && a.time_ns.get(at.row) == b.time_ns.get(place.row)
        && event(found, at) == event(seeded, place)
        && a.clock.get(at.row) == b.clock.get(place.row)
        && a.queue.get(at.row) == b.queue.get(place.row)
}

/// Compares rates, phases and the rolls of each machine in their order: of a trial on sockets. `dice` is the trial in which
/// every tick rolls.
pub fn rolls(found: &Trial, dice: &Trial) -> Compared {
    let mut compared = plan(found, dice);
    for (machine, of) in found.machines.iter().enumerate().take(dice.machines.len()) {
        let rolls = dice.machines[machine].rows.len();
        let mut first = None;
        let mut differing = 0;
        // Behind a line that could not be read nobody knows how many rolls there were.
        let rolled = Walk::over(&of.rows)
            .take_while(|(row, place)| row == place)
            .map(|(row, _)| row)
            .filter(|&row| of.rows.kind(row) != Kind::Receive);
        for (roll, row) in rolled.enumerate() {
            let at = At { machine, row };
            let expected = (roll < rolls).then_some(At { machine, row: roll });
            let expected = expected.and_then(|roll| event(dice, roll));
            compared.units += 1;
            if expected != event(found, at) {
                differing += 1;
                first.get_or_insert((roll, at, expected));
            }
        }
        let Some((roll, at, expected)) = first else {
            continue;
        };
        let expected = match expected {
            Some(event) => format!("{} at roll {} of the machine", words(event), roll + 1),
            None => format!("at most {rolls} rolls"),
        };
        let found_words = event(found, at).map_or_else(String::new, words);
        let both = (expected, found_words);
        compared
            .differences
            .push(difference(found, at, both, differing));
    }
    compared
}

fn words(event: Event) -> String {
    match event {
        Event::Internal => "an internal event".to_owned(),
        Event::Send { to } => format!("a send to machine {to}"),
        Event::Broadcast => "a send to all".to_owned(),
        Event::Receive { from, .. } => format!("a receive from machine {from}"),
    }
}

fn difference(
    trial: &Trial,
    at: At,
    (expected, found): (String, String),
    differing: u64,
) -> Difference {
    let machine = &trial.machines[at.machine];
    Difference {
        run: trial.info.run.clone(),
        trial_dir: trial.info.dir.clone(),
        machine: Some(machine.id),
        evidence: LogLine {
            file: machine.file(at.row).to_owned(),
            line: Some(machine.rows.line(at.row)),
            text: text(trial, at),
            at: Some(at),
        },
        expected,
        found,
        differing,
    }
}

/// Compares what the manifests say of machines.
fn plan(found: &Trial, seeded: &Trial) -> Compared {
    let (Some(manifest), Some(seeded)) = (&found.info.manifest, &seeded.info.manifest) else {
        return Compared::default();
    };
    let mut differences = Vec::new();
    let mut differ = |machine, expected: String, found_words: String| {
        differences.push(of_manifest(found, machine, expected, found_words));
    };
    if manifest.machines.len() != seeded.machines.len() {
        let count = |machines: usize| format!("{machines} machines");
        differ(
            None,
            count(seeded.machines.len()),
            count(manifest.machines.len()),
        );
    }
    for (entry, seeded) in manifest.machines.iter().zip(&seeded.machines) {
        if (entry.rate, entry.phase_ns) != (seeded.rate, seeded.phase_ns) {
            let words = |rate, phase_ns| format!("rate {rate}, phase_ns {phase_ns}");
            differ(
                Some(entry.id),
                words(seeded.rate, seeded.phase_ns),
                words(entry.rate, entry.phase_ns),
            );
        }
    }
    if manifest.timekeeper != seeded.timekeeper {
        let words = |id: Option<MachineId>| match id {
            Some(id) => format!("machine {id} keeps time"),
            None => "nobody keeps time".to_owned(),
        };
        differ(None, words(seeded.timekeeper), words(manifest.timekeeper));
    }
    Compared {
        units: 0,
        differences,
    }
}

/// A difference in `trial.json`.
fn of_manifest(
    trial: &Trial,
    machine: Option<MachineId>,
    expected: String,
    found: String,
) -> Difference {
    Difference {
        run: trial.info.run.clone(),
        trial_dir: trial.info.dir.clone(),
        machine,
        evidence: LogLine {
            file: trial.info.dir.join(TRIAL_FILE),
            line: None,
            text: "(the manifest)".to_owned(),
            at: None,
        },
        expected,
        found,
        differing: 1,
    }
}

#[cfg(test)]
mod tests;
