//! One trial beside the one that its seed gives.
//!
//! **Invariant.** What the seed does not decide is never compared; lines that could not be read are nobody's difference.

use std::fmt;
use std::path::PathBuf;

use event_log::layout::TRIAL_FILE;
use event_log::{Event, MachineId, TrialManifest};
use serde::Serialize;

use crate::check::verdict::{LogLine, proof};
use crate::trial_log::{EventKind, MachineLog, TrialLog};

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
pub fn rows(found: &TrialLog, seeded: &TrialLog) -> Compared {
    let mut compared = plan(found, &seeded.manifest);
    for (machine, seeded) in found.machines.iter().zip(&seeded.machines) {
        let rows = Walk::over(&machine.rows.line);
        let mut first = None;
        let mut differing = 0;
        for (row, place) in rows {
            let same = place < seeded.rows.len() && same_row(machine, row, seeded, place);
            compared.units += 1;
            if !same {
                differing += 1;
                first.get_or_insert((row, place));
            }
        }
        let Some((row, place)) = first else { continue };
        let expected = match place < seeded.rows.len() {
            true => format!("`{}`", seeded.rows.text(place)),
            false => format!("the end of the log after {} rows", seeded.rows.len()),
        };
        let found_text = format!("`{}`", machine.rows.text(row));
        compared.differences.push(difference(
            found,
            machine,
            row,
            (expected, found_text),
            differing,
        ));
    }
    compared
}

/// Rows of a log with the places that they have in a whole one: a line that could not be read takes a place too.
struct Walk<'a> {
    lines: &'a [u32],
    row: usize,
}

impl<'a> Walk<'a> {
    fn over(lines: &'a [u32]) -> Walk<'a> {
        Walk { lines, row: 0 }
    }
}

impl Iterator for Walk<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<(usize, usize)> {
        let line = *self.lines.get(self.row)?;
        self.row += 1;
        // The header is line 1; a log without one begins on line 1.
        let header = u32::from(self.lines[0] > 1);
        Some((self.row - 1, (line - 1 - header) as usize))
    }
}

fn same_row(found: &MachineLog, row: usize, seeded: &MachineLog, place: usize) -> bool {
    let (a, b) = (&found.rows, &seeded.rows);
    a.tick[row] == b.tick[place]
        && a.time_ns[row] == b.time_ns[place]
        && a.happened(row) == b.happened(place)
        && a.clock[row] == b.clock[place]
        && a.queue[row] == b.queue[place]
}

/// Compares rates, phases and the rolls of each machine in their order: of a trial on sockets. `dice` is the trial in which
/// every tick rolls.
pub fn rolls(found: &TrialLog, dice: &TrialLog) -> Compared {
    let mut compared = plan(found, &dice.manifest);
    for (machine, dice) in found.machines.iter().zip(&dice.machines) {
        let mut first = None;
        let mut differing = 0;
        // Behind a line that could not be read nobody knows how many rolls there were.
        let rolled = Walk::over(&machine.rows.line)
            .take_while(|(row, place)| row == place)
            .map(|(row, _)| row)
            .filter(|&row| machine.rows.event[row] != EventKind::Receive);
        for (roll, row) in rolled.enumerate() {
            let expected = (roll < dice.rows.len())
                .then(|| dice.rows.happened(roll))
                .flatten();
            compared.units += 1;
            if expected != machine.rows.happened(row) {
                differing += 1;
                first.get_or_insert((roll, row, expected));
            }
        }
        let Some((roll, row, expected)) = first else {
            continue;
        };
        let expected = match expected {
            Some(event) => format!("{} at roll {} of the machine", words(event), roll + 1),
            None => format!("at most {} rolls", dice.rows.len()),
        };
        let found_words = machine.rows.happened(row).map_or_else(String::new, words);
        compared.differences.push(difference(
            found,
            machine,
            row,
            (expected, found_words),
            differing,
        ));
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
    trial: &TrialLog,
    machine: &MachineLog,
    row: usize,
    (expected, found): (String, String),
    differing: u64,
) -> Difference {
    Difference {
        run: trial.run.clone(),
        trial_dir: trial.dir.clone(),
        machine: Some(machine.entry.id),
        evidence: LogLine {
            file: machine.file.clone(),
            line: Some(machine.rows.line[row]),
            text: machine.rows.text(row),
        },
        expected,
        found,
        differing,
    }
}

/// Compares what the manifest says of machines.
fn plan(found: &TrialLog, seeded: &TrialManifest) -> Compared {
    let manifest = &found.manifest;
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
pub(super) fn of_manifest(
    trial: &TrialLog,
    machine: Option<MachineId>,
    expected: String,
    found: String,
) -> Difference {
    Difference {
        run: trial.run.clone(),
        trial_dir: trial.dir.clone(),
        machine,
        evidence: LogLine {
            file: trial.dir.join(TRIAL_FILE),
            line: None,
            text: "(the manifest)".to_owned(),
        },
        expected,
        found,
        differing: 1,
    }
}

#[cfg(test)]
mod tests;
