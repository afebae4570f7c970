//! Measurements from their folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use thiserror::Error;

use super::{Goal, Measure, Measures, Subject};
use crate::input;

/// What was wanted.
const GOALS_FILE: &str = "goals.csv";
/// What the machine is.
const MACHINE_FILE: &str = "machine.json";
/// Columns of measurements.
const COLUMNS: [&str; 8] = [
    "target",
    "case",
    "size",
    "ours",
    "peer",
    "peer_name",
    "unit",
    "command",
];
/// Columns of goals.
const GOAL_COLUMNS: [&str; 5] = ["target", "case", "of", "against", "goal"];

/// Why there are no measurements.
#[derive(Debug, Error)]
pub enum MeasuresError {
    /// A file or folder cannot be read.
    #[error("{}: {cause}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{}:{line}: {problem}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What was expected and what was found.
        problem: String,
    },
}

/// Reads all measurements of a folder: every CSV file in it, in the order of names.
///
/// # Errors
///
/// [`MeasuresError`] for a file that cannot be read, with columns that are missing, or with a value that is no number.
pub fn read(folder: &Path) -> Result<Measures, MeasuresError> {
    let file_error = |cause| MeasuresError::File {
        path: folder.to_owned(),
        cause,
    };
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
        .map_err(file_error)?;
    paths.sort();
    let mut measures = Measures {
        files: Vec::new(),
        machine: BTreeMap::new(),
        rows: Vec::new(),
        goals: Vec::new(),
    };
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_csv = name.ends_with(".csv");
        if !is_csv && name != MACHINE_FILE {
            continue;
        }
        let name = name.into_owned();
        let bytes = input::bytes_below(&path, input::WHOLE_BYTES_MAX).map_err(|cause| {
            MeasuresError::File {
                path: path.clone(),
                cause,
            }
        })?;
        measures.files.push((name.clone(), fingerprint(&bytes)));
        match name.as_str() {
            MACHINE_FILE => measures.machine = machine(&path, &bytes)?,
            GOALS_FILE => measures.goals = records(&path, &bytes, &GOAL_COLUMNS, goal)?,
            _ => measures
                .rows
                .extend(records(&path, &bytes, &COLUMNS, measure)?),
        }
    }
    let lacking = if measures.rows.is_empty() {
        Some("no measurements: expected CSV files with a row for each case".to_owned())
    } else if measures.machine.is_empty() {
        Some(format!(
            "no {MACHINE_FILE}: nothing says what machine the measurements were made on"
        ))
    } else {
        None
    };
    if let Some(problem) = lacking {
        return Err(file_error(std::io::Error::other(problem)));
    }
    // A goal that is about nothing would look as if it were met.
    let idle = |goal: &&Goal| measures.rows.iter().all(|row| goal.is_met(row).is_none());
    if let Some(goal) = measures.goals.iter().find(idle) {
        let problem = format!(
            "{GOALS_FILE}: no measurement is what the goal {} of `{}`, `{}` is about",
            goal.goal, goal.target, goal.case
        );
        return Err(file_error(std::io::Error::other(problem)));
    }
    Ok(measures)
}

fn fingerprint(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn machine(path: &Path, bytes: &[u8]) -> Result<BTreeMap<String, String>, MeasuresError> {
    serde_json::from_slice(bytes).map_err(|error| MeasuresError::Content {
        path: path.to_owned(),
        line: error.line() as u64,
        problem: format!("expected an object of texts: {error}"),
    })
}

/// The fields of a line, in the order of the columns that were asked for.
type Fields<'a> = Vec<&'a str>;

fn records<T>(
    path: &Path,
    bytes: &[u8],
    columns: &[&str],
    make: fn(&Fields<'_>) -> Result<T, String>,
) -> Result<Vec<T>, MeasuresError> {
    let wrong = |line: u64, problem: String| MeasuresError::Content {
        path: path.to_owned(),
        line,
        problem,
    };
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers();
    let header = header.map_err(|error| wrong(1, error.to_string()))?.clone();
    let places = columns.iter().map(|column| {
        let place = header.iter().position(|name| name == *column);
        place.ok_or_else(|| {
            let found: Vec<&str> = header.iter().collect();
            wrong(
                1,
                format!("no column `{column}`: found {}", found.join(", ")),
            )
        })
    });
    let places: Vec<usize> = places.collect::<Result<_, _>>()?;
    let mut made = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            wrong(line, error.to_string())
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        let fields = places.iter().map(|&place| record.get(place).unwrap_or(""));
        made.push(make(&fields.collect()).map_err(|problem| wrong(line, problem))?);
    }
    Ok(made)
}

fn measure(fields: &Fields<'_>) -> Result<Measure, String> {
    let text = |place: usize| fields[place].trim().to_owned();
    let measure = Measure {
        target: text(0),
        case: text(1),
        size: number("size", fields[2])?,
        ours: number("ours", fields[3])?,
        peer: number("peer", fields[4])?,
        peer_name: text(5),
        unit: text(6),
        command: text(7),
    };
    if measure.target.is_empty() || measure.unit.is_empty() {
        return Err("expected a target and a unit".to_owned());
    }
    if measure.ours.is_none() && measure.peer.is_none() {
        return Err("expected a number in `ours`, in `peer`, or in both".to_owned());
    }
    Ok(measure)
}

fn goal(fields: &Fields<'_>) -> Result<Goal, String> {
    let of = match fields[2].trim() {
        "ours" => Subject::Ours,
        "ratio" => Subject::Ratio,
        other => return Err(format!("of: expected ours or ratio, found `{other}`")),
    };
    Ok(Goal {
        target: fields[0].trim().to_owned(),
        case: fields[1].trim().to_owned(),
        of,
        against: fields[3].trim().to_owned(),
        goal: number("goal", fields[4])?.ok_or("expected a number in `goal`")?,
    })
}

/// A number; none if the field is empty.
fn number(name: &str, text: &str) -> Result<Option<f64>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let value = text.parse::<f64>().ok();
    match value.filter(|value| value.is_finite()) {
        Some(value) => Ok(Some(value)),
        None => Err(format!(
            "{name}: expected a number or nothing, found `{text}`"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "target,case,size,ours,peer,peer_name,unit,command\n";

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            fs::write(folder.path().join(name), text).expect("written");
        }
        folder
    }

    #[test]
    fn rows_goals_and_the_machine_are_read() {
        let rows =
            format!("{HEADER}parsing,csv,1000,4,2,cat,MB/s,\"x, y\"\nparsing,csv,,3,,,MB/s,z\n");
        let folder = folder(&[
            ("a.csv", rows.as_str()),
            (
                "goals.csv",
                "target,case,of,against,goal\nparsing,,ratio,cat,1.5\n",
            ),
            ("machine.json", "{\"cores\": \"2\"}"),
            ("peer.py", "print(1)"),
        ]);
        let measures = read(folder.path()).expect("well formed");
        assert_eq!(measures.files.len(), 3);
        assert_eq!(measures.machine["cores"], "2");
        assert_eq!(measures.rows[0].command, "x, y");
        assert_eq!(measures.rows[1].peer, None);
        let judged: Vec<bool> = measures
            .goals_of(&measures.rows[0])
            .map(|(_, met)| met)
            .collect();
        assert_eq!(judged, [true]);
        assert_eq!(measures.goals_of(&measures.rows[1]).count(), 0);
    }

    #[test]
    fn a_goal_about_nothing_and_a_machine_that_is_not_described_are_refused() {
        let rows = format!("{HEADER}t,c,1,2,,,s,x\n");
        let machine = ("machine.json", "{\"cores\": \"2\"}");
        let idle = "target,case,of,against,goal\nu,,ours,,3\n";
        let error = read(folder(&[("a.csv", &rows), ("goals.csv", idle), machine]).path());
        let error = error.expect_err("idle").to_string();
        assert!(
            error.contains("no measurement is what the goal 3"),
            "{error}"
        );
        let error = read(folder(&[("a.csv", &rows)]).path()).expect_err("no machine");
        assert!(error.to_string().contains("no machine.json"), "{error}");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, expected) in [
            ("target,case\n", "a.csv:1: no column `size`"),
            (
                &format!("{HEADER}t,c,1,fast,,,s,x\n"),
                "a.csv:2: ours: expected a number",
            ),
            (&format!("{HEADER}t,c,1,inf,,,s,x\n"), "a.csv:2: ours"),
            (
                &format!("{HEADER}t,c,1,,,,s,x\n"),
                "a.csv:2: expected a number in",
            ),
            (HEADER, "no measurements"),
        ] {
            let folder = folder(&[("a.csv", text)]);
            let error = read(folder.path()).expect_err(text).to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
